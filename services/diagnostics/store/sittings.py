"""Tests that people sit: when they began, what they chose, how it ended."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Row, Tx
from services.diagnostics.domain import Answered, Choice, SittingState
from services.diagnostics.store.sheets import Part
from services.diagnostics.store.tables_of_instruments import test_answers, test_sittings

MOST_TESTS = 60
MOST_ANSWERS = 2000


@dataclass(frozen=True, slots=True)
class SittingKey:
    """Which person sits which test in which campaign."""

    campaign_id: UUID
    person_id: UUID
    competency: str


@dataclass(frozen=True, slots=True)
class Sitting:
    """A test that a person has begun: the form, what was chosen, and the end."""

    competency: str
    form: str
    begun_at: datetime
    finished_at: datetime | None
    choices: Mapping[str, Choice]

    @property
    def state(self) -> SittingState:
        """How far the person has come."""
        return SittingState.BEGUN if self.finished_at is None else SittingState.FINISHED

    @property
    def answered(self) -> Answered:
        """What was chosen, as the rules of a sitting read it."""
        return Answered(self.choices, is_final=self.finished_at is not None)


_BEGUN = (
    select(
        test_sittings.c.competency,
        test_sittings.c.form,
        test_sittings.c.begun_at,
        test_sittings.c.finished_at,
    )
    .where(test_sittings.c.campaign_id == bindparam("campaign"), test_sittings.c.person_id == bindparam("person"))
    .order_by(test_sittings.c.competency)
    .limit(MOST_TESTS)
)
_CHOSEN = (
    select(test_answers.c.competency, test_answers.c.item_id, test_answers.c.chosen)
    .where(test_answers.c.campaign_id == bindparam("campaign"), test_answers.c.person_id == bindparam("person"))
    .order_by(test_answers.c.competency, test_answers.c.item_id)
    .limit(MOST_ANSWERS)
)
_BEGIN = insert(test_sittings).on_conflict_do_nothing()
_new_answer = insert(test_answers)
_KEEP = _new_answer.on_conflict_do_update(
    index_elements=[test_answers.c[name] for name in ("campaign_id", "person_id", "competency", "item_id")],
    set_={name: _new_answer.excluded[name] for name in ("form", "chosen", "is_right", "answered_at")},
)
_FINISH = (
    update(test_sittings)
    .where(
        test_sittings.c.campaign_id == bindparam("campaign"),
        test_sittings.c.person_id == bindparam("person"),
        test_sittings.c.competency == bindparam("code"),
    )
    .values(finished_at=bindparam("now"), tasks=bindparam("all_tasks"), right_count=bindparam("all_right"))
)
_RESULTS = (
    select(test_sittings.c.competency, test_sittings.c.right_count, test_sittings.c.tasks)
    .where(
        test_sittings.c.campaign_id == bindparam("campaign"),
        test_sittings.c.person_id == bindparam("person"),
        test_sittings.c.finished_at.is_not(None),
    )
    .limit(MOST_TESTS)
)


def _sitting(row: Row, choices: Mapping[str, Choice]) -> Sitting:
    return Sitting(row["competency"], row["form"], row["begun_at"], row["finished_at"], choices)


async def of_person(tx: Tx, campaign_id: UUID, person_id: UUID) -> dict[str, Sitting]:
    """The tests that a person has begun in a campaign, by competency."""
    mine = {"campaign": campaign_id, "person": person_id}
    choices: dict[str, dict[str, Choice]] = {}
    for row in await tx.rows(_CHOSEN, mine):
        choices.setdefault(row["competency"], {})[row["item_id"]] = tuple(row["chosen"])
    return {row["competency"]: _sitting(row, choices.get(row["competency"], {})) for row in await tx.rows(_BEGUN, mine)}


async def begin(tx: Tx, part: Part, code: str, *, form: str) -> None:
    """Write down that a person sees the tasks of a test; a second beginning changes nothing."""
    key = {"school_id": part.school_id, **asdict(SittingKey(part.campaign_id, part.person_id, code))}
    await tx.run(_BEGIN, {**key, "form": form, "begun_at": tx.now})


async def keep(tx: Tx, part: Part, code: str, *, form: str, chosen: Mapping[str, tuple[Choice, bool]]) -> None:
    """Keep choices by item, each with whether it is right."""
    key = {"school_id": part.school_id, **asdict(SittingKey(part.campaign_id, part.person_id, code))}
    rows = [
        {
            **key,
            "item_id": item,
            "form": form,
            "chosen": list(choice),
            "is_right": is_right,
            "answered_at": tx.now,
        }
        for item, (choice, is_right) in chosen.items()
    ]
    await tx.run(_KEEP, rows)


async def finish(tx: Tx, part: Part, code: str, *, tasks: int, right: int) -> None:
    """End a sitting with its result."""
    result = {"now": tx.now, "all_tasks": tasks, "all_right": right}
    await tx.run(_FINISH, {"campaign": part.campaign_id, "person": part.person_id, "code": code, **result})


async def results_of(tx: Tx, part: Part) -> dict[str, tuple[int, int]]:
    """Right answers and tasks of the tests that a person has finished in a campaign, by competency."""
    rows = await tx.rows(_RESULTS, {"campaign": part.campaign_id, "person": part.person_id})
    return {row["competency"]: (row["right_count"], row["tasks"]) for row in rows}
