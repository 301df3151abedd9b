"""A cycle for tests of the registry: drawn up and moved through the doors, and what others announce of it."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx

from chassis.testing import eventually
from contracts.diagnostics import CampaignClosed
from contracts.documents import DocumentInForce, PaperKind
from contracts.event import Event
from contracts.matching import MentoringKind, PairingFormed, RunFinished
from contracts.registry import CycleStageChanged
from contracts.reporting import ReportAccepted, ReportReturned, ReportSigned, ReportSubmitted
from contracts.tracking import AssignmentActivated, Basis
from tests.registry.town import School
from tests.stand import Running

NOW = datetime(2026, 10, 12, 9, tzinfo=UTC)
YEAR = {"title": "Цикл 2026/27", "starts_on": "2026-09-01", "ends_on": "2027-06-15"}
ReportFact = type[ReportSigned] | type[ReportSubmitted] | type[ReportReturned] | type[ReportAccepted]


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


def a_report(school: School, cycle_id: UUID, event: ReportFact, at: datetime = NOW) -> Event:
    return event.model_validate(
        {
            "school_id": school.school_id,
            "report_id": uuid4(),
            "cycle_id": cycle_id,
            "version": 1,
            "sha256": "0" * 64,
            "occurred_at": at,
        }
    )
