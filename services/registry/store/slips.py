"""Slips, and who has not come in yet.

A slip is seen by its school, and by whoever holds its code: `app.slip` is the hash of a code that was typed at the
public door, and the policy `bearer` admits that one row.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    Uuid,
    bindparam,
    select,
    text,
    update,
)

from chassis.database import Row, Tx, tenant_table
from services.registry.domain.slips import LASTS, Times
from services.registry.store.tables import metadata

MOST_ON_A_SHEET = 200

slips = tenant_table(
    "slips",
    metadata,
    Column("slip_id", Uuid, primary_key=True),
    Column("person_id", Uuid, nullable=False),
    Column("code_hash", LargeBinary, nullable=False, unique=True),
    Column("issued_at", DateTime(timezone=True), nullable=False),
    Column("issued_by", Uuid, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("claim_id", Uuid),
    Column("claimed_until", DateTime(timezone=True)),
    Column("used_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    Index("slips_by_school", "school_id", "slip_id"),
    Index("slips_by_person", "person_id", "issued_at"),
)

# Wrong codes by the hour; `counted_under` is a hash that tells neither a code nor an address.
slip_attempts = Table(
    "slip_attempts",
    metadata,
    Column("counted_under", String(64), primary_key=True),
    Column("wrong", Integer, nullable=False),
    Column("forget_at", DateTime(timezone=True), nullable=False),
    Index("slip_attempts_to_forget", "forget_at"),
)

_SHOW = text("select set_config('app.slip', :hash, true)").bindparams(bindparam("hash", type_=Text))
_CLAIM = text("""
    update slips set claim_id = :claim, claimed_until = clock_timestamp() + make_interval(secs => :lease)
    where code_hash = :hash and used_at is null and revoked_at is null and expires_at > clock_timestamp()
      and (claimed_until is null or claimed_until <= clock_timestamp())
    returning slip_id, school_id, person_id, code_hash
""").bindparams(bindparam("hash", type_=LargeBinary), bindparam("claim", type_=Uuid))
_IS_CLAIMED = text("""
    select slip_id from slips
    where code_hash = :hash and used_at is null and revoked_at is null and claimed_until > clock_timestamp()
""").bindparams(bindparam("hash", type_=LargeBinary))
_RELEASE = update(slips).where(slips.c.claim_id == bindparam("claim", type_=Uuid)).values(claimed_until=None)
_USE = text("""
    update slips set used_at = clock_timestamp() where claim_id = :claim and used_at is null
""").bindparams(bindparam("claim", type_=Uuid))
_REVOKE = text("""
    update slips set revoked_at = clock_timestamp()
    where slip_id = :slip and school_id = :school and used_at is null and revoked_at is null
""").bindparams(bindparam("slip", type_=Uuid))
_REVOKE_OTHERS = text("""
    update slips set revoked_at = clock_timestamp()
    where person_id = any(:people) and used_at is null and revoked_at is null
""").bindparams(bindparam("people", type_=ARRAY(Uuid)))
_SAVE = text("""
    insert into slips (school_id, slip_id, person_id, code_hash, issued_at, issued_by, expires_at)
    values (:school_id, :slip_id, :person_id, :code_hash, clock_timestamp(), :issued_by, clock_timestamp() + :lasts)
    returning expires_at
""").bindparams(bindparam("slip_id", type_=Uuid), bindparam("code_hash", type_=LargeBinary))
_NEWEST = """
    select person_id, used_at, revoked_at, expires_at, issued_at from (
        select slips.*, row_number() over (partition by person_id order by issued_at desc) as place from slips
        where school_id = :school
    ) as ordered where place = 1
"""
_MEMBERS = """
    select a.person_id, a.username, a.signed_in_at, p.family_name, p.given_name, p.patronymic,
           coalesce(w.groups, '{}') as groups, w.realm_user_id,
           n.used_at, n.revoked_at, n.expires_at
    from accounts a
    join memberships m on m.person_id = a.person_id and m.school_id = :school and m.left_on is null
    join people p on p.person_id = a.person_id
    left join account_work w on w.person_id = a.person_id
    left join newest n on n.person_id = a.person_id
    where cardinality(m.roles) > 0
"""
_TO_PRINT = text(f"""
    with newest as ({_NEWEST}) {_MEMBERS} and a.signed_in_at is null and n.used_at is null
      and (n.expires_at is null or n.revoked_at is not null or n.expires_at <= clock_timestamp())
    order by p.family_name, p.given_name, a.person_id limit :limit
""")
_NAMED = text(f"""
    with newest as ({_NEWEST}) {_MEMBERS} and a.person_id = any(:people)
    order by p.family_name, p.given_name, a.person_id limit :limit
""").bindparams(bindparam("people", type_=ARRAY(Uuid)))
_NEWCOMERS = text(f"""
    with newest as ({_NEWEST}) {_MEMBERS} and a.signed_in_at is null and a.person_id > :after
    order by a.person_id limit :limit
""").bindparams(bindparam("after", type_=Uuid))
_COUNTS = text(f"""
    with newest as ({_NEWEST}), members as ({_MEMBERS})
    select count(*)::int as people,
           count(*) filter (where signed_in_at is null)::int as not_come_in,
           count(*) filter (where signed_in_at is null and used_at is not null)::int as with_password,
           count(*) filter (where signed_in_at is null and used_at is null and revoked_at is null
                                  and expires_at > clock_timestamp())::int as with_slip
    from members
""")  # noqa: S608  constants only
_LIST = (
    select(slips)
    .where(slips.c.school_id == bindparam("school"), slips.c.slip_id > bindparam("after", type_=Uuid))
    .order_by(slips.c.slip_id)
    .limit(bindparam("limit", type_=Integer))
)
_ONE = select(slips).where(slips.c.slip_id == bindparam("slip", type_=Uuid), slips.c.school_id == bindparam("school"))
_ACCOUNT = text("""
    select username, groups, realm_user_id from account_work where person_id = :person and not is_erased
""").bindparams(bindparam("person", type_=Uuid))
_MOST_WRONG = text("""
    select counted_under, wrong from slip_attempts where counted_under = any(:keys) limit 10
""").bindparams(bindparam("keys", type_=ARRAY(Text)))
_COUNT_WRONG = text("""
    insert into slip_attempts (counted_under, wrong, forget_at)
    select unnest(:keys), 1, clock_timestamp() + interval '1 hour'
    on conflict (counted_under) do update set wrong = slip_attempts.wrong + 1
""").bindparams(bindparam("keys", type_=ARRAY(Text)))
_FORGET_WRONG = text("delete from slip_attempts where forget_at < clock_timestamp()")


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who could get a slip: names, the account, and the newest slip of this school."""

    person_id: UUID
    names: tuple[str, str, str | None]
    username: str
    groups: tuple[str, ...]
    is_in_realm: bool
    signed_in_at: datetime | None
    newest: Times | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A slip that is being redeemed, for as long as its lease lasts."""

    claim_id: UUID
    school_id: str
    person_id: UUID
    code_hash: bytes


@dataclass(frozen=True, slots=True)
class Account:
    """The account behind a person; without a place in the realm it is still being made."""

    username: str
    groups: tuple[str, ...]
    realm_user_id: str | None


async def holders_to_print(tx: Tx, school: str, limit: int) -> list[Holder]:
    """Those of a place who have neither come in nor chosen a password nor an open slip; one more than the limit."""
    return [_holder(row) for row in await tx.rows(_TO_PRINT, {"school": school, "limit": limit + 1})]


async def holders(tx: Tx, school: str, person_ids: Collection[UUID]) -> list[Holder]:
    """These people, as far as they belong to the place and have an account."""
    wanted = {"school": school, "people": sorted(person_ids), "limit": len(person_ids)}
    return [_holder(row) for row in await tx.rows(_NAMED, wanted)]


async def newcomers_after(tx: Tx, school: str, after: UUID, limit: int) -> list[Holder]:
    """Who has not come in yet: a page and one more."""
    return [_holder(row) for row in await tx.rows(_NEWCOMERS, {"school": school, "after": after, "limit": limit + 1})]


async def counts(tx: Tx, school: str) -> Row:
    """How many people of a place have accounts, have not come in, hold an open slip, have chosen a password."""
    found = await tx.row(_COUNTS, {"school": school})
    assert found is not None  # an aggregate always gives a row
    return found


async def save_slip(tx: Tx, row: Mapping[str, object]) -> datetime:
    """Keep a new slip; returns when it ends (real time)."""
    expires_at = await tx.value(_SAVE, {**row, "lasts": LASTS})
    assert isinstance(expires_at, datetime)
    return expires_at


async def revoke_open(tx: Tx, person_ids: Collection[UUID]) -> None:
    """End the open slips of these people in the places of this transaction."""
    if person_ids:
        await tx.run(_REVOKE_OTHERS, {"people": sorted(person_ids)})


async def revoke(tx: Tx, school: str, slip_id: UUID) -> bool:
    """End one slip; false when it was not open."""
    return await tx.run(_REVOKE, {"slip": slip_id, "school": school}) == 1


async def slip(tx: Tx, school: str, slip_id: UUID) -> Row | None:
    """A slip of a place."""
    return await tx.row(_ONE, {"slip": slip_id, "school": school})


async def slips_after(tx: Tx, school: str, after: UUID, limit: int) -> Sequence[Row]:
    """The slips of a place, a page and one more; never a code."""
    return await tx.rows(_LIST, {"school": school, "after": after, "limit": limit + 1})


async def claim(tx: Tx, code_hash: bytes, claim_id: UUID, *, lease: float) -> Claim | None:
    """Take an open slip for `lease` real seconds, so that of two at once one redeems it; none when it is not open."""
    await tx.rows(_SHOW, {"hash": code_hash.hex()})
    row = await tx.row(_CLAIM, {"hash": code_hash, "claim": claim_id, "lease": lease})
    return Claim(claim_id, row["school_id"], row["person_id"], bytes(row["code_hash"])) if row else None


async def is_claimed(tx: Tx, code_hash: bytes) -> bool:
    """Is somebody redeeming this very slip? To be asked after `claim`, in its transaction."""
    return await tx.row(_IS_CLAIMED, {"hash": code_hash}) is not None


async def release(tx: Tx, claim_id: UUID) -> None:
    """Let go of a slip that was not redeemed."""
    await tx.run(_RELEASE, {"claim": claim_id})


async def use(tx: Tx, claim_id: UUID) -> bool:
    """A slip is used up; false when its lease had run out and somebody else used it."""
    return await tx.run(_USE, {"claim": claim_id}) == 1


async def account(tx: Tx, person_id: UUID) -> Account | None:
    """The account behind a person."""
    row = await tx.row(_ACCOUNT, {"person": person_id})
    return Account(row["username"], tuple(row["groups"]), row["realm_user_id"]) if row else None


async def wrong_attempts(tx: Tx, keys: Collection[str]) -> dict[str, int]:
    """How many wrong codes were counted under these names."""
    found = {row["counted_under"]: row["wrong"] for row in await tx.rows(_MOST_WRONG, {"keys": sorted(keys)})}
    return {key: int(found.get(key, 0)) for key in keys}


async def count_wrong(tx: Tx, keys: Collection[str]) -> None:
    """Count a wrong code, and forget what is older than an hour."""
    await tx.run(_FORGET_WRONG)
    await tx.run(_COUNT_WRONG, {"keys": sorted(keys)})


def _holder(row: Row) -> Holder:
    return Holder(
        person_id=row["person_id"],
        names=(row["family_name"], row["given_name"], row["patronymic"]),
        username=row["username"],
        groups=tuple(row["groups"]),
        is_in_realm=row["realm_user_id"] is not None,
        signed_in_at=row["signed_in_at"],
        newest=times_in(row) if row["expires_at"] is not None else None,
    )


def times_in(row: Row) -> Times:
    """The moments of the slip in a row."""
    return Times(row["expires_at"], row["used_at"], row["revoked_at"])
