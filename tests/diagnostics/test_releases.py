"""Releases: nothing leaves a profile without its owner, one competency at a time, and it can be taken back."""

import json
from typing import Any
from uuid import UUID

from chassis.testing import eventually
from contracts.documents import ConsentPurpose
from contracts.registry import PersonLeft
from tests.diagnostics.classroom import NOW, Classroom, a_classroom, a_consent
from tests.stand import Stand


async def told(room: Classroom, person: UUID) -> list[tuple[str, str, int]]:
    """Subject without its ends, competency and revision of what was announced of a person."""
    subjects = await room.running.announced("%", f"{room.cycle}/{person}")
    bodies = await room.running.bodies("%", f"{room.cycle}/{person}")
    events: list[dict[str, Any]] = [json.loads(body) for body in bodies]
    return [
        (".".join(subject.split(".")[2:4]), event["competency"], event["revision"])
        for subject, event in zip(subjects, events, strict=True)
    ]


async def test_nothing_is_known_before_a_release(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    person = room.teachers[0]

    await room.score(campaign, person, own=5, seen=5)

    assert await told(room, person) == []
    assert await room.released() == []


async def test_release_tells_matching_the_level_and_the_curator_the_class(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    person = room.teachers[0]
    await room.score(campaign, person, own=3, seen=2)

    first = await room.release(person, "M02")
    again = await room.release(person, "M02")

    assert (first.status_code, again.status_code) == (200, 200)
    assert await told(room, person) == [("profile.released", "M02", 1)]
    (body,) = await room.running.bodies("profile.released", str(person))
    event = json.loads(body)
    assert (event["competency_class"], event["level10"], event["se10"]) == ("DEFICIT_CONFIRMED", 22, 4)
    assert await room.released() == [
        {"person_id": str(person), "competency": "M02", "competency_class": "DEFICIT_CONFIRMED"}
    ]
    profile = await room.profile(person)
    assert [code for code, each in profile.items() if each["is_released"]] == ["M02"]


async def test_released_strength_is_confirmed(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    person = room.teachers[0]
    await room.score(campaign, person, own=5, seen=5)

    await room.release(person, "M02")

    assert await told(room, person) == [("profile.released", "M02", 1), ("strength.confirmed", "M02", 1)]


async def test_withdrawn_release_is_announced_once_and_may_come_back(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    person = room.teachers[0]
    await room.score(campaign, person, own=3, seen=2)
    door = f"/my/releases/{room.cycle}/M02"

    never = await room.call("DELETE", door, by=person)
    await room.release(person, "M02")
    await room.call("DELETE", door, by=person)
    again = await room.call("DELETE", door, by=person)
    hidden = await room.released()
    await room.release(person, "M02")

    assert (never.status_code, again.status_code) == (204, 204)
    assert hidden == []
    assert await told(room, person) == [
        ("profile.released", "M02", 1),
        ("profile.release_withdrawn", "M02", 2),
        ("profile.released", "M02", 3),
    ]


async def test_new_evidence_is_announced_for_what_is_released_only(stand: Stand) -> None:
    room = await a_classroom(stand, teachers=4)
    campaign = await room.opened()
    person = room.teachers[0]
    await room.score(campaign, person, own=3, seen=2)
    await room.release(person, "M02")

    for rater in await room.raters_of(campaign, person):
        await room.rate(campaign, rater, person, 2)

    assert await told(room, person) == [("profile.released", "M02", 1), ("profile.released", "M02", 2)]


async def test_what_becomes_an_open_question_is_hidden_until_it_is_none(stand: Stand) -> None:
    room = await a_classroom(stand, teachers=4)
    campaign = await room.opened()
    person = room.teachers[0]
    await room.score(campaign, person, own=2, seen=2)
    await room.release(person, "M02")

    # Colleagues contradict the lessons: the error grows above 0.6.
    for rater in await room.raters_of(campaign, person):
        await room.rate(campaign, rater, person, 5)

    profile = await room.profile(person)
    assert profile["M02"]["competency_class"] == "UNCERTAIN"
    assert await told(room, person) == [("profile.released", "M02", 1), ("profile.release_withdrawn", "M02", 2)]
    assert await room.released() == []
    # A wish to learn settles the question, and the release of before still holds.
    await room.call("PUT", f"/my/needs/{room.cycle}/M02", by=person, json={"wish": 1})
    assert (await told(room, person))[2:] == [("need.declared", "M02", 1), ("profile.released", "M02", 3)]
    assert (await room.released())[0]["competency_class"] == "DEFICIT_SELF_DECLARED"


async def test_all_or_nothing_is_released_and_the_refusal_names_the_codes(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    person = room.teachers[0]
    await room.score(campaign, person, own=3, seen={"M02": 2})

    uncertain = await room.release(person, "M02", "D06")
    unscored = await room.release(person, "M02", "D12")
    unknown = await room.release(person, "Z99")

    assert uncertain.status_code == unscored.status_code == 409
    assert (uncertain.json()["type"], uncertain.json()["codes"]) == ("urn:neo:problem:release.uncertain", ["D06"])
    assert (unscored.json()["type"], unscored.json()["codes"]) == ("urn:neo:problem:release.not-scored", ["D12"])
    assert unknown.status_code == 422
    assert await told(room, person) == []


async def test_curator_loses_sight_of_who_objects_or_leaves(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    objecting, leaving, staying = room.teachers[:3]
    for person in (objecting, leaving, staying):
        await room.score(campaign, person, own=3, seen=2)
        await room.release(person, "M02")

    async def seen() -> set[str]:
        return {each["person_id"] for each in await room.released()}

    await stand.publish(
        a_consent(room.school, objecting, is_given=False, revision=2),
        a_consent(room.school, objecting, is_given=True, revision=1),
        a_consent(room.school, staying, is_given=False, purpose=ConsentPurpose.PD_SHARE_DISTRICT_PROFILE),
        PersonLeft(school_id=room.school, person_id=leaving, left_on=NOW.date(), revision=2, occurred_at=NOW),
    )
    await eventually(seen, equals={str(staying)})
    await stand.publish(a_consent(room.school, objecting, is_given=True, revision=3))
    await eventually(seen, equals={str(staying), str(objecting)})


async def test_curators_list_comes_page_by_page(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    for person in room.teachers[:2]:
        await room.score(campaign, person, own=3, seen=2)
        await room.release(person, "M02", "M03")

    whole = await room.released()
    paged: list[dict[str, Any]] = []
    after = ""
    for _ in range(4):
        query = {"cycle_id": str(room.cycle), "limit": 1, "after": after}
        page = (await room.call("GET", "/released", by=room.curator, role="curator", params=query)).json()
        paged += page["items"]
        after = page["next"]

    assert len(whole) == 4
    assert paged == whole
    assert after is None
