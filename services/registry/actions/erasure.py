"""Erasure: a person is forgotten here at once, everywhere else as soon as the fact arrives, in the realm by the queue.

Belonging to a school and being known are two things. Whoever still belongs somewhere leaves on that day, which is a
fact of its own, counted as any other leaving; the erasure itself changes no number at any date.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from chassis import looks
from chassis.database import Database, Row, Tx
from chassis.refusals import Conflict, Missing
from contracts.event import PersonEvent
from contracts.registry import PersonErased
from contracts.topology import HEARS, SERVICES
from services.registry.actions import members, places
from services.registry.actions.staff_facts import posts_of
from services.registry.domain.erasure import (
    Basis,
    Order,
    Progress,
    Reach,
    check_order,
    check_reach,
    check_same,
    progress,
)
from services.registry.domain.people import Names
from services.registry.store import accounts, people
from services.registry.store import erasure as store
from services.registry.store.erasure import Known

# Those that keep something of a person say when it is gone; the gateway's sessions end by themselves.
LISTENERS = tuple(service for service in SERVICES if PersonErased in HEARS[service])


@dataclass(frozen=True, slots=True)
class Auditor:
    """Where a personal-data officer holds that office: in the city, in districts, in schools."""

    is_city: bool
    districts: frozenset[str]
    schools: frozenset[str]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the ledger with how far it has come."""

    known: Known
    confirmed: dict[str, datetime]
    progress: Progress


@dataclass(frozen=True, slots=True)
class Belonging:
    """A place that a person belongs or belonged to."""

    place_id: str
    roles: tuple[str, ...]
    posts: tuple[str, ...]
    is_in_force: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """Whom an order would forget, and at which places."""

    person_id: UUID
    names: Names
    username: str | None
    belongings: tuple[Belonging, ...]


async def reach_of(db: Database, auditor: Auditor) -> Reach:
    """The places for which an auditor may order: a district's auditor reaches the schools in it today."""
    if auditor.is_city:
        return Reach(is_city=True, places=frozenset())
    async with db.transaction() as tx:
        below = await store.places_under(tx, auditor.districts)
    return Reach(is_city=False, places=auditor.schools | auditor.districts | set(below))


async def find_people(db: Database, place_id: str, family_name: str, reach: Reach) -> Sequence[Row]:
    """The people of a place with this family name; raises Forbidden beyond the auditor's places."""
    check_reach(reach, [place_id])
    async with db.transaction(place_id) as tx:
        return await store.people_called(tx, place_id, family_name)


async def preview(db: Database, person_id: UUID, reach: Reach) -> Preview:
    """What an order would concern; nothing changes. Raises Missing, Forbidden."""
    async with db.transaction(*await _all_places(db)) as tx:
        rows = await people.memberships_of(tx, person_id)
        username = (await accounts.usernames(tx, [person_id])).get(person_id)
    if not rows:
        raise Missing("person.unknown", field="person_id")
    check_reach(reach, [row["school_id"] for row in rows])
    belongings = tuple(
        Belonging(one.place_id, one.roles, posts_of(one.staff), is_in_force=one.left_on is None)
        for one in map(people.membership_of, rows)
    )
    return Preview(person_id, people.names_in(rows[0]), username, belongings)


async def order_erasure(db: Database, order: Order, reach: Reach) -> bool:
    """Forget a person; false when this very order was given before. Raises Missing, Conflict, Forbidden, Invalid."""
    async with db.transaction(*await _all_places(db)) as tx:
        await tx.lock(_lock_of(order.person_id))
        known = await store.erasure(tx, order.erasure_id)
        if known is not None:
            check_reach(reach, known.place_ids)
            check_same(known.order, order)
            return False
        rows = await people.memberships_of(tx, order.person_id)
        if not rows:
            raise await _unknown(tx, order.person_id)
        held, names = [row["school_id"] for row in rows], people.names_in(rows[0])
        check_reach(reach, held)
        check_order(order, names)
        await _erase(tx, order, held, revision=1)
    return True


async def repeat_erasure(db: Database, erasure_id: UUID, reach: Reach) -> None:
    """Say an erasure again, to everybody and to the realm: after a restored realm, or when in doubt."""
    async with db.transaction() as tx:
        known = await _known(tx, erasure_id, reach)
        await tx.lock(_lock_of(known.order.person_id))
        known = await _known(tx, erasure_id, reach)
        await store.say_again(tx, known.order.person_id)
        await store.remove_account(tx, known.order.person_id)
        await _announce(tx, known.order.person_id, known.place_ids, revision=known.revision + 1)


async def take_confirmation(tx: Tx, service: str, event: PersonEvent) -> None:
    """A service has deleted what was the person's own.

    It knows of an erasure of which this ledger does not: the ledger comes from a backup. Then it is carried out again.
    """
    await tx.lock(_lock_of(event.person_id))
    if await store.erasure_of(tx, event.person_id) is None:
        again = Order(uuid4(), event.person_id, Basis.RESTORED, request_number=None, ordered_by=None)
        await _erase(tx, again, event.school_ids, revision=event.revision)
    await store.confirm(tx, event.person_id, service, revision=event.revision, at=event.occurred_at)


async def show(db: Database, erasure_id: UUID, reach: Reach) -> Line:
    """One erasure and how far it has come; raises Missing."""
    async with db.transaction() as tx:
        (line,) = await _lines(tx, [await _known(tx, erasure_id, reach)])
    return line


async def list_erasures(db: Database, after: UUID, limit: int, reach: Reach) -> list[Line]:
    """The ledger within an auditor's reach, a page and one more."""
    async with db.transaction() as tx:
        return await _lines(
            tx, await store.erasures_after(tx, after, limit, is_city=reach.is_city, places=reach.places)
        )


async def _erase(tx: Tx, order: Order, held: Collection[str], *, revision: int) -> None:
    await tx.lock(*(members.lock_of(place_id) for place_id in held))
    rows = await people.memberships_of(tx, order.person_id)
    for row in rows:
        if row["left_on"] is None:
            place = await places.place(tx, row["school_id"])
            before = people.membership_of(row)
            left = replace(
                before,
                left_on=place.day_of(tx.now),
                subjects=(),
                manager_id=None,
                revision=before.revision + 1,
            )
            await members.record(tx, place, [members.Change(before, left)])
    await store.forget(tx, order.person_id, held, people.names_in(rows[0]) if rows else None)
    await looks.forget_person(tx, order.person_id)
    await store.save_erasure(tx, order, held, revision=revision)
    await _announce(tx, order.person_id, held, revision=revision)


async def _announce(tx: Tx, person_id: UUID, held: Collection[str], *, revision: int) -> None:
    await tx.emit(
        PersonErased(person_id=person_id, school_ids=tuple(sorted(held)), revision=revision, occurred_at=tx.now)
    )


async def _lines(tx: Tx, found: list[Known]) -> list[Line]:
    confirmed = await store.confirmations(tx, [one.order.person_id for one in found])
    return [
        Line(
            one,
            confirmed[one.order.person_id],
            progress(LISTENERS, confirmed[one.order.person_id], account_gone_at=one.account_gone_at),
        )
        for one in found
    ]


async def _known(tx: Tx, erasure_id: UUID, reach: Reach) -> Known:
    known = await store.erasure(tx, erasure_id)
    if known is None or not reach.covers(known.place_ids):
        raise Missing("erasure.unknown", field="erasure_id")
    return known


async def _unknown(tx: Tx, person_id: UUID) -> Conflict | Missing:
    if await store.erasure_of(tx, person_id) is not None:
        return Conflict("erasure.done-before", field="person_id")
    return Missing("person.unknown", field="person_id")


async def _all_places(db: Database) -> list[str]:
    async with db.transaction() as tx:
        return await store.all_places(tx)


def _lock_of(person_id: UUID) -> str:
    return f"erasure/{person_id}"
