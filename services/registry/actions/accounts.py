"""Accounts follow memberships: whoever has a role gets one, whoever has none left loses the groups."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from chassis.database import Tx
from services.registry.domain.accounts import stem_of, username_of
from services.registry.domain.people import Membership
from services.registry.domain.places import Place, branch_of, groups_of
from services.registry.store import accounts as store


async def follow(tx: Tx, place: Place, moved: Sequence[Membership]) -> None:
    """Open accounts for those who got a first role, and ask the realm for the groups of all whose roles moved."""
    known = await store.usernames(tx, [one.person_id for one in moved]) if moved else {}
    opened = await _named(tx, [one for one in moved if one.roles_in_force and one.person_id not in known])
    await store.save_accounts(tx, opened)
    names = {**known, **opened}
    wishes = {
        one.person_id: (names[one.person_id], groups_of(place, one.roles_in_force))
        for one in moved
        if one.person_id in names
    }
    await store.want(tx, wishes, branch=branch_of(place))


async def _named(tx: Tx, members: Sequence[Membership]) -> dict[UUID, str]:
    by_stem: dict[str, list[UUID]] = defaultdict(list)
    for one in members:
        by_stem[stem_of(one.place_id, one.roles_in_force)].append(one.person_id)
    names: dict[UUID, str] = {}
    for stem, person_ids in sorted(by_stem.items()):
        numbers = await store.take_numbers(tx, stem, len(person_ids))
        names |= {person_id: username_of(stem, number) for person_id, number in zip(person_ids, numbers, strict=True)}
    return names
