"""Profiles: scored from two kinds of sources on, for the person's eyes, without a way back to one colleague."""

import asyncio

import pytest

from chassis.testing import eventually
from contracts.registry import CycleStage
from tests.diagnostics.classroom import Classroom, a_classroom, a_member
from tests.stand import Stand


async def completed(room: Classroom, campaign: object) -> list[int]:
    bodies = await room.running.bodies("diagnostic.completed", str(campaign))
    return [int(body.split(b'"revision":')[1].split(b",")[0]) for body in bodies]


async def test_one_kind_of_source_scores_nobody(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    person = room.teachers[0]

    await room.answer_self(campaign, person, 3)

    assert await room.profile(person) == {}
    assert await completed(room, campaign) == []


async def test_second_kind_of_source_scores_the_form_and_is_announced_without_codes(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    person = room.teachers[0]
    codes = (await room.form(person, campaign))["self"]["competencies"]

    await room.score(campaign, person, own=3, seen=2)

    profile = await room.profile(person)
    assert sorted(profile) == sorted(codes)
    # Two lessons (0.40) weigh 6.25, self-rating (0.80) 1.5625, below its cap: (2·6.25 + 3·1.5625)/7.8125.
    m02 = profile["M02"]
    assert (m02["level10"], m02["target"], m02["competency_class"]) == (22, 4, "DEFICIT_CONFIRMED")
    assert m02["sources"] == ["SA", "OBS"]
    assert m02["marks"] == [
        {"source": "OBS", "level10": 20, "count": 2},
        {"source": "SA", "level10": 30, "count": 1},
    ]
    (body,) = await room.running.bodies("diagnostic.completed", str(campaign))
    assert b'"competencies":20' in body
    assert b"M02" not in body
    assert b"DEFICIT" not in body


async def test_later_sources_raise_the_revision(stand: Stand) -> None:
    room = await a_classroom(stand, teachers=4)
    campaign = await room.opened()
    person = room.teachers[0]
    await room.score(campaign, person, own=3, seen=2)

    for rater in await room.raters_of(campaign, person):
        await room.rate(campaign, rater, person, 4)

    # The first two colleagues change nothing: from fewer than three one of them could be worked out.
    assert await completed(room, campaign) == [1, 2]
    assert (await room.profile(person))["M02"]["sources"] == ["SA", "P360", "OBS"]


async def test_two_colleagues_leave_no_trace_and_three_become_one_mark(stand: Stand) -> None:
    room = await a_classroom(stand, teachers=4)
    campaign = await room.opened()
    person = room.teachers[0]
    first, second, third = await room.raters_of(campaign, person)
    await room.score(campaign, person, own=3, seen=3)
    alone = await room.profile(person)

    await room.rate(campaign, first, person, 1)
    await room.rate(campaign, second, person, 2)
    two = await room.profile(person)
    await room.rate(campaign, third, person, {"M02": 3})
    three = await room.profile(person)

    assert two == alone
    assert {"source": "P360", "level10": 20, "count": 3} in three["M02"]["marks"]
    # The third colleague saw nothing else, so for everything else there are only two.
    assert three["D06"] == alone["D06"]


async def test_colleagues_alone_score_nobody_until_the_person_has_spoken(stand: Stand) -> None:
    room = await a_classroom(stand, teachers=4)
    campaign = await room.opened()
    person = room.teachers[0]
    for rater in await room.raters_of(campaign, person):
        await room.rate(campaign, rater, person, 4)
    before = await completed(room, campaign)

    await room.answer_self(campaign, person, 3)

    assert before == []
    assert await completed(room, campaign) == [1]


async def test_what_nobody_has_seen_is_missing_and_never_low(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    person = room.teachers[0]

    await room.score(campaign, person, own={"D06": 3, "M02": 3}, seen={"M02": 3})

    profile = await room.profile(person)
    assert sorted(profile) == ["D06", "M02"]
    assert profile["D06"]["sources"] == ["SA"]


async def test_sources_that_arrive_at_once_are_all_heard(stand: Stand) -> None:
    room = await a_classroom(stand, teachers=4)
    campaign = await room.opened()
    person = room.teachers[0]
    raters = await room.raters_of(campaign, person)

    answers = await asyncio.gather(
        room.answer_self(campaign, person, 3),
        room.observe(campaign, person, 4),
        *(room.rate(campaign, rater, person, 4) for rater in raters),
    )

    assert [answer.status_code for answer in answers] == [200] * 5
    assert (await room.profile(person))["M02"]["sources"] == ["SA", "P360", "OBS"]
    revisions = await completed(room, campaign)
    assert revisions == list(range(1, len(revisions) + 1))


async def test_profile_is_read_by_campaign_and_the_newest_one_by_default(stand: Stand) -> None:
    room = await a_classroom(stand)
    first = await room.opened()
    person = room.teachers[0]
    await room.score(first, person, own=2, seen=2)
    await room.close(first)
    await room.reach(CycleStage.POST_DIAGNOSTICS)
    second = await room.opened(wave=2)
    before = await room.profile(person)
    await room.score(second, person, own=4, seen=4)

    assert {each["level10"] for each in before.values()} == {20}
    assert {each["level10"] for each in (await room.profile(person)).values()} == {40}
    assert {each["level10"] for each in (await room.profile(person, first)).values()} == {20}


async def test_second_wave_asks_the_same_against_the_same_targets(stand: Stand) -> None:
    room = await a_classroom(stand)
    first = await room.opened()
    person = room.teachers[0]
    asked = (await room.form(person, first))["self"]["competencies"]
    await room.close(first)
    await stand.publish(a_member(room.school, person, profiles=("METHODIST",), revision=2), a_member(room.school))
    await eventually(lambda: room.running.count("members", room.school), equals=7)
    await room.reach(CycleStage.POST_DIAGNOSTICS)
    second = await room.opened(wave=2)

    again = (await room.form(person, second))["self"]["competencies"]
    await room.score(second, person, own=3, seen=3)

    assert again == asked
    assert (await room.profile(person))["M02"]["target"] == 4


@pytest.mark.parametrize("role", ["curator", "head", "teacher", "observer"])
async def test_profile_shows_only_ones_own(stand: Stand, role: str) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    await room.score(campaign, room.teachers[0], own=3, seen=2)

    answer = await room.call(
        "GET", "/my/profile", by=room.teachers[1], role=role, params={"campaign_id": str(campaign)}
    )

    assert answer.json() == []
