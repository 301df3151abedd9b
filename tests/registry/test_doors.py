"""The doors of the registry: nobody without a token, nobody without the role, nobody of another school."""

from uuid import uuid4

import pytest

from tests.registry.town import a_person, a_school
from tests.stand import Stand

ID = "7f8f3a52-58a6-4f0e-9d0b-0a8d6a2f1c11"
CYCLE = {"title": "Цикл", "starts_on": "2026-09-01", "ends_on": "2027-06-15"}
# Method, path behind the school, those who may come in.
SCHOOL_DOORS = [
    ("PUT", f"/people/{ID}", {"curator", "head"}),
    ("PUT", f"/people/{ID}/roles", {"curator", "head"}),
    ("GET", "/people", {"curator", "head"}),
    ("GET", f"/people/{ID}", {"curator", "head"}),
    ("POST", "/people:resolve", {"teacher", "observer", "curator", "head"}),
    ("GET", "/my/person", {"teacher", "observer", "curator", "head"}),
    ("GET", "/accounts", {"curator", "head"}),
    ("PUT", f"/staff-imports/{ID}", {"curator"}),
    ("GET", f"/staff-imports/{ID}", {"curator"}),
    ("POST", f"/staff-imports/{ID}/apply", {"curator"}),
    ("POST", f"/staff-imports/{ID}/cancel", {"curator"}),
    ("PUT", f"/cycles/{ID}", {"curator"}),
    ("POST", f"/cycles/{ID}/approve", {"head"}),
    ("POST", f"/cycles/{ID}/stage", {"curator"}),
    ("POST", f"/cycles/{ID}/end", {"curator", "head"}),
    ("PUT", f"/cycles/{ID}/roadmap/1", {"head"}),
    ("GET", f"/cycles/{ID}/roadmap", {"teacher", "observer", "curator", "head"}),
    ("POST", "/transfers", {"curator", "head"}),
    ("GET", "/role-profiles", {"curator"}),
    ("GET", f"/people/{ID}/role-profiles", {"curator"}),
    ("PUT", f"/people/{ID}/role-profiles", {"curator"}),
    ("GET", "/my/role-profiles", {"teacher", "observer", "curator", "head"}),
    ("PUT", f"/people/{ID}/attestations/{ID}", {"curator"}),
    ("POST", f"/people/{ID}/attestations/{ID}/withdraw", {"curator"}),
    ("GET", f"/people/{ID}/attestations", {"curator", "head"}),
    ("PUT", f"/people/{ID}/attestation-exemptions/2026-09-01", {"curator"}),
    ("GET", "/attestation", {"curator", "head"}),
    ("GET", "/attestation/alerts", {"curator", "head"}),
    ("GET", "/attestation/shares", {"curator", "head"}),
    ("GET", "/my/attestation", {"teacher", "observer", "curator", "head"}),
    ("GET", "/cycles", {"teacher", "observer", "curator", "head"}),
    ("GET", f"/cycles/{ID}", {"teacher", "observer", "curator", "head"}),
]
CITY_DOORS = [
    ("PUT", "/places/x"),
    ("PUT", f"/places/x/officers/{ID}"),
    ("PUT", "/places/x/successors/y"),
    ("DELETE", "/places/x/successors/y"),
]
ROLES = ("teacher", "observer", "curator", "head", "coordinator", "analyst", "operator", "auditor")


@pytest.mark.parametrize(("method", "path", "allowed"), SCHOOL_DOORS)
async def test_door_of_a_school_opens_to_its_roles_there_and_to_nobody_else(
    stand: Stand, method: str, path: str, allowed: set[str]
) -> None:
    registry = await stand.service("registry")
    door = f"/schools/one{path}"

    nobody = await registry.client.request(method, door)
    elsewhere = await registry.call(method, door, by=uuid4(), groups=[f"/schools/other/{role}" for role in ROLES])
    above = await registry.call(method, door, by=uuid4(), groups=[f"/city/{role}" for role in ROLES])
    entered = set()
    for role in ROLES:
        answer = await registry.call(method, door, by=uuid4(), groups=[f"/schools/one/{role}"])
        assert answer.status_code != 500
        if answer.status_code != 403:
            entered.add(role)

    assert (nobody.status_code, elsewhere.status_code, above.status_code) == (401, 403, 403)
    assert entered == allowed


@pytest.mark.parametrize(("method", "path"), CITY_DOORS)
async def test_door_of_the_city_opens_to_its_analyst_only(stand: Stand, method: str, path: str) -> None:
    registry = await stand.service("registry")

    nobody = await registry.client.request(method, path)
    entered = []
    for group in [*(f"/city/{role}" for role in ROLES), "/districts/x/analyst", "/schools/x/analyst"]:
        answer = await registry.call(method, path, by=uuid4(), groups=[group])
        if answer.status_code != 403:
            entered.append(group)

    assert nobody.status_code == 401
    assert entered == ["/city/analyst"]


@pytest.mark.parametrize(("path", "status"), [("/places", 200), ("/places/x", 404)])
async def test_tree_is_open_to_any_role_and_to_nobody_without_one(stand: Stand, path: str, status: int) -> None:
    registry = await stand.service("registry")

    nobody = await registry.client.get(path)
    without = await registry.call("GET", path, by=uuid4())
    teacher = await registry.call("GET", path, by=uuid4(), groups=["/schools/any/teacher"])

    assert (nobody.status_code, without.status_code, teacher.status_code) == (401, 403, status)


async def test_teacher_here_who_is_curator_there_does_curator_things_there_only(stand: Stand) -> None:
    registry = await stand.service("registry")
    here, there = await a_school(registry), await a_school(registry)
    person_id = await here.add()
    await there.add("head", person_id, roles=["curator"])
    groups = [here.at("/teacher"), there.at("/curator")]

    async def tries(method: str, path: str, **request: object) -> list[int]:
        answers = [
            await registry.call(method, school.at(path), by=person_id, groups=groups, **request)
            for school in (here, there)
        ]
        return [answer.status_code for answer in answers]

    assert await tries("GET", "/people") == [403, 200]
    assert await tries("GET", "/accounts") == [403, 200]
    assert await tries("PUT", f"/cycles/{uuid4()}", json=CYCLE) == [403, 201]
    assert await tries("PUT", f"/people/{uuid4()}", json=a_person()) == [403, 201]
    assert await tries("PUT", f"/people/{uuid4()}", json=a_person(roles=["curator"])) == [403, 403]
    assert await tries("GET", "/my/person") == [200, 200]
    assert await tries("GET", "/cycles") == [200, 200]


async def test_other_school_sees_neither_people_nor_cycles(stand: Stand) -> None:
    registry = await stand.service("registry")
    here, there = await a_school(registry), await a_school(registry)
    person_id, cycle_id = await here.add(), uuid4()
    await here.call("curator", "PUT", f"/cycles/{cycle_id}", json=CYCLE)

    assert (await there.people(), (await there.call("head", "GET", "/cycles")).json()["items"]) == ([], [])
    assert (await there.call("teacher", "GET", f"/cycles/{cycle_id}")).status_code == 404
    assert (await there.call("head", "POST", f"/cycles/{cycle_id}/approve")).status_code == 404
    roles = {"roles": ["teacher"]}
    assert (await there.call("curator", "PUT", f"/people/{person_id}/roles", json=roles)).status_code == 404


async def test_service_without_a_person_has_no_card(stand: Stand) -> None:
    registry = await stand.service("registry")

    answer = await registry.call("GET", "/schools/one/my/person", by=None, groups=["/schools/one/teacher"])

    assert answer.json()["type"] == "urn:neo:problem:identity.person-only"


@pytest.mark.parametrize("path", ["/people", "/cycles", "/staff-imports"])
async def test_school_outside_the_tree_takes_nobody_in(stand: Stand, path: str) -> None:
    registry = await stand.service("registry")
    body = {"files": {"file": b"x"}} if path == "/staff-imports" else {"json": {**CYCLE, **a_person()}}

    answer = await registry.call(
        "PUT", f"/schools/unknown{path}/{uuid4()}", by=uuid4(), groups=["/schools/unknown/curator"], **body
    )

    assert answer.json()["type"] == "urn:neo:problem:school.unknown"
