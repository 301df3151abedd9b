"""The realm file against a real Keycloak: applied, applied again, spoiled by hand, mended."""

import httpx
import pytest
from keycloak.exceptions import KeycloakError

from tests.keycloak.realm import ENV, Realm, SignIn, administration


async def test_realm_that_was_applied_leaves_nothing_to_do(keycloak: Realm) -> None:
    again = await keycloak.compare(is_applied=True)

    assert [one.as_line() for one in again.changes] == []
    assert again.foreign == ()


async def spoil(keycloak: Realm) -> None:
    """What a tired administrator does at the console."""
    admin = keycloak.admin
    await admin.a_update_realm("neo", {"accessTokenLifespan": 3600, "bruteForceProtected": False})
    portal = await admin.a_get_client(await keycloak.client_id("portal"))
    await admin.a_update_client(portal["id"], {**portal, "redirectUris": ["*"], "secret": "guessed"})
    extra = {
        "name": "everything",
        "protocol": "openid-connect",
        "protocolMapper": "oidc-hardcoded-claim-mapper",
        "config": {"claim.name": "groups", "claim.value": "/city/analyst", "access.token.claim": "true"},
    }
    await admin.a_add_mapper_to_client(portal["id"], extra)
    mapper = next(one for one in portal["protocolMappers"] if one["name"] == "groups")
    shortened = {**mapper["config"], "full.path": "false"}
    await admin.a_update_client_mapper(portal["id"], mapper["id"], {**mapper, "config": shortened})
    registry = await keycloak.client_id("registry")
    user = await admin.a_get_client_service_account_user(registry)
    owner = await keycloak.client_id("realm-management")
    await admin.a_assign_client_role(user["id"], owner, [await admin.a_get_client_role(owner, "realm-admin")])
    await admin.a_delete_group((await admin.a_get_group_by_path("/city/auditor"))["id"])
    profile = await admin.a_get_realm_users_profile()
    named = [one for one in profile["attributes"] if one["name"] != "person_id"]
    await admin.a_update_realm_users_profile({**profile, "attributes": [*named, {"name": "passport"}]})


SPOILED = {
    ("realm", "neo", "accessTokenLifespan"),
    ("realm", "neo", "bruteForceProtected"),
    ("client", "portal", "redirectUris"),
    ("client", "portal", "secret"),
    ("mapper", "portal/everything", ""),
    ("mapper", "portal/groups", "config.full.path"),
    ("rights", "registry", "roles"),
    ("group", "/city/auditor", ""),
    ("profile", "person_id", ""),
    ("profile", "passport", ""),
}


async def test_what_a_hand_has_spoiled_is_shown_and_mended(keycloak: Realm) -> None:
    await spoil(keycloak)

    shown = await keycloak.compare(is_applied=False)
    mended = await keycloak.compare(is_applied=True)

    assert {(one.piece.kind, one.piece.name, one.setting) for one in shown.changes} == SPOILED
    assert "guessed" not in str(shown.as_json())
    assert [one.as_line() for one in mended.left] == []
    assert (await keycloak.compare(is_applied=False)).changes == ()


async def test_client_of_somebody_else_is_named_and_left_alone(keycloak: Realm) -> None:
    admin = keycloak.admin
    made = await admin.a_create_client({"clientId": "library"})

    outcome = await keycloak.compare(is_applied=True)

    assert (outcome.changes, outcome.foreign) == ((), ("library",))
    await admin.a_delete_client(made)


async def test_registry_keeps_accounts_and_may_do_nothing_else(keycloak: Realm) -> None:
    who = {"client_id": "registry", "client_secret_key": ENV["REGISTRY_CLIENT_SECRET"]}
    person = await keycloak.person()

    async with administration(keycloak.server, **who) as admin:
        assert await admin.a_get_user(person.user_id)
        for forbidden in (
            admin.a_update_realm("neo", {"accessTokenLifespan": 86400}),
            admin.a_create_client({"clientId": "back-door"}),
            admin.a_get_clients(),
            admin.a_get_events(),
            admin.a_get_components(),
        ):
            with pytest.raises(KeycloakError) as refused:
                await forbidden
            assert refused.value.response_code == 403


@pytest.mark.parametrize(
    "other",
    [
        {"redirect_uri": "http://127.0.0.1:8000/sign-in/callback/more"},
        {"redirect_uri": "http://127.0.0.1:8000.example.org/sign-in/callback"},
        {"redirect_uri": "http://127.0.0.1:8000/"},
        {"response_type": "token"},
        {"code_challenge": "", "code_challenge_method": ""},
        {"code_challenge_method": "plain"},
    ],
)
async def test_portal_signs_in_with_its_own_address_and_proof_only(keycloak: Realm, other: dict[str, str]) -> None:
    async with httpx.AsyncClient(timeout=60) as browser:
        answer = await browser.get(f"{keycloak.doors}/auth", params=SignIn().query(**other))

    refused_back = answer.status_code == 302 and "error=" in answer.headers["location"]
    assert answer.status_code == 400 or refused_back, answer.text


async def test_page_speaks_russian_first_and_english_on_wish(keycloak: Realm) -> None:
    async with httpx.AsyncClient(timeout=60) as browser:
        pages = [
            await browser.get(f"{keycloak.doors}/auth", params=SignIn().query(), headers={"Accept-Language": wish})
            for wish in ("ru", "en", "tt")
        ]

    assert ['lang="ru"' in page.text for page in pages] == [True, False, True]
    assert "НЕО-наставничество" in pages[1].text


async def test_nobody_registers_a_client_of_one_s_own(keycloak: Realm) -> None:
    async with httpx.AsyncClient(timeout=60) as stranger:
        answer = await stranger.post(
            f"{keycloak.issuer}/clients-registrations/openid-connect", json={"redirect_uris": ["https://a.example"]}
        )

    assert answer.status_code in (401, 403)
