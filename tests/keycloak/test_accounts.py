"""Accounts of a real Keycloak follow the registry; people come in by a slip, without any e-mail."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest_asyncio

from chassis.identity import Grant
from tests.keycloak.realm import Realm
from tests.keycloak.test_tokens import claims_of
from tests.registry.realm import a_registry, accounts_are_ready, forget_older_work
from tests.registry.town import School, a_school, some_teachers
from tests.stand import Running, Stand

PASSWORD = "семь-раз-отмерь-2026"
OTHER = "another-long-password-7"


@pytest_asyncio.fixture
async def registry(stand: Stand, keycloak: Realm) -> AsyncIterator[Running]:
    """A registry that keeps accounts by itself, as in a city."""
    async with a_registry(stand, keycloak.server.url) as running:
        yield running


@pytest_asyncio.fixture
async def quiet(stand: Stand, keycloak: Realm) -> Running:
    """A registry whose accounts wait until a test sweeps."""
    await forget_older_work(stand)
    return await stand.service("registry")


async def states(school: School) -> dict[str, str]:
    answer = await school.call("curator", "GET", "/accounts?limit=500")
    return {one["username"]: one["state"] for one in answer.json()["items"]}


async def a_slip(school: School, person: UUID) -> dict[str, Any]:
    answer = await school.call("curator", "POST", "/slips", json={"person_ids": [str(person)]})
    assert answer.status_code == 201, answer.text
    (slip,) = answer.json()["slips"]
    return dict(slip)


async def redeem(registry: Running, code: str, password: str) -> httpx.Response:
    return await registry.client.post("/slips:redeem", json={"code": code, "new_password": password})


async def came_in(registry: Running, keycloak: Realm, school: School, person: UUID) -> tuple[str, dict[str, Any]]:
    """Somebody who has just come in with a slip: the username and the tokens."""
    slip = await a_slip(school, person)
    answer = await redeem(registry, slip["code"], PASSWORD)
    assert answer.status_code == 200, answer.text
    return slip["username"], await keycloak.tokens(slip["username"], PASSWORD)


async def grants(keycloak: Realm, tokens: dict[str, Any]) -> set[Grant]:
    return set((await keycloak.verifier().verify(tokens["access_token"])).grants)


async def test_thirty_imported_teachers_stand_in_their_group(registry: Running, keycloak: Realm) -> None:
    school = await a_school(registry)
    await school.take_in(*some_teachers(30))

    ready = await accounts_are_ready(school, 30)

    group = await keycloak.admin.a_get_group_by_path(school.at("/teacher"))
    members = await keycloak.admin.a_get_group_members(group["id"])
    assert {(one["username"], one["attributes"]["person_id"][0]) for one in members} == {
        (one["username"], one["person_id"]) for one in ready
    }
    assert [one["username"] for one in members if {"email", "firstName", "lastName"} & one.keys()] == []


async def test_first_sign_in_by_a_slip_needs_no_mail(registry: Running, keycloak: Realm) -> None:
    school = await a_school(registry)
    person = await school.add()
    await accounts_are_ready(school, 1)
    slip = await a_slip(school, person)

    refused = [await redeem(registry, slip["code"], word) for word in ("short", f"my-{slip['username']}-word")]
    accepted = await redeem(registry, slip["code"], PASSWORD)
    tokens = await keycloak.tokens(slip["username"], PASSWORD)

    assert [one.json()["type"].rpartition(":")[2] for one in refused] == [
        "password.too-short",
        "password.like-username",
    ]
    assert "12" in refused[0].json()["detail"]
    assert accepted.status_code == 200
    principal = await keycloak.verifier().verify(tokens["access_token"])
    assert (principal.me, principal.grants) == (person, frozenset({Grant(f"schools/{school.school_id}", "teacher")}))


async def test_new_slip_ends_the_sessions_and_the_password_before(registry: Running, keycloak: Realm) -> None:
    school = await a_school(registry)
    person = await school.add()
    await accounts_are_ready(school, 1)
    username, tokens = await came_in(registry, keycloak, school, person)

    again = await redeem(registry, (await a_slip(school, person))["code"], OTHER)

    assert again.status_code == 200, again.text
    assert (await keycloak.refreshed(tokens)).status_code == 400
    assert not await keycloak.can_sign_in(username, PASSWORD)
    assert await keycloak.can_sign_in(username, OTHER)


async def test_right_that_was_taken_is_gone_from_the_next_token(registry: Running, keycloak: Realm) -> None:
    school = await a_school(registry)
    person = await school.add("head", roles=["teacher", "observer"])
    await accounts_are_ready(school, 1)
    _, tokens = await came_in(registry, keycloak, school, person)

    await school.call("head", "PUT", f"/people/{person}/roles", json={"roles": ["teacher"]})
    await accounts_are_ready(school, 1)
    fresh = (await keycloak.refreshed(tokens)).json()

    place = f"schools/{school.school_id}"
    assert await grants(keycloak, tokens) == {Grant(place, "teacher"), Grant(place, "observer")}
    assert await grants(keycloak, fresh) == {Grant(place, "teacher")}
    lived = claims_of(tokens["access_token"])
    assert lived["exp"] - lived["iat"] <= 300


async def test_leaver_is_out_within_one_token_and_returns_under_the_same_name(quiet: Running, keycloak: Realm) -> None:
    school, keeper = await a_school(quiet), keycloak.keeper()
    stays, leaves = some_teachers(2)
    await school.take_in(stays, leaves)
    await keeper.sweep(quiet.db)
    names = sorted(await states(school))
    user_ids = {name: await keycloak.user_id(name) for name in names}
    for user_id in user_ids.values():
        await keycloak.admin.a_set_user_password(user_id, PASSWORD, temporary=False)
    tokens = {name: await keycloak.tokens(name, PASSWORD) for name in names}

    await school.take_in(stays)
    await keeper.sweep(quiet.db)
    (gone,) = [name for name, state in (await states(school)).items() if state == "DISABLED"]
    refreshed = {name: (await keycloak.refreshed(tokens[name])).status_code for name in names}
    is_locked_out = not await keycloak.can_sign_in(gone, PASSWORD)
    await school.take_in(stays, leaves)
    await keeper.sweep(quiet.db)

    assert refreshed == {name: 400 if name == gone else 200 for name in names}
    assert is_locked_out
    back = await keycloak.tokens(gone, PASSWORD)
    assert await grants(keycloak, back) == {Grant(f"schools/{school.school_id}", "teacher")}


async def test_erased_person_has_no_account_left(quiet: Running, keycloak: Realm) -> None:
    school, keeper = await a_school(quiet), keycloak.keeper()
    person = await school.add()
    await keeper.sweep(quiet.db)
    (username,) = await states(school)

    door, wanted = f"/erasures/{uuid4()}", {"person_id": str(person), "basis": "WITHDRAWN", "request_number": "17/2026"}
    ordered = await quiet.call("PUT", door, by=uuid4(), groups=["/city/auditor"], json=wanted)
    await keeper.sweep(quiet.db)

    assert ordered.status_code == 201, ordered.text
    assert await keycloak.admin.a_get_users({"username": username, "exact": True}) == []
    assert await keycloak.admin.a_get_users({"q": f"person_id:{person}"}) == []


async def test_name_of_somebody_else_is_not_taken_over(quiet: Running, keycloak: Realm) -> None:
    school = await a_school(quiet)
    await school.add()
    username = f"{school.school_id}.0001"
    stranger = await keycloak.admin.a_create_user({"username": username, "enabled": True})

    await keycloak.keeper().sweep(quiet.db)

    assert await states(school) == {username: "PENDING"}
    assert await keycloak.admin.a_get_user_groups(stranger) == []


async def test_account_that_a_hand_changed_is_set_right_at_the_next_change(quiet: Running, keycloak: Realm) -> None:
    school, keeper = await a_school(quiet), keycloak.keeper()
    person = await school.add()
    await keeper.sweep(quiet.db)
    (username,) = await states(school)
    user_id = await keycloak.user_id(username)
    await keycloak.admin.a_group_user_add(user_id, await keycloak.group("/city/operator"))

    await school.call("head", "PUT", f"/people/{person}/roles", json={"roles": ["observer"]})
    await keeper.sweep(quiet.db)

    groups = await keycloak.admin.a_get_user_groups(user_id)
    assert [group["path"] for group in groups] == [school.at("/observer")]
