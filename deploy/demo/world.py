"""What the demo knows of its own city: schools, people, and what each of them can really do (a stated seed)."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid5

from contracts.event import NAMESPACE
from deploy.demo.client import Door, Person

CITY = "spb"
HIGHEST = 5


@dataclass(frozen=True, slots=True)
class Teacher:
    """One person of a school's staff, and what that person can really do."""

    person: Person
    subjects: tuple[str, ...]
    is_observer: bool = False


@dataclass(slots=True)
class School:
    """One school of the demo: its officers, its staff, and the ids that the demo made for it."""

    school_id: str
    name: str
    district: str
    file_name: str
    file: bytes
    head: Person
    curator: Person
    teachers: dict[str, Teacher] = field(default_factory=dict)
    counts: dict[str, int | str] = field(default_factory=dict)
    year: str = ""

    def id_of(self, what: str) -> str:
        """A client-made id: the same for the same demo, so that a repeat changes nothing."""
        return demo_id(f"{self.school_id}/{self.year}{what}")

    @property
    def in_order(self) -> list[Teacher]:
        """The people by their names at the door, which stand for the same places in each demo."""
        return sorted(self.teachers.values(), key=lambda one: one.person.username)

    def in_year(self, year: str, people: Iterable[Teacher]) -> "School":
        """The same school in a later year, with those of its people who take part and no counts yet."""
        teachers = {one.person.person_id: one for one in people}
        return replace(self, year=f"{year}/", teachers=teachers, counts={})

    def at(self, service: str, path: str) -> str:
        """The address of something in this school."""
        return f"/{service}/v1/schools/{self.school_id}{path}"


@dataclass(slots=True)
class World:
    """Everything that the demo remembers between its steps."""

    door: Door
    seed: int
    analyst: Person
    coordinators: dict[str, Person] = field(default_factory=dict)
    schools: list[School] = field(default_factory=list)
    learned: set[tuple[str, str]] = field(default_factory=set)
    gifted: set[str] = field(default_factory=set)
    published: list[dict[str, Any]] = field(default_factory=list)

    def chance(self, *what: object) -> random.Random:
        """Randomness that depends on the seed and on what it is for, never on the order of calls."""
        return random.Random(f"{self.seed}/{'/'.join(map(str, what))}")  # noqa: S311  a demo's dice

    def true_level(self, person_id: str, competency: str) -> float:
        """What a person can really do, 1…5: most have a few strengths and a few gaps."""
        dice = self.chance("level", person_id, competency)
        level = dice.gauss(dice.choice((2.0, 3.2, 3.2, 4.6)), 0.45)
        if (person_id, competency) in self.learned:
            level += 0.9 + dice.gauss(0.3, 0.25)
        return min(5.0, max(1.0, level))

    def seen_level(self, person_id: str, competency: str, source: str, spread: float, lean: float = 0.0) -> int:
        """What a source says of it: with the source's own error, and kindness where it rates itself.

        Whom the demo's story needs as a mentor is gifted: good at every second competency, as anybody can see.
        """
        if person_id in self.gifted and int(competency[1:3]) % 2:
            return HIGHEST
        dice = self.chance("seen", person_id, competency, source)
        return round(min(5.0, max(1.0, self.true_level(person_id, competency) + lean + dice.gauss(0, spread))))


def demo_id(what: str) -> str:
    """A client-made UUID of the demo."""
    return str(uuid5(NAMESPACE, f"demo {what}"))
