"""The curator's people: found by name, made by hand, given roles and profiles, taken in by a file."""

from uuid import uuid4

import pytest

from chassis.testing import eventually
from gateway.portal.curator.imports import first_group, standing_of
from gateway.portal.curator.people import entrance_of, posts_of
from gateway.portal.curator.person import may_close, wanted_roles
from gateway.portal.curator.upload import Sent, decisions_in, multipart
from tests.portal.office import Office, an_office, words_of
from tests.registry.staff_exports import a_row, as_csv, lines
from tests.stand import Stand

PEOPLE = ("registry",)


async def upload(office: Office, content: bytes, **form: str) -> str:
    """A staff file, sent by the form; the address of the page that follows."""
    fields = {"import_id": str(uuid4()), **form}
    answer = await office.ask("POST", "/people/import", data=fields, files={"file": ("кадры.csv", content)})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].removeprefix(office.root)


def test_who_has_not_come_in_is_worth_a_look() -> None:
    ready = {"state": "READY", "has_signed_in": False}

    assert entrance_of(None) == ("none", "plain")
    assert entrance_of(ready) == ("not-yet", "watch")
    assert entrance_of({**ready, "has_signed_in": True}) == ("came", "good")
    assert entrance_of({**ready, "state": "DISABLED"}) == ("disabled", "plain")


def test_two_posts_of_one_title_are_one_post() -> None:
    assert posts_of({"positions": [{"title": "Учитель"}, {"title": "Учитель"}, {"title": "Методист"}]}) == (
        "Учитель, Методист"
    )


def test_curator_neither_gives_nor_takes_what_others_give() -> None:
    assert wanted_roles(["teacher", "curator"], ["observer"]) == ["observer", "curator"]
    assert wanted_roles([], ["teacher", "head"]) == ["teacher"]


@pytest.mark.parametrize(
    ("held", "may"),
    [
        (["teacher"], True),
        (["teacher", "observer"], True),
        (["teacher", "curator"], False),
        (["head"], False),
        ([], False),
    ],
)
def test_curator_closes_the_entrance_only_of_whom_curators_let_in(held: list[str], may: bool) -> None:
    assert may_close(held) is may


def test_decision_about_a_row_is_a_person_or_somebody_new() -> None:
    form = {"row-7": "new", "row-12": "an-id", "row-13": "", "file": "x", "row-x": "new"}

    assert decisions_in(form) == {7: None, 12: "an-id"}


def test_name_of_a_file_cannot_break_out_of_its_header() -> None:
    body, kind = multipart(Sent("id", 'a"\r\nX: y.csv', b"\x00rows", {3: None}))

    assert b'filename="a___X: y.csv"' in body
    assert b"\r\n\r\n\x00rows\r\n--" in body
    assert b'[{"row": 3, "person_id": null}]' in body
    assert kind.partition("boundary=")[2].encode() in body


@pytest.mark.parametrize(
    ("state", "errors", "conflicts", "can_apply", "standing"),
    [
        ("CHECKED", 0, 0, True, "ready"),
        ("CHECKED", 0, 0, False, "outdated"),
        ("REFUSED", 3, 2, False, "refused"),
        ("REFUSED", 2, 2, False, "unclear"),
        ("APPLIED", 0, 0, False, "applied"),
        ("FAILED", 0, 0, True, "failed"),
        ("FAILED", 0, 0, False, "outdated"),
    ],
)
def test_import_stands_where_its_next_step_is(
    state: str, errors: int, conflicts: int, can_apply: bool, standing: str
) -> None:
    found = {"state": state, "errors": errors, "conflicts": conflicts, "can_apply": can_apply}

    assert standing_of(found) == standing


def test_first_group_with_somebody_in_it_is_shown() -> None:
    nobody = {"conflicts": 0, "new": 0, "changed": 0, "left": 0}

    assert first_group({**nobody, "changed": 2, "left": 1}) == "CHANGED"
    assert first_group(nobody) == "NEW"


async def test_file_is_checked_looked_at_and_applied_and_people_are_found_by_name(stand: Stand) -> None:
    async with an_office(stand, PEOPLE) as office:
        page = await upload(office, as_csv(lines(a_row(number="1"), a_row(number="2", family="Семёнова"))))
        shown = await office.see(page)
        before = words_of(await office.see("/people"))
        applied = await office.do(f"{page}/apply")

        async def is_applied() -> bool:
            return "Файл применён" in words_of(await office.see(page))

        await eventually(is_applied, equals=True)
        found = words_of(await office.see("/people?name=семенова"))
        others = [(await office.ask("GET", path, role="teacher")).status_code for path in ("/people", page)]

    assert "Семёнова Мария Петровна" in words_of(shown)
    assert "В школе пока никого нет" in before
    assert (applied.status_code, applied.headers["location"].partition("?")[0].endswith(page)) == (303, True)
    assert "Семёнова Мария Петровна" in found
    assert "Иванова" not in found
    assert others == [403, 403]


async def test_fault_points_into_the_file_and_nothing_can_be_applied(stand: Stand) -> None:
    async with an_office(stand, PEOPLE) as office:
        page = await upload(office, as_csv(lines(a_row(number="1", rate="много"))))

        shown = await office.see(page)

    assert "Ставка" in words_of(shown)
    assert "применить нельзя" in words_of(shown)
    assert f"{page}/apply" not in shown


async def test_form_without_a_file_says_so_at_the_field(stand: Stand) -> None:
    async with an_office(stand, PEOPLE) as office:
        answer = await office.ask("POST", "/people/import", data={"import_id": str(uuid4())})

    assert answer.status_code == 422
    assert 'id="wrong-file"' in answer.text


async def test_unclear_row_is_decided_with_the_same_file_again(stand: Stand) -> None:
    async with an_office(stand, PEOPLE) as office:
        await office.school.take_in(a_row(number="7", family="Белова"))
        content = as_csv(lines(a_row(number="7", family="Громова", given="Ольга", hired="01.09.2024")))
        unclear = words_of(await office.see(await upload(office, content)))

        decided = words_of(await office.see(await upload(office, content, **{"row-2": "new"})))

    assert "Осталось решить, кто есть кто" in unclear
    assert "Это Белова Мария Петровна, уже есть в школе" in unclear
    assert "применить можно" in decided


async def test_person_is_added_given_roles_and_put_on_another_profile(stand: Stand) -> None:
    async with an_office(stand, PEOPLE) as office:
        person = str(uuid4())
        names = {"person_id": person, "family_name": "Орлова", "given_name": "Анна", "patronymic": ""}
        nobody = await office.do("/people", **{**names, "family_name": " ", "roles": "teacher"})
        added = await office.do("/people", **names, roles=["teacher"])
        given = await office.do(f"/people/{person}/roles", roles=["teacher", "observer"])
        joined = (await office.school.people())[0]["joined_on"]
        assigned = await office.do(f"/people/{person}/profiles", profiles=["METHODIST"], valid_from=joined)
        alone = await office.do(f"/people/{person}/profiles", profiles=["CLASS_TEACHER"], valid_from=joined)
        shown = words_of(await office.see(f"/people/{person}"))
        (held,) = await office.school.people()

    assert nobody.status_code == 422
    assert 'id="wrong-family_name"' in nobody.text
    assert [answer.status_code for answer in (added, given, assigned)] == [303, 303, 303]
    assert (alone.status_code, 'role="alert"' in alone.text) == (422, True)
    assert held["roles"] == ["teacher", "observer"]
    assert "методист" in shown


async def test_entrance_is_closed_on_purpose_and_never_by_a_form_without_a_tick(stand: Stand) -> None:
    async with an_office(stand, PEOPLE) as office:
        person = await office.school.add()
        page = f"/people/{person}"

        async def held() -> list[str]:
            return list((await office.school.people())[0]["roles"])

        unticked = await office.do(f"{page}/roles")
        kept = await held()
        offered = await office.see(page)
        closed = await office.do(f"{page}/roles", closes="yes")
        taken = await held()
        after = await office.see(f"{page}?said=entrance-closed")
        opened = await office.do(f"{page}/roles", roles=["teacher"])
        given = await held()

    assert (unticked.status_code, 'id="wrong-roles"' in unticked.text, kept) == (422, True, ["teacher"])
    assert "Отметьте хотя бы одну роль" in words_of(unticked.text)
    assert ('name="closes"' in offered, 'name="closes"' in after) == (True, False)
    assert (closed.headers["location"].endswith(f"{page}?said=entrance-closed"), taken) == (True, [])
    assert "Вход закрыт" in words_of(after)
    assert (opened.status_code, given) == (303, ["teacher"])


async def test_role_that_the_head_gave_keeps_the_entrance_open_without_a_tick(stand: Stand) -> None:
    async with an_office(stand, PEOPLE) as office:
        person = await office.school.add("head", roles=["teacher", "curator"])

        saved = await office.do(f"/people/{person}/roles")
        (one,) = await office.school.people()
        page = await office.see(f"/people/{person}")

    assert (saved.status_code, one["roles"], 'name="closes"' in page) == (303, ["curator"], False)
