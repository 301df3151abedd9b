"""What a closed campaign tells the city: sums over at least five people, gains, and the gaps that were closed."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.diagnostics.classroom import Classroom, a_classroom
from tests.stand import Stand


async def tallies(room: Classroom, campaign: UUID, part: str) -> dict[str, dict[str, Any]]:
    bodies = await room.running.bodies(f"{part}.tallied", str(campaign))
    return {event["domain"]: event for event in (json.loads(body) for body in bodies)}


async def a_diagnosed(room: Classroom, *, wave: int, levels: list[int]) -> UUID:
    """A campaign in which the first people are scored at the given levels, and which is still open."""
    campaign = await (room.opened() if wave == 1 else room.opened_again())
    for person, level in zip(room.teachers, levels, strict=False):
        await room.score(campaign, person, own=level, seen=level)
    return campaign


async def test_sums_of_five_people_leave_and_say_nothing_of_one(stand: Stand) -> None:
    room = await a_classroom(stand, teachers=6)
    campaign = await a_diagnosed(room, wave=1, levels=[2, 2, 2, 3, 3])

    answer = await room.close(campaign)

    assert (answer.json()["invited"], answer.json()["scored"]) == (6, 5)
    (closed,) = (json.loads(body) for body in await room.running.bodies("campaign.closed", str(campaign)))
    assert (closed["invited"], closed["scored"], closed["revision"]) == (6, 5, 2)
    found = await tallies(room, campaign, "profile")
    assert sorted(found) == sorted("DMSPIN")
    # Five M-codes stand on the form of a subject teacher: 5 people × 5 assessments.
    methods = found["M"]
    assert (methods["people"], methods["n"], methods["missing"]) == (5, 25, 0)
    assert (methods["total"], methods["total_squares"]) == (15 * 2 + 10 * 3, 15 * 4 + 10 * 9)
    assert sum(methods["counts"].values()) == methods["n"]
    assert not any(str(person) in json.dumps(found) for person in room.teachers)


async def test_four_people_leave_no_sums(stand: Stand) -> None:
    room = await a_classroom(stand, teachers=6)
    campaign = await a_diagnosed(room, wave=1, levels=[2, 2, 2, 3])

    await room.close(campaign)

    assert await tallies(room, campaign, "profile") == {}
    assert len(await room.running.bodies("campaign.closed", str(campaign))) == 1


async def test_domain_with_fewer_than_five_people_stays_at_home_and_missing_is_counted(stand: Stand) -> None:
    room = await a_classroom(stand, teachers=5)
    campaign = await room.opened()
    codes = (await room.form(room.teachers[0], campaign))["self"]["competencies"]
    seen = {code: 3 for code in codes if code != "I03" and not code.startswith("N")}
    for person in room.teachers[:4]:
        await room.score(campaign, person, own=3, seen=3)
    await room.score(campaign, room.teachers[4], own=seen, seen=seen)

    await room.close(campaign)

    found = await tallies(room, campaign, "profile")
    assert "N" not in found
    assert found["I"]["missing"] == 1
    assert found["I"]["n"] == 4 * 2 + 1


async def test_second_wave_tells_the_gains_of_people_scored_twice(stand: Stand) -> None:
    room = await a_classroom(stand, teachers=6)
    first = await a_diagnosed(room, wave=1, levels=[2, 2, 2, 2, 2])
    await room.close(first)
    second = await a_diagnosed(room, wave=2, levels=[4, 4, 4, 2, 2, 5])

    await room.close(second)

    assert await tallies(room, first, "gain") == {}
    found = await tallies(room, second, "gain")
    # The sixth person was not scored in the first wave.
    methods = found["M"]
    assert (methods["people"], methods["n"], methods["reliable"]) == (5, 25, 15)
    assert (methods["total"], methods["total_squares"]) == (15 * 2, 15 * 4)
    assert (await tallies(room, second, "profile"))["M"]["people"] == 6


async def test_gap_is_closed_for_released_competencies_with_a_reliable_rise(stand: Stand) -> None:
    room = await a_classroom(stand, teachers=4)
    risen, same, silent = room.teachers[:3]
    first = await a_diagnosed(room, wave=1, levels=[2, 2, 2])
    await room.release(risen, "M02", "D06")
    await room.release(same, "M02")
    await room.close(first)
    second = await a_diagnosed(room, wave=2, levels=[4, 2, 4])

    await room.close(second)

    closed = [json.loads(body) for body in await room.running.bodies("gap.closed", str(room.cycle))]
    assert [(event["person_id"], event["competency"]) for event in closed] == [
        (str(risen), "D06"),
        (str(risen), "M02"),
    ]
    assert str(silent) not in json.dumps(closed)


async def test_waves_too_close_to_each_other_tell_of_no_change(stand: Stand) -> None:
    room = await a_classroom(stand, teachers=5)
    first = await a_diagnosed(room, wave=1, levels=[2] * 5)
    await room.release(room.teachers[0], "M02")
    await room.close(first)
    second = await room.opened_again(later=timedelta(days=80))
    for person in room.teachers:
        await room.score(second, person, own=4, seen=4)

    await room.close(second)

    assert len(await tallies(room, second, "profile")) == 6
    assert await tallies(room, second, "gain") == {}
    assert await room.running.bodies("gap.closed", str(room.cycle)) == []


async def test_gap_under_appeal_is_not_announced_as_closed(stand: Stand) -> None:
    room = await a_classroom(stand, teachers=1)
    (person,) = room.teachers
    first = await a_diagnosed(room, wave=1, levels=[2])
    await room.release(person, "M02", "D06")
    await room.close(first)
    second = await a_diagnosed(room, wave=2, levels=[4])
    wanted = {"cycle_id": str(room.cycle), "competency": "M02", "text": "Something else was seen."}
    await room.call("PUT", f"/my/appeals/{uuid4()}", by=person, json=wanted)

    await room.close(second)

    closed = [json.loads(body) for body in await room.running.bodies("gap.closed", str(room.cycle))]
    assert [event["competency"] for event in closed] == ["D06"]


async def test_school_of_another_campaign_is_not_summed(stand: Stand) -> None:
    room = await a_classroom(stand, teachers=5)
    other = await a_classroom(stand, teachers=5)
    campaign = await a_diagnosed(room, wave=1, levels=[3] * 5)
    theirs = await a_diagnosed(other, wave=1, levels=[2] * 5)

    await room.close(campaign)

    assert {event["school_id"] for event in (await tallies(room, campaign, "profile")).values()} == {room.school}
    assert await tallies(other, theirs, "profile") == {}
