"""Erasure: the ledger of the forgotten (bare ids, no names), who has confirmed, and what is deleted here.

The ledger stands outside row security: a person belonged to several schools, and a restore must find all of them.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    String,
    Table,
    Text,
    Uuid,
    any_,
    bindparam,
    delete,
    func,
    null,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from chassis.database import Row, Tx
from services.registry.domain.erasure import Basis, Order
from services.registry.domain.people import Names
from services.registry.store import imports
from services.registry.store.accounts import Work
from services.registry.store.slips import slips
from services.registry.store.tables import (
    account_work,
    accounts,
    attestation_records,
    memberships,
    metadata,
    people,
    place_versions,
    role_profile_versions,
)

MOST_PLACES = 5000

erasures = Table(
    "erasures",
    metadata,
    Column("erasure_id", Uuid, primary_key=True),
    Column("person_id", Uuid, nullable=False),
    Column("place_ids", ARRAY(Text), nullable=False),
    Column("basis", String(20), nullable=False),
    Column("request_number", String(30)),
    Column("revision", Integer, nullable=False),
    Column("ordered_at", DateTime(timezone=True), nullable=False),
    Column("ordered_by", Uuid),
    Column("account_gone_at", DateTime(timezone=True)),
    Index("erasures_by_person", "person_id", unique=True),
)

erasure_confirmations = Table(
    "erasure_confirmations",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("service", String(20), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("confirmed_at", DateTime(timezone=True), nullable=False),
)

_person = bindparam("person", type_=Uuid)
_ALL_PLACES = select(place_versions.c.place_id).distinct().order_by(place_versions.c.place_id).limit(MOST_PLACES)
_UNDER = text("""
    select place_id from (
        select distinct on (place_id) place_id, parent from place_versions order by place_id, revision desc
    ) as said where parent = any(:parents) order by place_id limit 5000
""").bindparams(bindparam("parents", type_=ARRAY(Text)))
_ONE = select(erasures).where(erasures.c.erasure_id == bindparam("erasure", type_=Uuid))
_OF_PERSON = select(erasures).where(erasures.c.person_id == _person)
_AFTER = (
    select(erasures)
    .where(
        erasures.c.erasure_id > bindparam("after", type_=Uuid),
        or_(
            bindparam("is_city", type_=Boolean),
            erasures.c.place_ids.contained_by(bindparam("places", type_=ARRAY(Text))),
        ),
    )
    .order_by(erasures.c.erasure_id)
    .limit(bindparam("limit", type_=Integer))
)
_people = bindparam("people", type_=ARRAY(Uuid))
# A staff file names more people than a statement takes values one by one.
_ERASED_AMONG = select(erasures.c.person_id).where(erasures.c.person_id == any_(_people)).limit(1)
_SAVE = insert(erasures)
_AGAIN = (
    update(erasures)
    .where(erasures.c.person_id == _person)
    .values(revision=erasures.c.revision + 1, account_gone_at=null())
)
_CONFIRMATIONS = (
    select(
        erasure_confirmations.c.person_id,
        erasure_confirmations.c.service,
        erasure_confirmations.c.confirmed_at,
    )
    .join(erasures, erasures.c.person_id == erasure_confirmations.c.person_id)
    .where(
        erasure_confirmations.c.person_id == any_(_people),
        erasure_confirmations.c.revision >= erasures.c.revision,
    )
    .order_by(erasure_confirmations.c.person_id, erasure_confirmations.c.service)
    .limit(10_000)
)
_said = insert(erasure_confirmations)
_CONFIRM = _said.on_conflict_do_update(
    index_elements=[erasure_confirmations.c.person_id, erasure_confirmations.c.service],
    set_={"revision": _said.excluded.revision, "confirmed_at": _said.excluded.confirmed_at},
    where=erasure_confirmations.c.revision < _said.excluded.revision,
)
# What makes a person's number at a past date stays: the days, and whether and as what the person counted.
_STRIP = text("""
    update memberships
    set roles = '{}', subjects = '{}', manager_id = null,
        staff = jsonb_strip_nulls(jsonb_build_object('hired_on', staff -> 'hired_on'))
    where person_id = :person
""").bindparams(_person)
_FORGET = (
    _STRIP,
    update(attestation_records)
    .where(attestation_records.c.person_id == _person)
    .values(position=null(), order_no=null()),
    delete(role_profile_versions).where(
        role_profile_versions.c.person_id == _person, role_profile_versions.c.taken_at.is_(None)
    ),
    delete(slips).where(slips.c.person_id == _person),
    delete(accounts).where(accounts.c.person_id == _person),
    delete(people).where(people.c.person_id == _person),
)
# A work under way keeps its lease: whatever it makes in the realm comes to an end before the account is removed.
_REMOVE_ACCOUNT = text("""
    insert into account_work (person_id, username, groups, version, is_erased)
    values (:person, '', '{}', 1, true)
    on conflict (person_id) do update
    set username = '', groups = '{}', version = account_work.version + 1, is_erased = true
""").bindparams(_person)
_GONE = (
    delete(account_work)
    .where(
        account_work.c.person_id == _person,
        account_work.c.is_erased,
        account_work.c.version == bindparam("version", type_=Integer),
    )
    .returning(account_work.c.person_id)
)
_NOTE_GONE = (
    update(erasures)
    .where(erasures.c.person_id == _person)
    .values(account_gone_at=bindparam("now", type_=DateTime(timezone=True)))
)
_SAME_NAME = (
    select(
        people.c.person_id,
        people.c.family_name,
        people.c.given_name,
        people.c.patronymic,
        memberships.c.left_on,
        memberships.c.staff,
        accounts.c.username,
    )
    .join(memberships, memberships.c.person_id == people.c.person_id)
    .outerjoin(accounts, accounts.c.person_id == people.c.person_id)
    .where(
        memberships.c.school_id == bindparam("place", type_=Text),
        func.translate(func.lower(people.c.family_name), bindparam("yo", type_=Text), bindparam("ye", type_=Text))
        == bindparam("family_name", type_=Text),
    )
    .order_by(people.c.given_name, people.c.patronymic, people.c.person_id)
    .limit(100)
)
_YO, _YE = chr(0x451), chr(0x435)


@dataclass(frozen=True, slots=True)
class Known:
    """A line of the ledger."""

    order: Order
    place_ids: tuple[str, ...]
    revision: int
    ordered_at: datetime
    account_gone_at: datetime | None


async def all_places(tx: Tx) -> list[str]:
    """Every place that ever was."""
    return [row["place_id"] for row in await tx.rows(_ALL_PLACES)]


async def places_under(tx: Tx, parents: Collection[str]) -> list[str]:
    """The places right under some others, as the tree was described last."""
    return [row["place_id"] for row in await tx.rows(_UNDER, {"parents": sorted(parents)})] if parents else []


async def people_called(tx: Tx, place_id: str, family_name: str) -> Sequence[Row]:
    """The people of a place with this family name, whatever the letter case, and with е for ё.

    Each with the username and the staff facts of that place, by which namesakes are told apart.
    """
    wanted = family_name.casefold().replace(_YO, _YE)
    return await tx.rows(_SAME_NAME, {"place": place_id, "family_name": wanted, "yo": _YO, "ye": _YE})


async def erasure(tx: Tx, erasure_id: UUID) -> Known | None:
    """A line of the ledger by its id."""
    row = await tx.row(_ONE, {"erasure": erasure_id})
    return _known(row) if row else None


async def erasure_of(tx: Tx, person_id: UUID) -> Known | None:
    """A person's line of the ledger."""
    row = await tx.row(_OF_PERSON, {"person": person_id})
    return _known(row) if row else None


async def erasures_after(tx: Tx, after: UUID, limit: int, *, is_city: bool, places: Collection[str]) -> list[Known]:
    """The ledger, as far as it lies within an auditor's places: a page and one more."""
    wanted = {"after": after, "limit": limit + 1, "is_city": is_city, "places": sorted(places)}
    return [_known(row) for row in await tx.rows(_AFTER, wanted)]


async def is_any_erased(tx: Tx, person_ids: Iterable[UUID]) -> bool:
    """Is one of these people forgotten?"""
    wanted = sorted(set(person_ids))
    return bool(wanted) and await tx.row(_ERASED_AMONG, {"people": wanted}) is not None


async def save_erasure(tx: Tx, order: Order, places: Collection[str], *, revision: int) -> None:
    """Write the order into the ledger."""
    row = {
        "erasure_id": order.erasure_id,
        "person_id": order.person_id,
        "place_ids": sorted(places),
        "basis": order.basis,
        "request_number": order.request_number,
        "revision": revision,
        "ordered_at": tx.now,
        "ordered_by": order.ordered_by,
        "account_gone_at": None,
    }
    await tx.run(_SAVE, row)


async def say_again(tx: Tx, person_id: UUID) -> None:
    """The next revision of an erasure; what was confirmed of the former ones counts no longer."""
    await tx.run(_AGAIN, {"person": person_id})


async def confirmations(tx: Tx, person_ids: Sequence[UUID]) -> dict[UUID, dict[str, datetime]]:
    """Which services have confirmed the newest revision, and when."""
    found: dict[UUID, dict[str, datetime]] = {person_id: {} for person_id in person_ids}
    if person_ids:
        for row in await tx.rows(_CONFIRMATIONS, {"people": list(person_ids)}):
            found[row["person_id"]][row["service"]] = row["confirmed_at"]
    return found


async def confirm(tx: Tx, person_id: UUID, service: str, *, revision: int, at: datetime) -> None:
    """A service has deleted what was the person's own; older news changes nothing."""
    row = {"person_id": person_id, "service": service, "revision": revision, "confirmed_at": at}
    await tx.run(_CONFIRM, row)


async def forget(tx: Tx, person_id: UUID, places: Collection[str], names: Names | None) -> None:
    """Delete names, contacts, account and slips; of memberships and decisions the bare facts stay.

    Checked staff files that wait to be applied are forgotten where they could name the person.
    """
    for statement in _FORGET:
        await tx.run(statement, {"person": person_id})
    who = {"family_name": names.family_name, "given_name": names.given_name} if names else {"family_name": ""}
    await imports.forget_files_of(tx, places, who)
    await remove_account(tx, person_id)


async def remove_account(tx: Tx, person_id: UUID) -> None:
    """Ask the realm to forget whatever account bears this person's id."""
    await tx.run(_REMOVE_ACCOUNT, {"person": person_id})


async def note_accounts_gone(tx: Tx, done: Sequence[Work]) -> None:
    """The realm holds these accounts no longer; what was asked meanwhile keeps waiting."""
    for work in sorted(done, key=lambda one: one.person_id):
        if await tx.rows(_GONE, {"person": work.person_id, "version": work.version}):
            await tx.run(_NOTE_GONE, {"person": work.person_id, "now": tx.now})


def _known(row: Row) -> Known:
    order = Order(
        erasure_id=row["erasure_id"],
        person_id=row["person_id"],
        basis=Basis(row["basis"]),
        request_number=row["request_number"],
        ordered_by=row["ordered_by"],
    )
    return Known(order, tuple(row["place_ids"]), row["revision"], row["ordered_at"], row["account_gone_at"])
