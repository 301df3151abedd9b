"""Builders: the facts of a school's year as their owners announce them."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from chassis.testing import eventually
from contracts.event import Event
from contracts.registry import CycleOpened, MembershipChanged, PlaceChanged, PlaceKind
from contracts.tracking import (
    AssignmentActivated,
    AssignmentCompleted,
    AssignmentOpened,
    Basis,
    MeetingHeld,
    MeetingPlanned,
)
from tests.stand import Running, Stand, a_school

AUTUMN = datetime(2026, 10, 1, 9, tzinfo=UTC)
SPRING = datetime(2027, 5, 20, 9, tzinfo=UTC)
JUNE = datetime(2027, 6, 16, 9, tzinfo=UTC)
AS_OF = "2027-06-15"


@dataclass
class Year:
    """One school with its people and cycle."""

    district: str
    school: str = field(default_factory=a_school)
    cycle: UUID = field(default_factory=uuid4)
    people: list[UUID] = field(default_factory=list)

    @property
    def groups(self) -> dict[str, list[str]]:
        """The groups of the school's officers and of its district."""
        return {
            "curator": [f"/schools/{self.school}/curator"],
            "head": [f"/schools/{self.school}/head"],
            "coordinator": [f"/districts/{self.district}/coordinator"],
        }

    def places(self) -> list[Event]:
        """The school, its district and the city."""
        tree = (
            ("spb", None, PlaceKind.CITY),
            (self.district, "spb", PlaceKind.DISTRICT),
            (self.school, self.district, PlaceKind.SCHOOL),
        )
        return [
            PlaceChanged(
                place_id=place,
                parent=parent,
                kind=kind,
                name=f"Имя {place}",
                zone="Europe/Moscow",
                valid_from=date(2026, 9, 1),
                occurred_at=AUTUMN,
            )
            for place, parent, kind in tree
        ]

    def staff(self, count: int, **more: Any) -> list[Event]:
        """Teachers who count in the staff."""
        self.people = [uuid4() for _ in range(count)]
        return [a_member(self.school, person, **more) for person in self.people]

    def opened(self) -> Event:
        """The cycle."""
        return CycleOpened(
            school_id=self.school,
            cycle_id=self.cycle,
            starts_on=date(2026, 9, 1),
            ends_on=date(2027, 6, 15),
            occurred_at=AUTUMN,
        )

    def pair(self, giver: int, taker: int, *, meetings: int = 2) -> list[Event]:
        """A pair that worked to its end, with meetings held."""
        same: dict[str, Any] = {
            "assignment_id": uuid4(),
            "pairing_id": uuid4(),
            "cycle_id": self.cycle,
            "giver_id": self.people[giver],
            "taker_id": self.people[taker],
            "competency": "D08",
            "giver_school": self.school,
            "taker_school": self.school,
            "basis": Basis.LOCAL_ACT,
        }
        facts: list[Event] = [
            AssignmentOpened(**same, revision=1, occurred_at=AUTUMN),
            AssignmentActivated(**same, revision=2, occurred_at=AUTUMN),
            AssignmentCompleted(**same, revision=3, occurred_at=SPRING),
        ]
        for _ in range(meetings):
            meeting: dict[str, Any] = {
                "meeting_id": uuid4(),
                "assignment_id": same["assignment_id"],
                "cycle_id": self.cycle,
                "giver_school": self.school,
                "taker_school": self.school,
                "kind": "working",
            }
            facts.append(MeetingPlanned(**meeting, revision=1, occurred_at=AUTUMN))
            facts.append(MeetingHeld(**meeting, minutes=45, revision=2, occurred_at=SPRING))
        return facts


def a_member(school: str, person: UUID, *, counts: bool = True, revision: int = 1, **more: Any) -> MembershipChanged:
    """A teacher of a school."""
    return MembershipChanged(
        school_id=school,
        person_id=person,
        roles=("teacher",),
        role_profiles=("SUBJECT_TEACHER",),
        subjects=("MAT",),
        counts_in_staff=counts,
        joined_on=date(2020, 9, 1),
        occurred_at=AUTUMN,
        revision=revision,
        **more,
    )


def a_ring(year: Year, people: int) -> list[Event]:
    """Everybody is mentor of the next one and mentee of the one before."""
    return [fact for number in range(people) for fact in year.pair(number, (number + 1) % people)]


async def a_school_year(
    stand: Stand, reporting: Running, *, staff: int = 8, engaged: int = 4, district: str = ""
) -> Year:
    """A school whose facts reporting has taken in."""
    year = Year(district or f"district-{uuid4().hex[:8]}")
    stand.clock.move_to(JUNE)
    facts = [*year.places(), *year.staff(staff), year.opened(), *a_ring(year, engaged)]
    await stand.publish(*facts)
    await eventually(lambda: reporting.count("facts.assignment_steps", year.school), equals=3 * engaged)
    await eventually(lambda: reporting.count("facts.meeting_steps", year.school), equals=4 * engaged)
    await eventually(lambda: reporting.count("facts.members", year.school), equals=staff)
    await eventually(lambda: reporting.count("facts.cycles", year.school), equals=1)
    return year


async def cells(reporting: Running, year: Year) -> dict[str, Any]:
    """The live numbers of a school by indicator."""
    path = f"/schools/{year.school}/cells?cycle_id={year.cycle}"
    answer = await reporting.call("GET", path, by=uuid4(), groups=year.groups["curator"])
    assert answer.status_code == 200, answer.text
    return {cell["indicator"]: cell for cell in answer.json()}


async def accepted(reporting: Running, year: Year) -> str:
    """A report on its whole way to ACCEPTED; returns its id."""
    report, school = str(uuid4()), f"/schools/{year.school}"
    wanted = {"cycle_id": str(year.cycle), "as_of": AS_OF}
    steps: tuple[tuple[str, str, str, Any], ...] = (
        ("PUT", f"{school}/reports/{report}", "curator", wanted),
        ("POST", f"{school}/reports/{report}/review", "curator", None),
        ("POST", f"{school}/reports/{report}/sign", "head", None),
        ("POST", f"{school}/reports/{report}/submit", "head", None),
        ("POST", f"/districts/{year.district}/reports/{report}/accept", "coordinator", None),
    )
    for method, path, role, body in steps:
        answer = await reporting.call(method, path, by=uuid4(), groups=year.groups[role], json=body)
        assert answer.status_code < 300, (path, answer.text)
    return report
