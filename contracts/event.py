"""What every event is, and the rule of its names.

`neo.<owner>.<noun>.<past verb>.v<major>` is the subject, `PairingFormed` the class, `<service>-<noun>-<verb>`
the durable consumer, `on_pairing_formed` the handler: four names, one rule.
"""

from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID, uuid5

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

NAMESPACE = UUID("6f5ca5a8-6f5b-5a52-8f0d-2f2d6e656f00")
UNSET = UUID(int=0)


def real_now() -> datetime:
    """The real time, UTC; the business time of an event is given by its owner."""
    return datetime.now(UTC)


def event_id_of(subject: str, aggregate_id: str, revision: int) -> UUID:
    """The id of a fact: the same fact has the same id whenever and however often it is sent."""
    return uuid5(NAMESPACE, f"{subject}|{aggregate_id}|{revision}")


class Event(BaseModel):
    """A fact that an owner announces, self-contained and without personal data.

    `occurred_at` is business time, `recorded_at` real time, both UTC. `revision` rises with each fact about the
    same aggregate, so that a listener may ignore what is older than what it knows.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    subject: ClassVar[str] = ""
    aggregate: ClassVar[tuple[str, ...]] = ()

    event_id: UUID = UNSET
    occurred_at: AwareDatetime
    recorded_at: AwareDatetime = Field(default_factory=real_now)
    revision: int = Field(default=1, ge=1)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if cls.subject and not cls.aggregate:
            raise TypeError(f"{cls.__name__} does not name its aggregate")

    @model_validator(mode="after")
    def _derive_id(self) -> "Event":
        if self.event_id == UNSET:
            object.__setattr__(self, "event_id", event_id_of(self.subject, self.aggregate_id, self.revision))
        return self

    @property
    def aggregate_id(self) -> str:
        """The id of the thing that the fact is about."""
        return "/".join(str(getattr(self, field)) for field in self.aggregate)

    @property
    def schools(self) -> tuple[str, ...]:
        """The schools whose rows a listener may have to touch, sorted; empty for a fact about the city."""
        return ()


class SchoolEvent(Event):
    """A fact inside one school."""

    school_id: str = Field(min_length=1, max_length=64)

    @property
    def schools(self) -> tuple[str, ...]:
        return (self.school_id,)


class PersonEvent(Event):
    """A fact about a person at several places; `school_ids` are the ids of all of them, schools or not."""

    person_id: UUID
    school_ids: tuple[str, ...]

    @property
    def schools(self) -> tuple[str, ...]:
        return tuple(sorted(self.school_ids))
