"""The curator's pairs and report: who needs a call and why, what may be decided, numbers read before the signature."""

import re
from datetime import date, timedelta
from uuid import uuid4

from chassis.testing import eventually
from gateway.portal.curator.pair import Step, content_of
from gateway.portal.curator.report import Computed, fresh, wanted
from tests.portal.office import Office, an_office, words_of
from tests.portal.test_moved_on import TOLD, seen_in
from tests.registry.cycle import a_cycle
from tests.stand import Stand
from tests.tracking.pairs import NOW, Pair, a_pairing, a_working_pair


def test_step_carries_only_what_belongs_to_it() -> None:
    form = Step(step="terminate", basis="LOCAL_ACT", reason="replaced", rematch="yes")

    assert content_of(form) == {"reason": "replaced", "rematch": True, "ends_on": None}
    assert content_of(form.model_copy(update={"step": "basis"})) == {"basis": "LOCAL_ACT"}
    assert content_of(form.model_copy(update={"step": "suspend", "rest": "LOAD"})) == {"reason": "LOAD"}
    assert content_of(form.model_copy(update={"step": "resume"})) is None


def test_version_is_asked_for_only_where_one_was_given() -> None:
    form = Computed(cycle_id="y", as_of="2027-06-15", version="2")

    assert wanted(form) == {"cycle_id": "y", "as_of": "2027-06-15", "version": 2}
    assert wanted(form.model_copy(update={"version": ""}))["version"] is None


def test_new_report_is_offered_as_of_the_last_day_of_the_cycle_and_before_it_as_of_today() -> None:
    cycle = {"cycle_id": "y", "ends_on": "2027-06-15"}

    assert fresh(cycle, None, today=date(2026, 11, 9)).as_of == "2026-11-09"
    assert fresh(cycle, None, today=date(2027, 6, 15)).as_of == "2027-06-15"
    assert fresh(cycle, None, today=date(2027, 7, 1)).as_of == "2027-06-15"


def test_returned_report_is_offered_as_of_its_own_day() -> None:
    returned = {"report_id": "r", "state": "RETURNED", "version": 1, "as_of": "2026-11-01"}
    cycle = {"cycle_id": "y", "ends_on": "2027-06-15"}

    assert fresh(cycle, returned, today=date(2026, 11, 9)).as_of == "2026-11-01"


async def a_pair_of(stand: Stand, office: Office) -> Pair:
    """A working pair of the office's school and its running cycle."""
    cycle = await a_cycle(office.school)
    giver, taker = [await office.school.add(family_name=name) for name in ("Белова", "Громова")]
    formed = a_pairing(office.school.school_id, cycle_id=cycle, giver_id=giver, taker_id=taker)
    return await a_working_pair(stand, office.services["tracking"], formed)


async def test_pair_that_asks_for_help_stands_red_until_the_curator_has_answered(stand: Stand) -> None:
    async with an_office(stand) as office:
        pair = await a_pair_of(stand, office)
        await pair.taker("POST", f"assignments/{pair.id}/help")

        red = words_of(await office.see("/health"))
        helped = await office.do(f"/health/{pair.id}/helped")
        green = words_of(await office.see("/health"))
        shown = words_of(await office.see(f"/health/{pair.id}"))
        unexplained = await office.do(f"/health/{pair.id}", step="suspend")
        suspended = await office.do(f"/health/{pair.id}", step="suspend", rest="ABSENCE")
        resting = words_of(await office.see("/health?show=suspended"))
        nameless = await office.do(f"/health/{pair.id}", step="terminate", reason="", ends_on="")
        ended = await office.do(f"/health/{pair.id}", step="terminate", reason="replaced")
        crossings = words_of(await office.see("/health/crossings"))
        pages = ("/health", f"/health/{pair.id}")
        others = [(await office.ask("GET", page, role="head")).status_code for page in pages]

    assert "нужен звонок: 1" in red
    assert "Белова Анна Ильинична" in red
    assert "просят помощи" in red
    assert helped.status_code == 303
    assert "идёт хорошо: 1" in green
    assert "Положение школы о наставничестве" in shown
    assert "Выберите причину из списка" in words_of(unexplained.text)
    assert "Выберите причину из списка" in words_of(nameless.text)
    assert suspended.status_code == 303
    assert (unexplained.status_code, 'id="field-reason"' in unexplained.text) == (422, True)
    assert "перерыв: кого-то из двоих долго не будет" in resting
    assert (nameless.status_code, 'role="alert"' in nameless.text) == (422, True)
    assert ended.status_code == 303
    assert "ничего не предлагает" in crossings
    assert others == [403, 403]


async def test_call_for_help_that_came_after_the_page_is_not_answered_with_the_one_before(stand: Stand) -> None:
    async with an_office(stand) as office:
        pair = await a_pair_of(stand, office)
        door, call = f"/health/{pair.id}/helped", f"assignments/{pair.id}/help"
        await pair.taker("POST", call)
        tag = seen_in(await office.see("/health"), door)
        first = await office.do(door, seen=tag)
        stand.clock.move_to(NOW + timedelta(hours=1))
        await pair.taker("POST", call)

        late = await office.do(door, seen=tag)
        again = await office.do(door, seen=seen_in(late.text, door))

    assert (first.status_code, late.status_code, again.status_code) == (303, 412, 303)
    assert TOLD in words_of(late.text)
    assert "просят помощи" in words_of(late.text)


async def test_report_is_computed_read_and_left_to_the_head(stand: Stand) -> None:
    stand.clock.move_to(NOW)
    async with an_office(stand) as office:
        cycle, report = await a_cycle(office.school), str(uuid4())
        first = await office.see("/report")
        empty, (offered,) = words_of(first), re.findall(r'name="as_of"[^>]* value="([^"]*)"', first)
        form = {"report_id": report, "cycle_id": str(cycle), "as_of": offered}

        async def status() -> int:
            return (await office.do("/report", **form)).status_code

        await eventually(status, equals=303)
        computed = words_of(await office.see("/report"))
        reviewed = await office.do(f"/report/{report}/review")
        again = await office.do(f"/report/{report}/review")
        shown = words_of(await office.see("/report"))
        other = await office.ask("GET", "/report", role="teacher")

    assert "Отчёта за этот цикл ещё нет" in empty
    assert offered == "2026-11-09"
    assert "пора прочитать" in computed
    assert reviewed.status_code == 303
    assert again.status_code in (303, 409)
    assert "ждёт подписи руководителя" in shown
    assert other.status_code == 403
