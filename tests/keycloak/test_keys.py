"""The realm's keys change while services run."""

from uuid import uuid4

from keycloak import KeycloakAdmin

from chassis.identity import TokenVerifier
from tests.keycloak.realm import ENV, Realm
from tests.keycloak.test_tokens import header_of, is_refused

PROVIDER = "org.keycloak.keys.KeyProvider"


async def add_key(admin: KeycloakAdmin) -> str:
    """A new signing key that goes before all others."""
    realm = await admin.a_get_realm("neo")
    config = {"priority": ["1000"], "enabled": ["true"], "active": ["true"], "algorithm": ["RS256"]}
    shape = {"name": f"key-{uuid4().hex[:6]}", "providerId": "rsa-generated", "providerType": PROVIDER}
    return str(await admin.a_create_component({**shape, "parentId": realm["id"], "config": config}))


async def test_new_key_is_learned_at_once_and_a_removed_one_is_forgotten(keycloak: Realm) -> None:
    admin, verifier = keycloak.admin, keycloak.verifier()
    secret = ENV["TRACKING_CLIENT_SECRET"]
    before = await keycloak.of_client("tracking", secret)
    await verifier.verify(before)

    key = await add_key(admin)
    during = await keycloak.of_client("tracking", secret)
    an_hour_passes(verifier)
    took_new, took_old = not await is_refused(verifier, during), not await is_refused(verifier, before)
    await admin.a_delete_component(key)
    after = await keycloak.of_client("tracking", secret)
    an_hour_passes(verifier)
    await verifier._keys(fresh=True)

    assert header_of(before)["kid"] != header_of(during)["kid"]
    assert (took_new, took_old) == (True, True)
    assert await is_refused(verifier, during)
    assert not await is_refused(verifier, after)


def an_hour_passes(verifier: TokenVerifier) -> None:
    """The keys were not asked for a moment ago."""
    verifier.fetched_at -= 3600
