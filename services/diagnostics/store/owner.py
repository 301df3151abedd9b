"""Whose profile, needs and offers: a person in a cycle of a school."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Owner:
    """A person in one cycle of a school, who alone decides what others know."""

    school_id: str
    cycle_id: UUID
    person_id: UUID

    @property
    def parameters(self) -> dict[str, str | UUID]:
        """What a query about this person in this cycle is told."""
        return {"school": self.school_id, "cycle": self.cycle_id, "person": self.person_id}

    def about(self, competency: str) -> "OwnKey":
        """One competency of this person."""
        return OwnKey(self.school_id, self.cycle_id, self.person_id, competency)


@dataclass(frozen=True, slots=True)
class OwnKey:
    """One competency of one person in one cycle: what the person alone decides about."""

    school_id: str
    cycle_id: UUID
    person_id: UUID
    competency: str

    @property
    def owner(self) -> Owner:
        """The person whose competency it is."""
        return Owner(self.school_id, self.cycle_id, self.person_id)
