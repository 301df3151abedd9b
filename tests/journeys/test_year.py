"""The main job from end to end: a school year through the public API of a whole city in one process."""

import asyncio
import io
from contextlib import suppress
from pathlib import Path

import pytest

from chassis.testing import eventually
from deploy.demo.run import BEGINNING, Plan, play
from deploy.demo.staff_files import generate, write_csv
from deploy.local.city import running_city, take_port
from deploy.local.folder import hold
from deploy.show import Voice

# Far enough into the work of the pairs that much is done and much is under way.
ANSWERS_BEFORE_THE_BREAK = 1200


async def interrupted(url: str, plan: Plan, scratch: Path) -> None:
    """Play until the demo is in the middle of its work, and break it off with calls under way."""
    playing = asyncio.create_task(play(url, plan, Voice(to=io.StringIO()), scratch=scratch))

    async def is_far() -> bool:
        return playing.done() or _answers(plan) > ANSWERS_BEFORE_THE_BREAK

    await eventually(is_far, equals=True, within=180)
    playing.cancel()
    with suppress(asyncio.CancelledError):
        await playing


def _answers(plan: Plan) -> int:
    assert plan.journal is not None
    kept = plan.journal.read_bytes() if plan.journal.exists() else b""
    return kept.count(b'\n["answered"') + kept.count(b'\n["same"')


@pytest.mark.slow
# python-keycloak leaves its idle connections to the collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
async def test_a_school_lives_through_its_year_with_a_break_and_the_city_reads_its_totals(tmp_path: Path) -> None:
    staff = tmp_path / "spb-777.csv"
    write_csv(staff, generate(24, 5), encoding="windows-1251")
    with take_port(0) as bound, hold(tmp_path / "city") as folder:
        folder.begin_demo(BEGINNING)
        async with running_city(folder, bound, is_durable=False) as city:
            plan = Plan(staff=(staff,), seed=5, journal=folder.demo_journal)
            await interrupted(city.url, plan, tmp_path)
            before = _answers(plan)
            report = await play(city.url, plan, Voice(), scratch=tmp_path)
            after = _answers(plan)

    # Whoever asked anew would have all the answers of the first run once more.
    assert ANSWERS_BEFORE_THE_BREAK < before < after <= report["calls"]
    assert [step["name"] for step in report["steps"]] == [
        "join",
        "diagnose",
        "match",
        "work",
        "diagnose-again",
        "report",
        "autumn",
    ]
    assert report["schools"][0]["formed"] > 0
    counts = {step["name"]: step["counts"] for step in report["steps"]}
    assert counts["match"]["gap"] == 0.0
    assert counts["work"]["held"] > 0
    assert counts["work"]["stalled"] >= 1
    kinds = {cell["kind"] for cell in report["city"]}
    assert {"city", "district", "school"} <= kinds
    assert all(cell["definition"] and cell["definition_version"] for cell in report["city"])
    hidden = [cell for cell in report["city"] if cell["is_hidden"]]
    assert all(cell["n_num"] is None or cell["n_num"] == 0 or cell["n_num"] >= 5 for cell in hidden)
