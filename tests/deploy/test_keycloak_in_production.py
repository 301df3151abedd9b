"""Keycloak as a city runs it: started for production, on its own database, with bounded tables and no wildcard."""

import json

import asyncpg
import pytest

from chassis.relay import connect_plain
from deploy.databases import prepare_keycloak
from deploy.local.infrastructure import Infrastructure
from tests.deploy.test_compose import ONE_SHOTS, blocks, read, served
from tests.deploy.test_realm import realm

DAY = 86_400


def test_keycloak_is_started_for_production_behind_a_proxy_that_is_named() -> None:
    keycloak = blocks()["keycloak"]
    told = keycloak["environment"]

    assert list(keycloak["command"]) == ["start", "--import-realm"]
    assert keycloak["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert (told["KC_DB"], told["KC_DB_URL"]) == ("postgres", "jdbc:postgresql://postgres/neo_keycloak")
    assert told["KC_HOSTNAME"].startswith("${KEYCLOAK_PUBLIC_URL:-http")
    assert told["KC_PROXY_HEADERS"] == "xforwarded"
    assert told["KC_PROXY_TRUSTED_ADDRESSES"] == "${PROXY_ADDRESSES:-127.0.0.1}"
    assert blocks()["gateway"]["environment"]["FORWARDED_ALLOW_IPS"] == told["KC_PROXY_TRUSTED_ADDRESSES"]
    assert "KC_HOSTNAME_STRICT" not in told


def test_database_of_keycloak_gets_the_password_that_keycloak_knows() -> None:
    migrate, keycloak = blocks()["migrate"]["environment"], blocks()["keycloak"]["environment"]

    assert migrate["NEO_KEYCLOAK_DB_PASSWORD"] == keycloak["KC_DB_PASSWORD"]


async def test_database_of_keycloak_is_made_once_and_is_its_own(infrastructure: Infrastructure) -> None:
    postgres = infrastructure.postgres
    for _ in range(2):
        await prepare_keycloak(postgres.url("postgres", "postgres"), "a-password-of-'keycloak'")

    inside = await connect_plain(postgres.url("neo_keycloak", "keycloak"))
    try:
        await inside.execute("create table if not exists realm (id int)")
    finally:
        await inside.close()
    for database, role in (("neo_keycloak", "registry_app"), ("neo_registry", "keycloak")):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connect_plain(postgres.url(database, role))


def test_tables_of_events_are_bounded_and_hold_no_content() -> None:
    told = json.loads(read("deploy/keycloak/realm.json"))

    assert 0 < told["eventsExpiration"] <= 90 * DAY
    assert 0 < int(told["attributes"]["adminEventsExpiration"]) <= 90 * DAY
    assert told["adminEventsDetailsEnabled"] is False
    assert {"LOGIN", "LOGIN_ERROR", "LOGOUT", "UPDATE_CREDENTIAL"} <= set(told["enabledEventTypes"])
    # One each five minutes and person would be most of the table.
    assert "REFRESH_TOKEN" not in told["enabledEventTypes"]


def test_guessing_is_slow_and_locks_nobody_out_for_good() -> None:
    told = json.loads(read("deploy/keycloak/realm.json"))

    assert told["bruteForceProtected"] is True
    assert told["permanentLockout"] is False
    assert told["failureFactor"] <= 10
    assert told["waitIncrementSeconds"] >= 60


def test_every_address_to_come_back_to_is_one_address() -> None:
    for client in realm()["clients"]:
        ends = client["attributes"].get("post.logout.redirect.uris", "")
        assert [one for one in (*client["redirectUris"], ends) if "*" in one or "+" in one] == []


def test_clients_prove_themselves_and_have_the_grants_that_they_need() -> None:
    for client in json.loads(read("deploy/keycloak/realm.json"))["clients"]:
        is_portal = client["clientId"] == "portal"
        flows = ("standardFlowEnabled", "serviceAccountsEnabled", "implicitFlowEnabled", "directAccessGrantsEnabled")

        assert client["publicClient"] is False
        assert [client[flow] for flow in flows] == [is_portal, not is_portal, False, False]
        assert client["optionalClientScopes"] == []
        assert set(client["defaultClientScopes"]) <= {"basic", "acr", "service_account"}


def test_sessions_and_codes_end() -> None:
    told = json.loads(read("deploy/keycloak/realm.json"))

    assert (told["ssoSessionIdleTimeout"], told["ssoSessionMaxLifespan"]) == (3600, 36000)
    assert told["accessCodeLifespan"] <= 60
    assert told["rememberMe"] is False


def test_our_containers_cannot_touch_what_they_have_written() -> None:
    ours = {name: block for name, block in blocks().items() if name in served() or name in ONE_SHOTS}
    locked: dict[str, dict[str, object]] = {name: dict(block) for name, block in ours.items()}

    assert len(locked) == len(served()) + len(ONE_SHOTS)
    for name, block in locked.items():
        assert block["read_only"] is True, name
        assert block["cap_drop"] == ["ALL"], name
        assert block["security_opt"] == ["no-new-privileges:true"], name
        assert "volumes" not in block, name
