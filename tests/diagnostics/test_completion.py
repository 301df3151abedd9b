"""A campaign with a window, an audience and instruments; how far it has come, and who is due."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx

from chassis.testing import eventually
from tests.diagnostics.classroom import CLOSES_ON, NOW, Classroom, a_classroom, a_member
from tests.stand import Stand


async def try_opening(room: Classroom, campaign: UUID, **chosen: Any) -> httpx.Response:
    wanted = {"cycle_id": str(room.cycle), "wave": 1, "closes_on": CLOSES_ON.isoformat(), **chosen}
    return await room.call("PUT", f"/campaigns/{campaign}", by=room.curator, role="curator", json=wanted)


async def completion(room: Classroom, campaign: UUID, *instruments: str) -> dict[str, tuple[int, int, int]]:
    params = {"instrument": list(instruments)}
    answer = await room.call("GET", f"/campaigns/{campaign}/completion", by=room.curator, role="curator", params=params)
    assert answer.status_code == 200, answer.text
    return {each["instrument"]: (each["invited"], each["begun"], each["finished"]) for each in answer.json()}


async def due(room: Classroom, campaign: UUID, instrument: str, **query: Any) -> dict[str, str]:
    params = {"instrument": instrument, **query}
    answer = await room.call("GET", f"/campaigns/{campaign}/due", by=room.curator, role="curator", params=params)
    assert answer.status_code == 200, answer.text
    return {each["person_id"]: each["state"] for each in answer.json()["items"]}


async def test_campaign_asks_from_its_first_day_on_at_the_school(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign, person = uuid4(), room.teachers[0]
    opened = await try_opening(room, campaign, opens_on="2026-09-16")
    choice = f"/my/forms/{campaign}/self/M02"

    early = await room.call("PUT", choice, by=person, json={"level": 3})
    test = await room.call("PUT", f"/my/tests/{campaign}/I01", by=person, json={})
    nobody = await due(room, campaign, "SELF")
    # 21:30 UTC is half past midnight of the sixteenth at the school.
    stand.clock.move_to(NOW.replace(day=15, hour=21, minute=30))
    in_time = await room.call("PUT", choice, by=person, json={"level": 3})

    assert (opened.status_code, opened.json()["opens_on"], opened.json()["audience"]) == (201, "2026-09-16", "ALL")
    assert {answer.json()["type"] for answer in (early, test)} == {"urn:neo:problem:campaign.not-begun"}
    assert early.json()["day"] == "2026-09-16"
    assert nobody == {}
    assert in_time.status_code == 200
    assert len(await due(room, campaign, "SELF")) == 5


async def test_listed_people_are_asked_by_the_chosen_instruments_only(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign, (person, other) = uuid4(), room.teachers[:2]
    chosen = {"audience": {"people": [str(person)]}, "instruments": ["SELF", "TEST"]}

    opened = await try_opening(room, campaign, **chosen)
    again = await try_opening(room, campaign, **chosen)
    changed = await try_opening(room, campaign, **{**chosen, "instruments": ["SELF"]})
    uninvited = await room.call("GET", f"/my/tests/{campaign}", by=other)
    refused = await room.call(
        "PUT",
        f"/my/artefacts/{campaign}/{uuid4()}",
        by=person,
        json={"title": "План", "competencies": ["M03"]},
    )

    assert (opened.json()["invited"], opened.json()["instruments"]) == (1, ["SELF", "TEST"])
    assert opened.json()["colleagues"] == opened.json()["observations"] == {"asked": 0, "done": 0}
    assert (again.status_code, changed.status_code, uninvited.status_code) == (200, 409, 404)
    assert refused.json()["type"] == "urn:neo:problem:instrument.not-used"
    assert await completion(room, campaign) == {"SELF": (1, 0, 0), "TEST": (1, 0, 0)}


async def test_curator_sees_how_far_everyone_has_come_and_no_answer(stand: Stand) -> None:
    room = await a_classroom(stand, teachers=4)
    campaign = await room.opened()
    first, second, third, _ = room.teachers
    (observer,) = room.observers
    await room.answer_self(campaign, first, 3)
    await room.call("PUT", f"/my/forms/{campaign}/self/M02", by=second, json={"level": None})
    await room.rate(campaign, third, first, 3)
    for lesson in (1, 2):
        door = f"/my/observations/{campaign}/{first}/lessons/{lesson}"
        given = {"marks": {"M03": [3, 3, 0, 0]}, "is_final": True}
        await room.call("PUT", door, by=observer, role="observer", json=given)
    await room.call("PUT", f"/my/tests/{campaign}/I01", by=first, json={})
    plan = {"title": "План", "competencies": ["M03"]}
    await room.call("PUT", f"/my/artefacts/{campaign}/{uuid4()}", by=second, json=plan)

    assert await completion(room, campaign) == {
        "SELF": (4, 2, 1),
        "COLLEAGUES": (4, 1, 0),
        "OBSERVATION": (1, 1, 0),
        "TEST": (4, 1, 0),
        "ARTEFACT": (4, 1, 0),
    }
    assert await completion(room, campaign, "SELF", "TEST") == {"SELF": (4, 2, 1), "TEST": (4, 1, 0)}
    owing = await due(room, campaign, "SELF")
    assert owing == {str(each): "BEGUN" if each == second else "NOT_BEGUN" for each in room.teachers if each != first}
    assert (await due(room, campaign, "OBSERVATION"), await due(room, campaign, "ARTEFACT")) == (
        {str(observer): "BEGUN"},
        {},
    )
    assert len(await due(room, campaign, "SELF", limit=2)) == 2
    assert list(await due(room, campaign, "SELF", after=sorted(owing)[1])) == sorted(owing)[2:]


async def test_every_number_of_the_monitor_has_its_definition_in_both_languages(stand: Stand) -> None:
    room = await a_classroom(stand, teachers=1)
    campaign = await room.opened()
    door = f"/campaigns/{campaign}/completion"

    pages = [
        await room.call("GET", door, by=room.curator, role="curator", headers={"accept-language": language})
        for language in ("ru", "en")
    ]
    stray = await room.call("GET", f"/campaigns/{uuid4()}/completion", by=room.curator, role="curator")

    words = [[text for each in page.json() for text in each["definitions"].values()] for page in pages]
    assert len(set(words[0])) == len(set(words[1])) == 15
    assert not any("completion." in text for text in words[0] + words[1])
    assert stray.status_code == 404


async def test_nobody_is_due_after_the_close_or_after_leaving(stand: Stand) -> None:
    room = await a_classroom(stand, teachers=3)
    campaign = await room.opened()
    gone = room.teachers[0]
    await stand.publish(a_member(room.school, gone, left_on=date(2026, 9, 10), revision=2))

    async def owing() -> set[str]:
        return set(await due(room, campaign, "SELF"))

    await eventually(owing, equals={str(each) for each in room.teachers[1:]})
    await room.close(campaign)
    assert await owing() == set()


async def test_observer_of_artefacts_alone_is_not_asked_about_lessons(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign, person, (observer,) = uuid4(), room.teachers[0], room.observers
    await try_opening(room, campaign, instruments=["SELF", "ARTEFACT"])
    await room.call(
        "PUT", f"/my/artefacts/{campaign}/{uuid4()}", by=person, json={"title": "План", "competencies": ["M03"]}
    )
    door = f"/my/forms/{campaign}/observations/{person}"

    form = await room.form(observer, campaign, role="observer")
    sheet = await room.call("PUT", door, by=observer, role="observer", json={"answers": {"M03": 3}})
    lesson = f"/my/observations/{campaign}/{person}/lessons/1"
    marks = await room.call("PUT", lesson, by=observer, role="observer", json={"marks": {"M03": [3, 3, 0, 0]}})
    reviews = await room.call("GET", f"/my/reviews/{campaign}", by=observer, role="observer")

    assert form["observations"] == []
    assert {answer.json()["type"] for answer in (sheet, marks)} == {"urn:neo:problem:instrument.not-used"}
    assert [each["person_id"] for each in reviews.json()] == [str(person)]
