"""What a checked file would change, person by person; decisions of a curator; files that are large or too large."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

from chassis.relay import connect_plain
from deploy.databases import database_of
from tests.registry.staff_exports import Cells, a_row, as_csv, lines
from tests.registry.town import School, a_school, some_teachers
from tests.stand import Stand


async def changes(school: School, import_id: object, **query: Any) -> list[dict[str, Any]]:
    answer = await school.call("curator", "GET", f"/staff-imports/{import_id}/changes", params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def check_deciding(school: School, decided: dict[int, UUID | None], *rows: Cells) -> Any:
    told = [{"row": row, "person_id": person_id and str(person_id)} for row, person_id in decided.items()]
    return await school.upload(as_csv(lines(*rows)), data={"decisions": json.dumps(told)})


async def namesakes(school: School) -> tuple[UUID, UUID, Cells]:
    """Two people of one name who were entered by hand, and a row of the file that may be either."""
    row = a_row(family="Орлова", given="Анна", patronymic="Ильинична")
    return await school.add(), await school.add(), row


async def test_changes_are_told_person_by_person(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    stays, leaves, moves = some_teachers(3)
    await school.take_in(stays, leaves, moves)
    known = {person["family_name"]: person["person_id"] for person in await school.people()}

    told = await school.check(stays, {**moves, "Ставка": "0,5"}, a_row(number="77", family="Новикова"))

    found = await changes(school, told["import_id"])
    assert [(one["kind"], one["rows"], one["full_name"].split()[0], one["fields"]) for one in found] == [
        ("UNCHANGED", [2], stays["Фамилия"], []),
        ("CHANGED", [3], moves["Фамилия"], ["positions"]),
        ("NEW", [4], "Новикова", []),
        ("LEFT", [], leaves["Фамилия"], []),
    ]
    assert [one["reason"] for one in found] == ["STAFF_NUMBER", "STAFF_NUMBER", None, None]
    assert found[3]["person_ids"] == [known[leaves["Фамилия"]]]


async def test_changes_come_in_pages_and_by_kind(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    await school.take_in(*some_teachers(2))

    told = await school.check(*some_teachers(5))
    address = f"/staff-imports/{told['import_id']}/changes"
    first = (await school.call("curator", "GET", address, params={"kind": "NEW", "limit": 2})).json()
    rest = await changes(school, told["import_id"], kind=["NEW", "LEFT"], limit=2, after=first["next"])

    assert [one["rows"] for one in (*first["items"], *rest)] == [[4], [5], [6]]


async def test_changes_are_gone_with_applying_and_with_another_staff(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    told = await school.check(*some_teachers(2))
    other = await school.check(*some_teachers(3))

    await school.apply(told["import_id"])

    assert await changes(school, told["import_id"]) == []
    assert await changes(school, other["import_id"]) == []


async def test_changes_are_for_the_curator_of_the_school_only(stand: Stand) -> None:
    registry = await stand.service("registry")
    here, there = await a_school(registry), await a_school(registry)
    told = await here.check(*some_teachers(1))
    address = f"/staff-imports/{told['import_id']}/changes"

    foreign = await there.call("curator", "GET", address)
    teacher = await here.call("teacher", "GET", address)
    nobody = await registry.client.get(here.at(address))

    assert (foreign.status_code, teacher.status_code, nobody.status_code) == (404, 403, 401)


async def test_conflict_names_those_who_may_be_meant(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    first, second, row = await namesakes(school)

    told = await school.check(row)

    (conflict,) = await changes(school, told["import_id"])
    assert (conflict["kind"], conflict["reason"], conflict["rows"]) == ("CONFLICT", "staff-file.match-unclear", [2])
    assert sorted(conflict["person_ids"]) == sorted((str(first), str(second)))
    assert (told["errors"], told["can_apply"]) == (1, False)


async def test_curator_decides_whom_a_row_tells_of(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    first, second, row = await namesakes(school)

    checked = await check_deciding(school, {2: second}, row)
    applied = await school.apply(checked.json()["import_id"])
    again = await school.check(row)

    assert (checked.json()["changed"], checked.json()["conflicts"]) == (1, 0)
    assert applied.json()["state"] == "APPLIED"
    posts = {person["person_id"]: len(person["positions"]) for person in await school.people()}
    assert posts == {str(first): 0, str(second): 1}
    assert again["unchanged"] == 1


async def test_curator_decides_that_a_row_is_somebody_new(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    await school.take_in(a_row())
    row = a_row(family="Зимина", given="Ольга", patronymic="Юрьевна")
    unsure = await school.check(row)

    checked = await check_deciding(school, {2: None}, row)
    applied = await school.apply(checked.json()["import_id"])

    assert unsure["conflicts"] == 1
    assert (checked.json()["new"], checked.json()["left"]) == (1, 1)
    assert applied.json()["state"] == "APPLIED"
    assert {person["family_name"]: person["left_on"] is None for person in await school.people()} == {
        "Иванова": False,
        "Зимина": True,
    }


async def test_decision_brings_back_one_who_has_left(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    stays, leaves = some_teachers(2)
    await school.take_in(stays, leaves)
    await school.take_in(stays)
    (gone,) = [person for person in await school.people() if person["left_on"]]
    married = {**leaves, "Табельный №": "900", "Фамилия": "Соколова", "Дата приёма": "01.09.2026"}

    checked = await check_deciding(school, {3: UUID(gone["person_id"])}, stays, married)
    await school.apply(checked.json()["import_id"])

    assert (checked.json()["new"], checked.json()["changed"]) == (0, 1)
    people = {person["person_id"]: person for person in await school.people()}
    assert len(people) == 2
    assert (people[gone["person_id"]]["family_name"], people[gone["person_id"]]["left_on"]) == ("Соколова", None)


async def test_decision_that_fits_nobody_is_refused(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    first, _, row = await namesakes(school)

    unknown = await check_deciding(school, {2: uuid4()}, row)
    elsewhere = await check_deciding(school, {9: first}, row)
    twice = await check_deciding(school, {2: first, 3: first}, row, {**row, "Табельный №": "102"})
    broken = await school.upload(as_csv(lines(row)), data={"decisions": "[{"})

    assert [answer.status_code for answer in (unknown, elsewhere, twice, broken)] == [422] * 4
    assert unknown.json()["type"] == "urn:neo:problem:import.decision-unfit"


async def test_same_id_with_another_decision_is_another_import(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    first, _, row = await namesakes(school)
    import_id, content = uuid4(), as_csv(lines(row))
    await school.upload(content, import_id=import_id)

    decided = json.dumps([{"row": 2, "person_id": str(first)}])
    other = await school.upload(content, import_id=import_id, data={"decisions": decided})

    assert (other.status_code, other.json()["type"]) == (409, "urn:neo:problem:import.id-taken")


async def test_faults_are_counted_and_the_first_of_a_kind_are_told_with_their_mend(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))

    told = await school.check(*some_teachers(260, rate="много"), headers={"Accept-Language": "en"})

    errors = [one for one in told["problems"] if one["severity"] == "error"]
    assert (told["errors"], len(errors)) == (260, 200)
    assert errors[0]["what"] == "the full-time share cannot be read."
    assert errors[0]["mend"].startswith("Write a number")
    assert errors[0]["detail"] == f"Row 2, «Ставка»: {errors[0]['what']} {errors[0]['mend']}"
    assert await changes(school, told["import_id"]) == []


async def test_large_file_is_applied_in_parts_and_as_a_whole(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    rows = some_teachers(1203, category="высшая", decided="27.10.2023")

    await school.take_in(*rows)
    again = await school.take_in(*rows)

    subjects = await registry.announced("", school.school_id)
    verbs = [subject.removeprefix("neo.registry.") for subject in subjects][1:]
    assert (verbs.count("person.joined.v1"), verbs.count("membership.changed.v1")) == (1203, 1203)
    assert verbs.count("attestation.recorded.v1") == 1203
    assert verbs[-2:] == ["staff.imported.v1"] * 2
    assert (again["unchanged"], again["new"]) == (1203, 0)


async def test_large_file_that_fails_at_its_end_changes_nobody(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    rows = some_teachers(700)
    told = await school.check(*rows)
    announced = len(await registry.announced("", school.school_id))
    database = await connect_plain(stand.infrastructure.postgres.url(database_of("registry"), "postgres"))
    refusal = f"check (family_name <> '{rows[-1]['Фамилия']}') not valid"

    await database.execute(f"alter table people add constraint last_of_the_file {refusal}")
    try:
        failed = (await school.apply(told["import_id"])).json()
    finally:
        await database.execute("alter table people drop constraint last_of_the_file")
        await database.close()

    assert (failed["state"], failed["reason"], failed["can"]) == ("FAILED", "import.applying-failed", ["apply"])
    assert await school.people() == []
    assert len(await registry.announced("", school.school_id)) == announced
    assert (await school.apply(told["import_id"])).json()["state"] == "APPLIED"


async def test_body_above_the_limit_is_refused_by_its_announced_size(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))

    answer = await school.upload(b"1", headers={"Content-Length": str(2 * 1024**3)})

    assert (answer.status_code, answer.json()["type"]) == (413, "urn:neo:problem:staff-file.too-large")


async def test_body_that_hides_its_size_is_refused_while_it_is_read(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="staff.csv"\r\n\r\n'
        while sent < 200:
            sent += 1
            yield b"\0" * 1024**2

    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await school.call("curator", "PUT", f"/staff-imports/{uuid4()}", content=endless(), headers=kind)

    assert (answer.status_code, answer.json()["type"]) == (413, "urn:neo:problem:staff-file.too-large")
    assert sent < 30


async def test_file_itself_is_kept_nowhere_and_its_digest_is(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)

    told = await school.take_in(a_row(family="Неповторимова"))

    assert len(told["sha256"]) == 64
    assert await registry.count("staff_imports where staff_imports::text like '%Неповторимова%'", school.school_id) == 0
    assert await registry.count("staff_import_lines", school.school_id) == 0
    assert await registry.count("journal where encode(body, 'escape') like '%Неповторимова%'") == 0
