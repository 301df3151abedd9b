"""Comments: what a person says of the own profile, for that person's eyes alone."""

from dataclasses import asdict

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Tx
from services.diagnostics.store.owner import Owner, OwnKey
from services.diagnostics.store.tables_of_appeals import comments

MOST_CODES = 200

_new = insert(comments)
_SAVE = _new.on_conflict_do_update(
    index_elements=[comments.c.cycle_id, comments.c.person_id, comments.c.competency],
    set_={"text": _new.excluded.text},
)
_REMOVE = delete(comments).where(
    *(comments.c[name] == bindparam(f"this_{name}") for name in ("school_id", "cycle_id", "person_id", "competency"))
)
_OF_PERSON = (
    select(comments.c.competency, comments.c.text)
    .where(
        comments.c.school_id == bindparam("school"),
        comments.c.cycle_id == bindparam("cycle"),
        comments.c.person_id == bindparam("person"),
    )
    .order_by(comments.c.competency)
    .limit(MOST_CODES)
)


async def save(tx: Tx, key: OwnKey, text: str) -> None:
    """Keep what the owner says of one competency, in place of what was said before."""
    await tx.run(_SAVE, {**asdict(key), "text": text})


async def remove(tx: Tx, key: OwnKey) -> None:
    """Delete what the owner said of one competency."""
    await tx.run(_REMOVE, {f"this_{name}": value for name, value in asdict(key).items()})


async def of_person(tx: Tx, owner: Owner) -> dict[str, str]:
    """What the owner says of the own profile in a cycle, by competency."""
    return {row["competency"]: row["text"] for row in await tx.rows(_OF_PERSON, owner.parameters)}
