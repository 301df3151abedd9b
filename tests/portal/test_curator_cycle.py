"""The curator's year: the step bar, the funnel in people, the steps that a person may take."""

from uuid import uuid4

import pytest
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from gateway.portal.curator.cycle import waits_for
from gateway.portal.curator.funnel import Known, first_of, funnel, still_to_answer, still_to_meet
from gateway.portal.curator.standing import standing_of
from gateway.portal.curator.years import chosen
from gateway.portal.talk import Talk
from gateway.portal.words import day, number, share
from tests.portal.office import an_office, words_of
from tests.registry.cycle import a_cycle, a_draft
from tests.stand import Stand

HERE, THERE = "here", "there"


def a_pair(state: str, giver: str, taker: str, **schools: str) -> dict[str, str]:
    sides = {"giver_school": HERE, "taker_school": HERE, **schools}
    return {"state": state, "giver_id": giver, "taker_id": taker, **sides}


def test_nothing_is_counted_before_anything_has_begun() -> None:
    steps = funnel(Known())

    assert [step.slug for step in steps] == [
        *("invited", "answered", "scored", "released", "matched", "agreed", "met", "second")
    ]
    assert {step.count for step in steps} == {None}


def test_each_step_counts_people_from_its_own_owner() -> None:
    known = Known(
        first={"invited": 50, "scored": 48},
        first_turnout=[{"instrument": "TEST", "finished": 9}, {"instrument": "SELF", "finished": 49}],
        readiness={"with_releases": 44},
        pairs={"asked": 40, "agreed": 38, "to_answer": 1},
        meetings={"in_pairs": 36, "met": 30, "to_meet": 6},
        second={"invited": 50, "scored": 0},
    )

    assert [step.count for step in funnel(known)] == [50, 49, 48, 44, 40, 38, 30, 0]
    assert {step.of for step in funnel(known)} == {50}


def test_pairs_that_were_never_asked_are_not_shown_as_nobody() -> None:
    known = Known(pairs={"asked": 0, "agreed": 0, "to_answer": 0}, meetings={"in_pairs": 0, "met": 0, "to_meet": 0})

    counts = {step.slug: step.count for step in funnel(known)}

    assert (counts["matched"], counts["agreed"], counts["met"]) == (None, None, None)


def test_taker_is_waited_for_first_and_only_at_the_own_school() -> None:
    pairs = [
        a_pair("PROPOSED", "anna", "vera"),
        a_pair("TAKER_AGREED", "boris", "zoya"),
        a_pair("TAKER_AGREED", "gleb", "igor", giver_school=THERE),
        a_pair("FORMED", "lena", "mark"),
    ]

    assert still_to_answer(pairs, HERE) == ["vera", "boris"]


def test_person_of_two_quiet_pairs_stands_in_the_list_once() -> None:
    assert still_to_meet([a_pair("ACTIVE", "anna", "vera"), a_pair("ACTIVE", "vera", "boris")]) == [
        *("anna", "vera", "boris")
    ]


def test_long_list_says_that_there_are_more() -> None:
    assert (first_of(["a", "b", "c"], 2).is_more, first_of(["a", "b"], 2).is_more) == (True, False)


async def test_services_that_are_away_leave_a_gap_and_no_error() -> None:
    async def away(scope: Scope, receive: Receive, send: Send) -> None:
        await JSONResponse({}, 503)(scope, receive, send)

    nobody = JSONResponse({"items": [], "next": None})
    talk = Talk({"registry": nobody, **dict.fromkeys(("diagnostics", "matching", "tracking"), away)}, {})

    known = await standing_of(talk, HERE, "a-cycle")

    assert not known.is_whole
    assert {step.count for step in funnel(known)} == {None}


def test_running_cycle_is_shown_before_a_newer_one_that_is_over() -> None:
    cycles = [{"cycle_id": "new", "state": "ARCHIVED"}, {"cycle_id": "old", "state": "ACTIVE"}]

    assert [chosen(cycles, wanted) for wanted in ("", "new", "unknown")] == [cycles[1], cycles[0], cycles[1]]
    assert chosen([], "") is None


def test_each_open_fact_is_named_once_and_none_after_the_year() -> None:
    fact = {"title": "Кампания закрыта"}
    roadmap = [
        {"state": "OVERDUE", "waits_for": [fact]},
        {"state": "UNDER_WAY", "waits_for": [fact]},
        {"state": "PLANNED", "waits_for": [{"title": "Отчёт"}]},
    ]

    assert waits_for({"state": "DIAGNOSTICS_OPEN", "roadmap": roadmap}) == ["Кампания закрыта"]
    assert waits_for({"state": "ARCHIVED", "roadmap": roadmap}) == []


@pytest.mark.parametrize(("language", "words"), [("ru", "26 ноября 2026"), ("en", "26 November 2026")])
def test_days_are_written_in_words(language: str, words: str) -> None:
    assert day("2026-11-26", language) == words
    assert day(None, language) == ""


def test_what_rounds_to_nothing_has_no_minus() -> None:
    assert number(-0.004, "en", "0.00") == "0.00"
    assert number(-0.004, "ru") == "0"
    assert number(-0.04, "en", "0.00") == "-0.04"


def test_share_of_nothing_is_a_dash() -> None:
    assert share(0, 0, "ru") == "—"


async def test_curator_draws_up_a_cycle_and_moves_it_as_soon_as_the_head_approved(stand: Stand) -> None:
    async with an_office(stand) as office:
        empty = words_of(await office.see("/cycle"))
        cycle = str(uuid4())
        form = {"cycle_id": cycle, "title": "Цикл 2026/27", "starts_on": "2026-09-01", "ends_on": "2027-06-15"}

        drawn = await office.do("/cycle", **form)
        draft = words_of(await office.see(f"/cycle?cycle={cycle}"))
        await office.school.call("head", "POST", f"/cycles/{cycle}/approve")
        moved = await office.do(f"/cycle/{cycle}/stage", stage="DIAGNOSTICS_OPEN")
        shown = words_of(await office.see("/cycle"))

    assert "В школе ещё нет цикла" in empty
    assert (drawn.status_code, drawn.headers["location"]) == (
        303,
        f"{office.root}/cycle?said=cycle-drawn-up&cycle={cycle}",
    )
    assert "ждёт руководителя" in draft
    assert moved.status_code == 303
    assert "Сейчас: идёт диагностика" in shown


async def test_wrong_dates_are_told_at_the_field_and_the_words_stay(stand: Stand) -> None:
    async with an_office(stand) as office:
        form = {"cycle_id": str(uuid4()), "title": "Наш год", "starts_on": "2027-06-15", "ends_on": "2026-09-01"}

        answer = await office.do("/cycle", **form)

    assert answer.status_code == 422
    assert 'id="wrong-ends_on"' in answer.text
    assert 'value="Наш год"' in answer.text


async def test_reason_that_does_not_hold_is_told_where_a_cycle_is_ended(stand: Stand) -> None:
    async with an_office(stand) as office:
        cycle = await a_draft(office.school)
        await office.school.call("head", "POST", f"/cycles/{cycle}/approve")

        answer = await office.do(f"/cycle/{cycle}/end", reason="NO_SECOND_MEASUREMENT")

    assert answer.status_code in (409, 422)
    assert 'href="#field-reason"' in answer.text
    assert answer.text.count("id=field-reason") + answer.text.count('id="field-reason"') == 1


async def test_illegal_step_is_told_in_words(stand: Stand) -> None:
    async with an_office(stand) as office:
        cycle = await a_draft(office.school)

        answer = await office.do(f"/cycle/{cycle}/stage", stage="ARCHIVED")

    assert answer.status_code == 409
    assert 'role="alert"' in answer.text


async def test_who_is_waited_for_is_listed_by_name_to_the_curator_alone(stand: Stand) -> None:
    async with an_office(stand) as office:
        cycle = await a_cycle(office.school)
        await office.school.add(family_name="Белова")
        page = f"/cycle/waiting/invited?cycle={cycle}"

        shown = words_of(await office.see(page))
        others = [(await office.ask("GET", page, role=role)).status_code for role in ("teacher", "head", "observer")]
        unknown = [
            await office.ask("GET", f"/cycle/waiting/{step}") for step in (f"thoughts?cycle={cycle}", "met?cycle=x")
        ]

    assert "Белова Анна Ильинична" in shown
    assert others == [403, 403, 403]
    assert [answer.status_code for answer in unknown] == [404, 404]
