"""The place tree and its history."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Date, Text, bindparam, insert, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from chassis.database import Row, Tx
from services.registry.domain.places import Place
from services.registry.store.tables import place_versions as versions

_SAVE = insert(versions)
_LAST = select(versions).where(versions.c.place_id == bindparam("place")).order_by(versions.c.revision.desc()).limit(1)
# The last word that was said of each place and that holds from the wanted day or earlier.
_said = (
    select(versions)
    .ext(distinct_on(versions.c.place_id))
    .where(versions.c.valid_from <= bindparam("as_of", type_=Date), versions.c.place_id > bindparam("after"))
    .order_by(versions.c.place_id, versions.c.revision.desc())
    .subquery()
)
_kind, _parent = bindparam("kind", type_=Text), bindparam("parent", type_=Text)
_AS_OF = (
    select(_said)
    .where(
        or_(_said.c.valid_to.is_(None), _said.c.valid_to >= bindparam("as_of", type_=Date)),
        or_(_kind.is_(None), _said.c.kind == _kind),
        or_(_parent.is_(None), _said.c.parent == _parent),
    )
    .order_by(_said.c.place_id)
    .limit(bindparam("limit"))
)
_SCHOOLS = (
    select(versions.c.place_id)
    .distinct()
    .where(versions.c.kind == "school", versions.c.place_id > bindparam("after"))
    .order_by(versions.c.place_id)
    .limit(bindparam("limit"))
)


async def place(tx: Tx, place_id: str) -> tuple[Place, int] | None:
    """A place as it was described last, and the revision of that; none when nobody knows it."""
    row = await tx.row(_LAST, {"place": place_id})
    return (place_of(row), int(row["revision"])) if row else None


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
    tx: Tx, after: str, limit: int, *, as_of: date, kind: str | None, parent: str | None
) -> Sequence[Row]:
    """The places that stood on a day, a page and one more."""
    wanted = {"as_of": as_of, "after": after, "kind": kind, "parent": parent, "limit": limit + 1}
    return await tx.rows(_AS_OF, wanted)


async def schools_after(tx: Tx, after: str, limit: int) -> list[str]:
    """The ids of all schools that ever were, in pages."""
    return [row["place_id"] for row in await tx.rows(_SCHOOLS, {"after": after, "limit": limit})]


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
