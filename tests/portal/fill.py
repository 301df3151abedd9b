"""`python -m tests.portal.fill FOLDER`: a demo city of small schools, filled once for all tests that look at it."""

import asyncio
import sys
from io import StringIO
from pathlib import Path

from deploy.demo.run import BEGINNING, Plan, play
from deploy.demo.staff_files import generate, write_csv
from deploy.local.city import running_city, take_port
from deploy.local.folder import hold
from deploy.show import Voice

SCHOOLS = {"spb-112": 24, "spb-540": 24, "spb-693": 24}
SEED = 2026


async def fill(folder: Path, scratch: Path) -> None:
    """Live through the demo's year and its second autumn in a folder, and stop."""
    with hold(folder) as held, take_port(0) as bound:
        held.begin_demo(BEGINNING)
        async with running_city(held, bound, is_durable=False) as city:
            plan = Plan(staff=small_schools(scratch), seed=SEED)
            held.keep_demo(await play(city.url, plan, Voice(to=StringIO()), scratch=scratch))


def small_schools(scratch: Path) -> tuple[Path, ...]:
    """Staff files of three small schools that bear the names of the large ones, so that the sign-ins are the same."""
    files = []
    for number, (school, teachers) in enumerate(SCHOOLS.items()):
        files.append(scratch / f"{school}.csv")
        write_csv(files[-1], generate(teachers, SEED + number))
    return tuple(files)


if __name__ == "__main__":
    wanted = Path(sys.argv[1]).resolve()
    wanted.mkdir(parents=True, exist_ok=True)
    asyncio.run(fill(wanted / "city", wanted))
