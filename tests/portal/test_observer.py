"""The observer's pages: marks go into a form and come back as they were, half of a mark is none; notes stay mine."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from gateway.portal.catalogue import Catalogue, Domain
from gateway.portal.observer.lessons import Notes, noted_in, said_of, typed_in
from gateway.portal.observer.rubric import marks_in, parts_of, unmarked
from gateway.portal.observer.visits import ShownLesson, next_lesson
from tests.diagnostics.classroom import a_classroom
from tests.gateway.house import Setting, a_gateway, visiting
from tests.gateway.test_pages import BROWSER
from tests.portal.office import words_of
from tests.stand import Stand

CATALOGUE = Catalogue(
    domains=[Domain("D", "Цифровые"), Domain("M", "Методические")],
    levels={},
    anchors={},
    subjects={},
    names={"D08": "Оценивание", "M03": "Критерии"},
    letters={"D08": "D", "M03": "M"},
    behaviour={},
)
RUBRICS = [
    {"competency": "D08", "highest": 3, "criteria": [{"ru": "видно", "en": "seen"}, {"ru": "слышно", "en": "heard"}]},
    {"competency": "M03", "highest": 3, "criteria": [{"ru": "есть", "en": "there"}]},
]


def test_marks_of_a_form_are_those_that_were_given() -> None:
    form = {"mark-D08-0": "3", "mark-D08-1": "0", "none-M03": "yes", "csrf_token": "x"}

    assert marks_in(form, RUBRICS) == {"D08": [3, 0], "M03": None}


def test_competency_that_nobody_touched_is_left_out() -> None:
    assert marks_in({"mark-M03-0": "1"}, RUBRICS) == {"M03": [1]}


def test_mark_outside_the_rubric_counts_as_no_mark() -> None:
    marks = marks_in({"mark-D08-0": "9", "mark-D08-1": "²"}, RUBRICS)

    assert marks == {"D08": [None, None]}
    assert unmarked(marks) == ["D08"]


def test_rubric_shows_what_was_marked_and_what_had_no_occasion() -> None:
    parts = parts_of(RUBRICS, {"D08": [2, None], "M03": None}, CATALOGUE, "en")

    assert [(one.name, one.letter, one.has_no_occasion, one.is_marked) for one in parts] == [
        ("Оценивание", "D", False, False),
        ("Критерии", "M", True, True),
    ]
    assert [(sign.words, sign.mark) for sign in parts[0].signs] == [("seen", 2), ("heard", None)]


def test_lesson_that_was_begun_is_gone_on_with_before_a_new_one() -> None:
    given, begun = ShownLesson(1, True, "/1"), ShownLesson(2, False, "/2")

    assert next_lesson([given, begun]) == 2
    assert next_lesson([given]) == 2
    assert next_lesson([]) == 1
    assert next_lesson([ShownLesson(number, True, "") for number in range(1, 6)]) is None


@pytest.mark.parametrize(
    ("typed", "known", "differ"),
    [
        (Notes("a"), Notes(), True),
        (Notes("a"), Notes("a"), False),
        (Notes("a", is_to_give=True), Notes("a"), True),
        (Notes("", is_to_give=True), Notes(), False),
        (Notes(""), Notes("a"), True),
        (Notes("b"), Notes("a", given_on="1 октября 2026"), False),
    ],
)
def test_notes_are_sent_only_when_there_is_something_to_keep_or_give(typed: Notes, known: Notes, differ: bool) -> None:
    assert typed.differ_from(known) is differ


def test_notes_come_as_they_were_typed_and_stand_as_they_were_given() -> None:
    observed = {"notes": [{"lesson": 2, "text": "b", "given_at": "2026-10-01T08:00:00Z"}]}

    assert typed_in({"text": " a\r\nb ", "give_notes": "yes"}) == Notes("a\nb", is_to_give=True)
    assert (noted_in(observed, 1, "ru"), noted_in(observed, 2, "ru").given_on) == (Notes(), "1 октября 2026")
    assert said_of(Notes("a"), "keep", is_final=True) == "notes-kept"
    assert said_of(Notes("a", is_to_give=True), "give", is_final=False) == "lesson-given"


def a_registry(names: dict[UUID, str]) -> FastAPI:
    registry = FastAPI()

    @registry.get("/v1/places/{place}")
    async def place() -> dict[str, str]:
        return {"name": "Школа", "zone": "Europe/Moscow"}

    @registry.post("/v1/schools/{school}/people:resolve")
    async def resolve(asked: dict[str, list[UUID]]) -> list[dict[str, str]]:
        return [{"person_id": str(one), "full_name": names[one]} for one in asked["person_ids"] if one in names]

    return registry


async def test_notes_are_kept_on_the_page_of_the_lesson_and_read_by_the_teacher_when_given(stand: Stand) -> None:
    room = await a_classroom(stand, teachers=1)
    campaign, (person,), (observer,) = await room.opened(), room.teachers, room.observers
    registry = a_registry({person: "Белова Анна Ильинична"})
    app = a_gateway({"diagnostics": room.running.app, "registry": registry}, Setting(verifier=stand.tokens.verifier()))
    root = f"/schools/{room.school}"
    lesson = f"{root}/visits/{campaign}/{person}/1"

    async with visiting(app) as client:

        async def ask(method: str, path: str, by: UUID, role: str, **form: Any) -> httpx.Response:
            headers = {**stand.tokens.headers(by, f"{root}/{role}"), **BROWSER, "accept-language": "ru"}
            return await client.request(method, path, headers=headers, data=form or None)

        async def teacher() -> str:
            return words_of((await ask("GET", f"{root}/my-profile/lesson-notes", person, "teacher")).text)

        kept = await ask("POST", lesson, observer, "observer", do="keep", text="Сильное начало.")
        before = await teacher()
        half = await ask("POST", lesson, observer, "observer", do="give", text="Сильное начало.", give_notes="yes")
        given = await ask("POST", lesson, observer, "observer", do="keep", text="Сильное начало.", give_notes="yes")
        page = await ask("GET", lesson, observer, "observer")

        assert (kept.status_code, given.status_code) == (303, 303)
        assert "Заметок пока нет" in before
        assert (half.status_code, "Сильное начало." in half.text) == (422, True)
        assert "Видят двое: вы и Белова Анна Ильинична" in words_of(page.text)
        assert "Сильное начало." in await teacher()
