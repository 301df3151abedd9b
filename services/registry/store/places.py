"""The place tree and its history."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Date, DateTime, Text, bindparam, insert, select, text

from chassis.database import Row, Tx
from services.registry.domain.places import Place
from services.registry.store.tables import place_versions as versions

# A place is spoken of a few times in its life.
MOST_SAID = 500

_SAVE = insert(versions)
_LAST = select(versions).where(versions.c.place_id == bindparam("place")).order_by(versions.c.revision.desc()).limit(1)
_SAID = (
    select(versions)
    .where(versions.c.place_id == bindparam("place"))
    .order_by(versions.c.revision)
    .limit(bindparam("limit"))
)
# The last word that was said of each place and that holds from the wanted day or earlier, up to the next one.
_AS_OF = text("""
    select place_id, kind, parent, name, zone, valid_from, least(valid_to, next_from - 1) as valid_to from (
        select distinct on (said.place_id) said.place_id, said.kind, said.parent, said.name, said.zone,
               said.valid_from, said.valid_to,
               (select min(later.valid_from) from place_versions as later
                where later.place_id = said.place_id and later.revision > said.revision
                  and later.valid_from > :as_of) as next_from
        from place_versions as said where said.valid_from <= :as_of and said.place_id > :after
        order by said.place_id, said.revision desc
    ) as stood
    where (valid_to is null or valid_to >= :as_of) and (cast(:kind as text) is null or kind = :kind)
      and (cast(:parent as text) is null or parent = :parent)
    order by place_id limit :limit
""").bindparams(
    bindparam("as_of", type_=Date),
    bindparam("kind", type_=Text),
    bindparam("parent", type_=Text),
    bindparam("after", type_=Text),
)
_SCHOOLS = (
    select(versions.c.place_id)
    .distinct()
    .where(versions.c.kind == "school", versions.c.place_id > bindparam("after"))
    .order_by(versions.c.place_id)
    .limit(bindparam("limit"))
)
_CLOSED_SCHOOLS = text("""
    select place_id from (
        select distinct on (place_id) place_id, valid_to from place_versions
        where kind = 'school' and place_id > :after order by place_id, revision desc
    ) as last where valid_to < :before order by place_id limit :limit
""").bindparams(bindparam("before", type_=Date), bindparam("after", type_=Text))
_SUCCESSORS = text("""
    select successor_id as place_id, from_day, closes, carried_at from place_successions
    where place_id = :place order by from_day, successor_id limit 200
""")
_PREDECESSORS = text("""
    select place_id, from_day, closes, carried_at from place_successions
    where successor_id = :place order by from_day, place_id limit 200
""")
_SAVE_SUCCESSOR = text("""
    insert into place_successions (place_id, successor_id, from_day, closes, recorded_at)
    values (:place, :successor, :from_day, :closes, :now)
    on conflict (place_id, successor_id) do update set from_day = excluded.from_day, closes = excluded.closes
""").bindparams(bindparam("from_day", type_=Date), bindparam("now", type_=DateTime(timezone=True)))
_FORGET_SUCCESSOR = text("delete from place_successions where place_id = :place and successor_id = :successor")
_CARRIED = text("""
    update place_successions set carried_at = :now where place_id = :place and successor_id = :successor
""").bindparams(bindparam("now", type_=DateTime(timezone=True)))


async def place(tx: Tx, place_id: str) -> tuple[Place, int] | None:
    """A place as it was described last, and the revision of that; none when nobody knows it."""
    row = await tx.row(_LAST, {"place": place_id})
    return (place_of(row), int(row["revision"])) if row else None


async def said_of(tx: Tx, place_id: str) -> list[Place]:
    """All that was ever said of a place, in the order in which it was said."""
    return [place_of(row) for row in await tx.rows(_SAID, {"place": place_id, "limit": MOST_SAID})]


async def save_place(tx: Tx, place: Place, *, revision: int) -> None:
    """Add what is said of a place now; what was said before stays."""
    row = {
        "place_id": place.place_id,
        "revision": revision,
        "kind": place.kind,
        "parent": place.parent,
        "name": place.name,
        "zone": place.zone,
        "valid_from": place.valid_from,
        "valid_to": place.valid_to,
        "recorded_at": tx.now,
    }
    await tx.run(_SAVE, row)


async def places_after(
    tx: Tx, after: str, limit: int, *, as_of: date, kind: str | None = None, parent: str | None = None
) -> Sequence[Row]:
    """The places that stood on a day, a page and one more; `valid_to` is the last day on which this held."""
    wanted = {"as_of": as_of, "after": after, "kind": kind, "parent": parent, "limit": limit + 1}
    return await tx.rows(_AS_OF, wanted)


async def schools_after(tx: Tx, after: str, limit: int) -> list[str]:
    """The ids of all schools that ever were, in pages."""
    return [row["place_id"] for row in await tx.rows(_SCHOOLS, {"after": after, "limit": limit})]


async def closed_schools_after(tx: Tx, after: str, limit: int, *, before: date) -> list[str]:
    """The ids of the schools whose last day was before a day, in pages."""
    wanted = {"after": after, "limit": limit, "before": before}
    return [row["place_id"] for row in await tx.rows(_CLOSED_SCHOOLS, wanted)]


async def successors_of(tx: Tx, place_id: str) -> Sequence[Row]:
    """Who goes on for a place: `place_id, from_day, closes, carried_at`."""
    return await tx.rows(_SUCCESSORS, {"place": place_id})


async def predecessors_of(tx: Tx, place_id: str) -> Sequence[Row]:
    """For whom a place goes on: `place_id, from_day, closes, carried_at`."""
    return await tx.rows(_PREDECESSORS, {"place": place_id})


async def save_successor(tx: Tx, place_id: str, successor_id: str, *, from_day: date, closes: bool) -> None:
    """Name who goes on for a place, or from which other day."""
    row = {"place": place_id, "successor": successor_id, "from_day": from_day, "closes": closes, "now": tx.now}
    await tx.run(_SAVE_SUCCESSOR, row)


async def forget_successor(tx: Tx, place_id: str, successor_id: str) -> None:
    """It was only planned and will not be."""
    await tx.run(_FORGET_SUCCESSOR, {"place": place_id, "successor": successor_id})


async def mark_carried(tx: Tx, place_id: str, successor_id: str) -> None:
    """The people of a closed place have their memberships at the successor."""
    await tx.run(_CARRIED, {"place": place_id, "successor": successor_id, "now": tx.now})


def place_of(row: Row) -> Place:
    """The place that a row describes."""
    return Place(
        place_id=row["place_id"],
        kind=row["kind"],
        parent=row["parent"],
        name=row["name"],
        zone=row["zone"],
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
    )
