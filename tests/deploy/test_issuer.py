"""The development issuer speaks as a Keycloak realm does, to the very libraries that the services use."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from authlib.common.security import generate_token
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc import jwt
from jwcrypto.jwk import JWKSet  # type: ignore[import-untyped]
from keycloak.exceptions import KeycloakAuthenticationError, KeycloakPostError

from deploy.local.issuer import AddressNotLoopback, ClientSecretMissing, OutsideLocalMode, build_issuer
from deploy.local.issuer.keys import open_keys
from tests.deploy.issuer_run import (
    CALLBACK,
    DOORS,
    SIGNED_OUT,
    Running,
    asked,
    exchanged,
    issuer_settings,
    returned,
    signed_in,
    started,
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with started(tmp_path_factory.mktemp("issuer")) as issuer:
        yield issuer


def test_discovery_names_keycloaks_own_paths(running: Running) -> None:
    found = running.openid("demo").well_known()

    OpenIDProviderMetadata(found).validate()
    assert found["issuer"] == f"{running.address}/realms/neo"
    assert found["token_endpoint"] == f"{running.address}{DOORS}/token"
    assert found["code_challenge_methods_supported"] == ["S256"]


def test_token_of_a_person_has_keycloaks_shape(running: Running) -> None:
    curator = running.a_group("schools", "spb-693", "curator")
    teacher = running.a_group("schools", "spb-1", "teacher")
    user = running.a_user(curator, teacher)

    answer = running.token(user)

    claims = running.claims(answer["access_token"])
    assert answer["expires_in"] == 300
    assert claims.pop("exp") == int(str(claims.pop("iat"))) + 300
    assert claims.pop("jti")
    assert claims.pop("sid")
    assert claims.pop("auth_time")
    assert claims == {
        "iss": f"{running.address}/realms/neo",
        "aud": "neo-api",
        "sub": user.id,
        "typ": "Bearer",
        "azp": "demo",
        "scope": "openid",
        "groups": ["/schools/spb-1/teacher", "/schools/spb-693/curator"],
        "person_id": user.person_id,
        "preferred_username": user.username,
    }


def test_token_verifies_with_python_keycloak(running: Running) -> None:
    token = str(running.token(running.a_user())["access_token"])
    openid = running.openid("demo")
    key = JWKSet.from_json(running.browser.get(f"{DOORS}/certs").text)
    wanted = {"iss": f"{running.address}/realms/neo", "aud": "neo-api"}

    claims = openid.decode_token(token, key=key, check_claims=wanted)

    assert claims["azp"] == "demo"


def test_certs_publish_the_public_half_only(running: Running) -> None:
    (key,) = running.browser.get(f"{DOORS}/certs").json()["keys"]

    assert set(key) == {"kty", "kid", "use", "alg", "n", "e"}


def test_removal_from_a_group_shows_in_the_next_token(running: Running) -> None:
    group = running.a_group("schools", "spb-2", "teacher")
    user = running.a_user(group)
    before = running.token(user)

    running.admin.group_user_remove(user.id, group)

    after = running.openid("demo").refresh_token(str(before["refresh_token"]))
    assert running.claims(before["access_token"])["groups"] == ["/schools/spb-2/teacher"]
    assert running.claims(after["access_token"])["groups"] == []


def test_disabled_person_is_refused_until_enabled(running: Running) -> None:
    user = running.a_user()
    before = running.token(user)
    running.admin.disable_user(user.id)

    with pytest.raises(KeycloakPostError, match="Account disabled"):
        running.token(user)
    with pytest.raises(KeycloakPostError, match="Token is not active"):
        running.openid("demo").refresh_token(str(before["refresh_token"]))
    refused = running.browser.post(f"{DOORS}/auth?{asked().query}", data={"username": user.username})
    running.admin.enable_user(user.id)

    assert refused.status_code == 403
    assert running.token(user)["access_token"]


def test_wrong_password_is_refused(running: Running) -> None:
    user = running.a_user()

    with pytest.raises(KeycloakAuthenticationError, match="invalid_grant"):
        running.openid("demo").token(user.username, "not-neo")


def test_password_set_by_the_registry_works_beside_the_development_one(running: Running) -> None:
    user, other = running.a_user(), running.a_user()
    running.admin.set_user_password(user.id, "from-a-paper-slip", temporary=True)

    assert running.openid("demo").token(user.username, "from-a-paper-slip")["access_token"]
    assert running.token(user)["access_token"]
    with pytest.raises(KeycloakAuthenticationError):
        running.openid("demo").token(other.username, "from-a-paper-slip")


def test_code_with_its_proof_becomes_tokens(running: Running) -> None:
    user, request = running.a_user(), asked()
    back = signed_in(running, user, request)

    answer = exchanged(running, back["code"], request.verifier).json()

    access, identity = running.claims(answer["access_token"]), running.claims(answer["id_token"])
    assert back["state"] == "a-state"
    assert access["azp"] == identity["aud"] == "portal"
    assert access["sub"] == identity["sub"] == user.id
    assert access["sid"] == identity["sid"] == answer["session_state"]
    assert (identity["nonce"], identity["person_id"]) == ("a-nonce", user.person_id)
    assert "groups" not in identity


def test_code_used_again_is_refused_and_ends_its_session(running: Running) -> None:
    request = asked()
    code = signed_in(running, running.a_user(), request)["code"]
    first = exchanged(running, code, request.verifier).json()

    second = exchanged(running, code, request.verifier)

    portal = running.openid("portal", "portal-secret")
    assert (second.status_code, second.json()["error"]) == (400, "invalid_grant")
    with pytest.raises(KeycloakPostError, match="Token is not active"):
        portal.refresh_token(first["refresh_token"])


def test_code_without_the_right_proof_is_refused(running: Running) -> None:
    request = asked()
    code = signed_in(running, running.a_user(), request)["code"]

    answer = exchanged(running, code, generate_token(48))

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(
    "broken", [{"code_challenge_method": "plain"}, {"code_challenge_method": ""}, {"code_challenge": ""}]
)
def test_request_without_s256_is_sent_back(running: Running, broken: dict[str, str]) -> None:
    answer = running.browser.get(f"{DOORS}/auth?{asked(**broken).query}")

    assert returned(answer)["error"] == "invalid_request"


@pytest.mark.parametrize("redirect", [f"{CALLBACK}/more", "https://elsewhere.example/", 'http://"\\я/', ""])
def test_wrong_redirect_is_refused_and_never_followed(running: Running, redirect: str) -> None:
    query = asked(redirect_uri=redirect).query

    for answer in (running.browser.get(f"{DOORS}/auth?{query}"), running.browser.post(f"{DOORS}/auth?{query}")):
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_silent_sign_in_asks_the_person_to_come(running: Running) -> None:
    answer = running.browser.get(f"{DOORS}/auth?{asked(prompt='none').query}")

    assert returned(answer)["error"] == "login_required"


def test_refresh_keeps_the_session(running: Running) -> None:
    first = running.token(running.a_user())

    second = running.openid("demo").refresh_token(str(first["refresh_token"]))

    before, after = running.claims(first["access_token"]), running.claims(second["access_token"])
    assert second["refresh_token"]
    assert (before["sid"], before["auth_time"]) == (after["sid"], after["auth_time"])
    assert before["jti"] != after["jti"]


def test_refresh_token_of_another_client_is_refused(running: Running) -> None:
    token = str(running.token(running.a_user())["refresh_token"])

    with pytest.raises(KeycloakPostError, match="invalid_grant"):
        running.openid("portal", "portal-secret").refresh_token(token)


def test_refresh_token_never_passes_for_an_access_token(running: Running) -> None:
    token = str(running.token(running.a_user())["refresh_token"])

    answer = running.browser.get(f"{DOORS}/userinfo", headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("client", "groups"),
    [("tracking", ["/services/tracking"]), ("school-portal", ["/schools/spb-693/head"])],
)
def test_service_account_carries_its_groups_and_no_person(running: Running, client: str, groups: list[str]) -> None:
    answer = running.openid(client, f"{client}-secret").token(grant_type="client_credentials")

    claims = running.claims(answer["access_token"])
    assert claims["groups"] == groups
    assert claims["preferred_username"] == f"service-account-{client}"
    assert not {"person_id", "sid", "auth_time"} & set(claims)
    assert "refresh_token" not in answer


@pytest.mark.parametrize(
    ("client", "secret", "grant", "status", "error"),
    [
        ("tracking", "wrong", "client_credentials", 401, "invalid_client"),
        ("nobody", "secret", "client_credentials", 401, "invalid_client"),
        ("tracking", "tracking-secret", "password", 400, "unauthorized_client"),
        ("portal", "portal-secret", "client_credentials", 400, "unauthorized_client"),
        ("portal", "portal-secret", "urn:unheard-of", 400, "unsupported_grant_type"),
    ],
)
def test_client_is_refused_what_it_may_not(
    running: Running, client: str, secret: str, grant: str, status: int, error: str
) -> None:
    form = {"grant_type": grant, "username": "x", "password": "neo"}

    answer = running.browser.post(f"{DOORS}/token", data=form, auth=(client, secret))

    assert (answer.status_code, answer.json()["error"]) == (status, error)


@pytest.mark.parametrize("header", ["Basic !!!", "Basic /////w==", "Bearer x"])
def test_client_header_that_cannot_be_read_is_refused(running: Running, header: str) -> None:
    form = {"grant_type": "client_credentials"}

    answer = running.browser.post(f"{DOORS}/token", data=form, headers={"Authorization": header})

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_introspection_follows_the_session(running: Running) -> None:
    user = running.a_user()
    token = str(running.token(user)["access_token"])
    tracking = running.openid("tracking", "tracking-secret")

    before = tracking.introspect(token)
    running.admin.user_logout(user.id)

    assert (before["active"], before["username"], before["client_id"]) == (True, user.username, "demo")
    assert tracking.introspect(token) == {"active": False}


def test_userinfo_names_the_account_only(running: Running) -> None:
    user = running.a_user()

    found = running.openid("demo").userinfo(str(running.token(user)["access_token"]))

    assert found == {"sub": user.id, "preferred_username": user.username}


def test_sign_out_by_refresh_token_ends_the_session(running: Running) -> None:
    demo, token = running.openid("demo"), running.token(running.a_user())

    demo.logout(str(token["refresh_token"]))

    with pytest.raises(KeycloakPostError, match="Token is not active"):
        demo.refresh_token(str(token["refresh_token"]))


def test_sign_out_from_the_portal_leads_back_to_it(running: Running) -> None:
    request = asked()
    code = signed_in(running, running.a_user(), request)["code"]
    answer = exchanged(running, code, request.verifier).json()
    wanted = {"id_token_hint": answer["id_token"], "post_logout_redirect_uri": SIGNED_OUT, "state": "s"}

    leaving = running.browser.get(f"{DOORS}/logout", params=wanted)
    stranger = running.browser.get(
        f"{DOORS}/logout", params=wanted | {"post_logout_redirect_uri": "https://elsewhere.example/"}
    )

    assert (leaving.status_code, leaving.headers["location"]) == (302, f"{SIGNED_OUT}?state=s")
    assert stranger.status_code == 200
    with pytest.raises(KeycloakPostError, match="Token is not active"):
        running.openid("portal", "portal-secret").refresh_token(answer["refresh_token"])


def test_expired_token_is_not_active(running: Running) -> None:
    claims = running.claims(running.token(running.a_user())["access_token"])
    key = open_keys(running.folder).signing
    stale = jwt.encode({"alg": "RS256", "kid": key.kid}, claims | {"exp": int(time.time()) - 1}, key)

    userinfo = running.browser.get(f"{DOORS}/userinfo", headers={"Authorization": f"Bearer {stale}"})

    assert running.openid("tracking", "tracking-secret").introspect(stale) == {"active": False}
    assert (userinfo.status_code, userinfo.json()["error"]) == (401, "invalid_token")


def test_token_signed_by_another_key_is_nobodys(running: Running, tmp_path: Path) -> None:
    claims = running.claims(running.token(running.a_user())["access_token"])
    forged = jwt.encode({"alg": "RS256"}, claims, open_keys(tmp_path).signing)

    assert running.openid("tracking", "tracking-secret").introspect(forged) == {"active": False}


def test_issuer_refuses_to_start_where_it_must_not(tmp_path: Path) -> None:
    good = issuer_settings(tmp_path)

    with pytest.raises(OutsideLocalMode, match=r"issuer\.only-in-local-mode"):
        build_issuer(replace(good, mode="compose"))
    with pytest.raises(AddressNotLoopback):
        build_issuer(replace(good, base_url="http://neo.example.org"))
    with pytest.raises(ClientSecretMissing):
        build_issuer(replace(good, client_secrets={"portal": "a"}))
    assert list(tmp_path.iterdir()) == []
