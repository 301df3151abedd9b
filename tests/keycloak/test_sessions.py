"""Sessions of the gateway that lean on a real Keycloak: renewed, ended from its side, alive while it is away."""

import time
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest_asyncio

from chassis.testing import eventually
from deploy.local.infrastructure import Infrastructure
from gateway.sign_in import FRESH
from tests.gateway.town import query_of
from tests.keycloak.away import Story, an_absence, what_was_wanted_happens_afterwards
from tests.keycloak.portal import Portal, a_portal
from tests.keycloak.realm import Realm
from tests.keycloak.test_keys import add_key
from tests.keycloak.test_tokens import TOKEN_SECONDS, claims_of, header_of
from tests.registry.realm import a_registry
from tests.stand import Stand


@pytest_asyncio.fixture(scope="module")
async def portal(infrastructure: Infrastructure, keycloak: Realm) -> AsyncIterator[Portal]:
    async with a_portal(infrastructure, keycloak) as built:
        yield built


async def test_session_is_renewed_by_keycloak_and_goes_on(portal: Portal) -> None:
    person = await portal.realm.person("/schools/any/teacher")

    async with portal.a_visitor() as visitor:
        await visitor.sign_in(person)
        before = await visitor.token()
        await portal.token_ends(person)
        after = await visitor.token()

    assert before != after
    assert (await portal.realm.verifier().verify(after)).me == person.person_id
    assert claims_of(before)["auth_time"] == claims_of(after)["auth_time"]
    assert await portal.kept(person.person_id) == 1


async def test_account_that_a_hand_disabled_is_out_within_one_token(portal: Portal) -> None:
    person = await portal.realm.person("/schools/any/teacher")

    async with portal.a_visitor() as visitor:
        await visitor.sign_in(person)
        lives = claims_of(await visitor.token())["exp"] - time.time()
        await portal.realm.admin.a_update_user(person.user_id, {"enabled": False})
        await portal.token_ends(person)
        answer = await visitor.open("/me")
        begun = await visitor.open("/sign-in?return_to=/me&anew=true")
        again = await visitor.give_password(await visitor.at_keycloak(begun.headers["location"]), person)

    assert lives <= TOKEN_SECONDS
    assert answer.headers["location"].startswith("/sign-in?")
    assert await portal.kept(person.person_id) == 0
    assert "location" not in again.headers


async def test_logout_by_an_administrator_ends_the_session_before_its_next_request(portal: Portal) -> None:
    person, stays = await portal.realm.person("/schools/any/teacher"), await portal.realm.person("/schools/any/head")

    async with portal.a_visitor() as visitor, portal.a_visitor() as other:
        await visitor.sign_in(person)
        await other.sign_in(stays)
        await portal.realm.admin.a_user_logout(person.user_id)

        await eventually(lambda: portal.kept(person.person_id), equals=0, within=30)
        assert not await visitor.is_in()
        assert await other.is_in()


async def test_logout_of_the_whole_realm_ends_every_session_within_one_token(portal: Portal) -> None:
    people = [await portal.realm.person("/schools/any/teacher") for _ in range(2)]

    async with portal.a_visitor() as one, portal.a_visitor() as other:
        for visitor, person in zip((one, other), people, strict=True):
            await visitor.sign_in(person)
        await portal.realm.admin.connection.a_raw_post(f"/admin/realms/{portal.realm.name}/logout-all", data="{}")
        for person in people:
            await portal.token_ends(person)

        assert [await visitor.is_in() for visitor in (one, other)] == [False, False]


async def test_proof_is_given_anew_where_it_is_asked_for_and_only_there(portal: Portal) -> None:
    person = await portal.realm.person("/schools/any/head")

    async def is_later() -> bool:
        return time.time() >= first + 1

    async with portal.a_visitor() as visitor, portal.a_visitor() as stranger:
        await visitor.sign_in(person)
        first = int(claims_of(await visitor.token())["auth_time"])
        known = await visitor.at_keycloak((await stranger.open("/sign-in?return_to=/me")).headers["location"])
        await eventually(is_later, equals=True)
        begun = await visitor.open("/sign-in?return_to=/me&anew=true")
        asked = await visitor.at_keycloak(begun.headers["location"])
        await visitor.open((await visitor.give_password(asked, person)).headers["location"])
        again = claims_of(await visitor.token())["auth_time"]

    assert known.status_code == 302
    assert "code" in query_of(known.headers["location"])
    assert asked.status_code == 200
    assert first < again
    assert time.time() - again < FRESH.total_seconds()


async def test_key_that_changes_while_people_are_in_disturbs_nobody(portal: Portal) -> None:
    here, newcomer = [await portal.realm.person("/schools/any/teacher") for _ in range(2)]

    async with portal.a_visitor() as visitor, portal.a_visitor() as other:
        await visitor.sign_in(here)
        before = await visitor.token()
        key = await add_key(portal.realm.admin)
        portal.an_hour_passes()
        came = await other.sign_in(newcomer)
        await portal.token_ends(here)
        during = await visitor.token()
        await portal.realm.admin.a_delete_component(key)
        portal.an_hour_passes()
        await portal.token_ends(here)
        after = await visitor.token()

    assert came.headers["location"] == "/me"
    assert header_of(before)["kid"] != header_of(during)["kid"]
    assert header_of(after)["kid"] == header_of(before)["kid"]


async def test_person_with_fifty_grants_comes_in(portal: Portal) -> None:
    city = uuid4().hex[:6]
    person = await portal.realm.person(*(f"/schools/{city}-{number}/teacher" for number in range(50)))

    async with portal.a_visitor() as visitor:
        ended = await visitor.sign_in(person)
        token = await visitor.token()
        page = await visitor.open("/me")

    assert len((await portal.realm.verifier().verify(token)).grants) == 50
    assert len(token) < 6000
    assert len(ended.headers["set-cookie"]) < 200
    assert page.status_code == 200


async def a_session_lives_on(portal: Portal) -> Story:
    """Somebody comes in before, is in meanwhile though the token ends, and gets a new one afterwards."""
    person = await portal.realm.person("/schools/any/teacher")

    async with portal.a_visitor() as visitor:
        await visitor.sign_in(person)

        yield
        await portal.token_ends(person)
        meanwhile = await visitor.is_in()

        yield
        await portal.token_ends(person)
        renewed = await visitor.token()

    assert meanwhile
    assert (await portal.realm.verifier().verify(renewed)).me == person.person_id


async def test_nothing_is_lost_and_nobody_put_out_while_keycloak_is_away(portal: Portal, stand: Stand) -> None:
    async with a_registry(stand, portal.realm.server.url) as registry:
        wanted = what_was_wanted_happens_afterwards(registry, portal.realm)

        await an_absence(portal.realm.server, wanted, a_session_lives_on(portal))
