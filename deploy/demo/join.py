"""Step 1: three schools in two districts join, and their staff files are imported."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp

from deploy.demo.client import DemoFailed, Person, patiently, together, until
from deploy.demo.world import CITY, School, Teacher, World, demo_id

DISTRICTS = {"vyborgsky": "Выборгский", "nevsky": "Невский"}
BEGINNING = "2026-09-01"
OBSERVERS = 3


@dataclass(frozen=True, slots=True)
class StaffFile:
    """A school's staff file as it lies on the disk."""

    name: str
    content: bytes


def shipped() -> list[StaffFile]:
    """The three files that are shipped: one Windows-1251 CSV, one UTF-8 CSV, one XLSX."""
    folder = Path(__file__).parent / "staff"
    return [StaffFile(path.name, path.read_bytes()) for path in sorted(folder.iterdir())]


async def join_city(world: World, files: Sequence[StaffFile]) -> dict[str, int]:
    """The city, its districts and schools, their officers; then the files."""
    await world.analyst.put(f"/registry/v1/places/{CITY}", _place("city", "Санкт-Петербург", None))
    for district, name in DISTRICTS.items():
        await world.analyst.put(f"/registry/v1/places/{district}", _place("district", name, CITY))
        coordinator = await _officer(world, district, "coordinator")
        world.coordinators[district] = coordinator
    districts = list(DISTRICTS)
    for number, file in enumerate(files):
        district = districts[0] if number < 2 else districts[1 + (number % (len(districts) - 1))]
        world.schools.append(await _join_school(world, file, district, number))
    await together(_take_staff(world, school) for school in world.schools)
    return {
        "schools": len(world.schools),
        "districts": len(DISTRICTS),
        "people": sum(len(school.teachers) for school in world.schools),
        "head_count": sum(int(school.counts["head_count"]) for school in world.schools),
    }


def _place(kind: str, name: str, parent: str | None) -> dict[str, Any]:
    return {"kind": kind, "parent": parent, "name": name, "zone": "Europe/Moscow", "valid_from": BEGINNING}


async def _officer(world: World, place: str, role: str) -> Person:
    person_id = demo_id(f"officer/{place}/{role}")
    names = {"family_name": "Петрова", "given_name": "Мария", "patronymic": "Олеговна", "role": role}
    made = await world.analyst.put(f"/registry/v1/places/{place}/officers/{person_id}", names)
    officer = Person(world.door, made["username"], person_id)
    await officer.sign_in()
    return officer


async def _join_school(world: World, file: StaffFile, district: str, number: int) -> School:
    stem = Path(file.name).stem.lower()
    school_id = stem if stem.startswith("spb-") else f"school-{number + 1}"
    name = f"ГБОУ школа № {school_id.rpartition('-')[2]}"
    await world.analyst.put(f"/registry/v1/places/{school_id}", _place("school", name, district))
    head = await _officer(world, school_id, "head")
    curator_id = demo_id(f"curator/{school_id}")
    names = {"family_name": "Соколова", "given_name": "Ирина", "patronymic": "Павловна", "roles": ["curator"]}
    made = await patiently(lambda: head.put(f"/registry/v1/schools/{school_id}/people/{curator_id}", names))
    curator = Person(world.door, made["username"], curator_id)
    await curator.sign_in()
    return School(school_id, name, district, file.name, file.content, head, curator)


async def _take_staff(world: World, school: School) -> None:
    address = school.at("registry", f"/staff-imports/{school.id_of('import')}")
    form = aiohttp.FormData()
    form.add_field("file", school.file, filename=school.file_name)
    checked = await school.curator.call("PUT", address, data=form)
    if not checked["can_apply"]:
        raise DemoFailed(f"{school.file_name}: {checked['problems'][:3]}")
    await school.curator.post(f"{address}/apply")
    await until(
        lambda: school.curator.get(address), lambda found: found["state"] == "APPLIED", f"{school.file_name}: applying"
    )
    school.counts["head_count"] = checked["head_count"]
    school.counts["file"] = school.file_name
    people = await school.curator.every(school.at("registry", "/people"))
    teachers = [person for person in people if "teacher" in person["roles"] and not person["left_on"]]
    school.counts["people"] = len(people)
    observers = {person["person_id"] for person in _observers(world, school, teachers)}
    await together(_appoint_observer(school, person_id) for person_id in sorted(observers))
    usernames = await _usernames(school, {str(person["person_id"]) for person in teachers})
    for person in teachers:
        one = Person(world.door, usernames[person["person_id"]], person["person_id"])
        school.teachers[one.person_id] = Teacher(one, tuple(person["subjects"]))
    for person_id in observers:
        school.teachers[person_id] = replace(school.teachers[person_id], is_observer=True)
    await together(teacher.person.sign_in() for teacher in school.teachers.values())


def _observers(world: World, school: School, teachers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    ordered = sorted(teachers, key=lambda person: str(person["person_id"]))
    return world.chance("observers", school.school_id).sample(ordered, min(OBSERVERS, len(ordered)))


async def _appoint_observer(school: School, person_id: str) -> None:
    await school.curator.put(school.at("registry", f"/people/{person_id}/roles"), {"roles": ["teacher", "observer"]})


async def _usernames(school: School, wanted: set[str]) -> dict[str, str]:
    """The usernames of these people; accounts follow the people a moment later."""

    async def look() -> dict[str, str]:
        accounts = await school.curator.every(school.at("registry", "/accounts"))
        return {one["person_id"]: one["username"] for one in accounts if one["state"] == "READY"}

    return await until(look, lambda ready: wanted <= ready.keys(), f"{school.school_id}: accounts")
