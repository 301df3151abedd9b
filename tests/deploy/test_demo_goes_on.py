"""A demo that was interrupted goes on: what the city answered is heard again, and only the rest is asked."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from os import utime
from pathlib import Path
from typing import Any

import pytest

from contracts.topology import SERVICES
from deploy.demo.client import Door, Person, Refused, until
from deploy.demo.journal import Journal, key_of
from deploy.local.folder import Folder, hold
from deploy.show import Voice
from deploy.up import Wishes, prepare_demo

BEGINNING = datetime(2026, 9, 1, 6, tzinfo=UTC)
APPROVE = "/registry/v1/schools/spb-1/cycles/1/approve"
CYCLE = "/registry/v1/schools/spb-1/cycles/1"


class Scripted(Door):
    """A door at which each call is answered as it is written here, one answer after the other."""

    def __init__(self, journal: Journal, *answers: Any) -> None:
        super().__init__("http://nowhere", None, journal)  # type: ignore[arg-type]
        self.answers = list(answers)
        self.asked: list[str] = []

    async def send(self, method: str, path: str, headers: dict[str, str], **request: Any) -> Any:
        """The next answer, or the refusal that stands in its place."""
        self.asked.append(f"{method} {path}")
        answer = self.answers.pop(0)
        if isinstance(answer, int):
            raise Refused(f"{method} {path}", answer, {})
        return answer


def somebody(door: Door, username: str = "spb-1.curator") -> Person:
    """A person who is signed in."""
    person = Person(door, username)
    person.ends_at = float("inf")
    return person


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., Scripted]]:
    """Begins one run after the other, all with one journal; each is given what the city answers to it."""
    with ExitStack() as stack:
        yield lambda *answers: Scripted(stack.enter_context(closing(Journal(tmp_path / "journal"))), *answers)


Run = Callable[..., Scripted]


async def test_what_was_answered_is_not_asked_again_and_what_comes_next_is(run: Run) -> None:
    me = somebody(run({"state": "NEW"}, {"state": "DONE"}, None))
    heard = [await me.get(CYCLE), await me.get(CYCLE), await me.put(CYCLE, {"title": "Год"})]

    second = run({"state": "LATER"})
    me = somebody(second)
    again = [await me.get(CYCLE), await me.get(CYCLE), await me.put(CYCLE, {"title": "Год"})]
    further = await me.get(CYCLE)

    assert (again, second.calls) == (heard, 3)
    assert (further, second.asked) == ({"state": "LATER"}, [f"GET /api{CYCLE}"])


async def test_other_content_or_another_caller_is_another_question(run: Run) -> None:
    await somebody(run({"of": "curator"})).put(CYCLE, {"title": "Год"})

    second = run({"of": "other content"}, {"of": "head"})

    assert await somebody(second).put(CYCLE, {"title": "Иной год"}) == {"of": "other content"}
    assert await somebody(second, "spb-1.head").put(CYCLE, {"title": "Год"}) == {"of": "head"}


async def test_step_that_was_taken_when_the_kill_came_is_found_as_taken(run: Run) -> None:
    run().journal.send(key_of("spb-1.curator", "POST", APPROVE, None))

    second = run(409, {"state": "APPROVED"})
    found = await somebody(second).post(APPROVE)

    assert (found, second.asked) == ({"state": "APPROVED"}, [f"POST /api{APPROVE}", f"GET /api{CYCLE}"])


async def test_step_that_was_refused_before_is_refused_again(run: Run) -> None:
    with pytest.raises(Refused):
        await somebody(run(409)).post(APPROVE)

    with pytest.raises(Refused):
        await somebody(run(409)).post(APPROVE)


async def test_line_that_the_kill_cut_off_is_asked_again(run: Run, tmp_path: Path) -> None:
    await somebody(run({"number": 1})).get(CYCLE)
    whole = (tmp_path / "journal").read_bytes()
    (tmp_path / "journal").write_bytes(whole + b'["answered", "spb-1.cur')

    second, numbers = somebody(run({"number": 2})), [{"number": 1}, {"number": 2}]

    assert [await second.get(CYCLE), await second.get(CYCLE)] == numbers
    third = somebody(run())
    assert [await third.get(CYCLE), await third.get(CYCLE)] == numbers


async def test_looks_that_were_repeated_are_repeated_without_waiting(run: Run, tmp_path: Path) -> None:
    first = somebody(run(*[{"state": "WAITING"}] * 400, {"state": "DONE"}))
    for _ in range(401):
        await first.get(CYCLE)
    assert (tmp_path / "journal").read_text().count("WAITING") == 1

    second = somebody(run())
    # With its pauses this would take longer than it has patience.
    found = await until(lambda: second.get(CYCLE), lambda seen: seen["state"] == "DONE", "the cycle")

    assert found == {"state": "DONE"}


async def test_clock_that_is_past_a_moment_is_left_alone() -> None:
    door = Scripted(Journal(), {"now": "2026-10-12T06:00:01+00:00"}, {"now": "2026-10-12T05:59:59+00:00"}, {})

    await door.move_clock("2026-10-12T09:00:00+03:00")
    await door.move_clock("2026-10-12T09:00:00+03:00")

    assert door.asked == ["GET /api/dev/clock", "GET /api/dev/clock", "PUT /api/dev/clock"]


def prepared(folder: Folder, **wishes: Any) -> bool:
    """What `neo up` makes of this folder."""
    usual: dict[str, Any] = {"port": 0, "folder": folder.path, "is_fresh": False, "with_demo": True, "only": SERVICES}
    return prepare_demo(Wishes(**usual | wishes), folder, Voice())


def test_first_run_plays_and_so_does_the_one_after_a_kill(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with hold(tmp_path) as first:
        assert prepared(first)
    begun = capsys.readouterr().out
    with hold(tmp_path) as second:
        assert prepared(second)

    assert (begun, capsys.readouterr().out) == ("", Voice().text("up.demo-goes-on") + "\n")


def test_loaded_demo_and_other_ways_to_run_play_nothing(tmp_path: Path) -> None:
    with hold(tmp_path) as folder:
        assert not prepared(folder, with_demo=False)
        assert not prepared(folder, only=("registry",))
        assert not prepared(folder, keycloak="https://sso.test/realms/neo")
        assert prepared(folder)
        folder.keep_demo({})

        assert not prepared(folder)
        assert not folder.demo_journal.exists()


def test_half_demo_without_a_journal_is_told_of_and_not_touched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "demo.begun").touch()

    with hold(tmp_path) as folder:
        assert not prepared(folder)

    assert "--fresh" in capsys.readouterr().out


def test_business_time_stands_still_while_a_half_demo_is_switched_off(tmp_path: Path) -> None:
    with hold(tmp_path) as first:
        first.begin_demo(BEGINNING)
    two_days_ago = (datetime.now(UTC) - timedelta(days=2)).timestamp()
    utime(tmp_path / "demo.journal", (two_days_ago, two_days_ago))

    with hold(tmp_path) as second:
        second.go_on_with_demo()

        # Begun just now by the machine's clock, so the two days come off its beginning.
        assert abs(second.clock.now() - (BEGINNING - timedelta(days=2))) < timedelta(hours=1)


def test_city_that_lived_on_with_half_a_demo_does_not_go_back(tmp_path: Path) -> None:
    with hold(tmp_path) as folder:
        folder.begin_demo(BEGINNING)
        two_days_ago = (datetime.now(UTC) - timedelta(days=2)).timestamp()
        utime(folder.demo_journal, (two_days_ago, two_days_ago))

        folder.leave_demo()
        folder.go_on_with_demo()

        assert folder.clock.now() >= BEGINNING - timedelta(seconds=1)
