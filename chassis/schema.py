"""Where a service's tables and migrations stand, and how far its database has come.

Apart from `migrate`, because Alembic is half a second of every start and a database at head needs none of it.
"""

import importlib
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import asyncpg
from sqlalchemy import MetaData

from chassis.database import Database
from contracts.topology import GATEWAY

VERSION = "select version_num from alembic_version"


def package_of(service: str) -> str:
    """Where the code of whoever keeps a database stands."""
    return service if service == GATEWAY else f"services.{service}"


def folder_of(service: str) -> Path:
    """Where a service's migrations stand."""
    return Path(str(files(package_of(service)))) / "migrations"


def metadata_of(service: str) -> MetaData:
    """The tables of a service, as its store declares them."""
    metadata = importlib.import_module(f"{package_of(service)}.store").metadata
    assert isinstance(metadata, MetaData)
    return metadata


@lru_cache
def head_of(service: str) -> str | None:
    """The newest revision of a service: revisions are numbered, and a file's name begins with its number."""
    numbers = [path.name.partition("_")[0] for path in folder_of(service).glob("[0-9]*_*.py")]
    return max(numbers, default=None)


async def is_at_head(db: Database, service: str) -> bool:
    """Does the database stand at the newest revision that this code knows?"""
    try:
        found = await db.look(VERSION)
    except asyncpg.UndefinedTableError:
        return False
    return bool(found) and bool(found[0]["version_num"] == head_of(service))
