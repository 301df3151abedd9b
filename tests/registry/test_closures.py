"""Splits and schools that close: people go over by name, and what is left ends with the running cycle."""

from uuid import uuid4

from contracts.reporting import ReportAccepted
from services.registry.actions.closures import follow_closures
from tests.registry.cycle import a_cycle, a_report, an_activation, reaches
from tests.registry.handover import FEBRUARY, name_successor, people_in_force, place, two_schools
from tests.registry.town import ANALYST, a_place, at, some_teachers
from tests.stand import Stand


async def test_split_moves_people_by_name(stand: Stand) -> None:
    old, new = await two_schools(stand)
    await old.take_in(*some_teachers(3))
    ids = sorted(one["person_id"] for one in await old.people())
    too_early = await old.call("curator", "POST", "/transfers", json={"to": new.school_id, "person_ids": ids[:1]})
    await name_successor(old, new, closes=False)
    at(stand, FEBRUARY)

    moved = await old.call("curator", "POST", "/transfers", json={"to": new.school_id, "person_ids": ids[:1]})
    again = await old.call("curator", "POST", "/transfers", json={"to": new.school_id, "person_ids": ids[:1]})

    assert (too_early.status_code, too_early.json()["legal"]) == (409, [])
    assert (moved.status_code, moved.json(), again.status_code) == (200, {"people": 1}, 404)
    assert sorted(people_in_force(await old.people())) == ids[1:]
    assert sorted(people_in_force(await new.people())) == ids[:1]
    assert (await place(old)).json()["valid_to"] is None


async def test_who_goes_over_in_the_middle_of_a_cycle_stays_in_it_to_its_end(stand: Stand) -> None:
    old, new = await two_schools(stand)
    goes, stays = some_teachers(2)
    await old.take_in(goes, stays)
    gone = next(one["person_id"] for one in await old.people() if one["family_name"] == goes["Фамилия"])
    cycle_id = await a_cycle(old)
    await name_successor(old, new, closes=False)
    at(stand, FEBRUARY)
    await old.call("curator", "POST", "/transfers", json={"to": new.school_id, "person_ids": [gone]})

    told = await old.take_in(stays)
    during = people_in_force(await old.people())
    await stand.publish(an_activation(old, cycle_id), a_report(old, cycle_id, ReportAccepted))
    await reaches(old, cycle_id, "REPORTED")

    assert told["left"] == 0
    assert (during[gone], len(during)) == ((["teacher"], False), 2)
    assert gone not in people_in_force(await old.people())
    assert len(people_in_force(await old.people())) == 1


async def test_school_that_closes_without_a_successor_lets_its_people_go(stand: Stand) -> None:
    old, _ = await two_schools(stand)
    await old.take_in(*some_teachers(2))
    closed = a_place("school", old.district, valid_to="2027-01-31")
    await old.registry.call("PUT", f"/places/{old.school_id}", by=uuid4(), groups=ANALYST, json=closed)

    await follow_closures(old.registry.db)
    before = people_in_force(await old.people())
    at(stand, FEBRUARY)
    await follow_closures(old.registry.db)

    assert len(before) == 2
    assert {one["left_on"] for one in await old.people()} == {FEBRUARY}


async def test_closed_school_keeps_its_people_for_the_running_cycle_uncounted(stand: Stand) -> None:
    old, _ = await two_schools(stand)
    await old.take_in(*some_teachers(1))
    cycle_id = await a_cycle(old)
    closed = a_place("school", old.district, valid_to="2027-01-31")
    await old.registry.call("PUT", f"/places/{old.school_id}", by=uuid4(), groups=ANALYST, json=closed)
    at(stand, FEBRUARY)

    await follow_closures(old.registry.db)
    during = list(people_in_force(await old.people()).values())
    for reason in ("CALLED_OFF", "SCHOOL_CLOSED"):
        await old.call("head", "POST", f"/cycles/{cycle_id}/end", json={"reason": reason})

    assert during == [(["teacher"], False)]
    assert people_in_force(await old.people()) == {}


async def test_district_is_not_closed_over_its_schools(stand: Stand) -> None:
    school, _ = await two_schools(stand)
    district = a_place("district", school.city, valid_to="2027-06-30")

    answer = await school.registry.call("PUT", f"/places/{school.district}", by=uuid4(), groups=ANALYST, json=district)

    assert (answer.status_code, answer.json()["places"]) == (409, [school.school_id])
