"""Accounts, and what the realm is still to be told of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, bindparam, select, text

from chassis.database import Row, Tx
from services.registry.store.batches import array_of, batch
from services.registry.store.tables import account_work, accounts, memberships

_USERNAMES = (
    select(accounts.c.person_id, accounts.c.username)
    .where(accounts.c.person_id.in_(bindparam("ids", expanding=True)))
    .limit(bindparam("limit"))
)
_TAKE_NUMBERS = text("""
    insert into username_numbers (stem, taken) values (:stem, :count)
    on conflict (stem) do update set taken = username_numbers.taken + excluded.taken
    returning taken
""")
_SAVE_ACCOUNTS = batch(accounts, ["person_id", "username"], "on conflict do nothing")
# A person's groups at other places stay as they are: this transaction cannot see why they are there.
_WANT = text("""
    insert into account_work (person_id, username, groups, version)
    select person_id, username, cast(groups as text[]), 1
    from unnest(:people, :usernames, :groups) as wanted (person_id, username, groups)
    on conflict (person_id) do update set
        groups = array(select kept from unnest(account_work.groups) as kept where not starts_with(kept, :branch)
                       union select unnest(excluded.groups) order by 1),
        version = account_work.version + 1
""").bindparams(
    bindparam("people", type_=ARRAY(Uuid)),
    bindparam("usernames", type_=ARRAY(Text)),
    bindparam("groups", type_=ARRAY(Text)),
    bindparam("branch", type_=Text),
)
_CLAIM = text("""
    update account_work set not_before = clock_timestamp() + make_interval(secs => :lease)
    where person_id in (
        select person_id from account_work where version > done_version and not_before <= clock_timestamp()
        order by not_before, person_id limit :limit for update skip locked
    )
    returning person_id, username, groups, version, realm_user_id, is_erased
""")
_DONE = text("""
    update account_work
    set done_version = :version, realm_user_id = :realm_user_id, attempts = 0, not_before = to_timestamp(0)
    where person_id = :person_id and done_version < :version
""").bindparams(bindparam("realm_user_id", type_=Text), bindparam("person_id", type_=Uuid))
_FAILED = text("""
    update account_work
    set attempts = attempts + 1,
        not_before = clock_timestamp() + make_interval(secs => least(:longest, power(2, least(attempts, 10))))
    where person_id = :person_id
""").bindparams(bindparam("person_id", type_=Uuid))
_columns = select(
    accounts.c.person_id,
    accounts.c.username,
    accounts.c.signed_in_at,
    account_work.c.version,
    account_work.c.done_version,
    account_work.c.groups,
).join(account_work, account_work.c.person_id == accounts.c.person_id)
_ACCOUNTS = (
    _columns.join(memberships, memberships.c.person_id == accounts.c.person_id)
    .where(memberships.c.school_id == bindparam("place"), accounts.c.person_id > bindparam("after"))
    .order_by(accounts.c.person_id)
    .limit(bindparam("limit"))
)
_ACCOUNTS_OF = _ACCOUNTS.where(accounts.c.person_id.in_(bindparam("ids", expanding=True)))
_SIGNED_IN = text("""
    update accounts set signed_in_at = clock_timestamp() where person_id = :person_id and signed_in_at is null
""").bindparams(bindparam("person_id", type_=Uuid))


@dataclass(frozen=True, slots=True)
class Work:
    """What the realm is to know of one account; without groups nobody signs in with it, an erased one goes."""

    person_id: UUID
    username: str
    groups: tuple[str, ...]
    version: int
    realm_user_id: str | None
    is_erased: bool = False


async def usernames(tx: Tx, person_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The usernames of those people who have an account."""
    wanted = {"ids": list(person_ids), "limit": len(person_ids)}
    return {row["person_id"]: row["username"] for row in await tx.rows(_USERNAMES, wanted)}


async def take_numbers(tx: Tx, stem: str, count: int) -> range:
    """The next running numbers of usernames with this beginning; nobody else gets them."""
    taken = int(await tx.value(_TAKE_NUMBERS, {"stem": stem, "count": count}))
    return range(taken - count + 1, taken + 1)


async def save_accounts(tx: Tx, names: Mapping[UUID, str]) -> None:
    """Open accounts; the memberships must stand already."""
    rows = [{"person_id": person_id, "username": username} for person_id, username in names.items()]
    await _SAVE_ACCOUNTS.write(tx, rows)


async def want(tx: Tx, wishes: Mapping[UUID, tuple[str, list[str]]], *, branch: str) -> None:
    """Ask for usernames and groups under one branch of the realm; the order of people keeps deadlocks away."""
    if not wishes:
        return
    people = sorted(wishes, key=attrgetter("int"))
    await tx.run(
        _WANT,
        {
            "people": people,
            "usernames": [wishes[person_id][0] for person_id in people],
            "groups": [array_of(wishes[person_id][1]) for person_id in people],
            "branch": branch,
        },
    )


async def claim(tx: Tx, *, limit: int, lease: float) -> list[Work]:
    """Take waiting work for `lease` real seconds; what is not answered by then may be taken again."""
    rows = await tx.rows(_CLAIM, {"limit": limit, "lease": lease})
    return [
        Work(
            row["person_id"],
            row["username"],
            tuple(row["groups"]),
            row["version"],
            row["realm_user_id"],
            row["is_erased"],
        )
        for row in rows
    ]


async def finish(tx: Tx, done: Sequence[tuple[Work, str | None]]) -> None:
    """The realm knows; a change that came meanwhile keeps waiting."""
    rows = [
        {"person_id": work.person_id, "version": work.version, "realm_user_id": user_id}
        for work, user_id in sorted(done, key=lambda one: one[0].person_id)
    ]
    if rows:
        await tx.run(_DONE, rows)


async def put_off(tx: Tx, failed: Sequence[Work], *, longest: float) -> None:
    """Try again after 1, 2, 4 … real seconds, `longest` at the most."""
    rows = [{"person_id": person_id, "longest": longest} for person_id in sorted(work.person_id for work in failed)]
    if rows:
        await tx.run(_FAILED, rows)


async def accounts_after(
    tx: Tx, place_id: str, after: UUID, limit: int, *, of: Sequence[UUID] | None = None
) -> Sequence[Row]:
    """The accounts of a place's people, or `of` some of them, a page and one more."""
    asked = {"place": place_id, "after": after, "limit": limit + 1}
    return await (tx.rows(_ACCOUNTS, asked) if of is None else tx.rows(_ACCOUNTS_OF, {**asked, "ids": list(of)}))


async def note_sign_in(tx: Tx, person_id: UUID) -> None:
    """Remember that the person has come in."""
    await tx.run(_SIGNED_IN, {"person_id": person_id})
