"""Commands for servers that are already there: migrate and topology, with addresses from the environment."""

import os
from typing import Any

from sqlalchemy.engine import make_url

from chassis import migrate as migrations
from chassis.bus import connect
from chassis.schema import head_of
from chassis.settings import timing_from_env
from contracts.topology import LISTENERS, Topology
from deploy.databases import database_of, prepare, prepare_keycloak
from deploy.show import Voice
from deploy.topology import apply, difference


def _wanted(name: str, voice: Voice) -> str | None:
    found = os.environ.get(name)
    if not found:
        voice.trouble("production.variable-missing", name=name)
    return found


async def migrate(voice: Voice) -> int:
    """Create databases and roles (passwords from NEO_<SERVICE>_DB_PASSWORD) and migrate each as its owner.

    Keycloak's own is made too, where NEO_KEYCLOAK_DB_PASSWORD is set; its tables are Keycloak's business.
    """
    admin = _wanted("NEO_ADMIN_DATABASE_URL", voice)
    if admin is None:
        return 2
    url = make_url(admin)
    passwords = {}
    for service in LISTENERS:
        if secret := os.environ.get(f"NEO_{service.upper()}_DB_PASSWORD"):
            passwords[f"{service}_app"] = secret
    if published := os.environ.get("NEO_PUBLISHED_DB_PASSWORD"):
        passwords["reporting_published"] = published
    inside = {name: url.set(database=database_of(name)).render_as_string(hide_password=False) for name in LISTENERS}
    await prepare(admin, inside, passwords)
    if keycloak := os.environ.get("NEO_KEYCLOAK_DB_PASSWORD"):
        await prepare_keycloak(admin, keycloak)
    for service in LISTENERS:
        # The administrator acts as the owner role, so that owners need no password of their own.
        await migrations.upgrade(inside[service], service, role=f"{service}_owner")
        voice.say("migrate.done", service=service, revision=head_of(service))
    return 0


async def topology(voice: Voice, *, dry_run: bool) -> int:
    """Show the difference between the broker and the topology, then apply it."""
    url = _wanted("NEO_NATS_URL", voice)
    if url is None:
        return 2
    options: dict[str, Any] = {}
    if user := os.environ.get("NEO_NATS_ADMIN_USER"):
        options = {"user": user, "password": os.environ.get("NEO_NATS_ADMIN_PASSWORD", "")}
    wanted = Topology(timing=timing_from_env(), replicas=int(os.environ.get("NEO_NATS_REPLICAS", "1")))
    client = await connect(url, **options)
    try:
        changes = await difference(client, wanted)
        for change in changes:
            print(f"{change.kind:9} {change.name:45} {change.what}")
        if not dry_run:
            await apply(client, wanted, changes)
    finally:
        await client.close()
    voice.say("topology.shown" if dry_run else "topology.applied", count=len(changes))
    return 0
