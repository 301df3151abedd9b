"""The demo city at a real Keycloak: filled with the development issuer, then run with people who sign in there."""

import os
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from chassis.testing import eventually
from deploy.keycloak.command import compare
from deploy.local.city import OtherRealm, running_city, take_port
from deploy.local.folder import Folder, hold
from deploy.local.issuer import IssuerSettings
from deploy.local.issuer.realm import open_realm
from tests.keycloak.realm import ENV, PASSWORD, Realm
from tests.portal.fill import fill
from tests.portal.town import LENT


@asynccontextmanager
async def a_city_at(keycloak: Realm, *usernames: str) -> AsyncIterator[str]:
    """Its address; the people named have the same accounts there, all with one password. The realm is mended after."""
    with tempfile.TemporaryDirectory(prefix="neo-at-keycloak-", ignore_cleanup_errors=True) as scratch:
        place = Path(scratch) / "city"
        if lent := os.environ.get(LENT):
            # With its owners: PostgreSQL's files belong to a user of their own.
            subprocess.run(["cp", "-a", lent, str(place)], check=True)
        else:
            await fill(place, Path(scratch))
        with hold(place) as folder, take_port(0) as bound:
            address = f"http://127.0.0.1:{bound.getsockname()[1]}"
            for username in usernames:
                await _bring_over(folder, keycloak, username)
            moved = {**ENV, "NEO_PUBLIC_URL": address, "NEO_PORTAL_INSIDE_URL": address}
            await compare(keycloak.administrator(), moved, is_applied=True)
            secrets = {client: ENV[f"{client.upper()}_CLIENT_SECRET"] for client in ("portal", "registry")}
            other = OtherRealm(keycloak.issuer, secrets)
            async with running_city(folder, bound, is_durable=False, keycloak=other) as city:
                await eventually(lambda: _leads_to_keycloak(city.url), equals=True, within=60)
                yield city.url
            await keycloak.compare(is_applied=True)


async def _leads_to_keycloak(url: str) -> bool:
    """Whether the city has met the server to which it leads those who sign in."""
    async with httpx.AsyncClient() as client:
        return (await client.get(f"{url}/sign-in")).is_redirect


async def _bring_over(folder: Folder, keycloak: Realm, username: str) -> None:
    """Give somebody of the development issuer the same account at Keycloak: person, groups, and a password."""
    known = open_realm(
        IssuerSettings(
            mode="local",
            base_url="http://127.0.0.1",
            data_dir=folder.path / "issuer",
            client_secrets=folder.client_secrets,
            portal_redirects=(),
        )
    )
    account = known.accounts.named(username)
    assert account is not None, username
    paths = known.groups.paths(account.id)
    for path in paths:
        await keycloak.group(path)
    await keycloak.admin.a_create_user(
        {
            "username": username,
            "enabled": True,
            "attributes": {"person_id": [str(account.person_id)]},
            "groups": paths,
            "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}],
        }
    )
