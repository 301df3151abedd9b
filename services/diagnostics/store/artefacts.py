"""Artefacts that people hand in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Row, Tx
from services.diagnostics.domain import Artefact
from services.diagnostics.store.sheets import Part
from services.diagnostics.store.tables_of_instruments import artefact_ratings, artefacts

MOST_ARTEFACTS = 500


@dataclass(frozen=True, slots=True)
class ArtefactOwner:
    """Who hands in something, in which campaign of which school."""

    school_id: str
    campaign_id: UUID
    person_id: UUID


_is_rated = exists().where(artefact_ratings.c.artefact_id == artefacts.c.artefact_id).label("is_rated")
_COLUMNS = (
    artefacts.c.artefact_id,
    artefacts.c.campaign_id,
    artefacts.c.person_id,
    artefacts.c.title,
    artefacts.c.link,
    artefacts.c.codes,
    _is_rated,
)
_ONE = select(*_COLUMNS).where(artefacts.c.artefact_id == bindparam("artefact"))
_OF_PEOPLE = (
    select(*_COLUMNS)
    .where(
        artefacts.c.campaign_id == bindparam("campaign"),
        artefacts.c.person_id == any_(bindparam("people", type_=ARRAY(Uuid))),
    )
    .order_by(artefacts.c.person_id, artefacts.c.artefact_id)
    .limit(MOST_ARTEFACTS)
)
_ADD = insert(artefacts).on_conflict_do_nothing()
_CHANGE = (
    update(artefacts)
    .where(
        artefacts.c.artefact_id == bindparam("artefact"),
        artefacts.c.campaign_id == bindparam("campaign"),
        artefacts.c.person_id == bindparam("person"),
    )
    .values(
        title=bindparam("new_title"),
        link=bindparam("new_link"),
        codes=bindparam("new_codes", type_=ARRAY(Text)),
    )
)
_REMOVE = delete(artefacts).where(artefacts.c.artefact_id == bindparam("artefact"))
_SILENCE = update(artefacts).where(artefacts.c.artefact_id == bindparam("artefact")).values(title="", link=None)


def artefact_of(row: Row) -> Artefact:
    """A row as the rules read it."""
    return Artefact(row["artefact_id"], row["title"], row["link"], tuple(row["codes"]))


async def one(tx: Tx, artefact_id: UUID) -> Row | None:
    """An artefact with its owner, its campaign, and whether it was rated."""
    return await tx.row(_ONE, {"artefact": artefact_id})


async def of_people(tx: Tx, campaign_id: UUID, people: Iterable[UUID]) -> Sequence[Row]:
    """What people handed in in a campaign."""
    return await tx.rows(_OF_PEOPLE, {"campaign": campaign_id, "people": list(people)})


async def keep(tx: Tx, part: Part, artefact: Artefact) -> bool:
    """Keep an artefact of a person; false when the id belongs to another's."""
    key = {"school_id": part.school_id, "campaign_id": part.campaign_id, "person_id": part.person_id}
    words = {"artefact_id": artefact.artefact_id, "title": artefact.title, "link": artefact.link}
    if await tx.run(_ADD, {**key, **words, "codes": list(artefact.codes), "handed_in_at": tx.now}) == 1:
        return True
    mine = {"artefact": artefact.artefact_id, "campaign": part.campaign_id, "person": part.person_id}
    changed = {"new_title": artefact.title, "new_link": artefact.link, "new_codes": list(artefact.codes)}
    return await tx.run(_CHANGE, {**mine, **changed}) == 1


async def remove(tx: Tx, artefact_id: UUID) -> None:
    """Delete an artefact that nobody has rated."""
    await tx.run(_REMOVE, {"artefact": artefact_id})


async def silence(tx: Tx, artefact_id: UUID) -> None:
    """Delete the owner's words; what was said of the artefact stays."""
    await tx.run(_SILENCE, {"artefact": artefact_id})
