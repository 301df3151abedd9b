"""Facts become numbers: late, repeated and shuffled ones make the same numbers."""

import random
from datetime import date
from uuid import uuid4

from chassis.testing import eventually
from tests.reporting.year import JUNE, Year, a_member, a_ring, a_school_year, cells
from tests.stand import Stand


async def test_engaged_people_are_counted_once_and_within_the_staff(stand: Stand) -> None:
    reporting = await stand.service("reporting")

    year = await a_school_year(stand, reporting, staff=20, engaged=14)

    found = await cells(reporting, year)
    assert (found["E_ENG_ANY"]["n_num"], found["E_ENG_ANY"]["n_den"]) == (14, 20)
    assert (found["E_DUAL"]["n_num"], found["E_DUAL"]["n_den"]) == (14, 14)
    assert found["MEETINGS_HELD"]["n_num"] == 28
    assert found["E_ENG_ANY"]["ci_low"] < 0.7 < found["E_ENG_ANY"]["ci_high"]


async def test_shuffled_and_repeated_facts_make_the_same_numbers(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    stand.clock.move_to(JUNE)
    year = Year(f"district-{uuid4().hex[:8]}")
    facts = [*year.places(), *year.staff(12), year.opened(), *a_ring(year, 10)] * 2
    random.Random(7).shuffle(facts)

    await stand.publish(*facts)

    await eventually(lambda: reporting.count("facts.meeting_steps", year.school), equals=40)
    await eventually(lambda: reporting.count("facts.assignment_steps", year.school), equals=30)
    await eventually(lambda: reporting.count("facts.members", year.school), equals=12)
    found = await cells(reporting, year)
    assert (found["E_ENG_DUAL"]["n_num"], found["E_ENG_DUAL"]["n_den"]) == (10, 12)


async def test_one_meeting_is_registration_and_not_participation(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting, staff=8, engaged=4)

    await stand.publish(*year.pair(6, 7, meetings=1))

    await eventually(lambda: reporting.count("facts.assignment_steps", year.school), equals=15)
    assert (await cells(reporting, year))["E_ENG_ANY"]["n_num"] == 4


async def test_leavers_and_part_timers_are_no_staff(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting, staff=10, engaged=4)
    leaver = a_member(year.school, year.people[9], revision=2, left_on=date(2027, 2, 1))
    part_timer = a_member(year.school, uuid4(), counts=False)

    await stand.publish(leaver, part_timer)

    await eventually(lambda: reporting.count("facts.members", year.school), equals=11)

    async def staff() -> float:
        return float((await cells(reporting, year))["E_ENG_ANY"]["n_den"])

    await eventually(staff, equals=9.0)


async def test_older_membership_does_not_undo_a_newer_one(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting, staff=10, engaged=4)
    newer = a_member(year.school, year.people[9], revision=5, left_on=date(2027, 2, 1))
    older = a_member(year.school, year.people[9], revision=3)

    await stand.publish(newer)
    await stand.publish(older, a_member(year.school, uuid4()))

    await eventually(lambda: reporting.count("facts.members", year.school), equals=11)
    assert (await cells(reporting, year))["E_ENG_ANY"]["n_den"] == 10
