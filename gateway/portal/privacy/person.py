"""Whom a request is about, told so that two people of one name are two: the username and the posts at each place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.portal.privacy.office import Office
from gateway.portal.reader import Portal


@dataclass(frozen=True, slots=True)
class Belonging:
    """Where somebody belongs or belonged, in which roles and posts."""

    place: str
    roles: str
    posts: str
    is_in_force: bool


async def belongings_of(portal: Portal, office: Office, about: Mapping[str, Any]) -> list[Belonging]:
    """The places of a person in words."""
    return [
        Belonging(
            await portal.place_name(office.reader, str(one["place_id"])),
            ", ".join(office.reader.say(f"role.{role}") for role in one["roles"]),
            ", ".join(one["posts"]),
            bool(one["is_in_force"]),
        )
        for one in about["belongings"]
    ]


def are_namesakes(found: Sequence[Mapping[str, Any]]) -> bool:
    """Do two of those who were found have the same full name?"""
    names = [str(one["full_name"]).casefold() for one in found]
    return len(set(names)) < len(names)
