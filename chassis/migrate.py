"""Migrations: Alembic per service, without `env.py`, run by the owner role under an advisory lock.

`protect` forces row-level security on a tenant table: a forgotten filter, or a forgotten setting, shows nothing.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from alembic import op
from alembic.autogenerate import compare_metadata, produce_migrations, render_python_code
from alembic.config import Config
from alembic.operations.ops import CreateTableOp
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.database import TENANT
from chassis.schema import folder_of, head_of, metadata_of

LOCK = 0x6D696772
_HEADER = '''"""{title}."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql  # noqa: F401

from chassis.migrate import protect

revision: str = "{revision}"
down_revision: str | None = {down!r}
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Expand; a later revision contracts what nobody reads any more."""
'''


def protect(table: str, *columns: str) -> None:
    """Force row-level security: a row is visible when one of its school columns is among the transaction's schools.

    An unset setting is NULL or empty and admits no row (fails closed).
    """
    schools = "string_to_array(nullif(current_setting('app.schools', true), ''), ',')"
    visible = " or ".join(f"{column} = any({schools})" for column in columns)
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(f"create policy own_school on {table} using ({visible}) with check ({visible})")


def _scripts(service: str) -> ScriptDirectory:
    folder = str(folder_of(service))
    return ScriptDirectory(folder, version_locations=[folder])


def _upgrade(connection: Connection, service: str) -> None:
    connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    scripts = _scripts(service)

    def steps(revision: Any, _context: MigrationContext) -> Any:
        return scripts._upgrade_revs("head", revision)

    with EnvironmentContext(Config(), scripts, fn=steps, destination_rev="head") as environment:
        environment.configure(connection=connection, transactional_ddl=False)
        environment.run_migrations()


async def upgrade(owner_url: str, service: str, *, role: str | None = None) -> None:
    """Bring a service's database to the newest revision, acting as `role`; a second call does nothing."""
    engine = create_async_engine(owner_url)
    try:
        async with engine.begin() as connection:
            if role is not None:
                await connection.execute(text(f'set local role "{role}"'))
            await connection.run_sync(_upgrade, service)
    finally:
        await engine.dispose()


async def differences(owner_url: str, service: str) -> Sequence[Any]:
    """What the store declares and the migrations do not make, or the other way round."""
    engine = create_async_engine(owner_url)

    def compare(connection: Connection) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection, opts=_OPTIONS), metadata_of(service)))

    try:
        async with engine.connect() as connection:
            return await connection.run_sync(compare)
    finally:
        await engine.dispose()


_OPTIONS = {"include_schemas": True, "compare_server_default": False}


async def write_migration(owner_url: str, service: str, title: str) -> Path | None:
    """Write the next revision from the difference between store and database; none if they agree."""
    engine = create_async_engine(owner_url)

    def render(connection: Connection) -> str | None:
        context = MigrationContext.configure(connection, opts=_OPTIONS)
        script = produce_migrations(context, metadata_of(service))
        operations = script.upgrade_ops
        if operations is None or operations.is_empty():
            return None
        body = render_python_code(operations, migration_context=context)
        lines = [line for line in body.splitlines() if not line.strip().startswith("# ###")]
        return "\n".join(lines + _protections(operations.ops, metadata_of(service)))

    try:
        async with engine.connect() as connection:
            body = await connection.run_sync(render)
    finally:
        await engine.dispose()
    if body is None:
        return None
    down = head_of(service)
    revision = f"{int(down or 0) + 1:04d}"
    path = folder_of(service) / f"{revision}_{title.replace(' ', '_')}.py"
    head = _HEADER.format(title=title.capitalize(), revision=revision, down=down)
    path.write_text(head + "    " + body.strip() + "\n", encoding="utf-8")
    return path


def _protections(operations: Sequence[Any], metadata: MetaData) -> list[str]:
    lines = []
    for operation in operations:
        if isinstance(operation, CreateTableOp):
            key = operation.table_name if operation.schema is None else f"{operation.schema}.{operation.table_name}"
            columns = metadata.tables[key].info.get(TENANT, ())
            if columns:
                lines.append(f"    protect({', '.join(repr(name) for name in (key, *columns))})")
    return lines
