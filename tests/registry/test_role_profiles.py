"""Role profiles: the file's guess, the curator's word with its day, and the day that comes."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.registry import MembershipChanged, RoleProfileChanged
from services.registry.actions.role_profiles import follow_the_calendar
from services.registry.domain.role_profiles import PROFILES, Said, Source, is_held, on_day
from services.registry.staff_file.posts import RoleProfile
from tests.registry.staff_exports import a_row
from tests.registry.town import School, a_school, at
from tests.stand import Running, Stand

JANUARY = date(2027, 1, 15)


async def a_school_with_one(stand: Stand, **row: str) -> tuple[School, str]:
    registry = await stand.service("registry")
    at(stand, "2027-01-15")
    school = await a_school(registry)
    await school.take_in(a_row(**row))
    (person,) = await school.people()
    return school, str(person["person_id"])


async def say(school: School, person_id: str, profiles: list[str] | None, valid_from: str = "2027-01-15") -> Any:
    door = f"/people/{person_id}/role-profiles"
    return await school.call("curator", "PUT", door, json={"profiles": profiles, "valid_from": valid_from})


async def profiles_of(school: School, person_id: str) -> tuple[list[str], str]:
    told = (await school.call("curator", "GET", f"/people/{person_id}/role-profiles")).json()
    return [one["code"] for one in told["profiles"]], told["source"]


async def changes(registry: Running, person_id: str) -> list[tuple[str, ...]]:
    bodies = await registry.bodies("role_profile.changed", person_id)
    return [RoleProfileChanged.model_validate_json(body).role_profiles for body in bodies]


def test_profiles_of_the_staff_file_and_its_overlay_are_all_known() -> None:
    assert set(PROFILES) == {*RoleProfile, "CLASS_TEACHER"}


def test_word_about_an_earlier_day_takes_back_what_was_planned() -> None:
    planned = Said(("METHODIST",), date(2027, 9, 1), Source.CURATOR)
    earlier = Said(("SUBJECT_TEACHER",), date(2027, 1, 1), Source.CURATOR)

    found = on_day([planned, earlier], date(2027, 10, 1))

    assert found == earlier


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (None, False),
        (Said(("METHODIST",), JANUARY, Source.FILE), False),
        (Said(("METHODIST",), JANUARY, Source.CURATOR), True),
        (Said((), JANUARY, Source.CURATOR), True),
        (Said(None, JANUARY, Source.CURATOR), False),
        (Said(None, date(2027, 9, 1), Source.CURATOR), True),
    ],
)
def test_curators_word_is_held_until_it_is_handed_back(said: Said | None, expected: bool) -> None:
    assert is_held(said, today=JANUARY) is expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"years": "2"}, ["YOUNG_TEACHER"]),
        ({"years": "15"}, ["SUBJECT_TEACHER"]),
        ({"years": "2", "form": "5А"}, ["YOUNG_TEACHER", "CLASS_TEACHER"]),
        ({"title": "Учитель начальных классов", "subjects": ""}, ["PRIMARY_TEACHER"]),
        ({"title": "Педагог-психолог", "subjects": ""}, ["SUPPORT_SPECIALIST"]),
        ({"title": "Заместитель директора по УВР", "subjects": ""}, ["DEPUTY_HEAD"]),
    ],
)
async def test_staff_file_gives_the_first_guess(stand: Stand, row: dict[str, str], expected: list[str]) -> None:
    school, person_id = await a_school_with_one(stand, **row)

    assert await profiles_of(school, person_id) == (expected, "FILE")


async def test_curator_names_other_profiles_and_the_city_is_told(stand: Stand) -> None:
    school, person_id = await a_school_with_one(stand)

    answer = await say(school, person_id, ["CLASS_TEACHER", "METHODIST"])
    again = await say(school, person_id, ["METHODIST", "CLASS_TEACHER"])

    assert (answer.status_code, again.json()) == (200, answer.json())
    assert [(one["code"], one["title"], one["is_overlay"]) for one in answer.json()["profiles"]] == [
        ("METHODIST", "Председатель методического объединения, методист", False),
        ("CLASS_TEACHER", "Классный руководитель", True),
    ]
    assert (answer.json()["since"], answer.json()["by_file"]) == ("2027-01-15", ["SUBJECT_TEACHER"])
    assert await changes(school.registry, person_id) == [("METHODIST", "CLASS_TEACHER")]
    last = MembershipChanged.model_validate_json(
        (await school.registry.bodies("membership.changed", f"{school.school_id}/{person_id}"))[-1]
    )
    assert last.role_profiles == ("METHODIST", "CLASS_TEACHER")


async def test_later_file_leaves_the_curators_word_alone(stand: Stand) -> None:
    school, person_id = await a_school_with_one(stand)
    await say(school, person_id, ["METHODIST"])

    await school.take_in(a_row(title="Учитель начальных классов", subjects=""))

    assert await profiles_of(school, person_id) == (["METHODIST"], "CURATOR")


async def test_later_file_changes_its_own_guess_from_the_day_on(stand: Stand) -> None:
    school, person_id = await a_school_with_one(stand, years="2")
    at(stand, "2027-09-01")

    await school.take_in(a_row(years="4"))

    told = (await school.call("curator", "GET", f"/people/{person_id}/role-profiles")).json()
    assert [(one["valid_from"], one["profiles"]) for one in told["history"]] == [
        ("2010-09-01", ["YOUNG_TEACHER"]),
        ("2027-09-01", ["SUBJECT_TEACHER"]),
    ]


async def test_person_handed_back_follows_the_file_again(stand: Stand) -> None:
    school, person_id = await a_school_with_one(stand)
    await say(school, person_id, ["METHODIST"])

    await say(school, person_id, None)
    handed_back = await profiles_of(school, person_id)
    await school.take_in(a_row(title="Учитель начальных классов", subjects=""))

    assert handed_back == (["SUBJECT_TEACHER"], "FILE")
    assert await profiles_of(school, person_id) == (["PRIMARY_TEACHER"], "FILE")


async def test_word_for_a_day_to_come_takes_effect_on_that_day_and_once(stand: Stand) -> None:
    school, person_id = await a_school_with_one(stand)
    await say(school, person_id, ["METHODIST"], "2027-02-01")

    await follow_the_calendar(school.registry.db)
    before = await profiles_of(school, person_id)
    at(stand, "2027-02-01")
    await follow_the_calendar(school.registry.db)
    await follow_the_calendar(school.registry.db)

    assert before[0] == ["SUBJECT_TEACHER"]
    assert await profiles_of(school, person_id) == (["METHODIST"], "CURATOR")
    assert await changes(school.registry, person_id) == [("METHODIST",)]


async def test_profiles_of_a_past_day_can_be_asked(stand: Stand) -> None:
    school, person_id = await a_school_with_one(stand)
    await say(school, person_id, ["METHODIST"])

    async def on(day: str) -> list[list[str]]:
        page = (await school.call("curator", "GET", f"/role-profiles?on={day}")).json()
        return [[one["code"] for one in person["profiles"]] for person in page["items"]]

    assert await on("2027-01-14") == [["SUBJECT_TEACHER"]]
    assert await on("2027-01-15") == [["METHODIST"]]
    assert await on("2010-08-31") == []


async def test_nobody_is_assessed_without_a_profile_and_the_role_goes_with_it(stand: Stand) -> None:
    school, person_id = await a_school_with_one(stand)

    await say(school, person_id, [])

    (person,) = await school.people()
    assert (person["role_profiles"], person["roles"]) == ([], [])


async def test_secretary_who_begins_to_teach_gets_the_role_with_the_profile(stand: Stand) -> None:
    school, person_id = await a_school_with_one(stand, title="Секретарь", subjects="")

    await say(school, person_id, ["SUBJECT_TEACHER"])

    (person,) = await school.people()
    assert (person["role_profiles"], person["roles"]) == (["SUBJECT_TEACHER"], ["teacher"])


@pytest.mark.parametrize(
    ("profiles", "valid_from", "slug"),
    [
        (["CLASS_TEACHER"], "2027-01-15", "role-profile.overlay-alone"),
        (["METHODIST"], "2010-08-31", "role-profile.day-unclear"),
        (["METHODIST"], "2028-09-01", "role-profile.day-unclear"),
        (["NOBODY"], "2027-01-15", "request.invalid"),
    ],
)
async def test_word_that_makes_no_sense_is_refused(
    stand: Stand, profiles: list[str], valid_from: str, slug: str
) -> None:
    school, person_id = await a_school_with_one(stand)

    answer = await say(school, person_id, profiles, valid_from)

    assert (answer.status_code, answer.json()["type"]) == (422, f"urn:neo:problem:{slug}")
    assert (await profiles_of(school, person_id))[1] == "FILE"


async def test_teacher_sees_the_own_profiles_and_nobody_elses(stand: Stand) -> None:
    school, person_id = await a_school_with_one(stand)

    mine = await school.call("teacher", "GET", "/my/role-profiles", by=UUID(person_id))
    stranger = await school.call("teacher", "GET", "/my/role-profiles", by=uuid4())

    assert [one["title"] for one in mine.json()["profiles"]] == ["Учитель-предметник"]
    assert stranger.status_code == 404


async def test_other_school_sees_and_changes_no_profiles(stand: Stand) -> None:
    here, person_id = await a_school_with_one(stand)
    there = await a_school(here.registry)

    read = await there.call("curator", "GET", f"/people/{person_id}/role-profiles")
    said = await say(there, person_id, ["METHODIST"])
    listed = await there.call("curator", "GET", "/role-profiles")

    assert (read.status_code, said.status_code, listed.json()["items"]) == (404, 404, [])
    assert await here.registry.count("role_profile_versions", there.school_id) == 0
    assert await here.registry.count("role_profile_versions", here.school_id) == 1


async def test_profiles_come_in_pages(stand: Stand) -> None:
    school, _ = await a_school_with_one(stand)
    await school.take_in(a_row(), a_row(number="2", family="Котова"))

    first = await school.call("curator", "GET", "/role-profiles?limit=1")
    second = await school.call("curator", "GET", f"/role-profiles?limit=1&after={first.json()['next']}")

    found = [page.json()["items"][0]["person_id"] for page in (first, second)]
    assert found == sorted(person["person_id"] for person in await school.people())
    assert second.json()["next"] is None
