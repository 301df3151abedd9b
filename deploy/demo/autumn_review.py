"""The second autumn of a school that matches: profiles are out, a run is under review, a staff file waits."""

import csv
import io

import aiohttp

from deploy.demo import diagnose, network
from deploy.demo.client import DemoFailed, patiently, together
from deploy.demo.staff_files import HEADER
from deploy.demo.world import School, World

CLOSES_ON = "2027-09-24"
LEAVING = 2
NEWCOMERS = (
    ("09001", "Осенняя", "Вера", "Павловна", "Учитель математики", "Математика"),
    ("09002", "Сентябрёв", "Глеб", "Ильич", "Учитель физики", "Физика"),
)
HALF_A_POST = "0,5"


async def begin(world: World, school: School) -> None:
    """A whole diagnosis; everybody but the first of the people has looked at the profile and released some of it."""
    await diagnose_some(world, school)
    others = school.in_year("2027", school.in_order[1:])
    school.counts.update(await diagnose.release_school(world, others))


async def diagnose_some(world: World, school: School) -> None:
    """A campaign for the people of this school who take part, from the first answer to its close."""
    campaign = school.at("diagnostics", f"/campaigns/{school.id_of('campaign-1')}")
    wanted = {"cycle_id": school.id_of("cycle"), "wave": 1, "closes_on": CLOSES_ON}
    people = {"audience": {"people": sorted(school.teachers)}}
    await patiently(lambda: school.curator.put(campaign, {**wanted, **people}))
    await together(diagnose.answer(world, school, teacher, 1) for teacher in school.in_order)
    await school.curator.post(f"{campaign}/close")


async def go_on(school: School) -> dict[str, int]:
    """A run is solved and waits for the curator, beside a checked staff file that nobody has applied."""
    await network.ready(school)
    run = await network.solve(school, "run-1")
    changed = await _check_file(school)
    return {"to_review": int(run["exchange"]["dual_first"]["covered"]), "to_apply": changed}


async def _check_file(school: School) -> int:
    """The file of the new year: two people have left, two have come, one has a post of another size."""
    form = aiohttp.FormData()
    form.add_field("file", with_news(school.file), filename=school.file_name)
    address = school.at("registry", f"/staff-imports/{school.id_of('import')}")
    checked = await school.curator.call("PUT", address, data=form)
    if not checked["can_apply"]:
        raise DemoFailed(f"{school.file_name}: {checked['problems'][:3]}")
    return int(checked["new"]) + int(checked["changed"]) + int(checked["left"])


def with_news(content: bytes) -> bytes:
    """A staff file one year later; one that is no CSV comes back as it is."""
    text, encoding = _decoded(content)
    separator = ";" if ";" in text else ","
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    head = next((place for place, line in enumerate(lines) if tuple(line) == HEADER), None)
    if head is None:
        return content
    people = lines[head + 1 : -LEAVING]
    post = HEADER.index("Ставка")
    people[0][post] = "1" if people[0][post] == HALF_A_POST else HALF_A_POST
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=separator).writerows([*lines[: head + 1], *people, *map(_newcomer, NEWCOMERS)])
    return written.getvalue().encode(encoding)


def _newcomer(told: tuple[str, ...]) -> list[str]:
    known = dict(zip(HEADER, told, strict=False)) | {"Ставка": "1", "Вид занятости": "основная"}
    known |= {"Дата приёма": "01.09.2027", "Педстаж": "1"}
    return [known.get(title, "") for title in HEADER]


def _decoded(content: bytes) -> tuple[str, str]:
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return content.decode("cp1251", errors="replace"), "cp1251"
