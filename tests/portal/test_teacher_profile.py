"""My profile: bands in words, who learns of what, wishes, comment, appeal, before and after; over real diagnostics."""

from typing import Any
from uuid import uuid4

from gateway.portal.teacher.change import compared_of
from gateway.portal.teacher.profile_in_words import (
    Telling,
    by_domain,
    changes_of,
    cycle_now,
    measured,
    picture_of,
    wishes_of,
)
from tests.diagnostics.classroom import a_classroom
from tests.portal.teacher import Teacher, a_catalogue, a_portal, wording
from tests.stand import Stand

TELLING = Telling(wording(), a_catalogue(), wishes_of(None))


def a_level(**changes: Any) -> dict[str, Any]:
    content: dict[str, Any] = {
        "competency": "D01",
        "cycle_id": "c1",
        "level10": 31,
        "band": {"low10": 24, "high10": 38},
        "target": 4,
        "competency_class": "DEFICIT_CONFIRMED",
        "marks": [{"source": "OBS", "level10": 30, "count": 2}],
        "words": "Слова.",
        "surer": None,
        "is_released": False,
        "comment": None,
        "appeal": None,
    }
    return {**content, **changes}


def test_a_level_is_a_band_between_named_steps_and_never_a_number() -> None:
    found = measured(a_level(), TELLING)

    assert found.band_words == "Где-то от «пробует» до «адаптирует»; для вашей роли желателен «адаптирует»."
    assert (found.kind, found.chip) == ("take", "хочу усилить")
    assert found.marks == [(3.0, "урок")]


def test_the_privacy_line_follows_the_release_and_the_appeal() -> None:
    lines = [
        measured(a_level(**changes), TELLING).privacy
        for changes in ({}, {"is_released": True}, {"is_released": True, "appeal": "FILED"})
    ]

    assert lines[0] == "Видите только вы"
    assert lines[1].startswith("Куратор видит только: «хочу усилить»")
    assert "никто не узнает" in lines[2]


def test_under_appeal_nothing_can_be_opened() -> None:
    assert not measured(a_level(appeal="FILED"), TELLING).can_release


def test_the_profile_goes_domain_by_domain() -> None:
    found = [measured(a_level(competency=code), TELLING) for code in ("S03.CHE", "D01")]

    grouped = by_domain(found, a_catalogue())

    assert [(domain.letter, [one.name for one in own]) for domain, own in grouped] == [
        ("D", ["Электронный журнал"]),
        ("S", ["Лабораторные (химия)"]),
    ]


def test_what_changed_for_certain_comes_first_and_stays_inside_the_scale() -> None:
    same = {"before10": 30, "before_se10": 4, "after10": 31, "after_se10": 4, "z": 0.2, "is_reliable": False}
    grown = {"before10": 20, "before_se10": 3, "after10": 49, "after_se10": 4, "z": 5.1, "is_reliable": True}
    words = {"words": "Слова.", "note": None}
    content = {"competencies": [{"competency": "D01", **same, **words}, {"competency": "S03.CHE", **grown, **words}]}

    changes = changes_of(content, wording(), a_catalogue())

    assert [one.name for one in changes] == ["Лабораторные (химия)", "Электронный журнал"]
    assert changes[0].after == {"low": 4.39, "value": 4.9, "high": 5.0}
    assert [row["label"] for row in picture_of(changes, wording())["rows"]] == ["Слова.", "Слова."]


def test_last_year_stays_in_sight_until_the_new_one_has_measured_twice() -> None:
    new, last = {"competencies": [], "words": "рано"}, {"competencies": [{"competency": "D01"}], "words": ""}

    assert compared_of([new, last]) is last
    assert compared_of([new, {"competencies": [], "words": "старое"}]) is new
    assert compared_of([])["competencies"] == []


def test_wishes_belong_to_the_newest_living_cycle() -> None:
    cycles = [
        {"cycle_id": "old", "starts_on": "2025-09-01", "ends_on": "2026-06-15", "state": "ARCHIVED"},
        {"cycle_id": "now", "starts_on": "2026-09-01", "ends_on": "2027-06-15", "state": "ACTIVE"},
        {"cycle_id": "draft", "starts_on": "2027-09-01", "ends_on": "2028-06-15", "state": "DRAFT"},
    ]

    assert cycle_now(cycles, "2026-11-09") == "now"
    assert cycle_now(cycles[:1], "2026-11-09") is None


async def test_a_teacher_opens_wishes_comments_and_appeals_on_the_page_of_a_competency(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    person = room.teachers[0]
    await room.score(campaign, person, own=3, seen=2)
    async with a_portal(stand, {"diagnostics": room.running}) as client:
        teacher = Teacher(room.school, person, client, stand.tokens)
        page, cycle = "my-profile/competencies/M02", {"cycle_id": str(room.cycle)}

        listed = await teacher.see("my-profile")
        opened = await teacher.do(f"{page}/release", **cycle, back="list")
        wished = await teacher.do(f"{page}/need", **cycle, wish="3")
        no_format = await teacher.do(f"{page}/offer", **cycle, minutes="45")
        offered = await teacher.do(f"{page}/offer", **cycle, minutes="45", formats=["meeting"])
        noted = await teacher.do(f"{page}/comment", **cycle, text="Моя заметка о себе.")
        too_much = await teacher.do(f"{page}/comment", **cycle, text="щ" * 2001)
        no_such_page = await teacher.ask("GET", "my-pairs/nowhere")
        too_long = await client.get("/search", params={"q": "щ" * 101}, headers=no_such_page.request.headers)
        no_such_wish = await teacher.do(f"{page}/need", **cycle, wish="очень")
        shown = await teacher.see(page)
        appealed = await teacher.do(f"{page}/appeal", **cycle, appeal_id=str(uuid4()), text="Было замещение.")
        again = await teacher.do(f"{page}/appeal", **cycle, appeal_id=str(uuid4()), text="Ещё раз.")
        unknown = await teacher.ask("GET", "my-profile/competencies/Z99")

    assert "Открыть для подбора" in listed
    assert opened.headers["location"].endswith("my-profile?said=profile-released")
    assert wished.status_code == offered.status_code == noted.status_code == appealed.status_code == 303
    assert (no_format.status_code, "Выберите хотя бы один способ." in no_format.text) == (422, True)
    assert (too_much.status_code, too_much.text.count("Слишком длинно: поместится 2000 знаков.")) == (422, 2)
    assert too_much.text.count('id="field-text"') == 1
    assert "щ" * 2001 in too_much.text
    assert (no_such_wish.status_code, no_such_wish.headers["content-type"]) == (422, "text/html; charset=utf-8")
    assert "Так записать не получилось" in no_such_wish.text
    assert (no_such_page.status_code, "Такой страницы нет" in no_such_page.text) == (404, True)
    assert (too_long.status_code, "Слишком длинно: поместится 100 знаков." in too_long.text) == (422, True)
    assert "щ" * 101 in too_long.text
    assert "Моя заметка о себе." in shown
    assert "Куратор видит только" in shown
    assert (again.status_code, "уже есть обращение" in again.text) == (409, True)
    assert '<blockquote class="own-words">Ещё раз.</blockquote>' in again.text
    assert unknown.status_code == 404
    assert await _wishes(room, person) == (["M02"], ["M02"])


async def _wishes(room: Any, person: Any) -> tuple[list[str], list[str]]:
    told = (await room.call("GET", f"/my/wishes/{room.cycle}", by=person)).json()
    return tuple([one["competency"] for one in told[kind]] for kind in ("needs", "offers"))  # type: ignore[return-value]
