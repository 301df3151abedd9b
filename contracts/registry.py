"""Facts of the registry: places, people, memberships, cycles."""

from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from contracts.event import Event, PersonEvent, SchoolEvent


class PlaceKind(StrEnum):
    """A step of the place tree."""

    CITY = "city"
    DISTRICT = "district"
    SCHOOL = "school"


class CycleStage(StrEnum):
    """The states of a school's mentoring cycle."""

    DRAFT = "DRAFT"
    APPROVED = "APPROVED"
    DIAGNOSTICS_OPEN = "DIAGNOSTICS_OPEN"
    DIAGNOSTICS_CLOSED = "DIAGNOSTICS_CLOSED"
    MATCHING = "MATCHING"
    ORDERS = "ORDERS"
    ACTIVE = "ACTIVE"
    MID_REVIEW = "MID_REVIEW"
    POST_DIAGNOSTICS = "POST_DIAGNOSTICS"
    CLOSED = "CLOSED"
    REPORTED = "REPORTED"
    ARCHIVED = "ARCHIVED"


class PlaceChanged(Event):
    """A place joined the tree, or what it is from a day on changed: parent, kind, zone, name, dates, successors.

    It holds from `valid_from` on, up to and with `valid_to`; of several the highest revision counts. `succeeded_by`
    are the places that go on for it after a merge or a split.
    """

    subject: ClassVar[str] = "neo.registry.place.changed.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("place_id",)

    place_id: str
    parent: str | None
    kind: PlaceKind
    zone: str
    valid_from: date
    valid_to: date | None = None
    name: str | None = None
    succeeded_by: tuple[str, ...] = ()


class PersonJoined(SchoolEvent):
    """A person became known in a school."""

    subject: ClassVar[str] = "neo.registry.person.joined.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("school_id", "person_id")

    person_id: UUID


class PersonLeft(SchoolEvent):
    """A person left a school; what was recorded stays."""

    subject: ClassVar[str] = "neo.registry.person.left.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("school_id", "person_id")

    person_id: UUID
    left_on: date


class PersonErased(PersonEvent):
    """A person is to be forgotten; every listener deletes contacts, free texts and answers of that person.

    A higher revision says it again, for example after the accounts of the realm were restored.
    """

    subject: ClassVar[str] = "neo.registry.person.erased.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("person_id",)


class MembershipChanged(SchoolEvent):
    """What a person is in a school changed: roles, dates, subjects, line manager, absence, place in the head count.

    `counts_in_staff` follows form ОО-1: external part-timers and civil-law contracts are left out.
    """

    subject: ClassVar[str] = "neo.registry.membership.changed.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("school_id", "person_id")

    person_id: UUID
    roles: tuple[str, ...]
    role_profiles: tuple[str, ...]
    subjects: tuple[str, ...]
    counts_in_staff: bool
    joined_on: date
    left_on: date | None = None
    manager_id: UUID | None = None
    absent_from: date | None = None
    absent_to: date | None = None


class RoleProfileChanged(SchoolEvent):
    """A person's role profiles, which decide what the person is assessed on, were assigned anew."""

    subject: ClassVar[str] = "neo.registry.role_profile.changed.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("school_id", "person_id")

    person_id: UUID
    role_profiles: tuple[str, ...]


class AttestationRecorded(SchoolEvent):
    """A decision of an attestation commission was recorded, or a mistaken record of it was withdrawn.

    `kind` is SZD (fitness for the post), CAT1, CATH, METHODIST or MENTOR; without `valid_until` it has no term.
    """

    subject: ClassVar[str] = "neo.registry.attestation.recorded.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("school_id", "person_id", "kind")

    person_id: UUID
    kind: str
    decided_on: date
    valid_until: date | None = None
    record_id: UUID | None = None
    is_withdrawn: bool = False


class CycleOpened(SchoolEvent):
    """The head approved a school's mentoring cycle."""

    subject: ClassVar[str] = "neo.registry.cycle.opened.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("cycle_id",)

    cycle_id: UUID
    starts_on: date
    ends_on: date


class CycleStageChanged(SchoolEvent):
    """A cycle moved to another stage, by a fact or by a person.

    `reason` is set when it ended otherwise than by the usual facts: NO_PAIRS, NO_SECOND_MEASUREMENT, CALLED_OFF,
    SCHOOL_CLOSED.
    """

    subject: ClassVar[str] = "neo.registry.cycle.stage_changed.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("cycle_id",)

    cycle_id: UUID
    stage: CycleStage
    previous: CycleStage
    reason: str | None = None


class StaffImported(SchoolEvent):
    """A staff file was applied, all of it."""

    subject: ClassVar[str] = "neo.registry.staff.imported.v1"
    aggregate: ClassVar[tuple[str, ...]] = ("import_id",)

    import_id: UUID
    joined: int = Field(ge=0)
    changed: int = Field(ge=0)
    left: int = Field(ge=0)
    unchanged: int = Field(ge=0)
