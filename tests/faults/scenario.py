"""A seeded year of a few small schools over five services: the same commands give the same facts, byte for byte.

Registry's facts are written into its journal and outbox by the test itself, so that people have the same ids in
each run; everything else happens through the services' own HTTP doors.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid5

import asyncpg

from chassis import outbox
from chassis.clock import SharedClock
from chassis.database import Database, is_transient
from chassis.relay import connect_plain
from chassis.testing import eventually
from contracts.event import NAMESPACE, Event
from contracts.registry import CycleOpened, CycleStage, CycleStageChanged, MembershipChanged, PlaceChanged, PlaceKind
from deploy.databases import database_of
from tests.faults.caller import Caller
from tests.faults.fleet import Fleet
from tests.faults.tally import Tally

AUTUMN = datetime(2026, 9, 10, 7, tzinfo=UTC)
SPRING = datetime(2027, 5, 12, 7, tzinfo=UTC)
# Close enough that no pair stalls: facts that time brings about depend on when a sweep looks.
DAYS = ("2026-09-23", "2026-10-07", "2026-10-21")
SLOTS = tuple(f"{day}-{period}" for day in ("mon", "tue", "wed", "thu", "fri") for period in range(1, 9))
AT_ONCE = 12
# Far more numbers than a relay looks back in its usual round.
SKIPPED = 50_000
_SKIP = f"select setval(key, nextval(key) + {SKIPPED}) from pg_get_serial_sequence('outbox', 'number') key"
# What a transaction of another process does after its commit: it wakes the relay.
_WAKE = f"notify {outbox.CHANNEL}"


def an_id(what: str) -> UUID:
    """An id that is the same in each run."""
    return uuid5(NAMESPACE, f"faults {what}")


@dataclass(slots=True)
class Scenario:
    """Plays the year against a fleet; every command is repeated until it is answered.

    `pause` stretches a phase, so that a storm finds people at work (seconds before each command, twelve at once);
    `before_leap` is awaited before business time leaps: a calm city comes to rest first.
    """

    fleet: Fleet
    caller: Caller
    clock: SharedClock
    schools: int
    people: int
    before_leap: Callable[[], Awaitable[None]]
    tally: Tally = field(default_factory=Tally)
    pause: float = 0.0
    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    @property
    def school_ids(self) -> list[str]:
        """The schools."""
        return [f"fault-{number}" for number in range(self.schools)]

    def people_of(self, school: str) -> list[UUID]:
        """The teachers of a school."""
        return [an_id(f"{school}/person/{number}") for number in range(self.people)]

    def dice(self, *what: object) -> random.Random:
        """Chance that depends on what it is for, not on the order of calls."""
        return random.Random("/".join(map(str, what)))

    async def call(
        self, service: str, method: str, school: str, path: str, *, by: UUID, role: str = "teacher", body: Any = None
    ) -> Any:
        """One command of a person of a school."""
        async with self.places:
            await asyncio.sleep(self.pause)
            return await self.caller.call(
                service,
                method,
                f"/schools/{school}{path}",
                by=by,
                groups=(f"/schools/{school}/{role}",),
                body=body,
            )

    async def curate(self, service: str, method: str, school: str, path: str, body: Any = None) -> Any:
        """One command of a school's curator."""
        by = self.curator_of(school)
        return await self.call(service, method, school, path, by=by, role="curator", body=body)

    def curator_of(self, school: str) -> UUID:
        """Who curates a school."""
        return an_id(f"{school}/curator")

    async def say(self, facts: Sequence[Event]) -> None:
        """Registry's facts, into its journal and outbox in transactions of ten, as its own actions would."""
        db = self._registry()
        try:
            for start in range(0, len(facts), 10):
                await _patiently(db, facts[start : start + 10])
        finally:
            await db.close()

    async def say_late(self, fact: Event, others: Sequence[Event]) -> None:
        """A transaction that takes an early outbox number and commits after far later numbers have been sent."""
        db = self._registry()
        try:
            async with db.transaction() as tx:
                # Now, and not at the end, where `emit` has it written: the number is taken.
                await outbox.write(tx.raw, [(fact, None)])
                await self._as_superuser(_SKIP)
                await self.say(others)
                await eventually(self._unsent, equals=0, within=60)
            async with db.transaction() as tx:
                await tx.raw.execute(_WAKE)
        finally:
            await db.close()
        sign = f"{len(others)} facts with numbers {SKIPPED} higher were sent before it"
        self.tally.make("late commit of an early outbox number", sign=sign)

    async def leap(self, moment: datetime) -> None:
        """Business time goes on from another day."""
        await self.before_leap()
        self.clock.move_to(moment)

    def _registry(self) -> Database:
        url = self.fleet.infrastructure.postgres.url(database_of("registry"), "registry_app")
        return Database.open(url, self.clock, pool_size=1)

    async def _unsent(self) -> int:
        return int(await self._as_superuser("select count(*) from outbox"))

    async def _as_superuser(self, query: str) -> Any:
        url = self.fleet.infrastructure.postgres.url(database_of("registry"), "postgres")
        connection = await connect_plain(url)
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()

    def cycle_of(self, school: str) -> UUID:
        """A school's cycle."""
        return an_id(f"{school}/cycle")

    def stage(self, school: str, stage: CycleStage, previous: CycleStage, revision: int) -> CycleStageChanged:
        """The fact that a cycle moved."""
        return CycleStageChanged(
            school_id=school,
            cycle_id=self.cycle_of(school),
            stage=stage,
            previous=previous,
            revision=revision,
            occurred_at=AUTUMN,
        )


async def _patiently(db: Database, facts: Sequence[Event]) -> None:
    while True:
        try:
            async with db.transaction() as tx:
                for fact in facts:
                    await tx.emit(fact)
                await tx.raw.execute(_WAKE)
        except asyncpg.UniqueViolationError:
            # The answer to an earlier commit was lost: the facts stand in the journal.
            return
        except Exception as error:
            if not is_transient(error):
                raise
            await asyncio.sleep(0.05)
        else:
            return


async def together(work: Iterable[Awaitable[Any]]) -> list[Any]:
    """All at once."""
    return list(await asyncio.gather(*work))


def opening_facts(scenario: Scenario) -> list[Event]:
    """What registry says at the beginning: places, people, open cycles."""
    district = PlaceChanged(
        place_id="fault-district",
        parent="spb",
        kind=PlaceKind.DISTRICT,
        zone="Europe/Moscow",
        valid_from=date(2026, 9, 1),
        occurred_at=AUTUMN,
    )
    facts: list[Event] = [district]
    for school in scenario.school_ids:
        facts.append(
            PlaceChanged(
                place_id=school,
                parent="fault-district",
                kind=PlaceKind.SCHOOL,
                zone="Europe/Moscow",
                valid_from=date(2026, 9, 1),
                occurred_at=AUTUMN,
            )
        )
        facts += [_member(school, person, number) for number, person in enumerate(scenario.people_of(school))]
        facts.append(
            CycleOpened(
                school_id=school,
                cycle_id=scenario.cycle_of(school),
                starts_on=date(2026, 9, 1),
                ends_on=date(2027, 6, 15),
                occurred_at=AUTUMN,
            )
        )
        facts.append(scenario.stage(school, CycleStage.DIAGNOSTICS_OPEN, CycleStage.APPROVED, 2))
    return facts


def _member(school: str, person: UUID, number: int) -> MembershipChanged:
    return MembershipChanged(
        school_id=school,
        person_id=person,
        roles=("teacher", "observer") if number < 2 else ("teacher",),
        role_profiles=("SUBJECT_TEACHER",),
        subjects=(("MAT", "PHY", "RUS")[number % 3],),
        counts_in_staff=True,
        joined_on=date(2020, 9, 1),
        occurred_at=AUTUMN,
    )
