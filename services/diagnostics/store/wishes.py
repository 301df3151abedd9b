"""Needs and offers."""

from dataclasses import asdict, dataclass

from sqlalchemy import bindparam, literal, select, union_all
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Tx
from services.diagnostics.domain import wish_of
from services.diagnostics.scoring import Wish
from services.diagnostics.store.owner import Owner, OwnKey
from services.diagnostics.store.tables import needs, offers

MOST_WISHES = 400


@dataclass(frozen=True, slots=True)
class Need:
    """What a person wants to strengthen: how strongly, 1 to 3, and how urgent that makes it."""

    wish: int
    priority1000: int


@dataclass(frozen=True, slots=True)
class Offer:
    """What a person can share: in which formats, in how many minutes, outside the school too?"""

    formats: tuple[str, ...]
    minutes: int
    outside_school: bool


_KEY = ("cycle_id", "person_id", "competency")


_NEED = select(needs).where(
    needs.c.school_id == bindparam("school_id"), *(needs.c[name] == bindparam(name) for name in _KEY)
)
_OFFER = select(offers).where(
    offers.c.school_id == bindparam("school_id"), *(offers.c[name] == bindparam(name) for name in _KEY)
)
_new_need = insert(needs)
_SAVE_NEED = _new_need.on_conflict_do_update(
    index_elements=[needs.c[name] for name in _KEY],
    set_={name: _new_need.excluded[name] for name in ("is_declared", "wish", "priority1000", "revision")},
)
_new_offer = insert(offers)
_SAVE_OFFER = _new_offer.on_conflict_do_update(
    index_elements=[offers.c[name] for name in _KEY],
    set_={
        name: _new_offer.excluded[name] for name in ("is_declared", "formats", "minutes", "outside_school", "revision")
    },
)
_DECLARED = union_all(
    *(
        select(table.c.competency, literal(kind).label("kind")).where(
            table.c.school_id == bindparam("school"),
            table.c.cycle_id == bindparam("cycle"),
            table.c.person_id == bindparam("person"),
            table.c.is_declared,
        )
        for table, kind in ((needs, "need"), (offers, "offer"))
    )
).limit(MOST_WISHES)


_OWN_NEEDS, _OWN_OFFERS = (
    select(table)
    .where(
        table.c.school_id == bindparam("school"),
        table.c.cycle_id == bindparam("cycle"),
        table.c.person_id == bindparam("person"),
        table.c.is_declared,
    )
    .order_by(table.c.competency)
    .limit(MOST_WISHES)
    for table in (needs, offers)
)


async def need(tx: Tx, key: OwnKey) -> tuple[Need | None, int]:
    """A need as it was declared last, none when it was taken back or never declared, and its revision."""
    row = await tx.row(_NEED, asdict(key))
    if row is None:
        return None, 0
    return (Need(row["wish"], row["priority1000"]) if row["is_declared"] else None), row["revision"]


async def offer(tx: Tx, key: OwnKey) -> tuple[Offer | None, int]:
    """An offer as it was declared last, none when it was taken back or never declared, and its revision."""
    row = await tx.row(_OFFER, asdict(key))
    if row is None:
        return None, 0
    content = Offer(tuple(row["formats"]), row["minutes"], row["outside_school"])
    return (content if row["is_declared"] else None), row["revision"]


async def declared(tx: Tx, owner: Owner) -> tuple[dict[str, Need], dict[str, Offer]]:
    """What a person needs and offers in a cycle now, by competency."""
    needed, offered = await tx.rows(_OWN_NEEDS, owner.parameters), await tx.rows(_OWN_OFFERS, owner.parameters)
    return (
        {row["competency"]: Need(row["wish"], row["priority1000"]) for row in needed},
        {row["competency"]: Offer(tuple(row["formats"]), row["minutes"], row["outside_school"]) for row in offered},
    )


async def save_need(tx: Tx, key: OwnKey, content: Need, *, is_declared: bool, revision: int) -> None:
    """Keep a need, declared or taken back."""
    row = {**asdict(key), **asdict(content), "is_declared": is_declared, "revision": revision}
    await tx.run(_SAVE_NEED, row)


async def save_offer(tx: Tx, key: OwnKey, content: Offer, *, is_declared: bool, revision: int) -> None:
    """Keep an offer, declared or taken back."""
    row = {**asdict(key), **asdict(content), "formats": list(content.formats)}
    await tx.run(_SAVE_OFFER, {**row, "is_declared": is_declared, "revision": revision})


async def wishes_of(tx: Tx, owner: Owner) -> dict[str, Wish]:
    """What a person asked for in a cycle, by competency, as the scoring hears it."""
    kinds: dict[str, set[str]] = {}
    for row in await tx.rows(_DECLARED, owner.parameters):
        kinds.setdefault(row["competency"], set()).add(row["kind"])
    wishes = {code: wish_of(has_need="need" in found, has_offer="offer" in found) for code, found in kinds.items()}
    return {code: wish for code, wish in wishes.items() if wish is not None}
