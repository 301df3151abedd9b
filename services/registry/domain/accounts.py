"""Accounts: how a person is called at the door, without the person's name."""

from collections.abc import Collection

from services.registry.domain.people import NAMED_BY_OFFICE

PENDING, READY, DISABLED = "PENDING", "READY", "DISABLED"


def stem_of(place_id: str, roles: Collection[str]) -> str:
    """What the username begins with: `spb-693.curator` for an office, `spb-693` for a teacher."""
    office = next((role for role in NAMED_BY_OFFICE if role in roles), None)
    return f"{place_id}.{office}" if office else place_id


def username_of(stem: str, number: int) -> str:
    """The username with this running number: `spb-693.0042`, `spb-693.curator`, `spb-693.curator.2`."""
    if "." not in stem:
        return f"{stem}.{number:04d}"
    return stem if number == 1 else f"{stem}.{number}"


def state_of(*, version: int, done_version: int, has_groups: bool) -> str:
    """What the realm has done so far of what it is to do."""
    if done_version < version:
        return PENDING
    return READY if has_groups else DISABLED
