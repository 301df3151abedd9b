"""Accounts follow the registry into the realm: against a live development issuer, with the real client library."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from chassis.testing import eventually
from services.registry.actions.realm import RealmDoor, RealmKeeper
from services.registry.domain.accounts import state_of, stem_of, username_of
from tests.deploy.issuer_run import DOORS, started
from tests.deploy.issuer_run import Running as Issuer
from tests.registry.realm import a_keeper, a_registry
from tests.registry.town import ANALYST, School, a_school, some_teachers
from tests.stand import Running, Stand

PASSWORD = "neo"


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    with started(tmp_path_factory.mktemp("issuer")) as running:
        yield running


async def accounts(school: School) -> dict[str, dict[str, Any]]:
    answer = await school.call("curator", "GET", "/accounts?limit=500")
    return {one["username"]: one for one in answer.json()["items"]}


async def settle(school: School, **states: int) -> dict[str, dict[str, Any]]:
    """Wait until the school's accounts are in these states."""

    async def count() -> dict[str, int]:
        found = [one["state"] for one in (await accounts(school)).values()]
        return {state: found.count(state) for state in set(found)}

    await eventually(count, equals=states)
    return await accounts(school)


def sign_in(issuer: Issuer, username: str) -> httpx.Response:
    form = {"grant_type": "password", "client_id": "demo", "username": username, "password": PASSWORD}
    return issuer.browser.post(f"{DOORS}/token", data=form)


def claims(issuer: Issuer, username: str) -> dict[str, object]:
    answer = sign_in(issuer, username)
    assert answer.status_code == 200, answer.text
    return issuer.claims(answer.json()["access_token"])


async def test_thirty_imported_teachers_can_sign_in_with_their_groups(stand: Stand, issuer: Issuer) -> None:
    async with a_registry(stand, issuer.address) as registry:
        school = await a_school(registry)
        await school.take_in(*some_teachers(30))

        ready = await settle(school, READY=30)

    assert sorted(ready) == [f"{school.school_id}.{number:04d}" for number in range(1, 31)]
    for username in (f"{school.school_id}.0001", f"{school.school_id}.0030"):
        told = claims(issuer, username)
        assert told["groups"] == [school.at("/teacher")]
        assert told["person_id"] == ready[username]["person_id"]


async def test_person_of_two_schools_has_one_account_with_both_groups(stand: Stand, issuer: Issuer) -> None:
    registry, keeper = await stand.service("registry"), a_keeper(issuer.address)
    here, there = await a_school(registry), await a_school(registry)
    person_id = await here.add()
    await there.add("head", person_id, roles=["curator"])

    await keeper.sweep(registry.db)
    (username,) = await accounts(here)
    both = claims(issuer, username)["groups"]
    await there.call("head", "PUT", f"/people/{person_id}/roles", json={"roles": []})
    await keeper.sweep(registry.db)

    assert list(await accounts(there)) == [username]
    assert both == sorted([here.at("/teacher"), there.at("/curator")])
    assert claims(issuer, username)["groups"] == [here.at("/teacher")]


async def test_changed_roles_are_changed_groups_under_the_same_name(stand: Stand, issuer: Issuer) -> None:
    registry, keeper = await stand.service("registry"), a_keeper(issuer.address)
    school = await a_school(registry)
    person_id = await school.add("head", roles=["curator"])
    await keeper.sweep(registry.db)

    wanted = {"roles": ["teacher", "observer"]}
    await school.call("head", "PUT", f"/people/{person_id}/roles", json=wanted)
    await keeper.sweep(registry.db)

    groups = claims(issuer, f"{school.school_id}.curator")["groups"]
    assert groups == [school.at("/observer"), school.at("/teacher")]


async def test_leaver_can_no_longer_sign_in_and_comes_back_under_the_same_name(stand: Stand, issuer: Issuer) -> None:
    registry, keeper = await stand.service("registry"), a_keeper(issuer.address)
    school = await a_school(registry)
    stays, leaves = some_teachers(2)
    await school.take_in(stays, leaves)
    await keeper.sweep(registry.db)

    await school.take_in(stays)
    await keeper.sweep(registry.db)
    (gone,) = [name for name, one in (await accounts(school)).items() if one["state"] == "DISABLED"]
    refused = sign_in(issuer, gone)
    await school.take_in(stays, leaves)
    await keeper.sweep(registry.db)

    assert refused.json()["error_description"] == "Account disabled"
    assert claims(issuer, gone)["groups"] == [school.at("/teacher")]


async def test_officers_get_the_groups_of_their_places(stand: Stand, issuer: Issuer) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    for place_id, role in ((school.school_id, "head"), (school.district, "coordinator"), (school.city, "auditor")):
        door, names = f"/places/{place_id}/officers/{uuid4()}", {"family_name": "Петрова", "given_name": "Мария"}
        await registry.call("PUT", door, by=uuid4(), groups=ANALYST, json={**names, "role": role})

    await a_keeper(issuer.address).sweep(registry.db)

    assert claims(issuer, f"{school.school_id}.head")["groups"] == [school.at("/head")]
    assert claims(issuer, f"{school.district}.coordinator")["groups"] == [f"/districts/{school.district}/coordinator"]
    assert claims(issuer, f"{school.city}.auditor")["groups"] == ["/city/auditor"]


async def be_patient_no_longer(registry: Running) -> None:
    """Let what was put off be tried at once."""
    async with registry.db.transaction() as tx:
        await tx.run(text("update account_work set not_before = to_timestamp(0)"))


async def test_realm_that_is_away_costs_nothing_but_time(stand: Stand, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        nowhere = f"http://127.0.0.1:{reserved.getsockname()[1]}"
    registry = await stand.service("registry")
    school = await a_school(registry)
    await school.take_in(*some_teachers(3))

    await RealmKeeper(RealmDoor(f"{nowhere}/realms/neo", "registry", "registry-secret")).sweep(registry.db)

    assert {one["state"] for one in (await accounts(school)).values()} == {"PENDING"}
    await be_patient_no_longer(registry)
    with started(tmp_path) as back:
        await a_keeper(back.address).sweep(registry.db)
        assert claims(back, f"{school.school_id}.0003")["groups"] == [school.at("/teacher")]
    assert {one["state"] for one in (await accounts(school)).values()} == {"READY"}


async def test_account_of_an_interrupted_pass_is_found_again(stand: Stand, issuer: Issuer) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    person_id = await school.add()
    username = f"{school.school_id}.0001"
    issuer.admin.create_user({"username": username, "attributes": {"person_id": [str(person_id)]}})

    await a_keeper(issuer.address).sweep(registry.db)

    assert (await accounts(school))[username]["state"] == "READY"
    assert claims(issuer, username)["groups"] == [school.at("/teacher")]


async def test_username_of_somebody_else_is_not_taken_over(stand: Stand, issuer: Issuer) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    await school.add()
    other = await school.add()
    username, mine = f"{school.school_id}.0001", f"{school.school_id}.0002"
    issuer.admin.create_user({"username": username, "enabled": True, "attributes": {"person_id": [str(uuid4())]}})

    await a_keeper(issuer.address).sweep(registry.db)

    states = {name: one["state"] for name, one in (await accounts(school)).items()}
    assert states == {username: "PENDING", mine: "READY"}
    assert claims(issuer, username)["groups"] == []
    assert claims(issuer, mine)["person_id"] == str(other)


async def test_account_erased_in_the_realm_is_made_anew(stand: Stand, issuer: Issuer) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    person_id: UUID = await school.add()
    username = f"{school.school_id}.0001"
    keeper = a_keeper(issuer.address)
    await keeper.sweep(registry.db)
    issuer.admin.delete_user(str(issuer.admin.get_user_id(username)))

    await school.call("curator", "PUT", f"/people/{person_id}/roles", json={"roles": ["teacher", "observer"]})
    await keeper.sweep(registry.db)

    assert claims(issuer, username)["groups"] == [school.at("/observer"), school.at("/teacher")]


def test_names_at_the_door_tell_the_office_or_a_number() -> None:
    assert username_of(stem_of("spb-693", ("teacher", "observer")), 42) == "spb-693.0042"
    assert username_of(stem_of("spb-693", ("teacher", "curator")), 1) == "spb-693.curator"
    assert username_of(stem_of("spb-693", ("curator",)), 3) == "spb-693.curator.3"


def test_state_tells_what_the_realm_has_done() -> None:
    assert state_of(version=2, done_version=1, has_groups=True) == "PENDING"
    assert state_of(version=2, done_version=2, has_groups=True) == "READY"
    assert state_of(version=2, done_version=2, has_groups=False) == "DISABLED"
