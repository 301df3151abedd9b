"""Save and return: one choice at a time, on whatever device, until the form is handed in."""

from typing import Any
from uuid import UUID

import httpx

from tests.diagnostics.classroom import Classroom, a_classroom
from tests.stand import Stand


async def choose(room: Classroom, campaign: UUID, code: str, level: int | None, *, by: UUID) -> httpx.Response:
    return await room.call("PUT", f"/my/forms/{campaign}/self/{code}", by=by, json={"level": level})


async def hand_in(room: Classroom, campaign: UUID, *, by: UUID) -> httpx.Response:
    return await room.call("PUT", f"/my/forms/{campaign}/self", by=by, json={"answers": {}, "is_final": True})


async def own(room: Classroom, campaign: UUID, person: UUID) -> dict[str, Any]:
    return dict((await room.form(person, campaign))["self"])


async def test_each_choice_is_kept_at_once_and_found_again(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    person = room.teachers[0]
    codes = (await own(room, campaign, person))["competencies"]

    await choose(room, campaign, codes[0], 3, by=person)
    await choose(room, campaign, codes[0], 4, by=person)
    kept = await choose(room, campaign, codes[1], None, by=person)
    repeated = await choose(room, campaign, codes[1], None, by=person)

    assert kept.json() == repeated.json() == {"answered": 2, "asked": 20, "minutes_left": 12, "is_final": False}
    resumed = await own(room, campaign, person)
    assert resumed["answers"] == {codes[0]: 4, codes[1]: None}
    assert (resumed["answered"], resumed["minutes_left"]) == (2, 12)


async def test_form_is_handed_in_when_every_question_has_a_choice(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    person = room.teachers[0]
    first, *rest = (await own(room, campaign, person))["competencies"]
    await choose(room, campaign, first, None, by=person)

    early = await hand_in(room, campaign, by=person)
    for code in rest:
        await choose(room, campaign, code, 3, by=person)
    done = await hand_in(room, campaign, by=person)
    late = await choose(room, campaign, first, 5, by=person)

    assert (early.status_code, early.json()["codes"]) == (422, rest)
    assert done.json() == {"answered": 20, "asked": 20, "minutes_left": 0, "is_final": True}
    assert (late.status_code, late.json()["type"]) == (409, "urn:neo:problem:answers.already-final")


async def test_half_a_rating_is_its_authors_alone_and_does_not_count(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    person = room.teachers[0]
    raters = await room.raters_of(campaign, person)
    await room.answer_self(campaign, person, 3)
    for rater in raters[1:]:
        await room.rate(campaign, rater, person, 3)
    door = f"/my/forms/{campaign}/colleagues/{person}"

    for code in (await own(room, campaign, person))["competencies"]:
        await room.call("PUT", f"{door}/{code}", by=raters[0], json={"level": 2})
    (mine,) = [
        each for each in (await room.form(raters[0], campaign))["colleagues"] if each["person_id"] == str(person)
    ]
    before = await room.profile(person)
    done = await room.call("PUT", door, by=raters[0], json={"answers": {}})

    assert (mine["answered"], mine["minutes_left"], mine["is_done"], set(mine["answers"].values())) == (
        20,
        0,
        False,
        {2},
    )
    assert before == {}
    assert done.json()["is_final"] is True
    assert (await room.profile(person))["M02"]["sources"] == ["SA", "P360"]


async def test_choice_that_nobody_asked_for_is_refused(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    person, other = room.teachers[:2]

    off_form = await choose(room, campaign, "S03.PHY", 3, by=person)
    too_high = await choose(room, campaign, "M02", 6, by=person)
    uninvited = await choose(room, campaign, "M02", 3, by=room.observers[0])
    oneself = await room.call("PUT", f"/my/forms/{campaign}/colleagues/{other}/M02", by=other, json={"level": 3})
    await room.close(campaign)
    late = await choose(room, campaign, "M02", 3, by=person)

    assert [answer.status_code for answer in (off_form, too_high, uninvited, oneself, late)] == [
        422,
        422,
        404,
        404,
        409,
    ]
