"""One database per service, two roles each: the owner migrates, the app works (neither owner nor superuser)."""

import asyncpg

from chassis.relay import connect_plain

KEYCLOAK = "keycloak"
# District and city read reporting's published layer through a role that cannot see anything else.
READERS = {"reporting": ("reporting_published",)}


def database_of(service: str) -> str:
    """The name of a service's database."""
    return f"neo_{service}"


async def _ensure_role(connection: asyncpg.Connection, role: str, password: str | None) -> None:
    if not await connection.fetchval("select true from pg_roles where rolname = $1", role):
        await connection.execute(f'create role "{role}" login nosuperuser nobypassrls nocreatedb nocreaterole')
    if password is not None:
        quoted = password.replace("'", "''")
        await connection.execute(f"alter role \"{role}\" password '{quoted}'")


async def prepare(admin_url: str, url_of: dict[str, str], passwords: dict[str, str] | None = None) -> None:
    """Create what is missing: roles, databases, default rights; a second call changes nothing.

    `admin_url` is a superuser's address, `url_of` a superuser's address inside each service's database.
    """
    known = passwords or {}
    connection = await connect_plain(admin_url)
    try:
        for service in url_of:
            for role in (f"{service}_owner", f"{service}_app", *READERS.get(service, ())):
                await _ensure_role(connection, role, known.get(role))
            name = database_of(service)
            if not await connection.fetchval("select true from pg_database where datname = $1", name):
                await connection.execute(f'create database "{name}" owner "{service}_owner"')
                await connection.execute(f'revoke all on database "{name}" from public')
                for role in (f"{service}_app", *READERS.get(service, ())):
                    await connection.execute(f'grant connect on database "{name}" to "{role}"')
    finally:
        await connection.close()
    for service, url in url_of.items():
        await _grant(url, service)


async def prepare_keycloak(admin_url: str, password: str) -> None:
    """A database of Keycloak's own, whose tables it makes itself; a second call changes the password only."""
    connection = await connect_plain(admin_url)
    try:
        await _ensure_role(connection, KEYCLOAK, password)
        name = database_of(KEYCLOAK)
        if not await connection.fetchval("select true from pg_database where datname = $1", name):
            await connection.execute(f'create database "{name}" owner "{KEYCLOAK}"')
        await connection.execute(f'revoke all on database "{name}" from public')
    finally:
        await connection.close()


async def _grant(url: str, service: str) -> None:
    connection = await connect_plain(url)
    owner, app = f"{service}_owner", f"{service}_app"
    try:
        await connection.execute(f"""
            alter schema public owner to "{owner}";
            grant usage on schema public to "{app}";
            alter default privileges for role "{owner}" grant select, insert, update, delete on tables to "{app}";
            alter default privileges for role "{owner}" grant usage, select on sequences to "{app}";
            alter default privileges for role "{owner}" grant usage on schemas to "{app}";
        """)
    finally:
        await connection.close()
