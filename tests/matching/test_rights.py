"""Rights over all doors of matching: each role at each door, and what is found in the answers.

The doors are read from the router, so a new one is in it by itself.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from chassis.identity import EVERYONE_AT_SCHOOL
from tests.architecture.test_doors import guards_of, routes_of
from tests.matching.school import School
from tests.matching.test_across import District, a_district, crossings, decide
from tests.stand import Stand

# What would tell a level: the level itself, its error, its class, the worth of one pair.
LEVELS = {"level", "level10", "se10", "gap10", "competency_class", "priority", "priority1000"}
PEOPLE = {"giver_id", "taker_id", "person_id", "partner_id"}
A_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Door:
    """One method of one path, and the roles that may enter."""

    method: str
    path: str
    roles: frozenset[str]

    def at(self, district: District, ids: dict[str, str]) -> str:
        """The address in a district and its near school."""
        named = {"school": district.near.id, "district": district.id, **ids}
        if self.path.startswith("/districts/"):
            named["run_id"] = ids["district_run"]
        return re.sub(r"{(\w+)}", lambda gap: named.get(gap[1], str(uuid4())), self.path)


def doors() -> Iterator[Door]:
    for route in routes_of("matching"):
        roles = frozenset(role for guard in guards_of(route) for role in guard.roles)
        for method in sorted(route.methods or ()):
            yield Door(method, (route.path or "").removeprefix("/v1"), roles)


def callers(district: District) -> dict[str, str]:
    """Everybody who might call, by group, with the role that the group gives here; nothing for one elsewhere."""
    here = {f"/schools/{district.near.id}/{role}": role for role in EVERYONE_AT_SCHOOL}
    elsewhere = [
        *(f"/schools/elsewhere/{role}" for role in EVERYONE_AT_SCHOOL),
        "/districts/elsewhere/coordinator",
        "/city/analyst",
        "/city/operator",
        "/services/registry",
    ]
    wide = {f"/districts/{district.id}/coordinator": "coordinator", "/city/auditor": "auditor"}
    return {**here, **wide, **dict.fromkeys(elsewhere, "")}


@dataclass(frozen=True, slots=True)
class Scene:
    """A district in the middle of its work: a published run of the near school, a pair that waits for two curators."""

    district: District
    ids: dict[str, str]

    async def look(self, door: Door, *, by: UUID, group: str) -> httpx.Response:
        address = door.at(self.district, self.ids)
        return await self.district.near.matching.call(door.method, address, by=by, groups=[group], json={})


async def a_scene(stand: Stand) -> Scene:
    district = await a_district(stand)
    await district.near.free(district.anna, give=2)
    across = (await district.solved())["run_id"]
    await district.call("POST", f"/runs/{across}/propose")
    (crossing,) = await crossings(district.near)
    run = await district.near.published()
    (letter,) = await district.near.proposals(district.boris)
    ids = {"run_id": run["run_id"], "pairing_id": letter["pairing_id"], "crossing_id": crossing["crossing_id"]}
    return Scene(district, {**ids, "district_run": across})


def walk(answer: Any, *, of_person: bool = False) -> Iterator[tuple[str, bool]]:
    """Every name in an answer, and whether it stands in or below something that names a person."""
    if isinstance(answer, dict):
        of_person = of_person or bool(PEOPLE & answer.keys())
        for name, inner in answer.items():
            yield name, of_person
            yield from walk(inner, of_person=of_person)
    elif isinstance(answer, list):
        for inner in answer:
            yield from walk(inner, of_person=of_person)


def ids_in(answer: httpx.Response) -> set[str]:
    return set(A_UUID.findall(answer.text))


async def test_whoever_has_not_the_role_at_the_place_is_kept_out_of_every_door(stand: Stand) -> None:
    scene = await a_scene(stand)
    wrong = []

    for door in doors():
        for group, role in callers(scene.district).items():
            may = role in door.roles
            if may and door.method != "GET":
                continue
            answer = await scene.look(door, by=uuid4(), group=group)
            if (answer.status_code == 403) is may:
                wrong.append((door.method, door.path, group, answer.status_code))

    assert wrong == []


async def test_no_answer_holds_a_level_nor_the_worth_of_a_pair(stand: Stand) -> None:
    scene = await a_scene(stand)
    district = scene.district
    seen: dict[str, set[tuple[str, bool]]] = {}

    for door in doors():
        for group, role in callers(district).items():
            if role in door.roles and door.method == "GET":
                for person in (district.anna, district.boris, district.near.curator):
                    answer = await scene.look(door, by=person, group=group)
                    seen.setdefault(f"{role} {door.path}", set()).update(walk(answer.json()))

    assert {who for who, names in seen.items() if LEVELS & {name for name, _ in names}} == set()
    assert {who for who, names in seen.items() if ("score", True) in names} == set()
    with_score = {who.split()[0] for who, names in seen.items() if ("score", False) in names}
    assert with_score == {"curator", "coordinator"}


async def test_a_teacher_reads_of_nobody_but_those_whom_a_shown_proposal_names(stand: Stand) -> None:
    scene = await a_scene(stand)
    near, district = scene.district.near, scene.district
    group = f"/schools/{near.id}/teacher"
    mine = [door for door in doors() if door.method == "GET" and "/my/" in door.path]
    people = {str(person) for _, person in district.everyone}

    async def read(person: UUID) -> set[str]:
        answers = [await scene.look(door, by=person, group=group) for door in mine]
        return {one for answer in answers for one in ids_in(answer)} & (people - {str(person)})

    before = [await read(person) for person in (district.boris, district.anna)]
    await near.say(district.boris, scene.ids["pairing_id"], "accept")
    after = [await read(person) for person in (district.boris, district.anna)]

    assert len(mine) >= 3
    assert before == [{str(district.anna)}, set()]
    assert after == [{str(district.anna)}, {str(district.boris)}]


async def everything(scene: Scene, group: str, by: UUID) -> set[str]:
    """The people whom a caller finds in all answers."""
    role = group.rpartition("/")[2]
    people = {str(person) for _, person in scene.district.everyone}
    looks = [door for door in doors() if door.method == "GET" and role in door.roles]
    answers = [await scene.look(door, by=by, group=group) for door in looks]
    assert looks
    return {one for answer in answers for one in ids_in(answer)} & people


async def test_a_curator_finds_the_own_people_and_a_taker_elsewhere_only_after_both_agreed(stand: Stand) -> None:
    scene = await a_scene(stand)
    district = scene.district
    group = f"/schools/{district.near.id}/curator"

    before = await everything(scene, group, district.near.curator)
    (crossing,) = await crossings(district.near)
    for school in (district.near, district.far):
        await decide(school, crossing, "agree")
    after = await everything(scene, group, district.near.curator)

    assert before == {str(district.anna), str(district.boris)}
    assert after == before | {str(district.vera)}


async def test_a_coordinator_finds_those_alone_who_agreed_to_be_shown_outside(stand: Stand) -> None:
    scene = await a_scene(stand)

    found = await everything(scene, f"/districts/{scene.district.id}/coordinator", scene.district.coordinator)

    assert found == {str(scene.district.anna)}


async def test_a_head_who_is_no_curator_finds_nobody(stand: Stand) -> None:
    scene = await a_scene(stand)

    assert await everything(scene, f"/schools/{scene.district.near.id}/head", uuid4()) == set()


@pytest.mark.parametrize("role", ["curator", "teacher"])
async def test_a_curator_of_one_school_is_nobody_at_another(stand: Stand, role: str) -> None:
    scene = await a_scene(stand)
    third = School(stand, scene.district.near.matching)
    group = f"/schools/{third.id}/{role}"

    answers = [await scene.look(door, by=third.curator, group=group) for door in doors()]

    assert {answer.status_code for answer in answers} == {403}
