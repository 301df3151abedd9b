"""A city in which one school has lived through its year, with a break in the middle of the work; names are unlike any.

The demo is what plays the year. It is broken off with calls under way and goes on where it stopped, as it would after
a kill; what it writes down for that lies beside the city's folder and not in it.
"""

import asyncio
import io
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chassis.testing import eventually
from deploy.demo.run import BEGINNING, Plan, play
from deploy.demo.staff_files import HEADER, generate, write_csv
from deploy.local.city import City, running_city, take_port
from deploy.local.folder import Folder, hold
from deploy.show import Voice
from tests.journeys.search import Words

SCHOOL = "spb-777"
# Far enough into the work of the pairs that much is done and much is under way.
ANSWERS_BEFORE_THE_BREAK = 1200
_SYLLABLES = ("ба", "ве", "ги", "до", "жу", "зы", "ке", "ли", "му", "ня")


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person of the file, with everything by which one could be recognised."""

    family: str
    given: str
    mail: str
    phone: str

    @property
    def words(self) -> Words:
        """What nothing may keep of them."""
        return Words((self.family, self.given, self.mail, self.phone))


@dataclass(frozen=True, slots=True)
class Lived:
    """The city after its year: the file it began with, the answers before the break and in all, the report."""

    city: City
    folder: Folder
    staff: Path
    before: int
    after: int
    report: Mapping[str, Any]


def somebody(number: int) -> Somebody:
    """Names that nobody else bears, and no word of any text contains."""
    mark = _SYLLABLES[number // 10 % 10] + _SYLLABLES[number % 10]
    return Somebody(f"Щ{mark}щеглова", f"Э{mark}элла", f"zq{number}xw@zqx.example", f"+7 000 717-{number:04d}")


def write_staff(path: Path) -> None:
    """A school's file in which everybody has a name, an address and a telephone of their own."""
    header, *rows = generate(24, 5)
    place = {title: header.index(title) for title in HEADER}
    numbers = sorted({row[0] for row in rows})
    for row in rows:
        one = somebody(numbers.index(row[0]))
        row[place["Фамилия"]], row[place["Имя"]], row[place["E-mail"]] = one.family, one.given, one.mail
        row.append(one.phone)
    write_csv(path, [[*header, "Телефон"], *rows], encoding="windows-1251")


@asynccontextmanager
async def a_lived_city() -> AsyncIterator[Lived]:
    """Start a city, play the year with its break, and keep the city until the end."""
    with (
        # Not in pytest's own folder: another run beside this one would shut PostgreSQL's user out of it.
        tempfile.TemporaryDirectory(prefix="neo-lived-", ignore_cleanup_errors=True) as place,
        tempfile.TemporaryDirectory(prefix="neo-staff-") as scratch,
        take_port(0) as bound,
        hold(Path(place) / "city") as folder,
    ):
        staff = Path(scratch) / f"{SCHOOL}.csv"
        write_staff(staff)
        folder.begin_demo(BEGINNING)
        async with running_city(folder, bound, is_durable=False) as city:
            plan = Plan(staff=(staff,), seed=5, journal=Path(scratch) / folder.demo_journal.name)
            await _interrupted(city.url, plan, Path(scratch))
            before = _answers(plan)
            report = await play(city.url, plan, Voice(to=io.StringIO()), scratch=Path(scratch))
            yield Lived(city, folder, staff, before, _answers(plan), report)


async def _interrupted(url: str, plan: Plan, scratch: Path) -> None:
    """Play until the demo is in the middle of its work, and break it off with calls under way."""
    playing = asyncio.create_task(play(url, plan, Voice(to=io.StringIO()), scratch=scratch))

    async def is_far() -> bool:
        return playing.done() or _answers(plan) > ANSWERS_BEFORE_THE_BREAK

    try:
        await eventually(is_far, equals=True, within=300)
    finally:
        playing.cancel()
        with suppress(asyncio.CancelledError):
            await playing


def _answers(plan: Plan) -> int:
    assert plan.journal is not None
    kept = plan.journal.read_bytes() if plan.journal.exists() else b""
    return kept.count(b'\n["answered"') + kept.count(b'\n["same"')
