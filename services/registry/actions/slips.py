"""Slips: printed for those who have not come in yet, given in person to those who lost their way in, redeemed once."""

import hmac
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID, uuid4

from chassis.database import Database, Row, Tx
from chassis.refusals import Conflict, Forbidden, Invalid, Missing, TooMany, Unavailable
from contracts.event import real_now
from services.registry.actions import places
from services.registry.domain import slips as domain
from services.registry.domain.people import Names, giveable_by
from services.registry.store import slips as store
from services.registry.store.slips import Claim, Holder

# Longer than all requests to the realm together: nobody redeems a slip while another still does.
LEASE_SECONDS = 60.0


class Credentials(Protocol):
    """Where people's credentials are kept: the realm."""

    async def choose_password(self, realm_user_id: str, person_id: UUID, password: str) -> None:
        """Set a lasting password and end the sessions that run; raises Invalid by the realm's rules, Unavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Printing:
    """Who prints slips at a place: the person, and the roles that make up what the person may give there."""

    place_id: str
    by: UUID
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip as it is printed, once: afterwards only its hash is known."""

    slip_id: UUID
    person_id: UUID
    names: Names
    username: str
    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Sheet:
    """Printed slips, the people who get none, each with the reason, and whether others still wait for a sheet."""

    slips: tuple[Slip, ...]
    left_out: tuple[tuple[UUID, str], ...]
    is_more: bool


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody types a code and chooses a password; the address is counted, never kept."""

    typed: str
    password: str
    address: str


async def print_all(db: Database, printing: Printing) -> Sheet:
    """Slips for everybody at a school who has neither come in nor chosen a password nor an open slip."""
    async with db.transaction(printing.place_id) as tx:
        await _begin(tx, printing)
        waiting = await store.holders_to_print(tx, printing.place_id, store.MOST_ON_A_SHEET)
        return await _print(tx, printing, waiting[: store.MOST_ON_A_SHEET], is_more=_is_more(waiting))


async def print_for(db: Database, printing: Printing, person_ids: Collection[UUID]) -> Sheet:
    """Slips for these people, whatever they had before: the new slip ends the old one. Raises Missing, Forbidden."""
    async with db.transaction(printing.place_id) as tx:
        await _begin(tx, printing)
        found = await store.holders(tx, printing.place_id, set(person_ids))
        if len(found) != len(set(person_ids)):
            raise Missing("slip.person-unknown", field="person_ids")
        if any(not _may_have(one, printing) for one in found):
            raise Forbidden("slip.not-yours", field="person_ids")
        return await _print(tx, printing, found, is_more=False)


async def print_for_officer(db: Database, place_id: str, person_id: UUID, *, by: UUID) -> Slip:
    """A slip for an officer of a place, printed by the one who appoints officers; raises Missing, Conflict."""
    async with db.transaction(place_id) as tx:
        await places.place(tx, place_id)
        await tx.lock(_lock_of(place_id))
        found = await store.holders(tx, place_id, [person_id])
        if not found:
            raise Missing("slip.person-unknown", field="person_id")
        if not found[0].is_in_realm:
            raise Conflict("slip.account-not-ready", field="person_id")
        await store.revoke_open(tx, [person_id])
        return await _issue(tx, place_id, found[0], by=by)


async def revoke(db: Database, school: str, slip_id: UUID) -> Row:
    """End an open slip; a repeat changes nothing. Raises Missing, Conflict for a slip that was used."""
    async with db.transaction(school) as tx:
        await store.revoke(tx, school, slip_id)
        row = await store.slip(tx, school, slip_id)
    if row is None:
        raise Missing("slip.unknown", field="slip_id")
    if row["used_at"] is not None:
        raise Conflict("slip.used", field="slip_id", legal=[])
    return row


async def redeem(db: Database, credentials: Credentials | None, attempt: Attempt) -> str:
    """Choose a password with a code; returns the username.

    Raises Invalid for a code that opens nothing, whatever the reason, and for a password that the realm refuses;
    Conflict while somebody else redeems the same slip, TooMany after too many wrong codes, Unavailable when the realm
    is away. After each of these but the first the slip is as good as before.
    """
    code = domain.read(attempt.typed)
    limits = _limits(code, attempt.address, real_now())
    await _check_patience(db, limits)
    claim = await _claim(db, code) if code else None
    if claim is None:
        async with db.transaction() as tx:
            await store.count_wrong(tx, limits)
        raise Invalid("slip.not-accepted", field="code")
    try:
        account = await _open(db, credentials, claim, attempt.password)
    except BaseException:
        async with db.transaction(claim.school_id) as tx:
            await store.release(tx, claim.claim_id)
        raise
    await _use_up(db, claim, account)
    return account.username


async def _claim(db: Database, code: str) -> Claim | None:
    wanted = domain.digest(code)
    async with db.transaction() as tx:
        claim = await store.claim(tx, wanted, uuid4(), lease=LEASE_SECONDS)
        if claim is None and await store.is_claimed(tx, wanted):
            raise Conflict("slip.busy", field="code")
    # The index has found it; whether it is the very code is decided without a hint in the time it takes.
    return claim if claim is not None and hmac.compare_digest(claim.code_hash, wanted) else None


async def _open(db: Database, credentials: Credentials | None, claim: Claim, password: str) -> store.Account:
    async with db.transaction() as tx:
        account = await store.account(tx, claim.person_id)
    if account is None or not account.groups:
        raise Invalid("slip.not-accepted", field="code")
    if account.realm_user_id is None or credentials is None:
        raise Unavailable("slip.account-not-ready")
    await credentials.choose_password(account.realm_user_id, claim.person_id, password)
    return account


async def _use_up(db: Database, claim: Claim, account: store.Account) -> None:
    # Whoever has a way in needs no other slip, from whichever school.
    async with db.transaction(claim.school_id, *domain.schools_in(account.groups)) as tx:
        if not await store.use(tx, claim.claim_id):
            raise Conflict("slip.busy", field="code")
        await store.revoke_open(tx, [claim.person_id])


async def _begin(tx: Tx, printing: Printing) -> None:
    await places.school(tx, printing.place_id)
    await tx.lock(_lock_of(printing.place_id))


async def _print(tx: Tx, printing: Printing, people: Sequence[Holder], *, is_more: bool) -> Sheet:
    left_out = [(one.person_id, reason) for one in people if (reason := _reason_against(one, printing))]
    without = {person_id for person_id, _ in left_out}
    getting = [one for one in people if one.person_id not in without]
    await store.revoke_open(tx, [one.person_id for one in getting])
    slips = [await _issue(tx, printing.place_id, one, by=printing.by) for one in getting]
    return Sheet(tuple(slips), tuple(left_out), is_more)


async def _issue(tx: Tx, place_id: str, holder: Holder, *, by: UUID) -> Slip:
    code, slip_id = domain.new_code(secrets.randbelow), uuid4()
    row = {
        "school_id": place_id,
        "slip_id": slip_id,
        "person_id": holder.person_id,
        "code_hash": domain.digest(code),
        "issued_by": by,
    }
    expires_at = await store.save_slip(tx, row)
    return Slip(slip_id, holder.person_id, Names(*holder.names), holder.username, domain.shown(code), expires_at)


def _reason_against(holder: Holder, printing: Printing) -> str | None:
    if not _may_have(holder, printing):
        return domain.NOT_YOURS
    return None if holder.is_in_realm else domain.NO_ACCOUNT


def _may_have(holder: Holder, printing: Printing) -> bool:
    return domain.may_issue(holder.groups, printing.place_id, giveable_by(printing.roles))


def _is_more(found: Sequence[Holder]) -> bool:
    return len(found) > store.MOST_ON_A_SHEET


async def _check_patience(db: Database, limits: dict[str, int]) -> None:
    async with db.transaction() as tx:
        wrong = await store.wrong_attempts(tx, limits)
    if any(wrong[key] >= limit for key, limit in limits.items()):
        raise TooMany("slip.too-many-attempts", minutes=60, seconds=3600)


def _limits(code: str | None, address: str, now: datetime) -> dict[str, int]:
    """How many wrong codes are borne under which names; what is no code at all counts for its address only."""
    limits = {domain.counted_under("address", address, now): domain.WRONG_FROM_ADDRESS}
    if code is not None:
        limits[domain.counted_under("code", domain.beginning(code), now)] = domain.WRONG_CODES
    return limits


def _lock_of(place_id: str) -> str:
    return f"slips/{place_id}"
