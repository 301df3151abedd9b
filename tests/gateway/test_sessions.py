"""Sessions in time: tokens renewed once however many ask, limits kept, ends honoured everywhere."""

import asyncio
import time
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from joserfc import jwt
from sqlalchemy import text

from chassis import migrate
from chassis.clock import RealClock
from chassis.database import Database
from chassis.relay import connect_plain
from chassis.testing import eventually
from contracts.registry import MembershipChanged, PersonErased, PersonLeft
from contracts.topology import SERVICES
from deploy.databases import database_of
from deploy.events import sample_of
from deploy.local.infrastructure import Infrastructure
from gateway.issuer import LOGOUT_EVENT, Issuer
from gateway.sessions import IDLE, LONGEST, Sessions
from tests.gateway.town import Browser, Town
from tests.stand import Stand

COUNT = "select count(*) from sessions where person_id = :person"


async def age(town: Town, person: UUID, change: str) -> None:
    """Change a person's sessions as time would."""
    async with town.sessions.db.transaction() as tx:
        await tx.run(text(f"update sessions set {change} where person_id = :person"), {"person": person})
    town.sessions.believed.clear()


async def count(town: Town, person: UUID) -> int:
    async with town.sessions.db.transaction() as tx:
        return int(await tx.value(text(COUNT), {"person": person}))


def another_gateway(town: Town) -> Sessions:
    """The sessions as a second gateway on the same database sees them."""
    return Sessions(Database.open(town.sessions.db.url, RealClock()), Issuer(town.settings))


async def revision(town: Town, person: UUID) -> int:
    async with town.sessions.db.transaction() as tx:
        query = text("select revision from sessions where person_id = :person")
        return int(await tx.value(query, {"person": person}))


async def test_many_requests_at_once_renew_the_tokens_once(town: Town) -> None:
    person = town.a_person()
    other = another_gateway(town)

    async with town.a_browser() as browser:
        await browser.sign_in(person)
        before = (await town.sessions.find(_secret(browser))).tokens.access  # type: ignore[union-attr]
        await age(town, person.person_id, "is_stale = true")
        pages = asyncio.gather(*(browser.open("/me") for _ in range(8)))
        elsewhere = asyncio.gather(*(other.find(_secret(browser)) for _ in range(8)))
        answers, found = await pages, await elsewhere

    assert {answer.status_code for answer in answers} == {200}
    assert await revision(town, person.person_id) == 2
    assert len({one.tokens.access for one in found if one} | {before}) == 2
    await _close(other)


def _secret(browser: Browser) -> Any:
    from gateway.secret import Secret

    return Secret.read(browser.cookie)


async def _close(sessions: Sessions) -> None:
    await sessions.issuer.close()
    await sessions.db.close()


async def test_new_rights_are_in_the_next_token(town: Town) -> None:
    person = town.a_person("/schools/spb-693/teacher")
    town.a_person("/city/analyst")

    async with town.a_browser() as browser:
        await browser.sign_in(person)
        town.realm.groups.join(person.account_id, town.realm.groups.at("/city/analyst").id)
        before = (await browser.open("/me?lang=ru")).text
        await age(town, person.person_id, "is_stale = true")
        after = (await browser.open("/me?lang=ru")).text

    assert "аналитик" not in before
    assert "аналитик" in after


async def test_session_that_the_issuer_ended_leads_to_the_sign_in_and_back(town: Town) -> None:
    person = town.a_person()

    async with town.a_browser() as browser:
        await browser.sign_in(person)
        town.realm.sessions.end_all(person.account_id)
        await age(town, person.person_id, "is_stale = true")
        page = await browser.open("/me?lang=en")
        called = await browser.open("/api/registry/v1/x", headers={"accept": "application/json"})

        assert (page.status_code, page.headers["location"]) == (303, "/sign-in?return_to=/me%3Flang%3Den")
        assert 'neo=""' in page.headers["set-cookie"]
        assert called.status_code == 401
        assert await count(town, person.person_id) == 0


@pytest.mark.parametrize(
    "change",
    [
        f"last_seen_at = last_seen_at - interval '{int(IDLE.total_seconds()) + 1} seconds'",
        f"ends_at = ends_at - interval '{int(LONGEST.total_seconds()) + 1} seconds'",
    ],
    ids=["idle", "longest"],
)
async def test_session_ends_when_its_time_is_over_and_is_swept(town: Town, change: str) -> None:
    person = town.a_person()

    async with town.a_browser() as browser:
        await browser.sign_in(person)
        await age(town, person.person_id, change)

        assert not await browser.is_in()
    await town.sessions.sweep()
    assert await count(town, person.person_id) == 0


async def test_use_keeps_a_session_awake(town: Town) -> None:
    person = town.a_person()

    async with town.a_browser() as browser:
        await browser.sign_in(person)
        await age(town, person.person_id, "last_seen_at = last_seen_at - interval '50 minutes'")
        await browser.open("/me")
    async with town.sessions.db.transaction() as tx:
        query = text("select last_seen_at from sessions where person_id = :person")
        seen = await tx.value(query, {"person": person.person_id})

        assert tx.now - seen < timedelta(minutes=1)


async def test_issuer_that_is_away_ends_no_session_while_its_token_is_good(town: Town) -> None:
    person = town.a_person()

    async with town.a_browser() as browser:
        await browser.sign_in(person)
        lonely = another_gateway(town)
        lonely.issuer.inside = "http://127.0.0.1:9/realms/neo"
        await age(town, person.person_id, "is_stale = true")
        found = await lonely.find(_secret(browser))

    assert found is not None
    assert await count(town, person.person_id) == 1
    await _close(lonely)


async def test_database_alone_opens_no_session_and_shows_no_token(town: Town) -> None:
    person = town.a_person()

    async with town.a_browser() as browser:
        await browser.sign_in(person)
        async with town.sessions.db.transaction() as tx:
            (row,) = await tx.rows(text("select * from sessions where person_id = :p"), {"p": person.person_id})
        kept = repr(dict(row))

    assert browser.cookie not in kept
    assert "eyJhbGciOiJSUzI1NiI" not in kept
    assert person.username not in kept


def a_logout_token(town: Town, *, kind: str | None = "logout+jwt", **claims: Any) -> str:
    content = {
        "iss": town.settings.issuer,
        "aud": "portal",
        "iat": int(time.time()),
        "exp": int(time.time()) + 120,
        "jti": str(uuid4()),
        "events": {LOGOUT_EVENT: {}},
        **claims,
    }
    key = town.realm.keys.signing
    wanted = {name: value for name, value in content.items() if value is not None}
    header = {"alg": "RS256", "kid": key.kid, **({"typ": kind} if kind else {})}
    return jwt.encode(header, wanted, key)


async def say_logout(town: Town, token: str) -> int:
    async with town.a_browser() as issuer:
        answer = await issuer.client.post("/auth/backchannel-logout", data={"logout_token": token})
    return answer.status_code


async def sign_on_of(town: Town, person: UUID) -> str:
    async with town.sessions.db.transaction() as tx:
        query = text("select sign_on_id from sessions where person_id = :person limit 1")
        return str(await tx.value(query, {"person": person}))


async def test_logout_at_the_issuer_ends_the_session_that_leaned_on_it_and_no_other(town: Town) -> None:
    person = town.a_person()

    async with town.a_browser() as browser, town.a_browser() as other:
        await browser.sign_in(person)
        sid = await sign_on_of(town, person.person_id)
        await other.sign_in(person)

        assert await say_logout(town, a_logout_token(town, sid=sid, sub=person.account_id)) == 200
        assert [await one.is_in() for one in (browser, other)] == [False, True]


async def test_logout_of_a_subject_ends_all_its_sessions(town: Town) -> None:
    person = town.a_person()

    async with town.a_browser() as browser, town.a_browser() as other:
        for one in (browser, other):
            await one.sign_in(person)

        assert await say_logout(town, a_logout_token(town, sub=person.account_id)) == 200
        assert [await one.is_in() for one in (browser, other)] == [False, False]


async def test_sign_in_that_was_revoked_on_its_way_asks_the_person_anew(town: Town) -> None:
    person = town.a_person()

    async with town.a_browser() as browser:
        address = await browser.answer_of_issuer(await browser.go_to_issuer(), person)
        later = int(time.time()) + 30
        assert await say_logout(town, a_logout_token(town, sub=person.account_id, iat=later, exp=later + 60)) == 200
        answer = await browser.open(address)

    assert answer.status_code == 303
    assert "prompt=login" in answer.headers["location"]
    assert await count(town, person.person_id) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"events": None},
        {"events": {"other": {}}},
        {"nonce": "x"},
        {"aud": "registry"},
        {"iss": "https://evil.test"},
        {"exp": 1},
        {"jti": None},
        {"sub": None},
    ],
    ids=str,
)
async def test_logout_token_that_does_not_hold_ends_nothing(town: Town, wrong: dict[str, Any]) -> None:
    person = town.a_person()

    async with town.a_browser() as browser:
        await browser.sign_in(person)

        assert await say_logout(town, a_logout_token(town, **{"sub": person.account_id, **wrong})) == 400
        assert await browser.is_in()


@pytest.mark.parametrize("token", ["", "x.y.z"])
async def test_what_is_no_token_logs_nobody_out(town: Town, token: str) -> None:
    assert await say_logout(town, token) == 400


@pytest.mark.parametrize("event", [PersonLeft, PersonErased])
async def test_whoever_left_or_was_erased_is_signed_out(
    town: Town, stand: Stand, event: type[PersonLeft] | type[PersonErased]
) -> None:
    person, stays = town.a_person(), town.a_person()
    fact = sample_of(event).model_copy(update={"person_id": person.person_id, "event_id": uuid4()})

    async with town.a_browser() as browser, town.a_browser() as other:
        await browser.sign_in(person)
        await other.sign_in(stays)
        await stand.publish(fact, fact)

        await eventually(lambda: count(town, person.person_id), equals=0)
        assert await count(town, stays.person_id) == 1


async def test_changed_membership_renews_the_rights_before_the_next_request(town: Town, stand: Stand) -> None:
    person = town.a_person()
    changed = sample_of(MembershipChanged).model_copy(update={"person_id": person.person_id, "event_id": uuid4()})

    async def is_stale() -> bool:
        query = text("select is_stale from sessions where person_id = :person")
        async with town.sessions.db.transaction() as tx:
            return bool(await tx.value(query, {"person": person.person_id}))

    async with town.a_browser() as browser:
        await browser.sign_in(person)
        await stand.publish(changed)
        await eventually(is_stale, equals=True)
        town.sessions.believed.clear()
        await browser.open("/me")

    assert await revision(town, person.person_id) == 2


async def test_gateway_keeps_its_database_like_a_service(infrastructure: Infrastructure, town: Town) -> None:
    assert await migrate.differences(infrastructure.postgres.url("neo_gateway", "gateway_owner"), "gateway") == []
    connection = await connect_plain(infrastructure.postgres.url("neo_gateway", "gateway_app"))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("create table mine (id int)")
    finally:
        await connection.close()
    for service in SERVICES:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connect_plain(infrastructure.postgres.url(database_of(service), "gateway_app"))
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connect_plain(infrastructure.postgres.url("neo_gateway", f"{service}_app"))
