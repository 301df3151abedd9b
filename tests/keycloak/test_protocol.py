"""What Keycloak itself must refuse: a code twice, a grant that nobody needs, a client that proves nothing, guessing."""

import httpx
import pytest

from tests.keycloak.realm import ENV, PASSWORD, REQUEST_SECONDS, Realm, SignIn
from tests.keycloak.test_tokens import claims_of, is_refused

LONGEST, IDLE = 36_000, 3_600
IDLE_OF_A_PROOF = 300
TRIES = 9


async def ask(keycloak: Realm, client: str, secret: str, **form: str) -> httpx.Response:
    """A request at the token endpoint."""
    async with httpx.AsyncClient(timeout=REQUEST_SECONDS) as caller:
        return await caller.post(f"{keycloak.doors}/token", data=form, auth=(client, secret))


async def a_code(keycloak: Realm, sign_in: SignIn) -> str:
    person = await keycloak.person("/schools/any/teacher")
    async with httpx.AsyncClient(timeout=REQUEST_SECONDS) as browser:
        return await keycloak.code(browser, sign_in, person.username)


async def exchange(keycloak: Realm, code: str, verifier: str) -> httpx.Response:
    async with httpx.AsyncClient(timeout=REQUEST_SECONDS) as caller:
        return await keycloak.exchange(caller, code, verifier)


async def test_code_that_comes_twice_is_refused_and_takes_its_tokens_back(keycloak: Realm) -> None:
    sign_in = SignIn()
    code = await a_code(keycloak, sign_in)

    first = await exchange(keycloak, code, sign_in.verifier)
    again = await exchange(keycloak, code, sign_in.verifier)
    renewed = await keycloak.refreshed(first.json())

    assert [one.status_code for one in (first, again, renewed)] == [200, 400, 400]


@pytest.mark.parametrize("verifier", ["", "x" * 64])
async def test_code_without_its_proof_is_refused(keycloak: Realm, verifier: str) -> None:
    code = await a_code(keycloak, SignIn())

    assert (await exchange(keycloak, code, verifier)).status_code == 400


async def test_code_is_good_for_its_own_client_only(keycloak: Realm) -> None:
    sign_in = SignIn()
    code = await a_code(keycloak, sign_in)
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": sign_in.verifier}

    answer = await ask(
        keycloak, "registry", ENV["REGISTRY_CLIENT_SECRET"], **form, redirect_uri=sign_in.query()["redirect_uri"]
    )

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("client", "grant"),
    [
        ("portal", "password"),
        ("portal", "client_credentials"),
        ("registry", "password"),
        ("tracking", "password"),
        ("portal", "urn:ietf:params:oauth:grant-type:device_code"),
        ("portal", "urn:openid:params:grant-type:ciba"),
        ("tracking", "urn:ietf:params:oauth:grant-type:token-exchange"),
    ],
)
async def test_client_has_the_grants_that_it_needs_and_no_others(keycloak: Realm, client: str, grant: str) -> None:
    person = await keycloak.person()
    form = {
        "grant_type": grant,
        "username": person.username,
        "password": PASSWORD,
        "subject_token": "x",
        "device_code": "x",
    }

    answer = await ask(keycloak, client, ENV[f"{client.upper()}_CLIENT_SECRET"], **form)

    assert answer.status_code in (400, 401, 403)
    assert "access_token" not in answer.json()


@pytest.mark.parametrize("response_type", ["token", "id_token", "id_token token", "code token", "code id_token token"])
async def test_portal_gets_a_code_and_nothing_else(keycloak: Realm, response_type: str) -> None:
    asked = SignIn().query(response_type=response_type, nonce="x")
    async with httpx.AsyncClient(timeout=REQUEST_SECONDS) as browser:
        answer = await browser.get(f"{keycloak.doors}/auth", params=asked)

    refused_back = answer.status_code == 302 and "error=" in answer.headers["location"]
    assert answer.status_code == 400 or refused_back


@pytest.mark.parametrize("secret", ["", "guessed"])
async def test_client_that_does_not_prove_itself_gets_nothing(keycloak: Realm, secret: str) -> None:
    person = await keycloak.person("/schools/any/teacher")
    tokens = await keycloak.tokens(person.username)

    refused = await ask(keycloak, "portal", secret, grant_type="refresh_token", refresh_token=tokens["refresh_token"])

    assert refused.status_code == 401


async def test_tokens_end_and_are_for_whom_they_are_meant(keycloak: Realm) -> None:
    person = await keycloak.person("/schools/any/teacher")
    tokens = await keycloak.tokens(person.username)
    access, identity = claims_of(tokens["access_token"]), claims_of(tokens["id_token"])
    renewal = claims_of(tokens["refresh_token"])

    assert (access["aud"], identity["aud"], access["azp"]) == ("neo-api", "portal", "portal")
    assert (access["typ"], identity["typ"], renewal["typ"]) == ("Bearer", "ID", "Refresh")
    assert renewal["exp"] - renewal["iat"] <= IDLE
    assert (await keycloak.admin.a_get_realm("neo"))["ssoSessionMaxLifespan"] == LONGEST


async def test_only_an_access_token_opens_a_door(keycloak: Realm) -> None:
    person = await keycloak.person("/schools/any/teacher")
    tokens = await keycloak.tokens(person.username)
    # Even where the audience would do.
    as_portal = keycloak.verifier(audience="portal")

    assert not await is_refused(keycloak.verifier(), tokens["access_token"])
    assert [await is_refused(keycloak.verifier(), tokens[name]) for name in ("id_token", "refresh_token")] == [
        True,
        True,
    ]
    assert await is_refused(as_portal, tokens["id_token"])


async def test_nobody_gets_a_token_that_outlives_the_session(keycloak: Realm) -> None:
    async with httpx.AsyncClient(timeout=REQUEST_SECONDS) as browser:
        answer = await browser.get(f"{keycloak.doors}/auth", params=SignIn().query(scope="openid offline_access"))

    assert "error=invalid_scope" in answer.headers.get("location", "")


async def test_stranger_s_link_to_the_sign_out_ends_nothing_by_itself(keycloak: Realm) -> None:
    person = await keycloak.person("/schools/any/teacher")
    tokens = await keycloak.tokens(person.username)

    async with httpx.AsyncClient(timeout=REQUEST_SECONDS) as browser:
        page = await browser.get(f"{keycloak.doors}/logout", params={"client_id": "portal"})
        foreign = await browser.get(
            f"{keycloak.doors}/logout",
            params={"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": "https://evil.test/"},
        )

    assert page.status_code == 200
    assert "<form" in page.text
    assert foreign.status_code == 400
    assert (await keycloak.refreshed(tokens)).status_code == 200


async def test_guesser_of_passwords_has_to_wait_even_with_the_right_one(keycloak: Realm) -> None:
    person = await keycloak.person("/schools/any/teacher")

    for number in range(TRIES):
        assert not await keycloak.can_sign_in(person.username, f"wrong-password-{number}")
    is_in = await keycloak.can_sign_in(person.username, PASSWORD)
    events = await keycloak.admin.a_get_events({"type": "LOGIN_ERROR", "user": person.user_id})

    assert not is_in
    assert len(events) >= 2
    assert PASSWORD not in str(events)


async def test_password_is_changed_after_a_new_proof_only(keycloak: Realm) -> None:
    admin = keycloak.admin
    action = await admin.a_get_required_action_by_alias("UPDATE_PASSWORD")
    door = f"/admin/realms/{keycloak.name}/authentication/required-actions/UPDATE_PASSWORD/config-description"
    described = (await admin.connection.a_raw_get(door)).json()
    ages = {one["name"]: one["defaultValue"] for one in described["properties"]}

    assert action
    assert action["enabled"]
    assert 0 <= int(action.get("config", {}).get("max_auth_age", ages["max_auth_age"])) <= IDLE_OF_A_PROOF
    assert (await admin.a_get_realm("neo"))["resetPasswordAllowed"] is False
