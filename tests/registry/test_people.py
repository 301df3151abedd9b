"""People by hand: officers, roles within the giver's limits, names for those of the same school."""

from uuid import uuid4

import pytest

from contracts.registry import MembershipChanged
from tests.registry.staff_exports import a_row
from tests.registry.town import ANALYST, a_person, a_school, at, some_id, some_teachers
from tests.stand import Stand

NAMES = {"family_name": "Петрова", "given_name": "Мария", "patronymic": None}


async def test_person_added_by_hand_joins_outside_the_head_count(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)

    person_id = uuid4()
    first = await school.call("curator", "PUT", f"/people/{person_id}", json=a_person())
    again = await school.call("curator", "PUT", f"/people/{person_id}", json=a_person())

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["username"] == f"{school.school_id}.0001"
    subjects = await registry.announced("", f"{school.school_id}/{person_id}")
    assert subjects == ["neo.registry.person.joined.v1", "neo.registry.membership.changed.v1"]
    (person,) = await school.people()
    assert (person["roles"], person["counts_in_staff"], person["left_on"]) == (["teacher"], False, None)


async def test_other_person_under_a_used_id_is_refused(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    person_id = await school.add()

    other_name = await school.call("curator", "PUT", f"/people/{person_id}", json=a_person(given_name="Вера"))
    other_roles = await school.call("curator", "PUT", f"/people/{person_id}", json=a_person(roles=["observer"]))

    assert (other_name.status_code, other_roles.status_code) == (409, 409)
    assert other_name.json()["type"] == "urn:neo:problem:person.id-taken"
    assert "Орлова" not in other_name.text


@pytest.mark.parametrize(
    ("giver", "roles", "status"),
    [
        ("curator", ["teacher", "observer"], 201),
        ("curator", ["curator"], 403),
        ("curator", ["head"], 403),
        ("head", ["curator", "teacher"], 201),
        ("head", ["head"], 403),
    ],
)
async def test_roles_are_given_within_the_givers_limits(
    stand: Stand, giver: str, roles: list[str], status: int
) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)

    answer = await school.call(giver, "PUT", f"/people/{uuid4()}", json=a_person(roles=roles))

    assert answer.status_code == status, answer.text
    assert len(await school.people()) == (1 if status == 201 else 0)


async def test_curator_cannot_take_away_what_only_the_head_gives(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    person_id = await school.add("head", roles=["curator", "teacher"])
    door = f"/people/{person_id}/roles"

    refused = await school.call("curator", "PUT", door, json={"roles": ["teacher"]})
    kept = await school.call("curator", "PUT", door, json={"roles": ["curator", "teacher", "observer"]})
    taken = await school.call("head", "PUT", door, json={"roles": ["teacher"]})

    assert (refused.status_code, kept.status_code, taken.status_code) == (403, 200, 200)
    assert refused.json()["legal"] == ["observer", "teacher"]
    assert taken.json()["roles"] == ["teacher"]


async def test_changed_roles_are_announced_with_rising_revisions(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    person_id = await school.add()
    door = f"/people/{person_id}/roles"

    for roles in (["teacher", "observer"], ["teacher", "observer"], ["teacher"]):
        await school.call("curator", "PUT", door, json={"roles": roles})

    told = [
        MembershipChanged.model_validate_json(body)
        for body in await registry.bodies("membership.changed", str(person_id))
    ]
    assert [(one.revision, one.roles) for one in told] == [
        (1, ("teacher",)),
        (2, ("teacher", "observer")),
        (3, ("teacher",)),
    ]


async def test_leaver_added_again_by_hand_is_the_same_person_outside_the_head_count(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    stays, leaves = some_teachers(2)
    await school.take_in(stays, leaves)
    await school.take_in(stays)
    (gone,) = [person for person in await school.people() if person["left_on"]]
    names = {name: gone[name] for name in ("family_name", "given_name", "patronymic")}
    roles = {"roles": ["observer"]}

    refused = await school.call("curator", "PUT", f"/people/{gone['person_id']}/roles", json=roles)
    back = await school.call("curator", "PUT", f"/people/{gone['person_id']}", json={**names, **roles})

    assert (refused.status_code, back.status_code) == (409, 201)
    (person,) = [one for one in await school.people() if one["person_id"] == gone["person_id"]]
    assert (person["roles"], person["left_on"], person["counts_in_staff"]) == (["observer"], None, False)
    assert back.json()["username"].startswith(f"{school.school_id}.000")


async def test_roles_of_nobody_are_missing(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))

    answer = await school.call("curator", "PUT", f"/people/{uuid4()}/roles", json={"roles": ["teacher"]})

    assert answer.status_code == 404


async def test_officers_are_appointed_by_the_analyst_where_the_office_is(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    head, coordinator = uuid4(), uuid4()

    first = await registry.call(
        "PUT",
        f"/places/{school.school_id}/officers/{head}",
        by=uuid4(),
        groups=ANALYST,
        json={**NAMES, "role": "head"},
    )
    second = await registry.call(
        "PUT",
        f"/places/{school.district}/officers/{coordinator}",
        by=uuid4(),
        groups=ANALYST,
        json={**NAMES, "role": "coordinator"},
    )
    wrong = await registry.call(
        "PUT",
        f"/places/{school.district}/officers/{uuid4()}",
        by=uuid4(),
        groups=ANALYST,
        json={**NAMES, "role": "head"},
    )

    assert (first.status_code, second.status_code, wrong.status_code) == (201, 201, 422)
    assert first.json()["username"] == f"{school.school_id}.head"
    assert second.json()["username"] == f"{school.district}.coordinator"
    assert wrong.json()["legal"] == ["coordinator"]
    assert await registry.announced("", f"/{head}") == [
        "neo.registry.person.joined.v1",
        "neo.registry.membership.changed.v1",
    ]
    assert await registry.announced("", f"/{coordinator}") == []


async def test_second_officer_of_an_office_gets_a_number(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)

    usernames = []
    for _ in range(2):
        door = f"/places/{school.school_id}/officers/{uuid4()}"
        answer = await registry.call("PUT", door, by=uuid4(), groups=ANALYST, json={**NAMES, "role": "head"})
        usernames.append(answer.json()["username"])

    assert usernames == [f"{school.school_id}.head", f"{school.school_id}.head.2"]


async def test_office_at_an_unknown_place_is_missing(stand: Stand) -> None:
    registry = await stand.service("registry")
    door = f"/places/{some_id('school')}/officers/{uuid4()}"

    answer = await registry.call("PUT", door, by=uuid4(), groups=ANALYST, json={**NAMES, "role": "head"})

    assert answer.status_code == 404


async def test_person_of_two_schools_is_one_person_with_one_account(stand: Stand) -> None:
    registry = await stand.service("registry")
    here, there = await a_school(registry), await a_school(registry)
    person_id = await here.add()

    stranger = await there.call("curator", "PUT", f"/people/{person_id}", json=a_person(family_name="Чужая"))
    second = await there.call("curator", "PUT", f"/people/{person_id}", json=a_person(roles=["observer"]))

    assert (stranger.status_code, second.status_code) == (409, 201)
    assert second.json()["username"] == f"{here.school_id}.0001"
    myself = await registry.call(
        "GET",
        here.at("/my/person"),
        by=person_id,
        groups=[here.at("/teacher"), there.at("/observer")],
    )
    assert myself.json()["full_name"] == "Орлова Анна Ильинична"
    told = {one["place_id"]: one["roles"] for one in myself.json()["memberships"]}
    assert told == {here.school_id: ["teacher"], there.school_id: ["observer"]}


async def test_myself_shows_only_places_where_the_token_gives_a_role(stand: Stand) -> None:
    registry = await stand.service("registry")
    here, there = await a_school(registry), await a_school(registry)
    person_id = await here.add()
    await there.add(person_id=person_id)

    myself = await here.call("teacher", "GET", "/my/person", by=person_id)
    accounts = await here.call("curator", "GET", "/accounts")

    assert [one["place_id"] for one in myself.json()["memberships"]] == [here.school_id]
    assert [one["has_signed_in"] for one in accounts.json()["items"]] == [True]


async def test_names_are_resolved_within_the_school_only(stand: Stand) -> None:
    registry = await stand.service("registry")
    here, there = await a_school(registry), await a_school(registry)
    mine, theirs = await here.add(), await there.add()
    wanted = {"person_ids": [str(mine), str(theirs), str(uuid4())]}

    answer = await here.call("teacher", "POST", "/people:resolve", json=wanted)

    assert answer.json() == [
        {"person_id": str(mine), "full_name": "Орлова Анна Ильинична", "short_name": "Орлова А. И."}
    ]


async def test_accounts_of_some_people_are_told_and_of_nobody_else(stand: Stand) -> None:
    here = await a_school(await stand.service("registry"))
    first, second, third = [await here.add() for _ in range(3)]
    wanted = [("person_id", str(first)), ("person_id", str(third)), ("person_id", str(uuid4()))]

    asked = await here.call("curator", "GET", "/accounts", params=wanted)
    all_of_them = await here.call("curator", "GET", "/accounts")

    assert {one["person_id"] for one in asked.json()["items"]} == {str(first), str(third)}
    assert {one["person_id"] for one in all_of_them.json()["items"]} == {str(first), str(second), str(third)}


async def test_row_security_shows_people_and_accounts_through_memberships_only(stand: Stand) -> None:
    registry = await stand.service("registry")
    here, there = await a_school(registry), await a_school(registry)
    await here.add()

    for table in ("people", "accounts", "memberships"):
        assert await registry.count(table, here.school_id) == 1
        assert await registry.count(table, there.school_id) == 0
        assert await registry.count(table) == 0


async def test_people_come_in_pages(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    added = sorted([str(await school.add()), str(await school.add())])

    first = await school.call("head", "GET", "/people?limit=1")
    second = await school.call("head", "GET", f"/people?limit=1&after={first.json()['next']}")
    bad = await school.call("head", "GET", "/people?after=nonsense")

    assert [page.json()["items"][0]["person_id"] for page in (first, second)] == added
    assert (second.json()["next"], bad.status_code) == (None, 422)


async def test_no_fact_carries_a_name(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    await school.add(family_name="Неповторимова")

    bodies = await registry.bodies("", school.school_id)

    assert bodies
    assert not any("Неповторимова".encode() in body or b"\\u041d" in body for body in bodies)


async def test_people_are_found_by_any_piece_of_the_name_in_the_order_of_names(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    for family_name in ("Яковлева", "Семёнова", "Быкова"):
        await school.add(family_name=family_name)

    async def names(**query: object) -> list[str]:
        answer = await school.call("curator", "GET", "/people", params={"order": "name", **query})
        assert answer.status_code == 200, answer.text
        return [person["family_name"] for person in answer.json()["items"]]

    first = await school.call("curator", "GET", "/people", params={"order": "name", "limit": 2})

    assert await names() == ["Быкова", "Семёнова", "Яковлева"]
    assert await names(name="семенова анна") == ["Семёнова"]
    assert await names(name="100%") == []
    assert await names(after=first.json()["next"]) == ["Яковлева"]
    assert await names(has_left=True) == []
    assert (await names(role="observer"), len(await names(role="teacher"))) == ([], 3)


async def test_who_is_on_a_long_leave_today_is_found(stand: Stand) -> None:
    at(stand, "2026-11-26")
    school = await a_school(await stand.service("registry"))
    await school.take_in(
        a_row(number="1", family="Белова", leave="01.09.2026–31.08.2027"),
        a_row(number="2", family="Громова", leave="01.09.2025–31.08.2026"),
        a_row(number="3", family="Дёмина"),
    )

    answer = await school.call("curator", "GET", "/people", params={"is_absent": True})

    (absent,) = answer.json()["items"]
    assert (absent["family_name"], absent["absent_to"]) == ("Белова", "2027-08-31")


async def test_one_person_is_shown_to_the_own_school_alone(stand: Stand) -> None:
    registry = await stand.service("registry")
    school, other = await a_school(registry), await a_school(registry)
    person = await school.add()

    shown = await school.call("curator", "GET", f"/people/{person}")
    elsewhere = await other.call("curator", "GET", f"/people/{person}")

    assert (shown.status_code, shown.json()["family_name"]) == (200, "Орлова")
    assert (elsewhere.status_code, elsewhere.json()["type"]) == (404, "urn:neo:problem:person.unknown")
