"""The realm: accounts and groups in Keycloak follow the registry.

Imported only by a service that was given the realm's secret: the client library is heavy.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from keycloak import KeycloakAdmin, KeycloakOpenIDConnection
from keycloak.exceptions import KeycloakError

from chassis.database import Database
from services.registry.store import accounts as store
from services.registry.store import erasure
from services.registry.store.accounts import Work

BATCH = 50
AT_ONCE = 8
REQUEST_SECONDS = 10
PASS_SECONDS = 25.0
# Longer than a pass, so that nobody works on an account while another still does.
LEASE_SECONDS = 30.0
LONGEST_PAUSE = 60.0
BRANCHES = ("/schools/", "/districts/", "/city/")
NOT_FOUND, TAKEN = 404, 409

log = logging.getLogger("neo.registry.realm")


class NameTaken(Exception):
    """An account of somebody else bears the username already."""


# What a realm that is away, changed by another hand, or hidden behind a broken proxy makes of a call.
REFUSALS = (KeycloakError, NameTaken, TypeError, KeyError, ValueError)


@dataclass(frozen=True, slots=True)
class RealmDoor:
    """Where a realm is administered, and as which client."""

    issuer: str
    client_id: str
    secret: str = field(repr=False)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[KeycloakAdmin]:
        """A connection to the realm's administration; nothing is sent before it is used."""
        server, _, realm = self.issuer.rpartition("/realms/")
        connection = KeycloakOpenIDConnection(
            server_url=f"{server}/",
            realm_name=realm,
            client_id=self.client_id,
            client_secret_key=self.secret,
            timeout=REQUEST_SECONDS,
        )
        try:
            yield KeycloakAdmin(connection=connection)
        finally:
            await connection.keycloak_openid.connection.aclose()
            await connection.aclose()


class RealmKeeper:
    """Tells the realm what waits in the queue of accounts; what fails waits longer and is not lost."""

    def __init__(self, door: RealmDoor) -> None:
        self.door = door
        self.group_ids: dict[str, str] = {}

    async def sweep(self, db: Database) -> None:
        """Work until nothing waits, or until the realm refuses."""
        batch = await _claim(db)
        if not batch:
            return
        async with self.door.opened() as admin:
            while batch and await self._pass(db, admin, batch):
                batch = await _claim(db)

    async def _pass(self, db: Database, admin: KeycloakAdmin, batch: list[Work]) -> bool:
        try:
            async with asyncio.timeout(PASS_SECONDS):
                await self._know_groups(admin, {group for work in batch for group in work.groups})
                turns = asyncio.Semaphore(AT_ONCE)
                user_ids = await asyncio.gather(*(self._settle(admin, work, turns) for work in batch))
        except (*REFUSALS, TimeoutError) as error:
            _warn(error)
            user_ids = [None] * len(batch)
        answers = list(zip(batch, user_ids, strict=True))
        failed = [work for work, user_id in answers if user_id is None]
        async with db.transaction() as tx:
            await store.finish(tx, [(work, user_id or None) for work, user_id in answers if user_id is not None])
            await erasure.note_accounts_gone(
                tx, [work for work, user_id in answers if work.is_erased and user_id is not None]
            )
            await store.put_off(tx, failed, longest=LONGEST_PAUSE)
        if failed:
            # A remembered group may have gone.
            self.group_ids.clear()
        return not failed

    async def _know_groups(self, admin: KeycloakAdmin, paths: Iterable[str]) -> None:
        for path in sorted(set(paths) - self.group_ids.keys()):
            self.group_ids[path] = await self._group_id(admin, path)

    async def _group_id(self, admin: KeycloakAdmin, path: str) -> str:
        try:
            return str((await admin.a_get_group_by_path(path))["id"])
        except KeycloakError as error:
            if error.response_code != NOT_FOUND:
                raise
        above, _, name = path.rpartition("/")
        parent = await self._group_id(admin, above) if above else None
        made = await admin.a_create_group({"name": name}, parent=parent, skip_exists=True)
        return made or str((await admin.a_get_group_by_path(path))["id"])

    async def _settle(self, admin: KeycloakAdmin, work: Work, turns: asyncio.Semaphore) -> str | None:
        """The id of the account in the realm, empty when it needs none; nothing when it has to be tried again."""
        async with turns:
            try:
                return await self._bring_about(admin, work)
            except REFUSALS as error:
                _warn(error, person_id=str(work.person_id))
                return None

    async def _bring_about(self, admin: KeycloakAdmin, work: Work) -> str:
        if work.is_erased:
            await _remove(admin, work)
            return ""
        if work.realm_user_id is None and work.groups:
            try:
                return str(await admin.a_create_user(_account(work)))
            except KeycloakError as error:
                if error.response_code != TAKEN:
                    raise
        user_id = work.realm_user_id or await _own_account(admin, work)
        if user_id is None:
            return ""
        try:
            await admin.a_update_user(user_id, {"enabled": bool(work.groups), "attributes": _attributes(work)})
        except KeycloakError as error:
            if error.response_code != NOT_FOUND:
                raise
            return str(await admin.a_create_user(_account(work))) if work.groups else ""
        await self._set_groups(admin, user_id, work)
        return user_id

    async def _set_groups(self, admin: KeycloakAdmin, user_id: str, work: Work) -> None:
        held = {group["path"]: group["id"] for group in await admin.a_get_user_groups(user_id)}
        for path in sorted(set(work.groups) - held.keys()):
            await admin.a_group_user_add(user_id, self.group_ids[path])
        for path in sorted(held.keys() - set(work.groups)):
            if path.startswith(BRANCHES):
                await admin.a_group_user_remove(user_id, held[path])


async def _own_account(admin: KeycloakAdmin, work: Work) -> str | None:
    """The account that an interrupted pass made; raises NameTaken when the username is somebody else's."""
    found = await admin.a_get_users({"username": work.username, "exact": True})
    if not found:
        return None
    if found[0].get("attributes", {}).get("person_id") != [str(work.person_id)]:
        raise NameTaken(work.username)
    return str(found[0]["id"])


async def _remove(admin: KeycloakAdmin, work: Work) -> None:
    """Delete every account that bears the person's id, also one that a restored realm has brought back."""
    bears = [str(work.person_id)]
    found = await admin.a_get_users({"q": f"person_id:{work.person_id}"})
    own = {str(user["id"]) for user in found if user.get("attributes", {}).get("person_id") == bears}
    for user_id in sorted(own | ({work.realm_user_id} if work.realm_user_id else set())):
        try:
            await admin.a_delete_user(user_id)
        except KeycloakError as error:
            if error.response_code != NOT_FOUND:
                raise


def _account(work: Work) -> dict[str, object]:
    return {
        "username": work.username,
        "enabled": True,
        "attributes": _attributes(work),
        "groups": list(work.groups),
    }


def _attributes(work: Work) -> dict[str, list[str]]:
    return {"person_id": [str(work.person_id)]}


async def _claim(db: Database) -> list[Work]:
    async with db.transaction() as tx:
        return await store.claim(tx, limit=BATCH, lease=LEASE_SECONDS)


def _warn(error: Exception, *, person_id: str | None = None) -> None:
    status = getattr(error, "response_code", None)
    log.warning("accounts wait", extra={"reason": type(error).__name__, "status": status, "person_id": person_id})
