"""Facts of matching: runs, proposals and their answers, pairings."""

from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from contracts.event import Event, PersonEvent, SchoolEvent


class MentoringKind(StrEnum):
    """How a pair works (letter АЗ-1128/08 of 21.12.2021, виды наставничества)."""

    REVERSE = "REVERSE"
    GROUP = "GROUP"
    PEER = "PEER"
    SITUATIONAL = "SITUATIONAL"


class RunFinished(SchoolEvent):
    """A matching run was solved and waits for the curator's review."""

    subject: ClassVar[str] = "neo.matching.run.finished.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("run_id",)

    run_id: UUID
    cycle_id: UUID
    dual: int = Field(ge=0)
    covered: int = Field(ge=0)
    score: int = Field(ge=0)
    people: int = Field(ge=0)


class _PairEvent(Event):
    """A fact about a pair; it may join two schools, and each of them sees it."""

    pairing_id: UUID
    cycle_id: UUID
    giver_school: str
    taker_school: str

    @property
    def schools(self) -> tuple[str, ...]:
        return tuple(sorted({self.giver_school, self.taker_school}))


class PairingProposed(_PairEvent):
    """A pair was proposed; for now only the taker is to know."""

    subject: ClassVar[str] = "neo.matching.pairing.proposed.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("pairing_id",)

    taker_id: UUID
    competency: str


class PairingAccepted(_PairEvent):
    """Both the taker and then the giver agreed; the curator may confirm."""

    subject: ClassVar[str] = "neo.matching.pairing.accepted.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("pairing_id",)


class PairingDeclined(_PairEvent):
    """A proposal was declined; it does not say by whom."""

    subject: ClassVar[str] = "neo.matching.pairing.declined.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("pairing_id",)


class PairingExpired(_PairEvent):
    """A proposal was not answered in time."""

    subject: ClassVar[str] = "neo.matching.pairing.expired.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("pairing_id",)


class PairingFormed(_PairEvent):
    """The curator confirmed a pair that both had agreed to."""

    subject: ClassVar[str] = "neo.matching.pairing.formed.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("pairing_id",)

    giver_id: UUID
    taker_id: UUID
    competency: str
    kind: MentoringKind
    term_from: date
    term_to: date


class PairingDissolved(_PairEvent):
    """A formed pair ended as a pair, for example because the work was terminated."""

    subject: ClassVar[str] = "neo.matching.pairing.dissolved.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("pairing_id",)


class AvailabilityErased(PersonEvent):
    """Free times, capacity, wishes and bans of an erased person were deleted; runs and pairings keep the bare id."""

    subject: ClassVar[str] = "neo.matching.availability.erased.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("person_id",)
