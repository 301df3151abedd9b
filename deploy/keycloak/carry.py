"""Carry changes out in Keycloak, piece by piece, through its administration."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from keycloak import KeycloakAdmin

from deploy.keycloak.changes import ADD, REMOVE, Change
from deploy.keycloak.found import rights_of
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
from deploy.keycloak.wanted import POLICIES

SCOPES = {"defaultClientScopes": "default", "optionalClientScopes": "optional"}


@dataclass(frozen=True, slots=True)
class RealmMender:
    """Makes the realm what is wanted; what the file does not speak about stays as it is."""

    admin: KeycloakAdmin
    realm: str
    wanted: RealmPieces

    async def mend(self, changes: Sequence[Change]) -> None:
        """Carry out changes that were read a moment ago, each piece once."""
        doors: dict[str, Callable[[Piece, str], Awaitable[None]]] = {
            REALM: self._realm,
            POLICY: self._policy,
            GROUP: self._group,
            CLIENT: self._client,
            MAPPER: self._mapper,
            RIGHTS: self._rights,
            USER: self._user,
        }
        for piece, do in {one.piece: one.do for one in changes}.items():
            if piece.kind in doors:
                await doors[piece.kind](piece, do)
            if piece.kind == REALM:
                await self.admin.a_change_current_realm(self.realm)
        if any(one.piece.kind == PROFILE for one in changes):
            await self._profile()

    async def _realm(self, piece: Piece, do: str) -> None:
        settings = dict(self.wanted.pieces[piece])
        if do == ADD:
            await self.admin.a_create_realm(settings)
        else:
            await self.admin.a_update_realm(piece.name, settings)

    async def _profile(self) -> None:
        profile = await self.admin.a_get_realm_users_profile()
        attributes = [
            {"name": piece.name, **settings} for piece, settings in self.wanted.pieces.items() if piece.kind == PROFILE
        ]
        await self.admin.a_update_realm_users_profile({**profile, "attributes": attributes})

    async def _policy(self, piece: Piece, do: str) -> None:
        sub_type, _, provider = piece.name.partition("/")
        config = _map(self.wanted.pieces[piece]["config"])
        if do == ADD:
            shape = {"name": provider, "providerId": provider, "subType": sub_type, "providerType": POLICIES}
            await self.admin.a_create_component({**shape, "config": config})
            return
        for one in await self.admin.a_get_components({"type": POLICIES}):
            if (one["subType"], one["providerId"]) == (sub_type, provider):
                await self.admin.a_update_component(
                    one["id"], {**one, "config": {**one["config"], **dict(_map(config))}}
                )

    async def _group(self, piece: Piece, _do: str) -> None:
        above, _, name = piece.name.rpartition("/")
        parent = (await self.admin.a_get_group_by_path(above))["id"] if above else None
        await self.admin.a_create_group({"name": name}, parent=parent, skip_exists=True)

    async def _client(self, piece: Piece, do: str) -> None:
        settings = dict(self.wanted.pieces[piece])
        if do == ADD:
            await self.admin.a_create_client(settings)
            return
        there = await self.admin.a_get_client(await self._client_id(piece.name))
        attributes = {**there.get("attributes", {}), **_map(settings.get("attributes", {}))}
        await self.admin.a_update_client(there["id"], {**there, **settings, "attributes": attributes})
        await self._scopes(there, settings)

    async def _scopes(self, there: Mapping[str, Any], settings: Settings) -> None:
        """An update of a client leaves its scopes alone: they have doors of their own."""
        known = {one["name"]: one["id"] for one in await self.admin.a_get_client_scopes()}
        client_id = there["id"]
        for setting, sort in SCOPES.items():
            wanted, held = set(_names(settings[setting])), set(_names(there.get(setting, ())))
            for name in sorted(held - wanted):
                await getattr(self.admin, f"a_delete_client_{sort}_client_scope")(client_id, known[name])
            for name in sorted(wanted - held):
                await getattr(self.admin, f"a_add_client_{sort}_client_scope")(client_id, known[name], {})

    async def _mapper(self, piece: Piece, do: str) -> None:
        client, _, name = piece.name.partition("/")
        client_id = await self._client_id(client)
        held = {one["name"]: one["id"] for one in await self.admin.a_get_mappers_from_client(client_id)}
        if do == REMOVE:
            await self.admin.a_remove_client_mapper(client_id, held[name])
            return
        shape = {"name": name, "protocol": "openid-connect", **self.wanted.pieces[piece]}
        if name in held:
            await self.admin.a_update_client_mapper(client_id, held[name], {**shape, "id": held[name]})
        else:
            await self.admin.a_add_mapper_to_client(client_id, shape)

    async def _rights(self, piece: Piece, _do: str) -> None:
        client_id = await self._client_id(piece.name)
        settings = self.wanted.pieces[piece]
        held = await rights_of(self.admin, client_id, self.realm)
        user_id = (await self.admin.a_get_client_service_account_user(client_id))["id"]
        wanted_roles, held_roles = set(_names(settings["roles"])), set(_names(held["roles"]))
        for path in sorted(wanted_roles - held_roles):
            of, role = await self._role(path)
            await self.admin.a_assign_client_role(user_id, of, [role])
        for path in sorted(held_roles - wanted_roles):
            await self._take_role(user_id, path)
        if "groups" in settings:
            await self._groups_of(user_id, set(_names(settings["groups"])), set(_names(held["groups"])))

    async def _role(self, path: str) -> tuple[str, Mapping[str, Any]]:
        client, _, name = path.partition("/")
        of = await self._client_id(client)
        role: Mapping[str, Any] = await self.admin.a_get_client_role(of, name)
        return of, role

    async def _take_role(self, user_id: str, path: str) -> None:
        if path.startswith("/"):
            await self.admin.a_delete_realm_roles_of_user(user_id, [await self.admin.a_get_realm_role(path[1:])])
        else:
            of, role = await self._role(path)
            await self.admin.a_delete_client_roles_of_user(user_id, of, [role])

    async def _groups_of(self, user_id: str, wanted: set[str], held: set[str]) -> None:
        for path in sorted(wanted - held):
            await self.admin.a_group_user_add(user_id, (await self.admin.a_get_group_by_path(path))["id"])
        for path in sorted(held - wanted):
            await self.admin.a_group_user_remove(user_id, (await self.admin.a_get_group_by_path(path))["id"])

    async def _user(self, piece: Piece, _do: str) -> None:
        await self.admin.a_create_user(dict(self.wanted.pieces[piece]))

    async def _client_id(self, name: str) -> str:
        return str(await self.admin.a_get_client_id(name))


def _map(settings: object) -> Mapping[str, object]:
    return settings if isinstance(settings, Mapping) else {}


def _names(listed: object) -> Iterable[str]:
    return [str(one) for one in listed] if isinstance(listed, (list, tuple)) else []
