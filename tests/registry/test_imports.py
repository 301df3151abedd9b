"""Staff imports: checked first, applied as a whole, harmless when repeated, leavers kept."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

from contracts.registry import AttestationRecorded, MembershipChanged, StaffImported
from services.registry.actions.imports import forget_old_checks
from tests.registry.staff_exports import a_row, as_csv, as_xlsx, lines
from tests.registry.town import School, a_school, some_teachers
from tests.stand import Running, Stand


def counts(told: dict[str, Any]) -> tuple[int, ...]:
    return tuple(told[word] for word in ("new", "changed", "left", "unchanged", "conflicts"))


async def verbs(registry: Running, school: School) -> list[str]:
    return [subject.removeprefix("neo.registry.") for subject in await registry.announced("", school.school_id)][1:]


async def test_check_shows_what_would_change_and_changes_nothing(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)

    told = await school.check(*some_teachers(3))

    assert (told["state"], told["can_apply"], told["rows_read"], told["head_count"]) == ("CHECKED", True, 3, 3)
    assert counts(told) == (3, 0, 0, 0, 0)
    assert await school.people() == []
    assert await verbs(registry, school) == []


async def test_applied_file_makes_people_accounts_and_facts(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    secretary = a_row(number="9", family="Тихонова", title="Секретарь", subjects="")

    applied = await school.take_in(*some_teachers(2), secretary)

    assert (applied["state"], applied["can_apply"]) == ("APPLIED", False)
    people = await school.people()
    assert sorted(tuple(person["roles"]) for person in people) == [(), ("teacher",), ("teacher",)]
    teacher = next(person for person in people if person["roles"])
    assert (teacher["subjects"], teacher["role_profiles"]) == (["MAT"], ["SUBJECT_TEACHER"])
    assert (teacher["counts_in_staff"], teacher["joined_on"]) == (True, "2010-09-01")
    assert teacher["positions"] == [{"title": "Учитель", "subjects": ["MAT"], "rate": 1.0, "employment": "MAIN"}]
    accounts = (await school.call("head", "GET", "/accounts")).json()["items"]
    assert sorted(one["username"] for one in accounts) == [f"{school.school_id}.000{n}" for n in (1, 2)]
    assert {one["state"] for one in accounts} == {"PENDING"}
    assert await verbs(registry, school) == [
        *["person.joined.v1", "membership.changed.v1"] * 3,
        "staff.imported.v1",
    ]


async def test_same_file_again_changes_nobody(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    await school.take_in(*some_teachers(3))
    before = await school.people()

    again = await school.take_in(*some_teachers(3))

    assert counts(again) == (0, 0, 0, 3, 0)
    assert await school.people() == before
    assert (await verbs(registry, school))[-2:] == ["staff.imported.v1", "staff.imported.v1"]
    last = StaffImported.model_validate_json((await registry.bodies("staff.imported", school.school_id))[-1])
    assert (last.joined, last.changed, last.left, last.unchanged) == (0, 0, 0, 3)


async def test_same_upload_and_same_apply_are_no_second_import(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    import_id, content = uuid4(), as_csv(lines(*some_teachers(1)))

    first = await school.upload(content, import_id=import_id)
    again = await school.upload(content, import_id=import_id)
    other = await school.upload(as_csv(lines(*some_teachers(2))), import_id=import_id)
    states = [(await school.apply(import_id)).json()["state"] for _ in range(2)]

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert states == ["APPLIED", "APPLIED"]
    assert (await verbs(registry, school)).count("staff.imported.v1") == 1


async def test_two_who_apply_at_once_apply_once(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    checked = await school.check(*some_teachers(5))

    answers = await asyncio.gather(*(school.order(checked["import_id"]) for _ in range(4)))
    await school.over(checked["import_id"])

    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 202]
    assert len(await school.people()) == 5


async def test_changed_person_keeps_the_id_and_gets_a_higher_revision(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    await school.take_in(a_row())
    (before,) = await school.people()
    await school.call("curator", "PUT", f"/people/{before['person_id']}/roles", json={"roles": ["teacher", "observer"]})

    told = await school.take_in(a_row(family="Сидорова", subjects="Физика", leave="01.09.2026–31.08.2027"))

    (after,) = await school.people()
    assert counts(told) == (0, 1, 0, 0, 0)
    assert (after["person_id"], after["family_name"], after["subjects"]) == (before["person_id"], "Сидорова", ["PHY"])
    assert after["roles"] == ["teacher", "observer"]
    last = MembershipChanged.model_validate_json((await registry.bodies("membership.changed", school.school_id))[-1])
    assert (last.revision, str(last.absent_from)) == (3, "2026-09-01")


async def test_leaver_is_kept_and_comes_back_as_the_same_person(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    stays, leaves = some_teachers(2)
    await school.take_in(stays, leaves)

    gone = await school.take_in(stays)
    left = [person for person in await school.people() if person["left_on"]]
    facts = (await verbs(registry, school))[-3:]
    back = await school.take_in(stays, leaves)

    assert (counts(gone), counts(back)) == ((0, 0, 1, 1, 0), (0, 1, 0, 1, 0))
    assert facts == ["person.left.v1", "membership.changed.v1", "staff.imported.v1"]
    assert len(left) == 1
    assert [person["left_on"] for person in await school.people()] == [None, None]
    assert (await verbs(registry, school))[-3:-1] == ["person.joined.v1", "membership.changed.v1"]
    assert {tuple(person["roles"]) for person in await school.people()} == {("teacher",)}


async def test_person_added_by_hand_never_leaves_by_a_file(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    await school.add()

    told = await school.take_in(*some_teachers(1))

    assert counts(told) == (1, 0, 0, 0, 0)
    assert [person["left_on"] for person in await school.people()] == [None, None]


async def test_decisions_of_attestation_are_recorded_once(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    row = a_row(category="высшая", decided="27.10.2023", order="123-р", szd="01.03.2022")

    await school.take_in(row)
    await school.take_in(row)

    told = [
        AttestationRecorded.model_validate_json(body)
        for body in await registry.bodies("attestation.recorded", school.school_id)
    ]
    assert [(one.kind, str(one.decided_on), str(one.valid_until)) for one in told] == [
        ("CATH", "2023-10-27", "None"),
        ("SZD", "2022-03-01", "2027-03-01"),
    ]


async def test_class_teacher_gets_the_overlay_and_the_head_count_leaves_part_timers_out(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))

    told = await school.take_in(a_row(form="5А"), a_row(number="2", family="Котова", employment="внешн. совм."))

    profiles = {tuple(person["role_profiles"]): person["counts_in_staff"] for person in await school.people()}
    assert profiles == {("SUBJECT_TEACHER", "CLASS_TEACHER"): True, ("SUBJECT_TEACHER",): False}
    assert told["head_count"] == 1


async def test_file_with_errors_is_refused_by_row_and_without_names(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    rows = [a_row(), a_row(number="2", family="Неповторимова", hired="вчера")]

    told = await school.check(*rows, headers={"Accept-Language": "en"})
    russian = await school.call("curator", "GET", f"/staff-imports/{told['import_id']}")
    answer = await school.apply(told["import_id"])

    assert (told["state"], told["can_apply"]) == ("REFUSED", False)
    (problem,) = [one for one in told["problems"] if one["severity"] == "error"]
    assert (problem["row"], problem["slug"]) == (3, "staff-file.date-unclear")
    assert problem["detail"].startswith("Row 3")
    assert "Строка 3" in russian.text
    assert "Неповторимова" not in russian.text
    assert (answer.status_code, answer.json()["state"]) == (409, "REFUSED")


async def test_person_whom_only_a_human_can_tell_is_a_conflict(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    await school.take_in(a_row())

    told = await school.check(a_row(family="Совсем", given="Другая", patronymic=""))

    assert (told["state"], told["conflicts"]) == ("REFUSED", 1)
    assert "staff-file.number-reused" in [one["slug"] for one in told["problems"]]


async def test_what_is_no_staff_file_is_refused_at_the_door(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))

    answer = await school.upload(b"%PDF-1.7 no table at all")

    assert answer.status_code == 422
    assert answer.json()["type"].startswith("urn:neo:problem:staff-file.")


async def test_import_checked_before_another_was_applied_is_outdated(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    first = await school.check(*some_teachers(2))
    second = await school.check(*some_teachers(3))

    await school.apply(first["import_id"])
    answer = await school.apply(second["import_id"])
    shown = await school.call("curator", "GET", f"/staff-imports/{second['import_id']}")

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:neo:problem:import.outdated")
    assert shown.json()["can_apply"] is False
    assert len(await school.people()) == 2


async def test_import_checked_before_a_namesake_was_added_fails_as_outdated(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    checked = await school.check(a_row(family="Орлова", given="Анна", patronymic="Ильинична"))
    await school.add()

    failed = (await school.apply(checked["import_id"])).json()
    again = await school.apply(checked["import_id"])

    assert (failed["state"], failed["reason"], failed["can"]) == ("FAILED", "import.outdated", [])
    assert failed["reason_text"] == again.json()["detail"]
    assert (again.status_code, again.json()["type"]) == (409, "urn:neo:problem:import.outdated")
    assert len(await school.people()) == 1
    assert await registry.count("staff_import_lines", school.school_id) == 0


async def test_parsed_people_are_forgotten_after_applying_and_after_a_day(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    applied = await school.take_in(*some_teachers(1))
    waiting = await school.check(*some_teachers(2))

    stand.clock.offset += timedelta(hours=25)
    await forget_old_checks(registry.db)

    assert await registry.count("staff_import_lines", school.school_id) == 0
    for told in (applied, waiting):
        shown = await school.call("curator", "GET", f"/staff-imports/{told['import_id']}")
        assert (shown.json()["can_apply"], shown.json()["sha256"]) == (False, told["sha256"])


async def test_import_id_of_another_school_is_taken_and_shows_nothing(stand: Stand) -> None:
    registry = await stand.service("registry")
    here, there = await a_school(registry), await a_school(registry)
    told = await here.check(*some_teachers(1))

    seen = await there.call("curator", "GET", f"/staff-imports/{told['import_id']}")
    taken = await there.upload(as_csv(lines(*some_teachers(1))), import_id=told["import_id"])

    assert (seen.status_code, taken.status_code) == (404, 409)


async def test_workbook_of_a_hundred_is_taken_in_whole(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    import_id = uuid4()
    content = as_xlsx(lines(*some_teachers(100)))

    checked = await school.upload(content, import_id=import_id)
    applied = await school.apply(import_id)

    assert (checked.json()["new"], applied.json()["state"]) == (100, "APPLIED")
    assert len(await school.people()) == 100
    assert await registry.count("people", school.school_id) == 100
