"""The curator's campaign: opened in its stage, watched by instrument, closed; and the pages around it."""

from typing import Any
from uuid import uuid4

from chassis.testing import eventually
from gateway.portal.curator.campaign import Opened, shown_wave, wanted
from gateway.portal.curator.surveys import item_of
from tests.portal.office import Office, an_office, words_of
from tests.registry.cycle import a_cycle, step
from tests.registry.town import at, some_teachers
from tests.stand import Stand

PARTS = ("observers", "appeals", "change", "surveys")


def test_campaign_asks_for_what_was_chosen_and_leaves_the_rest_to_the_catalogue() -> None:
    plain = wanted(Opened(campaign_id="c", cycle_id="y", wave="1", closes_on="2026-12-10"))
    sets = ["m01, M02;s01", ""]
    chosen = wanted(
        Opened(wave="2", opens_on="2026-12-01", role_profiles=["METHODIST"], instruments=["TEST"], sets=sets)
    )

    assert (plain["wave"], plain["opens_on"], plain["competencies"]) == (1, None, {})
    assert plain["instruments"] == ["SELF", "COLLEAGUES", "OBSERVATION", "TEST", "ARTEFACT"]
    assert chosen["audience"] == {"role_profiles": ["METHODIST"], "people": []}
    assert (chosen["instruments"], chosen["competencies"]) == (["TEST"], {"SUBJECT_TEACHER": ["M01", "M02", "S01"]})


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
        await opened(office, form)
        shown = words_of(await office.see("/campaign?due=SELF"))
        parts = [words_of(await office.see(f"/campaign/{part}")) for part in PARTS]
        funnel = words_of(await office.see("/cycle"))
        waiting = words_of(await office.see(f"/cycle/waiting/answered?cycle={cycle}"))
        closed = await office.do(f"/campaign/{campaign}/close")
        after = words_of(await office.see("/campaign"))
        others = [(await office.ask("GET", f"/campaign/{part}", role="head")).status_code for part in PARTS]

    assert "открывается, когда в цикле отмечено" in early
    assert past.status_code in (409, 422)
    assert "10 декабря 2026" in shown
    assert "Ивановб Мария Петровна не начато" in shown
    assert "никого не наблюдают" in parts[0]
    assert "Несогласий нет" in parts[1]
    assert "второй волны ещё не было" in parts[2]
    assert "анкет ещё не было" in parts[3]
    assert "Ещё не ответили о себе: Иванов" in funnel
    assert "Ивановв Мария Петровна" in waiting
    assert closed.status_code == 303
    assert "Первая волна: закрыта" in after
    assert others == [403] * 4
