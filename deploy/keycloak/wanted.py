"""The realm as realm.json wants it, with secrets and addresses from the environment."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from deploy.keycloak.pieces import (
    CLIENT,
    GROUP,
    MAPPER,
    POLICY,
    PROFILE,
    REALM,
    RIGHTS,
    USER,
    Piece,
    RealmPieces,
    Settings,
)

FILE = Path(__file__).with_name("realm.json")
PLACEHOLDER = re.compile(r"\$\{([A-Z_]+)\}")
PROFILES = "org.keycloak.userprofile.UserProfileProvider"
POLICIES = "org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy"
PARTS = ("groups", "clients", "users", "components")


class VariablesMissing(Exception):
    """The environment lacks what stands as a placeholder in the realm file."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = sorted(names)
        super().__init__(", ".join(self.names))


def wanted_realm(env: Mapping[str, str]) -> RealmPieces:
    """The pieces of the realm file; raises VariablesMissing."""
    text = FILE.read_text(encoding="utf-8")
    if missing := {name for name in PLACEHOLDER.findall(text) if not env.get(name)}:
        raise VariablesMissing(missing)
    return pieces_of(json.loads(PLACEHOLDER.sub(lambda found: json.dumps(env[found[1]])[1:-1], text)))


def pieces_of(realm: Mapping[str, Any]) -> RealmPieces:
    """A realm as Keycloak imports it, in pieces."""
    pieces: dict[Piece, Settings] = {
        Piece(REALM, realm["realm"]): {name: value for name, value in realm.items() if name not in PARTS}
    }
    pieces |= {Piece(GROUP, path): {} for path in _paths(realm["groups"])}
    for client in realm["clients"]:
        pieces |= client_pieces(client)
    for user in realm["users"]:
        pieces |= _user(user)
    pieces |= profile_pieces(_profile(realm["components"]))
    pieces |= {policy_piece(one): {"config": one["config"]} for one in realm["components"][POLICIES]}
    return RealmPieces(pieces)


def client_pieces(client: Mapping[str, Any]) -> dict[Piece, Settings]:
    """A client and its mappers."""
    name = client["clientId"]
    pieces: dict[Piece, Settings] = {
        Piece(CLIENT, name): {key: value for key, value in client.items() if key != "protocolMappers"}
    }
    for mapper in client.get("protocolMappers", ()):
        pieces[Piece(MAPPER, f"{name}/{mapper['name']}")] = {key: mapper[key] for key in ("protocolMapper", "config")}
    return pieces


def profile_pieces(profile: Mapping[str, Any]) -> dict[Piece, Settings]:
    """What may be said of a person, one piece for each attribute."""
    return {
        Piece(PROFILE, one["name"]): {name: value for name, value in one.items() if name != "name"}
        for one in profile["attributes"]
    }


def policy_piece(component: Mapping[str, Any]) -> Piece:
    """A rule about who may register clients."""
    return Piece(POLICY, f"{component['subType']}/{component['providerId']}")


def _profile(components: Mapping[str, Any]) -> Mapping[str, Any]:
    (provider,) = components[PROFILES]
    (text,) = provider["config"]["kc.user.profile.config"]
    profile: Mapping[str, Any] = json.loads(text)
    return profile


def _paths(groups: Iterable[Mapping[str, Any]], above: str = "") -> Iterator[str]:
    for group in groups:
        path = f"{above}/{group['name']}"
        yield path
        yield from _paths(group.get("subGroups", ()), path)


def _user(user: Mapping[str, Any]) -> dict[Piece, Settings]:
    """A person's first account, or what a client's own account may do: no more than the file says."""
    client = user.get("serviceAccountClientId")
    if client is None:
        return {Piece(USER, user["username"]): user}
    rights: dict[str, object] = {
        "roles": [f"{of}/{role}" for of, roles in user["clientRoles"].items() for role in roles]
    }
    if "groups" in user:
        rights["groups"] = user["groups"]
    return {Piece(RIGHTS, client): rights}
