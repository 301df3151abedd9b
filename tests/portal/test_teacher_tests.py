"""Tests by sittings, materials, notices, surveys, the first entry; over real services."""

from typing import Any

from gateway.portal.teacher.notices import shown
from gateway.portal.teacher.sittings import chosen_in, lines_of, tasks_of
from gateway.portal.teacher.surveys import items_of
from tests.diagnostics.classroom import a_classroom
from tests.portal.teacher import NOON, Teacher, a_catalogue, a_portal, wording
from tests.stand import Stand


def a_task(item: str, kind: str, chosen: list[str] | None = None, **solved: Any) -> dict[str, Any]:
    options = [{"option": letter, "ru": f"вариант {letter}", "en": f"option {letter}"} for letter in "abc"]
    told = {"is_right": None, "key": None, "explanation_ru": None, "explanation_en": None, "basis": None}
    return {
        "item": item,
        "kind": kind,
        "ru": "Вопрос",
        "en": "Question",
        "options": options,
        "chosen": chosen,
        **told,
        **solved,
    }


TASKS = [a_task("t1", "ONE"), a_task("t2", "SEVERAL"), a_task("t3", "ORDER")]


def test_a_form_tells_only_of_the_tasks_that_were_spoken_to() -> None:
    form = {"task-t1": ["b"], "task-t2": ["a", "c"], "place-t3-a": ["2"], "place-t3-b": [""]}

    assert chosen_in(form, TASKS) == {"t1": ["b"], "t2": ["a", "c"]}


def test_an_order_counts_once_every_place_is_given_once() -> None:
    whole = {"place-t3-a": ["3"], "place-t3-b": ["1"], "place-t3-c": ["2"]}
    twice = {**whole, "place-t3-a": ["1"]}

    assert chosen_in(whole, TASKS) == {"t3": ["b", "c", "a"]}
    assert chosen_in(twice, TASKS) == {}


def test_not_knowing_is_an_answer() -> None:
    assert chosen_in({"task-t1": ["none"], "task-t2": ["none", "a"]}, TASKS) == {"t1": [], "t2": []}
    assert tasks_of({"items": [a_task("t1", "ONE", [])]}, "ru")[0].is_unknown


def test_a_solved_task_shows_the_right_answer_in_words() -> None:
    solved = a_task("t3", "ORDER", ["a", "b", "c"], is_right=False, key=["b", "a", "c"], explanation_ru="Потому что.")

    (task,) = tasks_of({"items": [solved]}, "ru")

    assert (task.key, task.explanation, task.is_right) == (
        "вариант b → вариант a → вариант c",
        "Потому что.",
        False,
    )


def test_tests_that_were_begun_come_first_and_finished_ones_last() -> None:
    def a_test(code: str, state: str) -> dict[str, Any]:
        return {"competency": code, "state": state, "tasks": 8, "answered": 3, "minutes": 8, "minutes_left": 5}

    lines = lines_of(
        [a_test("D01", "FINISHED"), a_test("S03.CHE", "NOT_BEGUN"), a_test("D01", "BEGUN")], wording(), a_catalogue()
    )

    assert [line.state for line in lines] == ["BEGUN", "NOT_BEGUN", "FINISHED"]
    assert lines[0].told == "отвечено 3, всего 8 заданий; осталось 5 минут"


def test_a_notice_says_when_it_was_read() -> None:
    notice = {"notification_id": "n1", "text": "Открыта.", "due_at": NOON.isoformat(), "read_at": None}

    unread, read = shown([notice, {**notice, "read_at": NOON.isoformat()}], wording())

    assert unread.read == ""
    assert read.read == "прочитано: сегодня, 12:00"


def test_a_long_scale_is_told_by_its_ends() -> None:
    short, long = items_of(
        [
            {"code": "useful", "text": "?", "low": 1, "high": 5},
            {"code": "recommend", "text": "?", "low": 0, "high": 10},
        ],
        {"useful": "4"},
    )

    assert (short.is_long, short.chosen, len(long.marks), long.is_long) == (False, "4", 11, True)


async def test_a_test_is_begun_kept_and_not_finished_by_forgetting(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    async with a_portal(stand, {"diagnostics": room.running}) as client:
        teacher = Teacher(room.school, room.teachers[0], client, stand.tokens)
        first = (await room.call("GET", f"/my/tests/{campaign}", by=teacher.person)).json()[0]["competency"]
        page = f"forms/{campaign}/tests"

        listed = await teacher.see(page)
        begun = await teacher.do(f"{page}/{first}", go="begin")
        item = (await room.call("GET", f"/my/tests/{campaign}/{first}", by=teacher.person)).json()["items"][0]["item"]
        kept = await teacher.ask(
            "POST",
            f"{page}/{first}",
            data={f"task-{item}": "none"},
            headers={"hx-request": "true", "hx-target": "kept"},
        )
        too_early = await teacher.do(f"{page}/{first}", **{f"task-{item}": "none", "go": "finish"})

    assert first in listed
    assert begun.status_code == 303
    assert "Сохранено: 1 из" in kept.text
    assert (too_early.status_code, "Завершить" in too_early.text) == (422, True)


async def test_a_material_is_handed_in_and_taken_back(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    async with a_portal(stand, {"diagnostics": room.running}) as client:
        teacher = Teacher(room.school, room.teachers[0], client, stand.tokens)
        page, artefact = f"forms/{campaign}/artefacts", "6f4f4a08-53c3-4c7e-9d0e-2f9a3f8f1a11"
        can_show = (await room.call("GET", f"/my/artefacts/{campaign}", by=teacher.person)).json()["can_show"]

        nothing = await teacher.do(page, artefact_id=artefact, title="План урока")
        handed_in = await teacher.do(page, artefact_id=artefact, title="План урока", competencies=can_show[:1])
        shown_now = await teacher.see(page)
        taken_back = await teacher.do(f"{page}/{artefact}/take-back")
        first_steps = await teacher.see("first-steps?screen=2")

    assert (nothing.status_code, 'value="План урока"' in nothing.text) == (422, True)
    assert handed_in.status_code == taken_back.status_code == 303
    assert "ждёт наблюдателя" in shown_now
    assert "Сколько времени это займёт" in first_steps


async def test_settings_of_notices_are_kept_and_wrong_hours_are_said_at_the_field(stand: Stand) -> None:
    room = await a_classroom(stand)
    tracking = await stand.service("tracking")
    async with a_portal(stand, {"diagnostics": room.running, "tracking": tracking}) as client:
        teacher = Teacher(room.school, room.teachers[0], client, stand.tokens)

        wrong = await teacher.do("notifications/settings", quiet_from="вечером", quiet_to="08:00")
        kept = await teacher.do(
            "notifications/settings", quiet_from="20:00", quiet_to="07:30", told="diagnostic-opened"
        )
        page = await teacher.see("notifications")

    assert (wrong.status_code, 'id="wrong-quiet_from"' in wrong.text) == (422, True)
    assert "said=notices-kept" in kept.headers["location"]
    assert 'value="20:00"' in page
    assert page.count(" checked") == 1
