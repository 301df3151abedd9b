"""What the portal's pages cost at the server, page by page, against a bare answer of the same gateway.

Each first page, each entry of the navigation and some heavy pages more are read by a person of the demo who has
something to do. Round by round every page is asked for once and the bare answer between them, so that both meet the
same neighbours. The city is as large as it will be: what it published last has eight hundred schools.
"""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from io import StringIO
from pathlib import Path
from statistics import median, quantiles

import aiohttp

from bench.watched import Cost, Watch
from bench.wide import publish_widely
from deploy.demo.autumn import YEAR
from deploy.demo.run import BEGINNING, Plan, play
from deploy.demo.sign_ins import ROLES
from deploy.demo.staff_files import generate, write_csv
from deploy.demo.world import demo_id
from deploy.local.city import City, running_city, take_port
from deploy.local.folder import hold
from deploy.show import Voice
from gateway.portal.frame import Hat

# A door of the gateway that reads nothing and draws nothing.
BARE = "/livez"
# What a page may take at the server, for nineteen visits of twenty, and for the very first.
LIMIT_MS, FIRST_LIMIT_MS = 60.0, 100.0
TEACHERS, QUICK_TEACHERS = 48, 24
ROUNDS, QUICK_ROUNDS = 40, 10
SEED = 2026
NOBODY = "nobody"
# What each sign-in of the demo is at its place; a name at the door begins with the place.
_ROLE_OF = {"teacher": "teacher", "curator": "curator", "observer": "observer"}
_DISTRICTS = ("vyborgsky", "nevsky")
# Heavy pages behind the entries of the navigation.
BEHIND: Mapping[str, Sequence[str]] = {
    NOBODY: ("/", "/api", "/api/errors"),
    "teacher-reviewing": ("/schools/spb-693/my-profile/competencies/M02", "/schools/spb-693/notifications"),
    "curator-answering": ("/schools/spb-112/cycle", "/schools/spb-112/campaign?due=SELF"),
    "curator-reviewing": (f"/schools/spb-693/workshop/runs/{demo_id(f'spb-693/{YEAR}/run-1')}",),
    "head": (f"/schools/spb-540/desk/reports/{demo_id('spb-540/corrected')}",),
    "coordinator": ("/districts/vyborgsky/matrix/picture",),
    "analyst": ("/city?kind=school", "/city/trend"),
}
HEADERS = {"accept": "text/html", "accept-language": "ru"}


@dataclass(frozen=True, slots=True)
class Timed:
    """A page at the server, in milliseconds: time and processor time, the calls behind it, its first visit of all.

    `to_bare` says how many bare answers the same processor gives meanwhile.
    """

    reader: str
    path: str
    status: int
    median_ms: float
    p95_ms: float
    cpu_ms: float
    cpu_p95_ms: float
    first_ms: float
    first_cpu_ms: float
    calls: int
    in_turn: int
    to_bare: float

    @property
    def is_over(self) -> bool:
        """Does it take longer than a page may?"""
        return self.p95_ms > LIMIT_MS


@dataclass(slots=True)
class _Reading:
    """What somebody read so far: the costs of each page and of the bare answers between."""

    watch: Watch
    session: aiohttp.ClientSession
    bare: list[Cost] = field(default_factory=list)
    costs: dict[str, list[Cost]] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)

    async def look(self, path: str) -> Cost:
        """Ask for a page and see what it cost."""
        async with self.session.get(path) as answer:
            await answer.read()
        self.statuses[path] = answer.status
        return self.watch.last

    async def once_through(self, paths: Sequence[str]) -> None:
        """One round."""
        for path in paths:
            self.costs.setdefault(path, []).append(await self.look(path))
            self.bare.append(await self.look(BARE))

    def told(self, reader: str, path: str) -> Timed:
        """A page's row; its first visit stands apart."""
        first, *costs = self.costs[path]
        wall, cpu = [one.wall_ms for one in costs], [one.cpu_ms for one in costs]
        return Timed(
            reader=reader,
            path=path,
            status=self.statuses[path],
            median_ms=median(wall),
            p95_ms=p95(wall),
            cpu_ms=median(cpu),
            cpu_p95_ms=p95(cpu),
            first_ms=first.wall_ms,
            first_cpu_ms=first.cpu_ms,
            calls=costs[-1].calls,
            in_turn=costs[-1].in_turn,
            to_bare=median(cpu) / median(one.cpu_ms for one in self.bare),
        )


def p95(seen: Sequence[float]) -> float:
    """The 95th of a hundred, of what was seen: the other reckoning goes beyond the longest visit when there are few."""
    return quantiles(seen, n=20, method="inclusive")[-1]


async def measure_pages(*, is_quick: bool, json_file: Path | None) -> int:
    """Fill a city, read its pages, print the table, write the JSON; the exit code."""
    with tempfile.TemporaryDirectory(prefix="neo-bench-pages-", ignore_cleanup_errors=True) as name:
        place = Path(name)
        files = tuple(_schools(place, QUICK_TEACHERS if is_quick else TEACHERS))
        with take_port(0) as bound, hold(place / "city") as folder:
            folder.begin_demo(BEGINNING)
            async with running_city(folder, bound) as city:
                await play(city.url, Plan(staff=files, seed=SEED), Voice(to=StringIO()), scratch=place)
                await publish_widely(city.infrastructure)
                load = os.getloadavg()[0]
                rows = await _read_all(city, QUICK_ROUNDS if is_quick else ROUNDS)
    print(table_of(rows))
    print(verdict_of(rows, load))
    if json_file is not None:
        json_file.write_text(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1) + "\n")
    return 0


def _schools(place: Path, teachers: int) -> Iterator[Path]:
    """Schools that bear the names of the demo's own, so that its sign-ins are theirs."""
    for number, school in enumerate(("spb-112", "spb-540", "spb-693")):
        path = place / f"{school}.csv"
        write_csv(path, generate(teachers, SEED + number))
        yield path


async def _read_all(city: City, rounds: int) -> list[Timed]:
    watch, rows = Watch(), list[Timed]()
    watch.begin(city.gateway)
    for username, role in {"": NOBODY, **ROLES}.items():
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(city.url, headers=HEADERS, cookie_jar=jar) as session:
            if username:
                await _sign_in(session, username)
            reading, paths = _Reading(watch, session), pages_of(username, role)
            for _ in range(rounds + 1):
                await reading.once_through(paths)
            rows += [reading.told(role, path) for path in paths]
    return rows


async def _sign_in(session: aiohttp.ClientSession, username: str) -> None:
    # Back to a page that asks nothing, so that the first visit of a page is the first that is timed.
    async with session.get("/sign-in", params={"return_to": BARE}) as form:
        address = str(form.url)
    async with session.post(address, data={"username": username}) as answer:
        answer.raise_for_status()


def pages_of(username: str, role: str) -> list[str]:
    """The entries of the navigation of a person of the demo, and the heavy pages behind them."""
    behind = list(BEHIND.get(role, ()))
    if not username:
        return behind
    place = username.partition(".")[0]
    kind = role.partition("-")[0]
    if place != "city":
        place = f"{'districts' if place in _DISTRICTS else 'schools'}/{place}"
    hat = Hat(place, _ROLE_OF.get(kind, kind))
    return list(dict.fromkeys([*(hat.address(entry) for entry in hat.entries), *behind]))


def table_of(rows: Sequence[Timed]) -> str:
    """The table, the slowest page first; a star where a page takes longer than it may."""
    heads = ("median ms", "p95 ms", "cpu ms", "cpu p95", "first ms", "first cpu", "calls", "in turn", "to bare")
    lines = [f"{'page':<60}{'status':>7}" + "".join(f"{head:>10}" for head in heads)]
    for row in sorted(rows, key=lambda row: -row.p95_ms):
        times = (row.median_ms, row.p95_ms, row.cpu_ms, row.cpu_p95_ms, row.first_ms, row.first_cpu_ms)
        path = row.path if len(row.path) < 60 else f"{row.path[:58]}…"
        lines.append(
            f"{path:<60}{row.status:>7}"
            + "".join(f"{one:>10.1f}" for one in times)
            + f"{row.calls:>10}{row.in_turn:>10}{row.to_bare:>10.1f}"
            + (" *" if row.is_over else "")
        )
    return "\n".join(lines)


def verdict_of(rows: Sequence[Timed], load: float) -> str:
    """How many pages keep the limits, and how busy the machine was before they were read."""
    over, busy = sum(row.is_over for row in rows), sum(row.cpu_p95_ms > LIMIT_MS for row in rows)
    first = sum(row.first_ms > FIRST_LIMIT_MS for row in rows)
    first_busy = sum(row.first_cpu_ms > FIRST_LIMIT_MS for row in rows)
    return (
        f"{len(rows)} pages; {over} with a p95 over {LIMIT_MS:.0f} ms, {busy} by processor time alone; "
        f"load average {load:.2f} before\n"
        f"first visits: {first} over {FIRST_LIMIT_MS:.0f} ms, {first_busy} by processor time alone"
    )
