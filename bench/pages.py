"""The time that the portal's pages take at the server, page by page, against a bare answer of the same gateway.

Each first page and each entry of the navigation is read by a person of the demo who has something to do. Round by
round every page is asked for once and the bare answer between them, so that both meet the same neighbours.
"""

import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from io import StringIO
from pathlib import Path
from statistics import median, quantiles

import aiohttp

from deploy.demo.run import BEGINNING, Plan, play
from deploy.demo.sign_ins import ROLES
from deploy.demo.staff_files import generate, write_csv
from deploy.local.city import running_city, take_port
from deploy.local.folder import hold
from deploy.show import Voice
from gateway.portal.frame import Hat

# A door of the gateway that reads nothing and draws nothing.
BARE = "/healthz"
TEACHERS, QUICK_TEACHERS = 48, 24
ROUNDS, QUICK_ROUNDS = 40, 10
SEED = 2026
# What each sign-in of the demo is at its place; a name at the door begins with the place.
_ROLE_OF = {"teacher": "teacher", "curator": "curator", "observer": "observer"}
_DISTRICTS = ("vyborgsky", "nevsky")
HEADERS = {"accept": "text/html", "accept-language": "ru"}


@dataclass(frozen=True, slots=True)
class Timed:
    """A page: milliseconds until it was whole, and how many bare answers the gateway gives in that time."""

    reader: str
    path: str
    status: int
    median_ms: float
    p95_ms: float
    to_bare: float


async def measure_pages(*, is_quick: bool, json_file: Path | None) -> int:
    """Fill a city, read its pages, print the table, write the JSON; the exit code."""
    with tempfile.TemporaryDirectory(prefix="neo-bench-pages-", ignore_cleanup_errors=True) as name:
        place = Path(name)
        files = tuple(_schools(place, QUICK_TEACHERS if is_quick else TEACHERS))
        with take_port(0) as bound, hold(place / "city") as folder:
            folder.begin_demo(BEGINNING)
            async with running_city(folder, bound) as city:
                await play(city.url, Plan(staff=files, seed=SEED), Voice(to=StringIO()), scratch=place)
                rows = await _read_all(city.url, QUICK_ROUNDS if is_quick else ROUNDS)
    print(table_of(rows))
    if json_file is not None:
        json_file.write_text(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1) + "\n")
    return 0


def _schools(place: Path, teachers: int) -> Iterator[Path]:
    """Schools that bear the names of the demo's own, so that its sign-ins are theirs."""
    for number, school in enumerate(("spb-112", "spb-540", "spb-693")):
        path = place / f"{school}.csv"
        write_csv(path, generate(teachers, SEED + number))
        yield path


async def _read_all(url: str, rounds: int) -> list[Timed]:
    rows: list[Timed] = []
    for username, role in ROLES.items():
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(url, headers=HEADERS, cookie_jar=jar) as session:
            await _sign_in(session, username)
            rows += await _read(session, role, pages_of(username, role), rounds)
    return rows


async def _sign_in(session: aiohttp.ClientSession, username: str) -> None:
    async with session.get("/sign-in", params={"return_to": "/me"}) as form:
        address = str(form.url)
    async with session.post(address, data={"username": username}) as answer:
        answer.raise_for_status()


def pages_of(username: str, role: str) -> list[str]:
    """The entries of the navigation of a person of the demo."""
    place = username.partition(".")[0]
    kind = role.partition("-")[0]
    if place != "city":
        place = f"{'districts' if place in _DISTRICTS else 'schools'}/{place}"
    hat = Hat(place, _ROLE_OF.get(kind, kind))
    return [hat.address(entry) for entry in hat.entries]


async def _read(session: aiohttp.ClientSession, role: str, paths: Sequence[str], rounds: int) -> list[Timed]:
    times: dict[str, list[float]] = {path: [] for path in paths}
    bare: list[float] = []
    statuses: dict[str, int] = {}
    for _ in range(rounds):
        for path in paths:
            statuses[path], spent = await _ask(session, path)
            times[path].append(spent)
            bare.append((await _ask(session, BARE))[1])
    return [
        Timed(role, path, statuses[path], median(took), quantiles(took, n=20)[-1], median(took) / median(bare))
        for path, took in times.items()
    ]


async def _ask(session: aiohttp.ClientSession, path: str) -> tuple[int, float]:
    began = time.perf_counter()
    async with session.get(path) as answer:
        await answer.read()
    return answer.status, (time.perf_counter() - began) * 1000


def table_of(rows: Sequence[Timed]) -> str:
    """The table, the slowest page first."""
    lines = [f"{'page':<44}{'status':>7}{'median ms':>11}{'p95 ms':>9}{'to bare':>9}"]
    lines += [
        f"{row.path:<44}{row.status:>7}{row.median_ms:>11.1f}{row.p95_ms:>9.1f}{row.to_bare:>9.1f}"
        for row in sorted(rows, key=lambda row: -row.p95_ms)
    ]
    return "\n".join(lines)
