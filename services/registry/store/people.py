"""People and what they are at places; a transaction sees those of its places only."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Boolean, Date, String, any_, bindparam, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Row, Tx
from services.registry.domain.people import Membership, Names
from services.registry.store.batches import batch
from services.registry.store.tables import memberships, people

NOBODY = UUID(int=0)
# The largest schools have a few hundred people; the leavers of past years come on top.
MOST_MEMBERS = 50_000
AT_ONCE = 1000
_COLUMNS = (
    memberships,
    people.c.family_name,
    people.c.given_name,
    people.c.patronymic,
)
_joined = select(*_COLUMNS).join(people, people.c.person_id == memberships.c.person_id)

_SAVE_MEMBERSHIPS = batch(
    memberships,
    [column.name for column in memberships.c],
    "on conflict (school_id, person_id) do update set "
    + ", ".join(f"{column.name} = excluded.{column.name}" for column in memberships.c if not column.primary_key),
)
_SAVE_NAMES = batch(
    people,
    ["person_id", "family_name", "given_name", "patronymic"],
    "on conflict (person_id) do update set family_name = excluded.family_name, given_name = excluded.given_name, "
    "patronymic = excluded.patronymic",
)
_ADD_NAMES = insert(people).on_conflict_do_nothing()
_NAMES = select(people).where(people.c.person_id == bindparam("person"))
_MEMBERSHIP = select(memberships).where(
    memberships.c.school_id == bindparam("place"), memberships.c.person_id == bindparam("person")
)
_MEMBER = _joined.where(memberships.c.school_id == bindparam("place"), memberships.c.person_id == bindparam("person"))
_MEMBERS = (
    _joined.where(memberships.c.school_id == bindparam("place"), memberships.c.person_id > bindparam("after"))
    .order_by(memberships.c.person_id)
    .limit(bindparam("limit"))
)
# Io and ie: names are written with either, and who looks for one means both.
_ONE_LETTER = (chr(0x451), chr(0x435))
_name = func.replace(
    func.lower(func.concat_ws(" ", people.c.family_name, people.c.given_name, people.c.patronymic)), *_ONE_LETTER
)
_place_in_order = tuple_(
    people.c.family_name, people.c.given_name, func.coalesce(people.c.patronymic, ""), people.c.person_id
)
# A list by name goes on behind the person with whom the last page ended.
_place_of_last = (
    select(people.c.family_name, people.c.given_name, func.coalesce(people.c.patronymic, ""), people.c.person_id)
    .where(people.c.person_id == bindparam("after"))
    .scalar_subquery()
)
_BY_NAME = (
    _joined.where(
        memberships.c.school_id == bindparam("place"),
        func.strpos(_name, bindparam("name", type_=String)) > 0,
        or_(
            bindparam("has_left", type_=Boolean).is_(None),
            memberships.c.left_on.is_not(None) == bindparam("has_left", type_=Boolean),
        ),
        or_(
            bindparam("role", type_=String).is_(None),
            bindparam("role", type_=String) == any_(memberships.c.roles),
        ),
        or_(
            bindparam("absent_on", type_=Date).is_(None),
            bindparam("absent_on", type_=Date).between(
                memberships.c.absent_from, func.coalesce(memberships.c.absent_to, date.max)
            ),
        ),
        or_(bindparam("after") == NOBODY, _place_in_order > _place_of_last),
    )
    .order_by(_place_in_order)
    .limit(bindparam("limit"))
)
_IN_FORCE = (
    select(memberships)
    .where(memberships.c.school_id == bindparam("place"), memberships.c.left_on.is_(None))
    .order_by(memberships.c.person_id)
    .limit(bindparam("limit"))
)
_OF_PEOPLE = (
    select(memberships)
    .where(memberships.c.school_id == bindparam("place"), memberships.c.person_id.in_(bindparam("ids", expanding=True)))
    .order_by(memberships.c.person_id)
    .limit(bindparam("limit"))
)
_MINE = _joined.where(memberships.c.person_id == bindparam("person")).order_by(memberships.c.school_id).limit(500)
_RESOLVE = (
    select(people)
    .where(people.c.person_id.in_(bindparam("ids", expanding=True)))
    .order_by(people.c.person_id)
    .limit(500)
)


async def membership(tx: Tx, place_id: str, person_id: UUID) -> Membership | None:
    """What a person is at a place."""
    row = await tx.row(_MEMBERSHIP, {"place": place_id, "person": person_id})
    return membership_of(row) if row else None


async def member(tx: Tx, place_id: str, person_id: UUID) -> Row | None:
    """A person's names and what the person is at a place."""
    return await tx.row(_MEMBER, {"place": place_id, "person": person_id})


async def members_after(tx: Tx, place_id: str, after: UUID, limit: int) -> Sequence[Row]:
    """The people of a place with their names, a page and one more; leavers too."""
    return await tx.rows(_MEMBERS, {"place": place_id, "after": after, "limit": limit + 1})


@dataclass(frozen=True, slots=True)
class Sought:
    """Whom of a place is asked for: by a piece of the name, whether they have left, by a role, absent on a day.

    All may be left open.
    """

    place: str
    name: str = ""
    has_left: bool | None = None
    role: str | None = None
    absent_on: date | None = None


async def members_by_name(tx: Tx, sought: Sought, after: UUID, limit: int) -> Sequence[Row]:
    """The people of a place in the order of their names, a page and one more; `ё` and `е` are one letter."""
    name = sought.name.strip().lower().replace(*_ONE_LETTER)
    return await tx.rows(_BY_NAME, {**asdict(sought), "name": name, "after": after, "limit": limit + 1})


async def each_member(tx: Tx, place_id: str) -> AsyncIterator[tuple[Names, Membership]]:
    """Everybody whom a place ever knew, for the comparison with a staff file; read page by page."""
    after = NOBODY
    while True:
        rows = await tx.rows(_MEMBERS, {"place": place_id, "after": after, "limit": AT_ONCE})
        for row in rows:
            yield names_in(row), membership_of(row)
        if len(rows) < AT_ONCE:
            return
        after = rows[-1]["person_id"]


async def in_force(tx: Tx, place_id: str) -> list[Membership]:
    """The memberships of a place that nobody has ended."""
    return [membership_of(row) for row in await tx.rows(_IN_FORCE, {"place": place_id, "limit": MOST_MEMBERS})]


async def memberships_at(tx: Tx, place_id: str, person_ids: Sequence[UUID]) -> dict[UUID, Membership]:
    """What some people are at a place, or were."""
    wanted = {"place": place_id, "ids": list(person_ids), "limit": MOST_MEMBERS}
    rows = await tx.rows(_OF_PEOPLE, wanted) if person_ids else []
    return {row["person_id"]: membership_of(row) for row in rows}


async def memberships_of(tx: Tx, person_id: UUID) -> Sequence[Row]:
    """A person's names and memberships at the places of this transaction."""
    return await tx.rows(_MINE, {"person": person_id})


async def names_of(tx: Tx, person_id: UUID) -> Names | None:
    """How a person is called, if the person is known at a place of this transaction."""
    row = await tx.row(_NAMES, {"person": person_id})
    return names_in(row) if row else None


async def resolve(tx: Tx, person_ids: Sequence[UUID]) -> Sequence[Row]:
    """The names of those people who are known at the places of this transaction."""
    return await tx.rows(_RESOLVE, {"ids": list(person_ids)})


async def save_memberships(tx: Tx, changed: Sequence[Membership]) -> None:
    """Write memberships down, new or changed."""
    await _SAVE_MEMBERSHIPS.write(tx, [_row(one) for one in changed])


async def add_names(tx: Tx, person_id: UUID, names: Names) -> None:
    """Name a person unless the person has names; the membership must stand already, it makes the person visible."""
    await tx.run(_ADD_NAMES, _named_row(person_id, names))


async def save_names(tx: Tx, names: Mapping[UUID, Names]) -> None:
    """Name people, or name them anew; their memberships must stand already, they make them visible."""
    ordered = sorted(names.items(), key=lambda named: named[0].int)
    await _SAVE_NAMES.write(tx, [_named_row(person_id, one) for person_id, one in ordered])


def names_in(row: Row) -> Names:
    """The names in a row."""
    return Names(row["family_name"], row["given_name"], row["patronymic"])


def membership_of(row: Row) -> Membership:
    """The membership that a row describes."""
    return Membership(
        place_id=row["school_id"],
        person_id=row["person_id"],
        roles=tuple(row["roles"]),
        joined_on=row["joined_on"],
        left_on=row["left_on"],
        role_profiles=tuple(row["role_profiles"]),
        subjects=tuple(row["subjects"]),
        counts_in_staff=row["counts_in_staff"],
        counted_to=row["counted_to"],
        for_cycle_only=row["for_cycle_only"],
        manager_id=row["manager_id"],
        absent_from=row["absent_from"],
        absent_to=row["absent_to"],
        staff=row["staff"],
        revision=row["revision"],
    )


def _row(one: Membership) -> dict[str, object]:
    return {
        "school_id": one.place_id,
        "person_id": one.person_id,
        "roles": list(one.roles),
        "joined_on": one.joined_on,
        "left_on": one.left_on,
        "role_profiles": list(one.role_profiles),
        "subjects": list(one.subjects),
        "counts_in_staff": one.counts_in_staff,
        "counted_to": one.counted_to,
        "for_cycle_only": one.for_cycle_only,
        "manager_id": one.manager_id,
        "absent_from": one.absent_from,
        "absent_to": one.absent_to,
        "staff": dict(one.staff),
        "revision": one.revision,
    }


def _named_row(person_id: UUID, names: Names) -> dict[str, object]:
    return {
        "person_id": person_id,
        "family_name": names.family_name,
        "given_name": names.given_name,
        "patronymic": names.patronymic,
    }
