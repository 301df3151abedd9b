"""A small school as matching hears of it: builders of events, callers by role, and waiting for what is heard."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from chassis.testing import eventually
from contracts.diagnostics import CompetencyClass, NeedDeclared, ProfileReleased, StrengthConfirmed
from contracts.event import Event
from contracts.registry import CycleOpened, MembershipChanged
from tests.stand import Running, Stand, a_school

# A Monday morning in the middle of the autumn.
NOW = datetime(2026, 10, 12, 9, tzinfo=UTC)
CYCLE_ENDS = date(2027, 6, 15)


@dataclass(slots=True)
class School:
    """One school with a cycle, heard by a running matching service."""

    stand: Stand
    matching: Running
    id: str = field(default_factory=a_school)
    cycle: UUID = field(default_factory=uuid4)
    curator: UUID = field(default_factory=uuid4)

    def cycle_opened(self) -> CycleOpened:
        return CycleOpened(
            school_id=self.id,
            cycle_id=self.cycle,
            starts_on=date(2026, 9, 1),
            ends_on=CYCLE_ENDS,
            occurred_at=NOW,
        )

    def member(self, person: UUID, *roles: str, **more: Any) -> MembershipChanged:
        return MembershipChanged(
            school_id=self.id,
            person_id=person,
            roles=roles or ("teacher",),
            role_profiles=(),
            subjects=(),
            counts_in_staff=True,
            joined_on=date(2020, 9, 1),
            occurred_at=NOW,
            **more,
        )

    def about(self, person: UUID, competency: str = "D01", revision: int = 1) -> dict[str, Any]:
        return {
            "school_id": self.id,
            "person_id": person,
            "cycle_id": self.cycle,
            "competency": competency,
            "revision": revision,
            "occurred_at": NOW,
        }

    def released(self, person: UUID, competency: str = "D01", *, level10: int, revision: int = 1) -> ProfileReleased:
        is_strong = level10 >= 40
        return ProfileReleased(
            **self.about(person, competency, revision),
            competency_class=CompetencyClass.STRENGTH_CONFIRMED if is_strong else CompetencyClass.DEFICIT_CONFIRMED,
            level10=level10,
            se10=3,
        )

    def strong(self, person: UUID, competency: str = "D01", level10: int = 40) -> list[Event]:
        return [
            self.released(person, competency, level10=level10),
            StrengthConfirmed(**self.about(person, competency)),
        ]

    def needs(self, person: UUID, competency: str = "D01", level10: int = 25) -> list[Event]:
        return [
            self.released(person, competency, level10=level10),
            NeedDeclared(**self.about(person, competency), priority1000=1000),
        ]

    async def hear(self, *events: Event) -> None:
        """Publish, and wait until all of it is taken in."""
        await self.stand.publish(*events)
        ids = {event.event_id for event in events}
        query = text("select count(*) from inbox where event_id = any(:ids)")

        async def taken() -> int:
            async with self.matching.db.transaction() as tx:
                return int(await tx.value(query, {"ids": list(ids)}))

        await eventually(taken, equals=len(ids))

    async def curate(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Call as the curator of this school."""
        groups = [f"/schools/{self.id}/curator"]
        return await self.matching.call(method, f"/schools/{self.id}{path}", by=self.curator, groups=groups, **request)

    async def teach(self, person: UUID, method: str, path: str, **request: Any) -> httpx.Response:
        """Call as a teacher of this school."""
        groups = [f"/schools/{self.id}/teacher"]
        return await self.matching.call(method, f"/schools/{self.id}{path}", by=person, groups=groups, **request)

    async def free(self, *people: UUID, slots: Sequence[str] = ("mon-3",), **capacity: int) -> None:
        """The people enter their free times."""
        for person in people:
            answer = await self.teach(person, "PUT", "/my/availability", json={"slots": [*slots], **capacity})
            assert answer.status_code == 200, answer.text

    async def begin(self, run: UUID | None = None, **wishes: Any) -> httpx.Response:
        """Ask for a run."""
        body = {"cycle_id": str(self.cycle), **wishes}
        return await self.curate("PUT", f"/runs/{run or uuid4()}", json=body)

    async def solved(self, **wishes: Any) -> dict[str, Any]:
        """A run that was solved."""
        begun = await self.begin(**wishes)
        assert begun.status_code == 202, begun.text
        return await self.ended(begun.json()["run_id"])

    async def ended(self, run: str, *, state: str = "REVIEW") -> dict[str, Any]:
        """The run as soon as it has come so far."""

        async def look() -> str:
            return str((await self.run(run))["state"])

        await eventually(look, equals=state)
        return await self.run(run)

    async def run(self, run: str) -> dict[str, Any]:
        found: dict[str, Any] = (await self.curate("GET", f"/runs/{run}")).json()
        return found

    async def proposed(self, run: str, **query: Any) -> set[tuple[UUID, UUID, str]]:
        """The pairs that a run found."""
        answer = await self.curate("GET", f"/runs/{run}/proposals", params=query)
        assert answer.status_code == 200, answer.text
        return {
            (UUID(one["giver_id"]), UUID(one["taker_id"]), str(one["competency"])) for one in answer.json()["items"]
        }

    async def published(self, **wishes: Any) -> dict[str, Any]:
        """A run whose dual-first end is proposed to the people."""
        run = await self.solved(**wishes)
        await self.curate("POST", f"/runs/{run['run_id']}/choose", json={"variant": "dual-first"})
        answer = await self.curate("POST", f"/runs/{run['run_id']}/publish")
        assert answer.status_code == 200, answer.text
        published: dict[str, Any] = answer.json()
        return published

    async def proposals(self, person: UUID) -> list[dict[str, Any]]:
        """What a person sees as proposed."""
        answer = await self.teach(person, "GET", "/my/proposals")
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()
        return found

    async def say(self, person: UUID, pairing: str, word: str) -> httpx.Response:
        """A person says `accept` or `decline`."""
        return await self.teach(person, "POST", f"/my/proposals/{pairing}/{word}")


@dataclass(frozen=True, slots=True)
class Trio:
    """Anna and Boris are strong in what the other needs; Vera needs what Anna knows."""

    school: School
    anna: UUID
    boris: UUID
    vera: UUID

    @property
    def everyone(self) -> tuple[UUID, UUID, UUID]:
        return (self.anna, self.boris, self.vera)

    @property
    def best(self) -> set[tuple[UUID, UUID, str]]:
        return {
            (self.anna, self.boris, "D01"),
            (self.anna, self.vera, "D01"),
            (self.boris, self.anna, "D02"),
        }

    def events(self) -> list[Event]:
        school = self.school
        return [
            school.cycle_opened(),
            *(school.member(person) for person in self.everyone),
            *school.strong(self.anna, "D01"),
            *school.needs(self.anna, "D02"),
            *school.strong(self.boris, "D02"),
            *school.needs(self.boris, "D01"),
            *school.needs(self.vera, "D01"),
        ]


async def a_running_school(stand: Stand) -> School:
    stand.clock.move_to(NOW)
    return School(stand, await stand.service("matching"))


async def a_trio(stand: Stand) -> Trio:
    """Three people, free on Mondays, ready to be matched."""
    trio = Trio(await a_running_school(stand), uuid4(), uuid4(), uuid4())
    await trio.school.hear(*trio.events())
    await trio.school.free(*trio.everyone)
    return trio


async def a_pair(stand: Stand) -> Trio:
    """A trio of which only Anna and Vera can be matched: Anna gives, Vera takes."""
    trio = Trio(await a_running_school(stand), uuid4(), uuid4(), uuid4())
    school = trio.school
    await school.hear(
        school.cycle_opened(),
        *(school.member(person) for person in trio.everyone),
        *school.strong(trio.anna),
        *school.needs(trio.vera),
    )
    await school.free(trio.anna, trio.vera)
    return trio
