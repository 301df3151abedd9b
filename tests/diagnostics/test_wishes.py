"""Needs and offers: the person's own word, announced once, with a priority that the profile knows."""

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.diagnostics.classroom import Classroom, a_classroom
from tests.stand import Stand

OFFER = {"formats": ["meeting", "lesson_visit"], "minutes": 45, "outside_school": True}


async def facts(room: Classroom, part: str, person: UUID) -> list[dict[str, Any]]:
    return [json.loads(body) for body in await room.running.bodies(part, f"{room.cycle}/{person}")]


@pytest.mark.parametrize(("wish", "priority"), [(1, 500), (2, 625), (3, 750)])
async def test_need_without_a_profile_weighs_by_the_wish_alone(stand: Stand, wish: int, priority: int) -> None:
    room = await a_classroom(stand)
    person = room.teachers[0]

    answer = await room.call("PUT", f"/my/needs/{room.cycle}/S03.CHE", by=person, json={"wish": wish})

    assert answer.json() == {"competency": "S03.CHE", "wish": wish, "priority1000": priority}
    (fact,) = await facts(room, "need.declared", person)
    assert (fact["competency"], fact["priority1000"], fact["revision"]) == ("S03.CHE", priority, 1)


async def test_need_with_a_profile_weighs_by_the_gap(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    person = room.teachers[0]
    await room.score(campaign, person, own=3, seen=2)

    answer = await room.call("PUT", f"/my/needs/{room.cycle}/M02", by=person, json={"wish": 3})

    # Gap 4 − 2.2 by the weight 1.0 of the domain, the wish 1.5 and the factor 0.8 of MEDIUM confidence.
    assert answer.json()["priority1000"] == 2160


async def test_need_without_a_gap_still_counts_for_something(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    person = room.teachers[0]
    await room.score(campaign, person, own=5, seen=5)

    answer = await room.call("PUT", f"/my/needs/{room.cycle}/M02", by=person, json={"wish": 3})

    assert answer.json()["priority1000"] == 1


async def test_declared_withdrawn_and_declared_again_share_one_rising_revision(stand: Stand) -> None:
    room = await a_classroom(stand)
    person = room.teachers[0]
    for kind, content in (("needs", {"wish": 1}), ("offers", OFFER)):
        door = f"/my/{kind}/{room.cycle}/M02"
        await room.call("DELETE", door, by=person)
        for _ in range(2):
            await room.call("PUT", door, by=person, json=content)
        for _ in range(2):
            answer = await room.call("DELETE", door, by=person)
        await room.call("PUT", door, by=person, json=content)
        part = kind.removesuffix("s")

        assert answer.status_code == 204
        assert [fact["revision"] for fact in await facts(room, f"{part}.declared", person)] == [1, 3]
        assert [fact["revision"] for fact in await facts(room, f"{part}.withdrawn", person)] == [2]


async def test_same_need_at_once_is_declared_once(stand: Stand) -> None:
    room = await a_classroom(stand)
    person = room.teachers[0]
    door = f"/my/needs/{room.cycle}/M02"

    answers = await asyncio.gather(*(room.call("PUT", door, by=person, json={"wish": 2}) for _ in range(5)))

    assert [answer.status_code for answer in answers] == [200] * 5
    assert len(await facts(room, "need.declared", person)) == 1


async def test_offer_says_how_long_and_where(stand: Stand) -> None:
    room = await a_classroom(stand)
    person = room.teachers[0]

    await room.call("PUT", f"/my/offers/{room.cycle}/D08", by=person, json=OFFER)

    (fact,) = await facts(room, "offer.declared", person)
    assert {name: fact[name] for name in OFFER} == OFFER


@pytest.mark.parametrize(
    ("path", "content", "status"),
    [
        ("needs/{cycle}/Z99", {"wish": 1}, 422),
        ("needs/{cycle}/S03", {"wish": 1}, 422),
        ("needs/{cycle}/M02", {"wish": 4}, 422),
        ("needs/{other}/M02", {"wish": 1}, 404),
        ("offers/{cycle}/Z99", OFFER, 422),
        ("offers/{cycle}/M02", {**OFFER, "formats": ["приходите в любое время"]}, 422),
        ("offers/{other}/M02", OFFER, 404),
    ],
)
async def test_wish_that_makes_no_sense_is_refused(
    stand: Stand, path: str, content: dict[str, object], status: int
) -> None:
    room = await a_classroom(stand)
    door = "/my/" + path.format(cycle=room.cycle, other=uuid4())

    answer = await room.call("PUT", door, by=room.teachers[0], json=content)

    assert answer.status_code == status
    assert await facts(room, ".declared", room.teachers[0]) == []


async def test_wish_changes_the_class_whether_it_came_before_or_after_the_score(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    before, after = room.teachers[:2]
    door = f"/my/needs/{room.cycle}/D06"

    await room.call("PUT", door, by=before, json={"wish": 1})
    for person in (before, after):
        await room.score(campaign, person, own=3, seen=3)
    unasked = (await room.profile(after))["D06"]["competency_class"]
    await room.call("PUT", door, by=after, json={"wish": 1})
    classes = [(await room.profile(person))["D06"]["competency_class"] for person in (before, after)]
    await room.call("DELETE", door, by=after)

    assert unasked == "ON_TARGET"
    assert classes == ["DEFICIT_SELF_DECLARED"] * 2
    assert (await room.profile(after))["D06"]["competency_class"] == "ON_TARGET"


async def test_my_wishes_are_told_to_me_alone_and_as_they_stand_now(stand: Stand) -> None:
    room = await a_classroom(stand)
    mine, other = room.teachers[:2]
    for door, content in (("needs", {"wish": 2}), ("offers", OFFER)):
        await room.call("PUT", f"/my/{door}/{room.cycle}/M02", by=mine, json=content)
    await room.call("PUT", f"/my/needs/{room.cycle}/D01", by=mine, json={"wish": 1})
    await room.call("DELETE", f"/my/needs/{room.cycle}/D01", by=mine)

    told = (await room.call("GET", f"/my/wishes/{room.cycle}", by=mine)).json()
    others = (await room.call("GET", f"/my/wishes/{room.cycle}", by=other)).json()

    assert [(one["competency"], one["wish"]) for one in told["needs"]] == [("M02", 2)]
    assert told["offers"] == [{**OFFER, "competency": "M02"}]
    assert others == {"needs": [], "offers": []}
