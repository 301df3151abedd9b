"""The realm file gives every client the claims that services read, and holds no secret."""

import json
import re
from pathlib import Path
from typing import TypedDict

import yaml

ROOT = Path(__file__).parents[2]
CLAIMS = {
    "oidc-group-membership-mapper": {"claim.name": "groups", "full.path": "true"},
    "oidc-audience-mapper": {"included.custom.audience": "neo-api"},
    "oidc-usermodel-attribute-mapper": {"user.attribute": "person_id", "claim.name": "person_id"},
}


class Mapper(TypedDict):
    """What writes one claim into a token."""

    protocolMapper: str
    config: dict[str, str]


class Client(TypedDict):
    """Who may ask Keycloak for tokens."""

    clientId: str
    redirectUris: list[str]
    defaultClientScopes: list[str]
    publicClient: bool
    directAccessGrantsEnabled: bool
    attributes: dict[str, str]
    protocolMappers: list[Mapper]


class User(TypedDict, total=False):
    """A person or a service account of the realm."""

    username: str
    serviceAccountClientId: str
    requiredActions: list[str]
    credentials: list[dict[str, object]]


class Realm(TypedDict):
    """The realm as Keycloak imports it."""

    accessTokenLifespan: int
    bruteForceProtected: bool
    clients: list[Client]
    users: list[User]


def read(path: str) -> str:
    """A file of the repository."""
    return (ROOT / path).read_text(encoding="utf-8")


def realm() -> Realm:
    """The realm file."""
    loaded: Realm = json.loads(read("deploy/keycloak/realm.json"))
    return loaded


def test_every_client_of_the_realm_gets_groups_audience_and_person() -> None:
    for client in realm()["clients"]:
        mappers = client["protocolMappers"]
        for kind, wanted in CLAIMS.items():
            config = next(mapper["config"] for mapper in mappers if mapper["protocolMapper"] == kind)
            assert wanted.items() <= config.items(), (client["clientId"], kind)
            assert config["access.token.claim"] == "true"


def test_people_sign_in_with_pkce_and_short_tokens_only() -> None:
    clients = {client["clientId"]: client for client in realm()["clients"]}
    attributes = clients["portal"]["attributes"]

    assert attributes["pkce.code.challenge.method"] == "S256"
    assert [uri for client in clients.values() for uri in client["redirectUris"] if "*" in uri] == []
    assert "*" not in attributes["post.logout.redirect.uris"]
    assert [name for name, client in clients.items() if set(client["defaultClientScopes"]) & {"profile", "email"}] == []
    assert [name for name, client in clients.items() if client["publicClient"]] == []
    assert [name for name, client in clients.items() if client["directAccessGrantsEnabled"]] == []
    assert realm()["accessTokenLifespan"] == 300
    assert realm()["bruteForceProtected"] is True


def test_every_placeholder_of_the_realm_is_handed_to_keycloak() -> None:
    text = read("deploy/keycloak/realm.json")
    given = yaml.safe_load(read("docker-compose.yml"))["services"]["keycloak"]["environment"]

    assert set(re.findall(r"\$\{([^}]+)\}", text)) <= set(given)
    assert re.findall(r'"(?:secret|value)": "(?!\$\{)', text) == []


def test_the_test_users_must_change_their_password() -> None:
    people = [user for user in realm()["users"] if "serviceAccountClientId" not in user]

    assert {user["username"] for user in people} == {"analyst", "operator"}
    for user in people:
        assert user["requiredActions"] == ["UPDATE_PASSWORD"]
        credentials = user["credentials"]
        assert all(credential["temporary"] for credential in credentials)
