"""The measured command: a teacher gives a consent; documents announces it, diagnostics keeps it.

It is the typical hop of this house: an authenticated command of one person, a rule looked up, one row, one fact, one
row in the next service. Each command is a consent that was never given, so that each makes exactly one event.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid4

from bench.load import request
from chassis.testing import TokenFactory
from contracts.documents import ConsentGiven, ConsentPurpose

SCHOOLS = tuple(f"bench-{number:02}" for number in range(20))
PURPOSES = tuple(ConsentPurpose)
HOURS = 3600


@dataclass(frozen=True, slots=True)
class Command:
    """One consent to be given, and the request that gives it."""

    school: str
    person: UUID
    purpose: str
    request: bytes


@dataclass(slots=True)
class Crowd:
    """Teachers of many schools, each with a token of their own, who still have consents to give."""

    tokens: TokenFactory
    waiting: list[Command] = field(default_factory=list)

    def take(self, count: int) -> list[Command]:
        """So many fresh commands, of different people side by side."""
        while len(self.waiting) < count:
            self._invite((count - len(self.waiting)) // len(PURPOSES) + 1)
        taken, self.waiting = self.waiting[:count], self.waiting[count:]
        return taken

    def _invite(self, people: int) -> None:
        exp = int(datetime.now(UTC).timestamp()) + HOURS
        crowd = []
        for number in range(people):
            person, school = uuid4(), SCHOOLS[number % len(SCHOOLS)]
            crowd.append((person, school, self.tokens.headers(person, f"/schools/{school}/teacher", exp=exp)))
        self.waiting += [
            Command(school, person, purpose.value, request("PUT", door_of(school, purpose.value), headers=headers))
            for purpose in PURPOSES
            for person, school, headers in crowd
        ]


def door_of(school: str, purpose: str) -> str:
    """The path of the command."""
    return f"/v1/schools/{school}/my/consents/{purpose}"


def events(count: int) -> Sequence[ConsentGiven]:
    """Facts as documents announces them, of as many people."""
    now = datetime.now(UTC)
    return [
        ConsentGiven(
            school_id=SCHOOLS[number % len(SCHOOLS)],
            person_id=uuid4(),
            purpose=PURPOSES[number % len(PURPOSES)],
            occurred_at=now,
        )
        for number in range(count)
    ]
