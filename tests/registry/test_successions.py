"""Merges, splits and closures: nobody is lost, nobody counts twice, and a running cycle goes on to its end."""

from datetime import date
from uuid import uuid4

import pytest

from contracts.registry import PlaceChanged
from services.registry.actions.closures import follow_closures
from tests.registry.cycle import YEAR, a_closed_campaign, a_cycle, a_pairing, an_activation, reaches
from tests.registry.handover import (
    FEBRUARY,
    PLAN,
    a_head,
    last_membership,
    name_successor,
    people_in_force,
    place,
    take_back,
    two_schools,
)
from tests.registry.staff_exports import a_row
from tests.registry.town import ANALYST, School, a_person, a_place, a_school, at, some_teachers
from tests.stand import Stand


async def test_merge_in_the_middle_of_a_cycle(stand: Stand) -> None:
    old, new = await two_schools(stand)
    registry = old.registry
    await old.take_in(*some_teachers(2))
    teachers = [one["person_id"] for one in await old.people()]
    curator_of_new = await new.add("head", roles=["curator"])
    head_of_new = await a_head(new)
    cycle_id = await a_cycle(old)
    await stand.publish(a_pairing(old, cycle_id))
    await reaches(old, cycle_id, "ORDERS")
    at(stand, FEBRUARY)

    answer = await name_successor(old, new)

    # Everybody is at the successor from the day on, and counts there only.
    assert answer.status_code == 201
    there = people_in_force(await new.people())
    here = people_in_force(await old.people())
    assert {person: there[person] for person in teachers} == dict.fromkeys(teachers, (["teacher"], True))
    assert {person: here[person] for person in teachers} == dict.fromkeys(teachers, (["teacher"], False))
    assert {one["joined_on"] for one in await new.people() if one["person_id"] in teachers} == {FEBRUARY}
    # Nobody has left: pairs go on. Those who lead the successor lead here too.
    assert await registry.announced("person.left", old.school_id) == []
    assert here[str(curator_of_new)] == (["curator"], False)
    assert here[str(head_of_new)] == (["head"], False)
    # The city is told.
    told = PlaceChanged.model_validate_json((await registry.bodies("place.changed", old.school_id))[-1])
    assert (told.valid_to, told.succeeded_by, told.name) == (date(2027, 1, 31), (new.school_id,), "a school")

    # The cycle goes on under the old school, read by the successor's curator.
    await stand.publish(an_activation(old, cycle_id))
    await reaches(old, cycle_id, "ACTIVE")
    read = await old.call("curator", "GET", f"/cycles/{cycle_id}/roadmap", by=curator_of_new)
    assert read.status_code == 200
    # Nothing new begins there.
    begun = await old.call("curator", "PUT", f"/cycles/{uuid4()}", json=YEAR)
    assert (begun.status_code, begun.json()["successors"]) == (409, [new.school_id])
    assert (await old.upload(b"x")).status_code == 409
    assert (await old.call("curator", "PUT", f"/people/{uuid4()}", json=a_person())).status_code == 409

    # A closed school sends no report: the closed cycle goes to the archive, and with it all roles there.
    await stand.publish(a_closed_campaign(old, cycle_id, 2))
    await reaches(old, cycle_id, "CLOSED")
    assert len(people_in_force(await old.people())) == 4
    ended = await old.call("head", "POST", f"/cycles/{cycle_id}/end", json={"reason": "SCHOOL_CLOSED"})
    assert (ended.status_code, ended.json()["state"]) == (200, "ARCHIVED")
    assert people_in_force(await old.people()) == {}
    assert len(await registry.announced("person.left", old.school_id)) == 4
    assert set(people_in_force(await new.people())) >= set(teachers)


async def test_merge_without_a_cycle_ends_the_old_memberships_at_once(stand: Stand) -> None:
    old, new = await two_schools(stand)
    await old.take_in(*some_teachers(3))
    at(stand, FEBRUARY)

    await name_successor(old, new)

    assert people_in_force(await old.people()) == {}
    assert {one["left_on"] for one in await old.people()} == {FEBRUARY}
    assert len(people_in_force(await new.people())) == 3
    person_id = (await new.people())[0]["person_id"]
    left = await last_membership(old.registry, old, person_id)
    joined = await last_membership(old.registry, new, person_id)
    assert (str(left.left_on), left.roles) == (FEBRUARY, ())
    assert (str(joined.joined_on), joined.counts_in_staff, joined.role_profiles) == (
        FEBRUARY,
        True,
        ("SUBJECT_TEACHER",),
    )


async def test_planned_merge_happens_on_its_day_and_once(stand: Stand) -> None:
    old, new = await two_schools(stand)
    await old.take_in(*some_teachers(1))

    await name_successor(old, new)
    await follow_closures(old.registry.db)
    before = await new.people()
    at(stand, FEBRUARY)
    await follow_closures(old.registry.db)
    await follow_closures(old.registry.db)

    assert before == []
    assert len(people_in_force(await new.people())) == 1
    assert len(await old.registry.announced("person.joined", new.school_id)) == 1
    assert len(await old.registry.announced("person.left", old.school_id)) == 1


async def test_plan_that_was_taken_back_moves_nobody_and_closes_nothing(stand: Stand) -> None:
    old, new = await two_schools(stand)
    await old.take_in(*some_teachers(1))
    await name_successor(old, new)

    answer = await take_back(old, new)
    at(stand, FEBRUARY)
    await follow_closures(old.registry.db)

    assert (answer.status_code, answer.json()) == (200, [])
    assert (len(people_in_force(await old.people())), await new.people()) == (1, [])
    told = PlaceChanged.model_validate_json((await old.registry.bodies("place.changed", old.school_id))[-1])
    assert (told.valid_to, told.succeeded_by) == (None, ())
    assert (await take_back(old, new)).status_code == 404


async def test_merge_that_has_happened_cannot_be_taken_back(stand: Stand) -> None:
    old, new = await two_schools(stand)
    at(stand, FEBRUARY)
    await name_successor(old, new)

    answer = await take_back(old, new)

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:neo:problem:succession.done")


async def test_history_shows_who_went_on_for_whom(stand: Stand) -> None:
    old, new = await two_schools(stand)
    at(stand, FEBRUARY)
    await name_successor(old, new)

    before, gone, after = await place(old, on="2027-01-31"), await place(old, on=FEBRUARY), await place(new)

    assert (before.json()["valid_to"], before.json()["successors"]) == (
        "2027-01-31",
        [{"place_id": new.school_id, "from_day": FEBRUARY, "closes": True}],
    )
    assert (gone.status_code, gone.json()["type"]) == (404, "urn:neo:problem:place.absent")
    assert [one["place_id"] for one in after.json()["predecessors"]] == [old.school_id]


async def test_same_merge_again_is_no_second_one(stand: Stand) -> None:
    old, new = await two_schools(stand)
    at(stand, FEBRUARY)

    answers = [await name_successor(old, new), await name_successor(old, new)]
    otherwise = await name_successor(old, new, from_day="2027-03-01")

    assert [answer.status_code for answer in answers] == [201, 200]
    assert (otherwise.status_code, otherwise.json()["type"]) == (409, "urn:neo:problem:succession.said-otherwise")
    assert len(await old.registry.bodies("place.changed", old.school_id)) == 2


async def test_school_merges_into_one_school_only(stand: Stand) -> None:
    old, new = await two_schools(stand)
    third = await a_school(old.registry)
    await name_successor(old, new)

    answer = await name_successor(old, third)

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:neo:problem:succession.merged-already")


@pytest.mark.parametrize(
    ("plan", "slug"),
    [
        ({"from_day": "2026-09-01"}, "succession.place-absent"),
        ({"from_day": "2025-01-01"}, "succession.place-absent"),
    ],
)
async def test_merge_on_a_day_when_the_school_did_not_stand_is_refused(
    stand: Stand, plan: dict[str, str], slug: str
) -> None:
    old, new = await two_schools(stand)

    answer = await name_successor(old, new, **plan)

    assert (answer.status_code, answer.json()["type"]) == (422, f"urn:neo:problem:{slug}")


async def test_only_schools_that_stand_merge_and_not_with_themselves(stand: Stand) -> None:
    old, new = await two_schools(stand)
    registry = old.registry
    closed = a_place("school", new.district, valid_to="2026-12-31")
    await registry.call("PUT", f"/places/{new.school_id}", by=uuid4(), groups=ANALYST, json=closed)

    async def slug(first: str, second: str) -> str:
        door = f"/places/{first}/successors/{second}"
        answer = await registry.call("PUT", door, by=uuid4(), groups=ANALYST, json=PLAN)
        return str(answer.json()["type"]).removeprefix("urn:neo:problem:")

    assert await slug(old.school_id, old.school_id) == "succession.itself"
    assert await slug(old.school_id, new.school_id) == "succession.successor-absent"
    assert await slug(old.district, new.district) == "succession.schools-only"
    assert await slug(old.school_id, "nowhere") == "place.unknown"


async def test_person_of_both_schools_is_one_member_with_both_works(stand: Stand) -> None:
    old, new = await two_schools(stand)
    await old.take_in(a_row(subjects="Математика"))
    (person,) = await old.people()
    names = {name: person[name] for name in ("family_name", "given_name", "patronymic")}
    door = f"/people/{person['person_id']}"
    await new.call("head", "PUT", door, json={**names, "roles": ["curator"]})
    at(stand, FEBRUARY)

    await name_successor(old, new)

    (after,) = await new.people()
    assert (after["roles"], after["subjects"], after["counts_in_staff"]) == (["teacher", "curator"], ["MAT"], True)
    assert after["joined_on"] == "2027-01-15"


async def test_next_file_of_the_successor_knows_those_who_came_over(stand: Stand) -> None:
    old, new = await two_schools(stand)
    await old.take_in(a_row(number="7"))
    (before,) = await old.people()
    at(stand, FEBRUARY)
    await name_successor(old, new)

    told = await new.take_in(a_row(number="345"))

    (after,) = await new.people()
    assert (told["new"], told["changed"], told["conflicts"]) == (0, 1, 0)
    assert (after["person_id"], after["joined_on"]) == (before["person_id"], FEBRUARY)


async def test_decisions_and_the_curators_word_go_over(stand: Stand) -> None:
    old, new = await two_schools(stand)
    await old.take_in(a_row(category="высшая", decided="27.10.2023", order="123-р"))
    (person,) = await old.people()
    door = f"/people/{person['person_id']}/role-profiles"
    await old.call("curator", "PUT", door, json={"profiles": ["METHODIST"], "valid_from": "2027-01-15"})
    at(stand, FEBRUARY)

    await name_successor(old, new)

    records = (await new.call("curator", "GET", f"/people/{person['person_id']}/attestations")).json()
    profiles = (await new.call("curator", "GET", door)).json()
    assert [(one["kind"], one["decided_on"], one["order_no"]) for one in records] == [("CATH", "2023-10-27", "123-р")]
    assert ([one["code"] for one in profiles["profiles"]], profiles["source"]) == (["METHODIST"], "CURATOR")
    assert len(await old.registry.announced("attestation.recorded", new.school_id)) == 1


async def test_counted_staff_of_a_day_before_the_merge_stays_what_it_was(stand: Stand) -> None:
    old, new = await two_schools(stand)
    await old.take_in(*some_teachers(2))
    await a_cycle(old)
    at(stand, FEBRUARY)
    await name_successor(old, new)

    async def counted(school: School, day: str) -> int:
        answer = await school.call("head", "GET", f"/attestation/shares?on={day}")
        return int(answer.json()["people"])

    days = ("2027-01-31", FEBRUARY)
    assert [await counted(old, day) for day in days] == [2, 0]
    assert [await counted(new, day) for day in days] == [0, 2]
