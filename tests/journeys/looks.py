"""A walk through a lived-in city: every answer that names somebody else leaves a line in the access log."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chassis.relay import connect_plain
from deploy.demo.client import Person, Refused
from tests.architecture.test_looks import EXPLAINED, KEEPERS, OWN
from tests.journeys.test_raw_answers import Door, doors

_TIMES = "select coalesce(sum(times), 0)::int from looks"


@dataclass(frozen=True, slots=True)
class Walked:
    """Doors that named somebody else: those that wrote it down, and those that did not and are not explained."""

    watched: frozenset[str]
    silent: frozenset[str]


async def walk(
    callers: Iterable[Person], known: Mapping[str, str], people: set[str], urls: Mapping[str, str]
) -> Walked:
    """Read every door of every service as each of the callers; `known` fills in the names of paths and questions."""
    watched, silent = set[str](), set[str]()
    for door in doors():
        if door.service not in KEEPERS or not known.keys() >= set(door.in_path) or _is_explained(door):
            continue
        for caller in callers:
            before = await _times(urls[door.service])
            if people & _ids_in(await _ask(door, caller, known)) - {caller.person_id}:
                heard = await _times(urls[door.service]) > before
                (watched if heard else silent).add(f"{door.service} {door.path}")
    return Walked(frozenset(watched), frozenset(silent))


def _is_explained(door: Door) -> bool:
    path = f"/v1{door.path}"
    return path in OWN or (door.service, "GET", path) in EXPLAINED


async def _times(url: str) -> int:
    connection = await connect_plain(url)
    try:
        return int(await connection.fetchval(_TIMES))
    finally:
        await connection.close()


async def _ask(door: Door, caller: Person, known: Mapping[str, str]) -> Any:
    path = door.path
    for name in door.in_path:
        path = path.replace(f"{{{name}}}", known[name])
    query = "&".join(f"{name}={known[name]}" for name in door.in_query if name in known)
    try:
        return await caller.get(f"/{door.service}/v1{path}" + (f"?{query}" if query else ""))
    except (Refused, ValueError):
        # Refused, or a file that holds no ids.
        return None


def _ids_in(answer: Any) -> set[str]:
    if isinstance(answer, str):
        return {answer}
    inner = answer.values() if isinstance(answer, dict) else answer if isinstance(answer, list) else ()
    return {found for one in inner for found in _ids_in(one)}
