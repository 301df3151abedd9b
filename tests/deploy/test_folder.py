"""The data folder and the port: each trouble has one sentence and a way out."""

import json
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.local.city import HOST, take_port
from deploy.local.folder import hold
from deploy.local.servers import ServerTrouble, check_room
from deploy.show import Voice


def trouble_of(caught: pytest.ExceptionInfo[ServerTrouble]) -> str:
    """What a person reads, in both languages."""
    trouble, voice = caught.value, Voice()
    texts = [voice.texts.say(trouble.slug, language, **trouble.facts) for language in ("ru", "en")]
    assert trouble.slug not in texts
    assert "…" not in "".join(texts)
    return trouble.slug


def test_taken_port_is_named_with_another_one() -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        with pytest.raises(ServerTrouble) as caught:
            take_port(other.getsockname()[1])

    assert trouble_of(caught) == "port.taken"
    assert caught.value.facts["other"] == int(caught.value.facts["port"]) + 1


def test_folder_is_held_by_one_run_at_a_time(tmp_path: Path) -> None:
    with hold(tmp_path), pytest.raises(ServerTrouble) as caught, hold(tmp_path):
        pass

    assert trouble_of(caught) == "folder.in-use"


def test_folder_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "version.json").write_text(json.dumps({"format": 1, "heads": {"matching": "9999"}}))

    with pytest.raises(ServerTrouble) as caught, hold(tmp_path):
        pass

    assert trouble_of(caught) == "folder.from-newer-version"
    assert json.loads((tmp_path / "version.json").read_text())["heads"]["matching"] == "9999"


def test_full_disk_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(ServerTrouble) as caught:
        check_room(tmp_path, wanted_mb=10**9)

    assert trouble_of(caught) == "servers.disk-full"


def test_killed_run_is_noticed_and_an_orderly_end_is_not(tmp_path: Path) -> None:
    with hold(tmp_path) as first:
        assert first.was_killed is False
    with hold(tmp_path) as second:
        assert second.was_killed is False
    (tmp_path / "running").touch()
    with hold(tmp_path) as third:
        assert third.was_killed is True


def test_fresh_folder_forgets_everything(tmp_path: Path) -> None:
    with hold(tmp_path) as first:
        first.keep_demo({"seconds": 1})
        assert first.has_demo

    with hold(tmp_path, is_fresh=True) as second:
        assert not second.has_demo


def test_business_time_goes_on_in_the_next_run(tmp_path: Path) -> None:
    moment = datetime(2027, 6, 15, 9, tzinfo=UTC)
    with hold(tmp_path) as first:
        first.clock.move_to(moment)

    with hold(tmp_path) as second:
        assert abs((second.clock.now() - moment).total_seconds()) < 60


def test_interrupted_demo_is_not_begun_again(tmp_path: Path) -> None:
    with hold(tmp_path) as first:
        first.begin_demo(datetime(2026, 9, 1, tzinfo=UTC))

    with hold(tmp_path) as second:
        assert second.has_half_a_demo
