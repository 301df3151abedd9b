"""A town for tests of the registry: its places and its people, made through the doors."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import httpx

from chassis.testing import eventually
from tests.registry.staff_exports import Cells, a_row, as_csv, lines
from tests.stand import Running, Stand

ANALYST = ("/city/analyst",)
SEPTEMBER = "2026-09-01"


def at(stand: Stand, day: str) -> None:
    """It is noon in Moscow on this day."""
    stand.clock.move_to(datetime.fromisoformat(f"{day}T09:00:00+00:00"))


def some_id(word: str) -> str:
    """A place that no other test knows."""
    return f"{word}-{uuid4().hex[:10]}"


def a_place(kind: str, parent: str | None, **other: Any) -> dict[str, Any]:
    return {"kind": kind, "parent": parent, "name": f"a {kind}", "valid_from": SEPTEMBER, **other}


def a_person(**other: Any) -> dict[str, Any]:
    return {"family_name": "Орлова", "given_name": "Анна", "patronymic": "Ильинична", "roles": ["teacher"], **other}


@dataclass(frozen=True, slots=True)
class School:
    """A school with its curator and head at the doors of a running registry."""

    registry: Running
    school_id: str
    district: str
    city: str
    curator: UUID = field(default_factory=uuid4)

    def at(self, path: str) -> str:
        return f"/schools/{self.school_id}{path}"

    async def call(self, role: str, method: str, path: str, by: UUID | None = None, **request: Any) -> httpx.Response:
        """Call a door of the school in a role there."""
        groups = [self.at(f"/{role}")]
        return await self.registry.call(method, self.at(path), by=by or self.curator, groups=groups, **request)

    async def add(self, role: str = "curator", person_id: UUID | None = None, **other: Any) -> UUID:
        """A person added by hand."""
        added = person_id or uuid4()
        answer = await self.call(role, "PUT", f"/people/{added}", json=a_person(**other))
        assert answer.status_code in (200, 201), answer.text
        return added

    async def check(self, *rows: Cells, import_id: UUID | None = None, **request: Any) -> dict[str, Any]:
        """A staff file, checked."""
        answer = await self.upload(as_csv(lines(*rows)), import_id=import_id, **request)
        assert answer.status_code in (200, 201), answer.text
        return dict(answer.json())

    async def upload(self, content: bytes, *, import_id: UUID | None = None, **request: Any) -> httpx.Response:
        door = f"/staff-imports/{import_id or uuid4()}"
        return await self.call("curator", "PUT", door, files={"file": ("staff.csv", content)}, **request)

    async def order(self, import_id: object) -> httpx.Response:
        """Ask for a checked file to be applied; the answer comes before it is."""
        return await self.call("curator", "POST", f"/staff-imports/{import_id}/apply")

    async def apply(self, import_id: object) -> httpx.Response:
        """Apply a checked file; the refusal of the order, or the import when it is over."""
        answer = await self.order(import_id)
        return await self.over(import_id) if answer.is_success else answer

    async def over(self, import_id: object) -> httpx.Response:
        """An import once it is no longer being applied."""

        seen: list[httpx.Response] = []

        async def is_applying() -> bool:
            seen.append(await self.call("curator", "GET", f"/staff-imports/{import_id}"))
            return bool(seen[-1].json()["state"] == "APPLYING")

        await eventually(is_applying, equals=False)
        return seen[-1]

    async def take_in(self, *rows: Cells) -> dict[str, Any]:
        """A staff file, checked and applied."""
        checked = await self.check(*rows)
        answer = await self.apply(checked["import_id"])
        assert answer.json()["state"] == "APPLIED", answer.text
        return dict(answer.json())

    async def people(self) -> list[dict[str, Any]]:
        answer = await self.call("curator", "GET", "/people?limit=500")
        return list(answer.json()["items"])


async def a_school(registry: Running) -> School:
    """A school of a district of a city, none of them known before."""
    city, district, school = some_id("city"), some_id("district"), some_id("school")
    for place_id, place in (
        (city, a_place("city", None)),
        (district, a_place("district", city)),
        (school, a_place("school", district)),
    ):
        answer = await registry.call("PUT", f"/places/{place_id}", by=uuid4(), groups=ANALYST, json=place)
        assert answer.status_code == 201, answer.text
    return School(registry, school, district, city)


def some_teachers(count: int, **other: str) -> list[Cells]:
    return [
        a_row(number=f"{number:05d}", family=f"Иванов{'абвгдежзик'[number % 10] * (number // 10 + 1)}", **other)
        for number in range(count)
    ]
