"""Cycles: drawn up, approved, moved by hand and by facts; forward only, whatever the order of the facts."""

import asyncio
from datetime import date
from uuid import uuid4

import pytest

from chassis.testing import eventually
from contracts.registry import CycleOpened, CycleStageChanged
from contracts.reporting import ReportAccepted
from tests.registry.cycle import (
    YEAR,
    a_closed_campaign,
    a_cycle,
    a_draft,
    a_finished_run,
    a_pairing,
    a_report,
    an_activation,
    moves,
    reaches,
    seen,
    step,
)
from tests.registry.town import a_school
from tests.stand import Stand


async def test_cycle_is_drawn_up_once(stand: Stand) -> None:
    registry = await stand.service("registry")
    school, other = await a_school(registry), await a_school(registry)
    cycle_id = await a_draft(school)

    again = await school.call("curator", "PUT", f"/cycles/{cycle_id}", json=YEAR)
    changed = await school.call("curator", "PUT", f"/cycles/{cycle_id}", json={**YEAR, "title": "Другой"})
    elsewhere = await other.call("curator", "PUT", f"/cycles/{cycle_id}", json=YEAR)

    assert (again.status_code, changed.status_code, elsewhere.status_code) == (200, 409, 409)
    assert (again.json()["state"], again.json()["legal"]) == ("DRAFT", ["APPROVED"])
    assert await registry.announced("cycle", str(cycle_id)) == []


@pytest.mark.parametrize("ends_on", ["2026-09-01", "2026-08-01", "2028-06-15"])
async def test_cycle_with_unclear_dates_is_refused(stand: Stand, ends_on: str) -> None:
    school = await a_school(await stand.service("registry"))

    answer = await school.call("curator", "PUT", f"/cycles/{uuid4()}", json={**YEAR, "ends_on": ends_on})

    assert answer.status_code == 422


async def test_approval_opens_the_cycle_once(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    cycle_id = await a_draft(school)
    door = f"/cycles/{cycle_id}/approve"

    answers = await asyncio.gather(*(school.call("head", "POST", door) for _ in range(3)))

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    (body,) = await registry.bodies("cycle.opened", str(cycle_id))
    opened = CycleOpened.model_validate_json(body)
    assert (opened.revision, opened.starts_on, opened.ends_on) == (1, date(2026, 9, 1), date(2027, 6, 15))


async def test_illegal_step_names_the_legal_ones(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    draft = await a_draft(school)
    cycle_id = await a_cycle(school)

    early = await step(school, draft, "DIAGNOSTICS_OPEN")
    illegal = await step(school, cycle_id, "ACTIVE")
    legal = await step(school, cycle_id, "DIAGNOSTICS_OPEN")

    assert (early.status_code, illegal.status_code, legal.status_code) == (409, 409, 200)
    assert (early.json()["state"], early.json()["legal"]) == ("DRAFT", ["APPROVED"])
    assert (illegal.json()["state"], illegal.json()["legal"]) == ("APPROVED", ["DIAGNOSTICS_OPEN"])
    assert (legal.json()["state"], legal.json()["legal"]) == ("DIAGNOSTICS_OPEN", [])


async def test_year_goes_by_facts_and_hands_with_rising_revisions(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    cycle_id = await a_cycle(school)

    await step(school, cycle_id, "DIAGNOSTICS_OPEN")
    for fact, stage in (
        (a_closed_campaign(school, cycle_id, 1), "DIAGNOSTICS_CLOSED"),
        (a_finished_run(school, cycle_id), "MATCHING"),
        (a_pairing(school, cycle_id), "ORDERS"),
        (an_activation(school, cycle_id), "ACTIVE"),
    ):
        await stand.publish(fact, fact)
        await reaches(school, cycle_id, stage)
    for stage in ("MID_REVIEW", "ACTIVE", "POST_DIAGNOSTICS"):
        assert (await step(school, cycle_id, stage)).status_code == 200
    await stand.publish(a_closed_campaign(school, cycle_id, 2))
    await reaches(school, cycle_id, "CLOSED")
    await stand.publish(a_report(school, cycle_id, ReportAccepted))
    await reaches(school, cycle_id, "REPORTED")
    await step(school, cycle_id, "ARCHIVED")

    stages = [stage for _, stage in await moves(registry, cycle_id)]
    assert stages == [
        *("DIAGNOSTICS_OPEN", "DIAGNOSTICS_CLOSED", "MATCHING", "ORDERS", "ACTIVE"),
        *("MID_REVIEW", "ACTIVE", "POST_DIAGNOSTICS", "CLOSED", "REPORTED", "ARCHIVED"),
    ]
    assert [revision for revision, _ in await moves(registry, cycle_id)] == list(range(2, 13))


async def test_later_fact_proves_the_earlier_and_an_earlier_one_moves_nothing_back(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    cycle_id = await a_cycle(school)

    await stand.publish(an_activation(school, cycle_id))
    await reaches(school, cycle_id, "ACTIVE")
    await stand.publish(
        a_closed_campaign(school, cycle_id, 1), a_finished_run(school, cycle_id), a_pairing(school, cycle_id)
    )
    await eventually(lambda: registry.count("cycle_facts", school.school_id), equals=4)

    assert await moves(registry, cycle_id) == [(2, "ACTIVE")]


async def test_fact_of_the_past_does_not_end_a_review(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    cycle_id = await a_cycle(school)
    await stand.publish(an_activation(school, cycle_id))
    await reaches(school, cycle_id, "ACTIVE")
    await step(school, cycle_id, "MID_REVIEW")

    await stand.publish(an_activation(school, cycle_id), a_finished_run(school, cycle_id))
    await eventually(lambda: registry.count("cycle_facts", school.school_id), equals=2)

    assert (await seen(school, cycle_id))["state"] == "MID_REVIEW"


async def test_facts_that_came_before_the_cycle_take_effect_with_its_approval(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    cycle_id = uuid4()
    await stand.publish(a_pairing(school, cycle_id), a_finished_run(school, cycle_id))
    await eventually(lambda: registry.count("cycle_facts", school.school_id), equals=2)

    drawn = await school.call("curator", "PUT", f"/cycles/{cycle_id}", json=YEAR)
    approved = await school.call("head", "POST", f"/cycles/{cycle_id}/approve")

    assert (drawn.json()["state"], approved.json()["state"]) == ("DRAFT", "ORDERS")
    assert await moves(registry, cycle_id) == [(2, "ORDERS")]


async def test_pair_across_schools_moves_the_cycle_of_its_school(stand: Stand) -> None:
    registry = await stand.service("registry")
    school, other = await a_school(registry), await a_school(registry)
    cycle_id, untouched = await a_cycle(school), await a_cycle(other)

    await stand.publish(a_pairing(school, cycle_id, giver_school=other.school_id))

    await reaches(school, cycle_id, "ORDERS")
    assert (await seen(other, untouched))["state"] == "APPROVED"


async def test_cycles_come_in_pages(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    drawn = sorted([str(await a_draft(school)), str(await a_draft(school))])

    first = await school.call("observer", "GET", "/cycles?limit=1")
    second = await school.call("observer", "GET", f"/cycles?limit=1&after={first.json()['next']}")

    assert [page.json()["items"][0]["cycle_id"] for page in (first, second)] == drawn


async def test_cycle_without_a_pair_ends_for_a_reason_and_says_so(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    cycle_id = await a_cycle(school)
    await stand.publish(a_finished_run(school, cycle_id))
    await reaches(school, cycle_id, "MATCHING")
    door = f"/cycles/{cycle_id}/end"

    before = await seen(school, cycle_id)
    wrong = await school.call("curator", "POST", door, json={"reason": "NO_SECOND_MEASUREMENT"})
    ended = await school.call("curator", "POST", door, json={"reason": "NO_PAIRS"})
    again = await school.call("curator", "POST", door, json={"reason": "NO_PAIRS"})

    assert before["reasons"] == ["NO_PAIRS", "CALLED_OFF"]
    assert (wrong.status_code, wrong.json()["legal"]) == (409, ["NO_PAIRS", "CALLED_OFF"])
    assert (ended.status_code, ended.json()["state"], ended.json()["reasons"]) == (200, "CLOSED", [])
    assert (again.status_code, again.json()["legal"]) == (409, [])
    last = CycleStageChanged.model_validate_json((await registry.bodies("cycle.stage_changed", str(cycle_id)))[-1])
    assert (last.previous, last.stage, last.reason) == ("MATCHING", "CLOSED", "NO_PAIRS")


async def test_pair_formed_after_the_cycle_ended_without_pairs_opens_nothing(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    cycle_id = await a_cycle(school)
    await stand.publish(a_finished_run(school, cycle_id))
    await reaches(school, cycle_id, "MATCHING")
    await school.call("curator", "POST", f"/cycles/{cycle_id}/end", json={"reason": "NO_PAIRS"})

    await stand.publish(a_pairing(school, cycle_id))
    await eventually(lambda: registry.count("cycle_facts", school.school_id), equals=2)

    assert (await seen(school, cycle_id))["state"] == "CLOSED"


@pytest.mark.parametrize(("role", "status"), [("curator", 403), ("head", 200)])
async def test_only_the_head_calls_an_approved_cycle_off(stand: Stand, role: str, status: int) -> None:
    school = await a_school(await stand.service("registry"))
    cycle_id = await a_cycle(school)

    answer = await school.call(role, "POST", f"/cycles/{cycle_id}/end", json={"reason": "CALLED_OFF"})

    assert answer.status_code == status
    assert (await seen(school, cycle_id))["state"] == ("CLOSED" if status == 200 else "APPROVED")


async def test_closed_cycle_of_an_open_school_waits_for_its_report(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    cycle_id = await a_cycle(school)
    await school.call("head", "POST", f"/cycles/{cycle_id}/end", json={"reason": "CALLED_OFF"})

    answer = await school.call("head", "POST", f"/cycles/{cycle_id}/end", json={"reason": "SCHOOL_CLOSED"})

    assert (answer.status_code, answer.json()["legal"]) == (409, [])
