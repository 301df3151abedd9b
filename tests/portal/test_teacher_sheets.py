"""The questionnaire page by page: sentences, resume, autosave, hand-in; over the real diagnostics."""

from uuid import UUID

from gateway.portal.teacher.sheets import Sheet, level_of, own_sheet
from tests.diagnostics.classroom import Classroom, a_classroom
from tests.portal.teacher import Teacher, a_catalogue, a_portal
from tests.stand import Stand


def a_sheet(**answers: int | None) -> Sheet:
    return Sheet(
        campaign="c1",
        person=None,
        closes_on="2026-11-20",
        wave=1,
        codes=["D01", "D02", "D03"],
        answers=answers,
        minutes_left=2,
        is_final=False,
    )


def test_one_goes_on_where_nothing_is_answered_yet() -> None:
    sheet = a_sheet(D01=3, D03=None)

    assert sheet.is_begun
    assert sheet.missing == ["D02"]
    assert (sheet.before("D02"), sheet.after("D02"), sheet.after("D03"), sheet.before("D01")) == (
        "D01",
        "D03",
        None,
        None,
    )


def test_not_applicable_is_no_level() -> None:
    assert level_of("none") is None
    assert level_of("4") == 4


def test_who_only_rates_has_no_own_sheet() -> None:
    assert own_sheet([{"campaign_id": "c1", "colleagues": []}], "c1") is None
    assert own_sheet([], "c1") is None


def test_the_sentences_are_those_of_the_competency_and_else_of_the_level() -> None:
    sentences = a_catalogue().sentences("D01")

    assert sentences[2] == (3, "шаг 3", "Записываю задание.")
    assert sentences[0] == (1, "шаг 1", "Якорь.")
    assert a_catalogue("en").name("S03.CHE") == "Laboratory (Chemistry)"


async def test_a_teacher_answers_screen_by_screen_and_hands_in(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    async with a_portal(stand, {"diagnostics": room.running}) as client:
        teacher = Teacher(room.school, room.teachers[0], client, stand.tokens)
        codes = (await room.form(teacher.person, campaign))["self"]["competencies"]
        sheet = f"forms/{campaign}/self"

        assert "Начать" in await teacher.see(sheet)
        first = await teacher.see(f"{sheet}/{codes[0]}")
        gone_on = await teacher.do(f"{sheet}/{codes[0]}", level="3", go="next")
        resumed = await teacher.ask("GET", sheet)
        kept = await teacher.ask(
            "POST", f"{sheet}/{codes[1]}", data={"level": "none"}, headers={"hx-request": "true", "hx-target": "kept"}
        )
        too_early = await teacher.do(sheet)
        await room.answer_self(campaign, teacher.person, 3, final=False)
        ready = await teacher.see(sheet)
        handed_in = await teacher.do(sheet)

    assert first.count('name="level"') == 6
    assert gone_on.headers["location"].endswith(f"/{codes[1]}")
    assert resumed.headers["location"].endswith(f"/{codes[1]}")
    assert "Сохранено" in kept.text
    assert "<h1" not in kept.text
    assert too_early.status_code == 422
    assert "без ответа" in too_early.text
    assert "Отправить" in ready
    assert "said=sheet-handed-in" in handed_in.headers["location"]
    assert (await room.form(teacher.person, campaign))["self"]["is_final"]


async def test_the_day_stands_while_other_services_are_away_and_says_so(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    async with a_portal(stand, {"diagnostics": room.running}) as client:
        teacher = Teacher(room.school, room.teachers[0], client, stand.tokens)
        page = await teacher.see("my-day")
        refused = [
            (await teacher.ask("GET", "my-day", role=role)).status_code for role in ("curator", "head", "observer")
        ]
        somebody = await _colleague_of(room, campaign, teacher.person)
        rating = await teacher.see(f"forms/{campaign}/colleagues/{somebody}")

    assert "Самооценка" in page
    assert "не отвечает" in page
    assert refused == [403, 403, 403]
    assert "Как работает коллега" in rating


async def _colleague_of(room: Classroom, campaign: UUID, person: UUID) -> str:
    form = await room.form(person, campaign)
    return str(form["colleagues"][0]["person_id"])
