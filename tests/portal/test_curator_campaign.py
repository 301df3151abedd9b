"""The curator's campaign: opened in its stage, watched by instrument, closed; and the pages around it."""

import re
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis.testing import eventually
from gateway.portal.catalogue import Catalogue, Domain
from gateway.portal.curator.campaign import Opened, shown_wave, wanted
from gateway.portal.curator.observers import Wish
from gateway.portal.curator.sets import Sets, groups_of, unasked_of
from gateway.portal.curator.surveys import item_of
from tests.portal.office import Office, an_office, words_of
from tests.registry.cycle import a_cycle, step
from tests.registry.town import at, some_teachers
from tests.stand import Stand

PARTS = ("observers", "appeals", "change", "surveys")


def test_campaign_asks_for_what_was_chosen_and_leaves_the_rest_to_the_catalogue() -> None:
    plain = wanted(Opened(campaign_id="c", cycle_id="y", wave="1", closes_on="2026-12-10"))
    sets = ["M01 M02 S01", ""]
    chosen = wanted(
        Opened(wave="2", opens_on="2026-12-01", role_profiles=["METHODIST"], instruments=["TEST"], sets=sets)
    )

    assert (plain["wave"], plain["opens_on"], plain["competencies"]) == (1, None, {})
    assert plain["instruments"] == ["SELF", "COLLEAGUES", "OBSERVATION", "TEST", "ARTEFACT"]
    assert chosen["audience"] == {"role_profiles": ["METHODIST"], "people": []}
    assert (chosen["instruments"], chosen["competencies"]) == (["TEST"], {"SUBJECT_TEACHER": ["M01", "M02", "S01"]})


def a_small_catalogue(asked: dict[str, frozenset[str]] | None = None) -> Catalogue:
    names = {"D01": "Подбор ресурсов", "D02": "Онлайн-урок", "M01": "Цели урока"}
    domains = [Domain("D", "Цифровые"), Domain("M", "Методические")]
    return Catalogue(domains, {}, {}, {}, names, {code: code[:1] for code in names}, {}, asked=asked or {})


def test_open_picker_says_what_its_profile_is_asked_and_leaves_the_other_sets() -> None:
    sets = Sets.read(["M01", "D01 D02"], "SUBJECT_TEACHER", ["D02"])

    assert (sets.of("SUBJECT_TEACHER"), sets.of("PRIMARY_TEACHER")) == (("D02",), ("D01", "D02"))
    assert Sets.read(["M01"], "", ["D02"]).of("SUBJECT_TEACHER") == ("M01",)


@pytest.mark.parametrize(
    ("button", "chosen", "picking"),
    [
        ("none", (), "METHODIST"),
        ("only:M", ("M01",), "METHODIST"),
        ("keep", ("D01",), "METHODIST"),
        ("open:DEPUTY_HEAD", ("D01",), "DEPUTY_HEAD"),
    ],
)
def test_button_changes_the_open_set_only(button: str, chosen: tuple[str, ...], picking: str) -> None:
    sets = Sets({"METHODIST": ("D01",), "DEPUTY_HEAD": ("M01",)}, "METHODIST")

    pressed = sets.pressed(button, a_small_catalogue())

    assert (pressed.of("METHODIST"), pressed.of("DEPUTY_HEAD"), pressed.picking) == (chosen, ("M01",), picking)


@pytest.mark.parametrize(
    ("profile", "count", "picking"),
    [
        ("METHODIST", 0, ""),
        ("METHODIST", 14, "METHODIST"),
        ("METHODIST", 15, ""),
        ("METHODIST", 22, ""),
        ("METHODIST", 23, "METHODIST"),
        ("CLASS_TEACHER", 1, ""),
        ("CLASS_TEACHER", 23, "CLASS_TEACHER"),
    ],
)
def test_picker_closes_only_on_a_set_that_is_taken(profile: str, count: int, picking: str) -> None:
    sets = Sets({profile: tuple(f"M{number:02}" for number in range(count))}, profile)

    assert sets.pressed("keep", a_small_catalogue()).picking == picking


def test_picker_shows_the_catalogue_by_domain() -> None:
    groups = groups_of(Sets({"METHODIST": ("D02",)}, "METHODIST"), a_small_catalogue())

    assert [(one.letter, one.ticked, [box.code for box in one.boxes]) for one in groups] == [
        ("D", 1, ["D01", "D02"]),
        ("M", 0, ["M01"]),
    ]


def test_picker_offers_what_its_profile_has_a_target_for_and_names_the_rest() -> None:
    asked = {"D01": frozenset({"METHODIST"}), "D02": frozenset({"DEPUTY_HEAD"}), "M01": frozenset({"DEPUTY_HEAD"})}
    catalogue = a_small_catalogue(asked)

    groups = groups_of(Sets({}, "METHODIST"), catalogue)
    only_digital = Sets({}, "METHODIST").pressed("only:D", catalogue)

    assert [[box.code for box in one.boxes] for one in groups] == [["D01"]]
    assert unasked_of("METHODIST", catalogue) == ["Онлайн-урок", "Цели урока"]
    assert only_digital.of("METHODIST") == ("D01",)


def test_what_was_ticked_without_a_target_stays_in_sight_to_be_taken_away() -> None:
    catalogue = a_small_catalogue({"D01": frozenset(), "D02": frozenset(), "M01": frozenset({"METHODIST"})})

    (digital, _) = groups_of(Sets({"METHODIST": ("D02",)}, "METHODIST"), catalogue)

    assert [(box.code, box.is_ticked) for box in digital.boxes] == [("D02", True)]


def test_observer_who_is_assigned_anew_is_sent_with_the_assignment_that_was_seen() -> None:
    tags = ['anna "1-5f2a9c01"', 'vera "2-5f2a9c02"', "spoilt"]

    assert Wish(observer_id="vera", tags=tags).seen_of_chosen == '"2-5f2a9c02"'
    assert Wish(observer_id="boris", tags=tags).seen_of_chosen == ""


def test_open_wave_is_shown_before_the_one_whose_stage_it_is() -> None:
    closed, still_open = {"state": "CLOSED"}, {"state": "OPEN"}

    assert shown_wave({}, "", "DRAFT") == 1
    assert shown_wave({1: closed}, "", "POST_DIAGNOSTICS") == 2
    assert shown_wave({1: still_open}, "", "POST_DIAGNOSTICS") == 1
    assert shown_wave({1: closed, 2: closed}, "", "CLOSED") == 2
    assert shown_wave({1: closed, 2: closed}, "1", "CLOSED") == 1


def test_marks_of_a_survey_are_told_in_the_order_of_the_scale() -> None:
    item = item_of("en", "Useful?", {"10": 1, "9": 2})

    assert (item.mean, item.marks) == ("9.3", "9 — 2, 10 — 1")


async def opened(office: Office, form: dict[str, Any]) -> None:
    """Open the campaign by its form as soon as diagnostics has heard of the school's people and its year."""

    async def status() -> int:
        return (await office.do("/campaign", **form)).status_code

    await eventually(status, equals=303)


def ticked(page: httpx.Response) -> int:
    """How many competencies are ticked in the picker."""
    return len(re.findall(r'name="codes" value="\w+" checked', page.text))


async def test_campaign_goes_from_its_form_to_its_close(stand: Stand) -> None:
    at(stand, "2026-11-26")
    async with an_office(stand) as office:
        await office.school.take_in(*some_teachers(5))
        cycle = await a_cycle(office.school)
        early = words_of(await office.see("/campaign"))
        await step(office.school, cycle, "DIAGNOSTICS_OPEN")
        campaign = str(uuid4())
        form = {"campaign_id": campaign, "cycle_id": str(cycle), "wave": "1", "closes_on": "2026-12-10"}
        past = await office.do("/campaign", **{**form, "closes_on": "2020-01-01"})
        picking = {**form, "picking": "METHODIST", "closes_on": ""}
        picker = await office.do("/campaign", **{**form, "closes_on": ""}, pick="open:METHODIST")
        digital = await office.do("/campaign", **picking, pick="only:D")
        deputy = await office.do("/campaign", **form, pick="open:DEPUTY_HEAD")
        kept = await office.do("/campaign", **picking, codes=["D01", "D02"], pick="keep")
        short = await office.do("/campaign", **{**picking, "closes_on": "2026-12-10"}, codes=["D01", "D02"])
        await opened(office, form)
        shown = words_of(await office.see("/campaign?due=SELF"))
        parts = [words_of(await office.see(f"/campaign/{part}")) for part in PARTS]
        nobody = await office.do("/campaign/observers", campaign_id=campaign, person_id=str(uuid4()), observer_id="")
        funnel = words_of(await office.see("/cycle"))
        waiting = words_of(await office.see(f"/cycle/waiting/answered?cycle={cycle}"))
        closed = await office.do(f"/campaign/{campaign}/close")
        after = words_of(await office.see("/campaign"))
        others = [(await office.ask("GET", f"/campaign/{part}", role="head")).status_code for part in PARTS]

    assert "можно открыть, когда цикл перешёл к диагностике" in early
    assert past.status_code in (409, 422)
    assert (picker.status_code, ticked(picker)) == (200, 0)
    assert (digital.status_code, ticked(digital)) == (200, 12)
    assert re.findall(r'name="codes" value="(S\d+)"', picker.text) != []
    assert re.findall(r'name="codes" value="(S\d+)"', deputy.text) == []
    assert "нет по ним целевого уровня" in words_of(deputy.text)
    assert (kept.status_code, ticked(kept)) == (200, 2)
    assert "Выбрано 2, а нужно от 15 до 22" in words_of(kept.text)
    assert (short.status_code, ticked(short)) == (422, 2)
    assert 'id="wrong-METHODIST"' in short.text
    assert (nobody.status_code, "Выберите наблюдателя." in nobody.text) == (422, True)
    assert "10 декабря 2026" in shown
    assert "Ивановб Мария Петровна не начато" in shown
    assert "никого не наблюдают" in parts[0]
    assert "Обращений нет" in parts[1]
    assert "второй диагностики ещё не было" in parts[2]
    assert "Опросов ещё не было" in parts[3]
    assert "Ещё не ответили о себе: Иванов" in funnel
    assert "Ивановв Мария Петровна" in waiting
    assert closed.status_code == 303
    assert "Первая диагностика: закрыта" in after
    assert others == [403] * 4
