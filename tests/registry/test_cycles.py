"""Cycles: drawn up, approved, moved by hand and by facts; forward only, whatever the order of the facts."""

import asyncio
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from chassis.testing import eventually
from contracts.diagnostics import CampaignClosed
from contracts.documents import DocumentInForce, PaperKind
from contracts.event import Event
from contracts.matching import MentoringKind, PairingFormed, RunFinished
from contracts.registry import CycleOpened, CycleStageChanged
from contracts.reporting import ReportAccepted, ReportSubmitted
from contracts.tracking import AssignmentActivated, Basis
from services.registry.domain import cycles as domain
from tests.registry.town import School, a_school
from tests.stand import Running, Stand

NOW = datetime(2026, 10, 12, 9, tzinfo=UTC)
YEAR = {"title": "Цикл 2026/27", "starts_on": "2026-09-01", "ends_on": "2027-06-15"}


async def a_draft(school: School) -> UUID:
    cycle_id = uuid4()
    answer = await school.call("curator", "PUT", f"/cycles/{cycle_id}", json=YEAR)
    assert answer.status_code == 201, answer.text
    return cycle_id


async def a_cycle(school: School) -> UUID:
    cycle_id = await a_draft(school)
    assert (await school.call("head", "POST", f"/cycles/{cycle_id}/approve")).status_code == 200
    return cycle_id


async def step(school: School, cycle_id: UUID, stage: str) -> httpx.Response:
    return await school.call("curator", "POST", f"/cycles/{cycle_id}/stage", json={"stage": stage})


async def seen(school: School, cycle_id: UUID) -> dict[str, Any]:
    return dict((await school.call("teacher", "GET", f"/cycles/{cycle_id}")).json())


async def reaches(school: School, cycle_id: UUID, stage: str) -> None:
    async def state() -> str:
        return str((await seen(school, cycle_id))["state"])

    await eventually(state, equals=stage)


async def moves(registry: Running, cycle_id: UUID) -> list[tuple[int, str]]:
    told = [
        CycleStageChanged.model_validate_json(body)
        for body in await registry.bodies("cycle.stage_changed", str(cycle_id))
    ]
    return [(one.revision, one.stage.value) for one in told]


def a_closed_campaign(school: School, cycle_id: UUID, wave: int) -> CampaignClosed:
    return CampaignClosed(
        school_id=school.school_id,
        campaign_id=uuid4(),
        cycle_id=cycle_id,
        wave=wave,
        invited=5,
        scored=5,
        occurred_at=NOW,
    )


def a_finished_run(school: School, cycle_id: UUID) -> RunFinished:
    return RunFinished(
        school_id=school.school_id,
        run_id=uuid4(),
        cycle_id=cycle_id,
        dual=1,
        covered=1,
        score=1,
        people=5,
        occurred_at=NOW,
    )


def a_pairing(school: School, cycle_id: UUID, giver_school: str | None = None) -> PairingFormed:
    return PairingFormed(
        pairing_id=uuid4(),
        cycle_id=cycle_id,
        giver_school=giver_school or school.school_id,
        taker_school=school.school_id,
        giver_id=uuid4(),
        taker_id=uuid4(),
        competency="D08",
        kind=MentoringKind.REVERSE,
        term_from=date(2026, 10, 20),
        term_to=date(2027, 5, 15),
        occurred_at=NOW,
    )


def an_activation(school: School, cycle_id: UUID) -> AssignmentActivated:
    return AssignmentActivated(
        assignment_id=uuid4(),
        pairing_id=uuid4(),
        cycle_id=cycle_id,
        giver_id=uuid4(),
        taker_id=uuid4(),
        competency="D08",
        giver_school=school.school_id,
        taker_school=school.school_id,
        basis=Basis.LOCAL_ACT,
        occurred_at=NOW,
    )


def a_paper(school: School, cycle_id: UUID, kind: str) -> DocumentInForce:
    return DocumentInForce(
        school_id=school.school_id,
        document_id=uuid4(),
        kind=PaperKind(kind),
        basis="LOCAL_ACT",
        cycle_id=cycle_id,
        in_force_from=date(2026, 9, 1),
        occurred_at=NOW,
    )


def a_report(school: School, cycle_id: UUID, event: type[ReportSubmitted] | type[ReportAccepted]) -> Event:
    return event(school_id=school.school_id, report_id=uuid4(), cycle_id=cycle_id, version=1, occurred_at=NOW)


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


async def test_papers_and_the_report_tick_the_roadmap_off(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    cycle_id = await a_cycle(school)
    papers = [a_paper(school, cycle_id, kind) for kind in ("DOC01", "DOC08")]

    await stand.publish(*papers, *papers, a_report(school, cycle_id, ReportSubmitted))

    async def done() -> list[int]:
        roadmap = (await seen(school, cycle_id))["roadmap"]
        return [stage["number"] for stage in roadmap if stage["state"] == "DONE"]

    await eventually(done, equals=[1, 5, 7])
    assert (await seen(school, cycle_id))["state"] == "APPROVED"


async def test_roadmap_has_seven_stages_in_the_callers_language(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    cycle_id = await a_draft(school)

    russian = (await seen(school, cycle_id))["roadmap"]
    english = await school.call("head", "GET", f"/cycles/{cycle_id}", headers={"Accept-Language": "en"})

    assert [(stage["starts_on"], stage["due_on"]) for stage in russian] == [
        ("2026-08-15", "2026-09-10"),
        ("2026-09-10", "2026-09-30"),
        ("2026-09-10", "2026-09-30"),
        ("2026-10-01", "2026-10-15"),
        ("2026-10-10", "2026-10-25"),
        ("2026-10-25", "2027-05-15"),
        ("2027-05-15", "2027-06-15"),
    ]
    assert russian[0]["title"] == "Подготовка условий для запуска"
    assert english.json()["roadmap"][0]["title"] == "Preparing the conditions"


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 8, 1), ["PLANNED"] * 7),
        (date(2026, 9, 10), ["UNDER_WAY"] * 3 + ["PLANNED"] * 4),
        (date(2026, 10, 12), ["OVERDUE"] * 3 + ["UNDER_WAY"] * 2 + ["PLANNED"] * 2),
        (date(2027, 7, 1), ["OVERDUE"] * 7),
    ],
)
def test_roadmap_follows_the_calendar_until_facts_come(today: date, expected: list[str]) -> None:
    stages = domain.roadmap(date(2026, 9, 1), "APPROVED", (), today=today)

    assert [stage.state for stage in stages] == expected


def test_roadmap_of_a_cycle_that_begins_in_january_is_that_of_the_running_year() -> None:
    stages = domain.roadmap(date(2027, 1, 11), "ACTIVE", (), today=date(2027, 2, 1))

    assert (stages[0].starts_on, stages[-1].due_on) == (date(2026, 8, 15), date(2027, 6, 15))
    assert [stage.state for stage in stages] == ["OVERDUE", *["DONE"] * 4, "UNDER_WAY", "PLANNED"]


async def test_cycles_come_in_pages(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    drawn = sorted([str(await a_draft(school)), str(await a_draft(school))])

    first = await school.call("observer", "GET", "/cycles?limit=1")
    second = await school.call("observer", "GET", f"/cycles?limit=1&after={first.json()['next']}")

    assert [page.json()["items"][0]["cycle_id"] for page in (first, second)] == drawn
