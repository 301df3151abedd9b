"""Two schools of which one goes on for the other, made and looked at through the doors."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import httpx

from contracts.registry import MembershipChanged
from tests.registry.town import ANALYST, School, a_school, at
from tests.stand import Running, Stand

FEBRUARY = "2027-02-01"
PLAN = {"from_day": FEBRUARY}
NAMES = {"family_name": "Петрова", "given_name": "Мария", "patronymic": None}


async def name_successor(old: School, new: School, **plan: Any) -> httpx.Response:
    door = f"/places/{old.school_id}/successors/{new.school_id}"
    return await old.registry.call("PUT", door, by=uuid4(), groups=ANALYST, json={**PLAN, **plan})


async def take_back(old: School, new: School) -> httpx.Response:
    door = f"/places/{old.school_id}/successors/{new.school_id}"
    return await old.registry.call("DELETE", door, by=uuid4(), groups=ANALYST)


async def place(school: School, **query: str) -> httpx.Response:
    door = f"/places/{school.school_id}"
    return await school.registry.call("GET", door, by=uuid4(), groups=["/schools/x/teacher"], params=query)


async def a_head(school: School) -> UUID:
    head = uuid4()
    door = f"/places/{school.school_id}/officers/{head}"
    answer = await school.registry.call("PUT", door, by=uuid4(), groups=ANALYST, json={**NAMES, "role": "head"})
    assert answer.status_code == 201, answer.text
    return head


async def two_schools(stand: Stand) -> tuple[School, School]:
    registry = await stand.service("registry")
    at(stand, "2027-01-15")
    return await a_school(registry), await a_school(registry)


def people_in_force(people: Sequence[dict[str, Any]]) -> dict[str, tuple[list[str], bool]]:
    return {one["person_id"]: (one["roles"], one["counts_in_staff"]) for one in people if one["left_on"] is None}


async def last_membership(registry: Running, school: School, person_id: object) -> MembershipChanged:
    bodies = await registry.bodies("membership.changed", f"{school.school_id}/{person_id}")
    return MembershipChanged.model_validate_json(bodies[-1])
