"""Looks for words everywhere: in every table of every database, in every message, line and file."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
from nats.aio.client import Client
from nats.js.errors import NotFoundError

from chassis.relay import connect_plain

_TABLES = """
    select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'm') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
    order by 1, 2
"""
_STATISTICS = """
    select schemaname || '.' || tablename || '.' || attname as name,
           coalesce(most_common_vals::text, '') || coalesce(histogram_bounds::text, '') as told
    from pg_stats where schemaname not in ('pg_catalog', 'information_schema')
"""
_FILES_OF = """
    select pg_relation_filepath(c.oid) as path from pg_class c
    where c.oid = $1::regclass
       or c.oid in (select reltoastrelid from pg_class where oid = $1::regclass)
       or c.oid in (select indexrelid from pg_index where indrelid = (
            select reltoastrelid from pg_class where oid = $1::regclass))
"""


@dataclass(frozen=True, slots=True)
class Words:
    """What must not be found, in any letter case."""

    words: Sequence[str]

    def stand_in(self, value: Any) -> bool:
        """Does one of the words stand in a value, whatever its kind?"""
        if isinstance(value, bytes | memoryview):
            return any(form in bytes(value) for word in self.words for form in _forms(word))
        text = str(value).casefold()
        return any(word.casefold() in text for word in self.words)


def _forms(word: str) -> set[bytes]:
    """How a word may be written in bytes: by case and by encoding; JSON may have escaped it too."""
    cases = (word, word.lower(), word.upper())
    escaped = {case.encode("ascii", "backslashreplace") for case in cases}
    return {case.encode(code) for case in cases for code in ("utf-8", "cp1251", "utf-16-le")} | escaped


async def tables_with(words: Words, urls: Mapping[str, str]) -> set[str]:
    """`service.table` of every table in which a word stands, and of every planner's statistic that quotes one."""
    found = set()
    for service, url in urls.items():
        connection = await connect_plain(url)
        try:
            found |= {f"{service}.{name}" async for name in _in_database(connection, words)}
        finally:
            await connection.close()
    return found


async def _in_database(connection: asyncpg.Connection, words: Words) -> Any:
    for table in await connection.fetch(_TABLES):
        rows = await connection.fetch(f'select * from "{table["schema"]}"."{table["name"]}"')
        if any(words.stand_in(value) for row in rows for value in row.values()):
            yield table["name"]
    for statistic in await connection.fetch(_STATISTICS):
        if words.stand_in(statistic["told"]):
            yield f"statistic {statistic['name']}"


async def messages_with(words: Words, client: Client) -> list[str]:
    """Subjects of all messages of all streams in which a word stands, headers included."""
    js, found = client.jetstream(timeout=10), []
    for stream in await js.streams_info():
        name = str(stream.config.name)
        for sequence in range(max(1, stream.state.first_seq), stream.state.last_seq + 1):
            try:
                message = await js.get_msg(name, sequence)
            except NotFoundError:
                continue
            if words.stand_in(message.data or b"") or words.stand_in(message.headers or {}):
                found.append(str(message.subject))
    return found


async def files_of(url: str, table: str, folder: Path) -> set[Path]:
    """The files in which PostgreSQL keeps a table."""
    connection = await connect_plain(url)
    try:
        return {folder / row["path"] for row in await connection.fetch(_FILES_OF, table)}
    finally:
        await connection.close()


def files_with(words: Words, folder: Path, *, but: set[Path]) -> Iterator[str]:
    """All files under a folder in which a word stands; the write-ahead log is recycled in its own time."""
    for path in sorted(folder.rglob("*")):
        is_left_out = path in but or "pg_wal" in path.parts
        if path.is_file() and not is_left_out and words.stand_in(path.read_bytes()):
            yield str(path.relative_to(folder))


def lines_with(words: Words, *logs: io.StringIO | Path) -> list[str]:
    """All lines of logs in which a word stands."""
    texts = [log.getvalue() if isinstance(log, io.StringIO) else log.read_text("utf-8") for log in logs]
    return [line for text in texts for line in text.splitlines() if words.stand_in(line)]
