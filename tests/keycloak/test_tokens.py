"""Our verifying code against tokens of a real Keycloak."""

import base64
import json
import time
from typing import Any
from uuid import uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from chassis.identity import LEEWAY_SECONDS, Grant, TokenVerifier
from chassis.refusals import Unauthenticated
from tests.keycloak.realm import ENV, Realm, administration

TOKEN_SECONDS = 300


def claims_of(token: str) -> dict[str, Any]:
    return dict(json.loads(_part(token, 1)))


def header_of(token: str) -> dict[str, Any]:
    return dict(json.loads(_part(token, 0)))


def _part(token: str, number: int) -> bytes:
    part = token.split(".")[number]
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _packed(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


async def is_refused(verifier: TokenVerifier, token: str) -> bool:
    try:
        await verifier.verify(token)
    except Unauthenticated:
        return True
    return False


async def test_person_is_known_by_grants_and_not_by_name(keycloak: Realm) -> None:
    school = f"school-{uuid4().hex[:8]}"
    person = await keycloak.person(f"/schools/{school}/curator", "/schools/other/teacher")

    tokens = await keycloak.tokens(person.username)
    principal = await keycloak.verifier().verify(tokens["access_token"])

    assert principal.me == person.person_id
    assert principal.grants == {Grant(f"schools/{school}", "curator"), Grant("schools/other", "teacher")}
    assert principal.client == "portal"
    claims = claims_of(tokens["access_token"])
    assert claims["exp"] - claims["iat"] == TOKEN_SECONDS
    assert claims["auth_time"] <= claims["iat"]
    assert claims.keys().isdisjoint({"name", "given_name", "family_name", "email", "preferred_username"})
    assert claims_of(tokens["id_token"])["preferred_username"] == person.username


async def test_school_portal_is_a_program_without_a_person(keycloak: Realm) -> None:
    school, admin = f"school-{uuid4().hex[:8]}", keycloak.admin
    secret = ENV["SCHOOL_PORTAL_CLIENT_SECRET"]
    before = await keycloak.verifier().verify(await keycloak.of_client("school-portal", secret))
    user = await admin.a_get_client_service_account_user(await keycloak.client_id("school-portal"))
    await admin.a_group_user_add(user["id"], await keycloak.group(f"/schools/{school}/head"))

    after = await keycloak.verifier().verify(await keycloak.of_client("school-portal", secret))

    assert (before.person_id, before.grants) == (None, frozenset())
    assert (after.person_id, after.client) == (None, "school-portal")
    assert after.grants == {Grant(f"schools/{school}", "head")}
    assert (await keycloak.compare(is_applied=False)).changes == ()


async def test_services_are_programs_with_their_own_group(keycloak: Realm) -> None:
    principal = await keycloak.verifier().verify(await keycloak.of_client("tracking", ENV["TRACKING_CLIENT_SECRET"]))

    assert principal.grants == {Grant("services", "tracking")}


async def test_token_for_another_audience_or_from_another_issuer_is_refused(keycloak: Realm) -> None:
    token = await keycloak.of_client("documents", ENV["DOCUMENTS_CLIENT_SECRET"])
    elsewhere = keycloak.issuer.replace("127.0.0.1", "localhost")

    assert not await is_refused(keycloak.verifier(), token)
    assert await is_refused(keycloak.verifier(audience="library"), token)
    assert await is_refused(keycloak.verifier(issuer=elsewhere), token)


async def test_token_of_a_client_without_our_audience_is_refused(keycloak: Realm) -> None:
    admin, secret = keycloak.admin, "library-secret"
    library = {"clientId": f"library-{uuid4().hex[:6]}", "serviceAccountsEnabled": True, "secret": secret}
    made = await admin.a_create_client(library)

    token = await keycloak.of_client(str(library["clientId"]), secret)

    assert await is_refused(keycloak.verifier(), token)
    await admin.a_delete_client(made)


async def test_token_of_another_realm_is_refused(keycloak: Realm) -> None:
    async with administration(keycloak.server, "master") as admin:
        await admin.a_get_realms()
        token = str((admin.connection.token or {})["access_token"])

    assert claims_of(token)["iss"] == keycloak.server.issuer("master")
    assert await is_refused(keycloak.verifier(), token)


async def test_unsigned_and_wrongly_signed_tokens_are_refused(keycloak: Realm) -> None:
    token = await keycloak.of_client("tracking", ENV["TRACKING_CLIENT_SECRET"])
    verifier = keycloak.verifier()
    key_id, claims = header_of(token)["kid"], claims_of(token)
    swapped = RSAKey.generate_key(2048, parameters={"kid": key_id}, private=True)
    unsigned = f"{_packed({'alg': 'none', 'kid': key_id})}.{_packed(claims)}."
    own = jwt.encode({"alg": "RS256", "kid": key_id}, claims, swapped)
    richer = ".".join((token.split(".")[0], _packed({**claims, "groups": ["/city/analyst"]}), token.split(".")[2]))

    assert not await is_refused(verifier, token)
    assert [await is_refused(verifier, forged) for forged in (unsigned, own, richer)] == [True, True, True]


@pytest.mark.parametrize(
    ("seconds", "is_over"),
    [
        (TOKEN_SECONDS + LEEWAY_SECONDS - 15, False),
        (TOKEN_SECONDS + LEEWAY_SECONDS + 5, True),
        (-LEEWAY_SECONDS + 15, False),
        (-LEEWAY_SECONDS - 120, True),
    ],
)
async def test_clocks_may_differ_by_a_minute(
    keycloak: Realm, monkeypatch: pytest.MonkeyPatch, seconds: int, is_over: bool
) -> None:
    token = await keycloak.of_client("tracking", ENV["TRACKING_CLIENT_SECRET"])
    verifier, issued = keycloak.verifier(), float(claims_of(token)["iat"])
    await verifier._keys()

    monkeypatch.setattr(time, "time", lambda: issued + seconds)

    assert await is_refused(verifier, token) == is_over


async def test_remembered_token_ends_at_its_hour(keycloak: Realm, monkeypatch: pytest.MonkeyPatch) -> None:
    token = await keycloak.of_client("tracking", ENV["TRACKING_CLIENT_SECRET"])
    verifier, issued = keycloak.verifier(), float(claims_of(token)["iat"])
    await verifier.verify(token)

    monkeypatch.setattr(time, "time", lambda: issued + TOKEN_SECONDS + LEEWAY_SECONDS + 5)

    assert await is_refused(verifier, token)
