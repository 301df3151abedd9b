"""Whoever does something grave has proved just now who they are; a sign-in begins by a person and by nothing else."""

import time
from dataclasses import replace
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from chassis.identity import ALGORITHMS
from chassis.refusals import Unavailable
from gateway.issuer import Issuer, NotAccepted, Tokens
from gateway.secret import Secret
from gateway.sessions import mark_of
from gateway.sign_in import FRESH
from tests.chassis.test_identity import encoded
from tests.gateway.test_sessions import a_logout_token, age, count, say_logout
from tests.gateway.town import Browser, Person, Town, query_of


async def grow_old(town: Town, person: Person) -> None:
    """Let so much time go by that the proof of who it is counts no more for what is grave."""
    started = int(time.time() - FRESH.total_seconds()) - 60
    with town.realm.sessions.store.transaction() as db:
        db.execute("UPDATE sessions SET started_at = ? WHERE account_id = ?", (started, person.account_id))
    await age(town, person.person_id, "is_stale = true")


def mark(browser: Browser) -> str:
    """How the page names this browser's session."""
    secret = Secret.read(browser.cookie)
    assert secret is not None
    return mark_of(secret.hashed)


async def test_one_session_is_ended_and_no_other(town: Town) -> None:
    person, stranger = town.a_person(), town.a_person()

    async with (
        town.a_browser() as here,
        town.a_browser() as there,
        town.a_browser() as third,
        town.a_browser() as other,
    ):
        for browser in (here, there, third):
            await browser.sign_in(person)
        await other.sign_in(stranger)
        ended = await here.post("/me/visits/end", data={"visit": mark(there)})
        of_somebody_else = await here.post("/me/visits/end", data={"visit": mark(other)})

        assert [one.headers["location"] for one in (ended, of_somebody_else)] == ["/me", "/me"]
        assert [await one.is_in() for one in (here, there, third, other)] == [True, False, True, True]


async def test_page_offers_to_end_each_other_session_by_its_mark(town: Town) -> None:
    person = town.a_person()

    async with town.a_browser() as here, town.a_browser() as there:
        for browser in (here, there):
            await browser.sign_in(person)
        page = (await here.open("/me?lang=en")).text

        assert f'name="visit" value="{mark(there)}"' in page
        assert mark(here) not in page
        assert page.count("End this sign-in") == 1
        assert there.cookie not in page


async def test_ending_a_session_asks_for_the_password_when_the_proof_is_old(town: Town) -> None:
    person = town.a_person()

    async with town.a_browser() as here, town.a_browser() as there:
        for browser in (here, there):
            await browser.sign_in(person)
        await grow_old(town, person)
        asked = await here.post("/me/visits/end", data={"visit": mark(there)})
        begun = await here.open(asked.headers["location"])
        await here.open(await here.answer_of_issuer(begun, person))
        ended = await here.post("/me/visits/end", data={"visit": mark(there)})

        assert asked.headers["location"] == "/sign-in?return_to=/me&anew=true"
        assert query_of(begun.headers["location"])["prompt"] == "login"
        assert ended.headers["location"] == "/me"
        assert [await one.is_in() for one in (here, there)] == [True, False]


async def test_proof_given_anew_stands_in_the_token_that_services_read(town: Town) -> None:
    person = town.a_person("/schools/spb-693/head")

    async def proved_at(browser: Browser) -> int:
        await browser.open("/api/registry/v1/x", headers={"accept": "application/json"})
        token = town.witness.headers()["authorization"].removeprefix("Bearer ")
        return int(jwt.decode(token, town.realm.keys.signing, algorithms=ALGORITHMS).claims["auth_time"])

    async with town.a_browser() as browser:
        await browser.sign_in(person)
        await grow_old(town, person)
        before = await proved_at(browser)
        begun = await browser.open("/sign-in?return_to=/schools/spb-693&anew=true")
        ended = await browser.open(await browser.answer_of_issuer(begun, person))
        after = await proved_at(browser)

    assert ended.headers["location"] == "/schools/spb-693"
    assert time.time() - before > FRESH.total_seconds()
    assert time.time() - after < FRESH.total_seconds() / 2


@pytest.mark.parametrize(
    ("said", "leads_on"),
    [
        ({}, True),
        ({"sec-fetch-site": "none", "sec-fetch-dest": "document"}, True),
        ({"sec-fetch-site": "same-origin", "sec-fetch-dest": "document"}, True),
        ({"sec-fetch-site": "cross-site", "sec-fetch-dest": "document", "sec-fetch-user": "?1"}, True),
        ({"sec-fetch-site": "cross-site", "sec-fetch-dest": "document"}, False),
        ({"sec-fetch-site": "same-site", "sec-fetch-dest": "document"}, False),
    ],
    ids=str,
)
async def test_sign_in_begins_by_a_step_of_a_person(town: Town, said: dict[str, str], leads_on: bool) -> None:
    async with town.a_browser() as browser:
        answer = await browser.open("/sign-in?return_to=/me", headers=said)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith(town.settings.issuer) is leads_on
    assert (answer.headers["location"] == "/") is not leads_on


@pytest.mark.parametrize("kind", ["image", "iframe", "script", "empty"])
async def test_picture_frame_or_script_begins_no_sign_in(town: Town, kind: str) -> None:
    async with town.a_browser() as browser:
        answer = await browser.open("/sign-in", headers={"sec-fetch-site": "cross-site", "sec-fetch-dest": kind})

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_answer_without_the_name_of_its_issuer_is_refused(town: Town) -> None:
    async with town.a_browser() as browser:
        address = await browser.answer_of_issuer(await browser.go_to_issuer(), town.a_person())
        said = query_of(address)
        answer = await browser.open("/sign-in/callback", params={name: said[name] for name in ("state", "code")})

    assert said["iss"] == town.settings.issuer
    assert answer.status_code == 400


def an_identity_token(town: Town, header: dict[str, Any], key: Any, **changed: Any) -> Tokens:
    now = int(time.time())
    usual = {
        "iss": town.settings.issuer,
        "aud": "portal",
        "azp": "portal",
        "sub": "s",
        "typ": "ID",
        "iat": now,
        "exp": now + 300,
        "auth_time": now,
        "nonce": "asked",
    }
    claims = {name: value for name, value in {**usual, **changed}.items() if value is not None}
    return Tokens("access", None, jwt.encode(header, claims, key, algorithms=[header["alg"]]), now + 300)


OTHER = {
    "iss": "https://evil.test/realms/neo",
    "aud": "registry",
    "typ": "Bearer",
    "nonce": "another",
    "exp": 1,
    "auth_time": None,
    "sub": None,
}


@pytest.mark.parametrize("name", OTHER)
async def test_identity_token_with_a_wrong_claim_is_refused(town: Town, name: str) -> None:
    signing = town.realm.keys.signing
    header = {"alg": "RS256", "kid": signing.kid}
    good, bad = (an_identity_token(town, header, signing, **one) for one in ({}, {name: OTHER[name]}))

    assert (await town.sessions.issuer._identity(good, "asked"))["sub"] == "s"
    with pytest.raises(NotAccepted):
        await town.sessions.issuer._identity(bad, "asked")


def unsigned(tokens: Tokens) -> Tokens:
    _, body, _ = tokens.identity.split(".")
    return replace(tokens, identity=f"{encoded({'alg': 'none'})}.{body}.")


async def test_identity_token_that_the_issuer_did_not_sign_is_refused(town: Town) -> None:
    signing = town.realm.keys.signing
    foreign = RSAKey.generate_key(2048, parameters={"kid": str(signing.kid)}, private=True)
    shared = OctKey.generate_key(256, parameters={"kid": str(signing.kid)}, private=True)
    forged = [
        an_identity_token(town, {"alg": "RS256", "kid": signing.kid}, foreign),
        an_identity_token(town, {"alg": "HS256", "kid": signing.kid}, shared),
        unsigned(an_identity_token(town, {"alg": "RS256", "kid": signing.kid}, foreign)),
    ]

    for tokens in forged:
        with pytest.raises(NotAccepted):
            await town.sessions.issuer._identity(tokens, "asked")


@pytest.mark.parametrize("kind", ["JWT", "at+jwt", None])
async def test_token_of_another_type_logs_nobody_out(town: Town, kind: str | None) -> None:
    person = town.a_person()

    async with town.a_browser() as browser:
        await browser.sign_in(person)

        assert await say_logout(town, a_logout_token(town, kind=kind, sub=person.account_id)) == 400
        assert await browser.is_in()


async def test_document_of_another_issuer_is_not_believed(town: Town) -> None:
    misled = Issuer(town.settings.model_copy(update={"issuer": f"{town.settings.issuer}-other"}))
    misled.inside = town.settings.issuer
    try:
        with pytest.raises(Unavailable):
            await misled.fetch_keys()
    finally:
        await misled.close()


async def test_person_with_fifty_places_comes_in_and_the_cookie_stays_small(town: Town) -> None:
    groups = [f"/schools/spb-{number}/teacher" for number in range(600, 650)]
    person = town.a_person(*groups)

    async with town.a_browser() as browser:
        await browser.sign_in(person)
        page = await browser.open("/me")
        await browser.open("/api/registry/v1/x", headers={"accept": "application/json"})

        assert len(browser.cookie) == 43
    assert page.text.count("spb-6") >= 50
    assert len(town.witness.headers()["authorization"]) < 8192
    assert await count(town, person.person_id) == 1
