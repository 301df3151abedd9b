"""The part of Keycloak's administration that the registry uses, on Keycloak's paths and in its words.

Only the service account of the client `registry` is let in. Names and e-mails are dropped at the door.
"""

from typing import Annotated

from authlib.oauth2.rfc6750 import InsufficientScopeError
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, field_validator

from chassis.refusals import Invalid
from deploy.local.issuer.clients import ADMINISTRATOR
from deploy.local.issuer.realm import Realm
from deploy.local.issuer.server import Guard, IssuerRequest, IssuerServer, query_of
from deploy.local.issuer.store.accounts import Account, AccountSearch, NewAccount
from deploy.local.issuer.store.groups import Group

LARGEST_PAGE = 1000
SHORTEST_PASSWORD = 12


class Credential(BaseModel):
    """Keycloak's CredentialRepresentation, passwords only."""

    type: str = "password"
    value: str = Field(min_length=1, max_length=200)


class UserChange(BaseModel):
    """Keycloak's UserRepresentation as far as it can be changed: absent means unchanged."""

    enabled: bool | None = None
    attributes: dict[str, list[str]] | None = None

    @field_validator("attributes", mode="before")
    @classmethod
    def _each_a_list(cls, given: object) -> object:
        if not isinstance(given, dict):
            return given
        return {name: [values] if isinstance(values, str) else values for name, values in given.items()}


class NewUser(UserChange):
    """Keycloak's UserRepresentation for a new user."""

    id: str | None = Field(default=None, min_length=1, max_length=64, pattern=r"^[A-Za-z0-9-]+$")
    username: str = Field(min_length=1, max_length=200)
    enabled: bool | None = False
    groups: list[str] = []
    credentials: list[Credential] = []


class NewGroup(BaseModel):
    """Keycloak's GroupRepresentation for a new group."""

    name: str = Field(min_length=1, max_length=200, pattern=r"^[^/]+$")


class Page(BaseModel):
    """A page of a list; a parameter that is not served is refused rather than passed over in silence."""

    model_config = ConfigDict(extra="forbid")

    first: int = Field(default=0, ge=0)
    max: int = Field(default=100, ge=0, le=LARGEST_PAGE)
    brief: bool = Field(default=False, alias="briefRepresentation")


class UserQuery(Page):
    """Which users; `q` asks for one attribute, `person_id:…`."""

    username: str | None = None
    exact: bool = False
    q: str | None = Field(default=None, pattern=r"^[^:\s]+:\S+$")

    def search(self) -> AccountSearch:
        """The query in the words of the store."""
        name, _, value = (self.q or "").partition(":")
        return AccountSearch(
            username=self.username,
            is_exact=self.exact,
            attribute=(name, value) if self.q else None,
            first=self.first,
            limit=self.max,
        )


def _user_out(account: Account) -> dict[str, object]:
    return {
        "id": account.id,
        "username": account.username,
        "enabled": account.is_enabled,
        "emailVerified": False,
        "createdTimestamp": account.created_at,
        "attributes": {name: list(values) for name, values in account.attributes.items()},
    }


def _group_out(group: Group) -> dict[str, object]:
    parent = {"parentId": group.parent_id} if group.parent_id else {}
    return {
        "id": group.id,
        "name": group.name,
        "path": group.path,
        **parent,
        "subGroupCount": group.children,
        "subGroups": [],
    }


def administration_door(server: IssuerServer) -> APIRouter:
    """Users, groups, and who belongs to which."""
    guard = Guard(server.mint)

    def only_registry(request: Request) -> None:
        asked = IssuerRequest(request, origin=server.realm.settings.origin, sent=query_of(request))
        token = guard.admit(asked)
        if token.client.client_id != ADMINISTRATOR:
            raise InsufficientScopeError

    router = APIRouter(prefix="/admin/realms/neo", dependencies=[Depends(only_registry)])
    _add_users(router, server.realm)
    _add_new_users(router, server.realm)
    _add_user_changes(router, server.realm)
    _add_memberships(router, server.realm)
    _add_groups(router, server.realm)
    return router


def _add_users(router: APIRouter, realm: Realm) -> None:
    @router.get("/users")
    def list_users(query: Annotated[UserQuery, Query()]) -> list[dict[str, object]]:
        return [_user_out(account) for account in realm.accounts.search(query.search())]

    @router.get("/users/count")
    def count_users(query: Annotated[UserQuery, Query()]) -> int:
        return realm.accounts.count(query.search())

    @router.get("/users/{user_id}")
    def show_user(user_id: str) -> dict[str, object]:
        return _user_out(realm.accounts.get(user_id))


def _add_new_users(router: APIRouter, realm: Realm) -> None:
    @router.post("/users")
    def create_user(wanted: NewUser) -> Response:
        account = realm.accounts.create(
            NewAccount(
                username=wanted.username,
                is_enabled=bool(wanted.enabled),
                attributes=wanted.attributes or {},
                account_id=wanted.id,
                groups=tuple(wanted.groups),
            )
        )
        for credential in wanted.credentials:
            realm.accounts.set_password(account.id, credential.value)
        return _created(realm, f"users/{account.id}")


def _add_user_changes(router: APIRouter, realm: Realm) -> None:
    @router.put("/users/{user_id}", status_code=204)
    def change_user(user_id: str, change: UserChange) -> None:
        realm.accounts.change(user_id, is_enabled=change.enabled, attributes=change.attributes)

    @router.delete("/users/{user_id}", status_code=204)
    def erase_user(user_id: str) -> None:
        realm.accounts.remove(user_id)

    @router.put("/users/{user_id}/reset-password")
    def set_password(user_id: str, credential: Credential) -> Response:
        if credential.type != "password":
            raise Invalid("account.only-passwords", field="type")
        if rule := _broken_rule(realm.accounts.get(user_id).username, credential.value):
            return JSONResponse(rule, status_code=400)
        realm.accounts.set_password(user_id, credential.value)
        return Response(status_code=204)

    @router.post("/users/{user_id}/logout", status_code=204)
    def sign_out_user(user_id: str) -> None:
        realm.sessions.end_all(realm.accounts.get(user_id).id)


def _broken_rule(username: str, password: str) -> dict[str, str] | None:
    """What Keycloak answers to a password that breaks the policy of deploy/keycloak/realm.json."""
    if len(password) < SHORTEST_PASSWORD:
        told = f"Invalid password: minimum length {SHORTEST_PASSWORD}."
        return {"error": "invalidPasswordMinLengthMessage", "error_description": told}
    if password.lower() == username:
        told = "Invalid password: must not be equal to the username."
        return {"error": "invalidPasswordNotUsernameMessage", "error_description": told}
    return None


def _add_memberships(router: APIRouter, realm: Realm) -> None:
    @router.get("/users/{user_id}/groups")
    def list_groups_of_user(user_id: str, query: Annotated[Page, Query()]) -> list[dict[str, object]]:
        account = realm.accounts.get(user_id)
        found = realm.groups.of(account.id, first=query.first, limit=query.max)
        return [_group_out(group) for group in found]

    @router.put("/users/{user_id}/groups/{group_id}", status_code=204)
    def join_group(user_id: str, group_id: str) -> None:
        realm.groups.join(realm.accounts.get(user_id).id, group_id)

    @router.delete("/users/{user_id}/groups/{group_id}", status_code=204)
    def leave_group(user_id: str, group_id: str) -> None:
        realm.groups.leave(realm.accounts.get(user_id).id, group_id)


def _add_groups(router: APIRouter, realm: Realm) -> None:
    @router.get("/groups")
    def list_groups(query: Annotated[Page, Query()]) -> list[dict[str, object]]:
        return [_group_out(group) for group in realm.groups.under(None, first=query.first, limit=query.max)]

    @router.post("/groups")
    def create_group(wanted: NewGroup) -> Response:
        return _created(realm, f"groups/{realm.groups.create(wanted.name).id}")

    @router.get("/groups/{group_id}")
    def show_group(group_id: str) -> dict[str, object]:
        return _group_out(realm.groups.get(group_id))

    @router.get("/groups/{group_id}/children")
    def list_subgroups(group_id: str, query: Annotated[Page, Query()]) -> list[dict[str, object]]:
        parent = realm.groups.get(group_id)
        return [_group_out(group) for group in realm.groups.under(parent.id, first=query.first, limit=query.max)]

    @router.post("/groups/{group_id}/children")
    def create_subgroup(group_id: str, wanted: NewGroup) -> Response:
        return _created(realm, f"groups/{realm.groups.create(wanted.name, group_id).id}")

    @router.get("/group-by-path/{path:path}")
    def show_group_at(path: str) -> dict[str, object]:
        return _group_out(realm.groups.at(path))


def _created(realm: Realm, place: str) -> Response:
    # Keycloak answers with the address alone, and python-keycloak reads the id from it.
    return Response(status_code=201, headers={"Location": f"{realm.settings.origin}/admin/realms/neo/{place}"})
