"""The realm as a running Keycloak has it, in the pieces of the realm file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keycloak import KeycloakAdmin
from keycloak.exceptions import KeycloakError

from deploy.keycloak.pieces import GROUP, REALM, RIGHTS, USER, Piece, RealmPieces, Settings
from deploy.keycloak.wanted import POLICIES, client_pieces, policy_piece, profile_pieces

# Keycloak brings these into every realm.
BUILT_IN = ("account", "account-console", "admin-cli", "broker", "realm-management", "security-admin-console")
NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class RealmReader:
    """Reads what the realm file speaks about, and nothing else: a city's accounts are never listed."""

    admin: KeycloakAdmin
    realm: str
    wanted: RealmPieces

    async def read(self) -> RealmPieces:
        """The pieces that stand in Keycloak; none where there is no such realm."""
        try:
            settings = await self.admin.a_get_realm(self.realm)
        except KeycloakError as error:
            if error.response_code != NOT_FOUND:
                raise
            return RealmPieces()
        await self.admin.a_change_current_realm(self.realm)
        clients = {one["clientId"]: one for one in await self.admin.a_get_clients()}
        pieces: dict[Piece, Settings] = {Piece(REALM, self.realm): settings}
        for client in clients.values():
            pieces |= client_pieces(client)
        pieces |= profile_pieces(await self.admin.a_get_realm_users_profile())
        pieces |= await self._policies() | await self._groups() | await self._users() | await self._rights(clients)
        ours = {piece.name for piece in self.wanted.pieces if piece.kind == "client"}
        return RealmPieces(pieces, tuple(sorted(clients.keys() - ours - set(BUILT_IN))))

    async def _policies(self) -> dict[Piece, Settings]:
        found = await self.admin.a_get_components({"type": POLICIES})
        return {policy_piece(one): {"config": one["config"]} for one in found}

    async def _groups(self) -> dict[Piece, Settings]:
        return {piece: {} for piece in self._named(GROUP) if await self._has_group(piece.name)}

    async def _has_group(self, path: str) -> bool:
        try:
            await self.admin.a_get_group_by_path(path)
        except KeycloakError as error:
            if error.response_code != NOT_FOUND:
                raise
            return False
        return True

    async def _users(self) -> dict[Piece, Settings]:
        return {
            piece: {}
            for piece in self._named(USER)
            if await self.admin.a_get_users({"username": piece.name, "exact": True})
        }

    async def _rights(self, clients: Mapping[str, Mapping[str, Any]]) -> dict[Piece, Settings]:
        return {
            piece: await rights_of(self.admin, clients[piece.name]["id"], self.realm)
            for piece in self._named(RIGHTS)
            if clients.get(piece.name, {}).get("serviceAccountsEnabled")
        }

    def _named(self, kind: str) -> list[Piece]:
        return [piece for piece in self.wanted.pieces if piece.kind == kind]


async def rights_of(admin: KeycloakAdmin, client_uuid: str, realm: str) -> Settings:
    """What a client's own account may do; what Keycloak gives to every account of a realm does not count."""
    user = await admin.a_get_client_service_account_user(client_uuid)
    mappings = await admin.a_get_all_roles_of_user(user["id"])
    roles = [
        f"{client}/{role['name']}"
        for client, mapping in mappings.get("clientMappings", {}).items()
        for role in mapping["mappings"]
    ]
    usual = f"default-roles-{realm}"
    roles += [f"/{role['name']}" for role in mappings.get("realmMappings", ()) if role["name"] != usual]
    groups = await admin.a_get_user_groups(user["id"])
    return {"roles": roles, "groups": [group["path"] for group in groups]}
