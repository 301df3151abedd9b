"""The sign-ins of the demo lead to people who have something to do, as the start page says of them."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from deploy.demo.client import Door, Person
from tests.portal.pages import USERNAMES, this_year
from tests.portal.town import Town

pytestmark = [
    pytest.mark.needs_chromium,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]
A, B, C = "spb-112", "spb-693", "spb-540"


@pytest_asyncio.fixture
async def door(town: Town) -> AsyncIterator[Door]:
    async with aiohttp.ClientSession() as session:
        yield Door(town.url, session)


async def read(door: Door, role: str, address: str) -> Any:
    """What somebody of the demo reads from the API."""
    return await Person(door, USERNAMES[role]).get(address)


async def test_teacher_who_answers_is_half_way_and_a_test_is_under_way(door: Door) -> None:
    campaign = this_year(A, "campaign-1")
    forms = await read(door, "teacher-answering", f"/diagnostics/v1/schools/{A}/my/forms")
    tests = await read(door, "teacher-answering", f"/diagnostics/v1/schools/{A}/my/tests/{campaign}")

    assert 0 < forms[0]["self"]["answered"] < len(forms[0]["self"]["competencies"])
    assert any(not one["is_done"] for one in forms[0]["colleagues"])
    assert [one["state"] for one in tests].count("BEGUN") == 1


async def test_observer_has_people_to_see_and_a_plan_to_rate(door: Door) -> None:
    campaign = this_year(A, "campaign-1")
    forms = await read(door, "observer", f"/diagnostics/v1/schools/{A}/my/forms")
    reviews = await read(door, "observer", f"/diagnostics/v1/schools/{A}/my/reviews/{campaign}")

    assert len(forms[0]["observations"]) >= 2
    assert any(not one["marks"] for one in reviews)


async def test_teacher_of_pairs_is_a_mentor_with_a_meeting_ahead_and_a_survey_to_answer(door: Door) -> None:
    meetings = await read(door, "teacher-pairing", f"/tracking/v1/schools/{C}/my/meetings?limit=500")
    surveys = await read(door, "teacher-pairing", f"/tracking/v1/schools/{C}/my/surveys")

    recent = [one for one in meetings["items"] if one["starts_at"] > "2027-09"]
    # What else there is to do depends on the pairs, and those on ids that people get by chance.
    assert any(one["state"] == "PLANNED" for one in recent)
    assert "mentor" in [one["role"] for one in surveys if not one["is_answered"]]


async def test_curators_have_an_appeal_pairs_of_every_colour_a_run_and_a_file(door: Door) -> None:
    appeals = await read(
        door, "curator-answering", f"/diagnostics/v1/schools/{A}/appeals?cycle_id={this_year(A, 'cycle')}"
    )
    health = await read(door, "curator-pairing", f"/tracking/v1/schools/{C}/health?cycle_id={this_year(C, 'cycle')}")
    run = await read(door, "curator-reviewing", f"/matching/v1/schools/{B}/runs/{this_year(B, 'run-1')}")
    file = await read(door, "curator-reviewing", f"/registry/v1/schools/{B}/staff-imports/{this_year(B, 'import')}")

    assert [one["state"] for one in appeals["items"]] == ["FILED"]
    assert all(health[colour] > 0 for colour in ("green", "amber", "red"))
    assert run["state"] == "REVIEW"
    assert (file["state"], file["can_apply"]) == ("CHECKED", True)
    assert min(file["new"], file["changed"], file["left"]) > 0


async def test_reports_wait_for_the_head_and_for_the_district(door: Door) -> None:
    own = await read(door, "head", f"/reporting/v1/schools/{C}/reports")
    sent = await read(door, "coordinator", "/reporting/v1/districts/vyborgsky/reports?state=SUBMITTED")

    assert "REVIEWED" in [one["state"] for one in own["items"]]
    assert [one["school_id"] for one in sent["items"]] == [A]
