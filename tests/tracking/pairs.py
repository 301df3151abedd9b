"""Builders of facts around a pair, and a pair that works."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

import httpx

from chassis.testing import eventually
from contracts.documents import ConsentGiven, ConsentPurpose, ConsentWithdrawn, DocumentInForce, PaperKind
from contracts.matching import MentoringKind, PairingFormed
from contracts.registry import CycleOpened, CycleStage, CycleStageChanged
from tests.stand import Running, Stand, a_school

NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
TODAY = NOW.date()
TERM = (date(2026, 10, 20), date(2027, 5, 15))


@dataclass(frozen=True, slots=True)
class Pair:
    """A formed pair and how its people call the service."""

    tracking: Running
    formed: PairingFormed

    @property
    def id(self) -> UUID:
        return uuid5(self.formed.pairing_id, "assignment")

    @property
    def school(self) -> str:
        return self.formed.taker_school

    async def giver(self, method: str, path: str, **request: Any) -> httpx.Response:
        return await self._mine(self.formed.giver_id, self.formed.giver_school, method, path, **request)

    async def taker(self, method: str, path: str, **request: Any) -> httpx.Response:
        return await self._mine(self.formed.taker_id, self.formed.taker_school, method, path, **request)

    async def _mine(self, person: UUID, school: str, method: str, path: str, **request: Any) -> httpx.Response:
        groups = [f"/schools/{school}/teacher"]
        return await self.tracking.call(method, f"/schools/{school}/my/{path}", by=person, groups=groups, **request)

    async def curator(self, method: str, path: str, **request: Any) -> httpx.Response:
        groups = [f"/schools/{self.school}/curator"]
        return await self.tracking.call(method, f"/schools/{self.school}/{path}", by=uuid4(), groups=groups, **request)

    async def step(self, name: str, **body: Any) -> httpx.Response:
        return await self.curator("POST", f"assignments/{self.id}/{name}", json=body or None)

    async def seen(self) -> dict[str, Any]:
        page = (await self.curator("GET", "assignments")).json()
        found = [row for row in page["items"] if row["assignment_id"] == str(self.id)]
        return dict(found[0]) if found else {}

    async def state(self) -> str:
        return str((await self.seen()).get("state"))

    async def waits_for(self) -> str:
        return " ".join((await self.seen())["waits_for"])

    async def verbs(self) -> list[str]:
        """What was announced of the assignment, in order."""
        return [subject.split(".")[3] for subject in await self.tracking.announced("tracking.assignment", str(self.id))]

    async def plan(self, starts_at: datetime, *, meeting_id: UUID | None = None, kind: str = "working") -> UUID:
        meeting = meeting_id or uuid4()
        body = {"kind": kind, "starts_at": starts_at.isoformat(), "minutes": 45}
        answer = await self.taker("PUT", f"assignments/{self.id}/meetings/{meeting}", json=body)
        assert answer.status_code in (200, 201), answer.text
        return meeting


def a_cycle(school: str, cycle_id: UUID) -> CycleOpened:
    return CycleOpened(
        school_id=school, cycle_id=cycle_id, starts_on=date(2026, 9, 1), ends_on=date(2027, 6, 15), occurred_at=NOW
    )


def a_stage(school: str, cycle_id: UUID, stage: CycleStage, *, revision: int) -> CycleStageChanged:
    return CycleStageChanged(
        school_id=school,
        cycle_id=cycle_id,
        stage=stage,
        previous=CycleStage.ACTIVE,
        occurred_at=NOW,
        revision=revision,
    )


def a_pairing(school: str, **changes: Any) -> PairingFormed:
    content: Mapping[str, Any] = {
        "pairing_id": uuid4(),
        "cycle_id": uuid4(),
        "giver_school": school,
        "taker_school": school,
        "giver_id": uuid4(),
        "taker_id": uuid4(),
        "competency": "D08",
        "kind": MentoringKind.REVERSE,
        "term_from": TERM[0],
        "term_to": TERM[1],
        "occurred_at": NOW,
    }
    return PairingFormed(**{**content, **changes})


def a_consent(
    school: str, person: UUID, purpose: ConsentPurpose = ConsentPurpose.MENTORING_LOCAL_ACT, *, revision: int = 1
) -> ConsentGiven:
    return ConsentGiven(school_id=school, person_id=person, purpose=purpose, occurred_at=NOW, revision=revision)


def a_withdrawal(
    school: str, person: UUID, purpose: ConsentPurpose = ConsentPurpose.MENTORING_LOCAL_ACT, *, revision: int = 2
) -> ConsentWithdrawn:
    return ConsentWithdrawn(school_id=school, person_id=person, purpose=purpose, occurred_at=NOW, revision=revision)


def an_order(pairing: PairingFormed, kind: PaperKind = PaperKind.DOC08, *, since: date = TODAY) -> DocumentInForce:
    return DocumentInForce(
        school_id=pairing.taker_school,
        document_id=uuid4(),
        kind=kind,
        basis="LOCAL_ACT",
        cycle_id=pairing.cycle_id,
        pairing_id=pairing.pairing_id,
        in_force_from=since,
        occurred_at=NOW,
    )


async def an_opened_pair(stand: Stand, tracking: Running, pairing: PairingFormed | None = None) -> Pair:
    formed = pairing or a_pairing(a_school())
    pair = Pair(tracking, formed)
    await stand.publish(formed)
    await eventually(pair.state, equals="OPENED")
    return pair


async def a_working_pair(
    stand: Stand, tracking: Running, pairing: PairingFormed | None = None, *, at: datetime = NOW
) -> Pair:
    """A pair on the school's local act whose papers are all in force."""
    stand.clock.move_to(at)
    formed = pairing or a_pairing(a_school())
    pair = Pair(tracking, formed)
    await stand.publish(
        formed,
        a_consent(formed.giver_school, formed.giver_id),
        a_consent(formed.taker_school, formed.taker_id),
        an_order(formed),
    )
    await eventually(pair.state, equals="ACTIVE")
    return pair


async def a_held_meeting(stand: Stand, pair: Pair, at: datetime) -> UUID:
    meeting = await pair.plan(at)
    stand.clock.move_to(at + timedelta(hours=2))
    for side in (pair.giver, pair.taker):
        answer = await side("POST", f"meetings/{meeting}/confirm", json={"took_place": True})
        assert answer.status_code == 200, answer.text
    return meeting
