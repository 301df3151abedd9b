"""Tests through the doors: begun, left, resumed, finished, scored, explained; keys stay here until the end."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from contracts.registry import CycleStage
from services.diagnostics.domain import Instruments
from tests.diagnostics.classroom import NOW, Classroom, a_classroom
from tests.stand import Stand


async def take(room: Classroom, campaign: UUID, code: str, *, by: UUID, **given: Any) -> httpx.Response:
    return await room.call("PUT", f"/my/tests/{campaign}/{code}", by=by, json=given)


def keys_of(room: Classroom, page: dict[str, Any]) -> dict[str, list[str]]:
    """The right choices for a page, from the bank that the service holds."""
    instruments: Instruments = room.running.app.state.instruments
    items = (instruments.bank.items[task["item"]] for task in page["items"])
    return {item.id: ["abcdefgh"[place] for place in item.key] for item in items}


async def finished(room: Classroom, campaign: UUID, code: str, *, by: UUID) -> dict[str, Any]:
    """A test of which everything is solved."""
    page = (await take(room, campaign, code, by=by)).json()
    answer = await take(room, campaign, code, by=by, answers=keys_of(room, page), is_final=True)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_person_sees_which_tests_wait_and_how_long_they_take(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    person = room.teachers[0]

    answer = await room.call("GET", f"/my/tests/{campaign}", by=person)

    lines = {line["competency"]: line for line in answer.json()}
    assert set(lines) == {"D11", "I01", "I03", "M03", "M04", "N03", "S03.CHE"}
    assert {(line["state"], line["tasks"], line["minutes"], line["minutes_left"]) for line in lines.values()} == {
        ("NOT_BEGUN", 8, 8, 8)
    }
    assert len({line["form"] for line in lines.values()}) == 1


async def test_keys_stay_here_until_the_test_is_finished(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    person = room.teachers[0]
    door = f"/my/tests/{campaign}/I01"

    unseen = (await room.call("GET", door, by=person)).json()
    begun = (await take(room, campaign, "I01", by=person)).json()
    right = keys_of(room, begun)
    answering = (await take(room, campaign, "I01", by=person, answers=right)).json()
    resumed = (await room.call("GET", door, by=person)).json()

    assert (unseen["state"], unseen["items"]) == ("NOT_BEGUN", [])
    for page in (begun, answering, resumed):
        assert {
            task[hidden] for task in page["items"] for hidden in ("is_right", "key", "explanation_ru", "basis")
        } == {None}
        assert page["right"] is None


async def test_test_is_left_and_taken_up_on_another_device(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    person = room.teachers[0]
    begun = (await take(room, campaign, "M03", by=person)).json()
    first, second, third = [task["item"] for task in begun["items"] if task["kind"] == "ONE"][:3]

    await take(room, campaign, "M03", by=person, answers={first: ["a"]})
    await take(room, campaign, "M03", by=person, answers={first: ["b"]})
    again = await take(room, campaign, "M03", by=person, answers={second: []})
    repeated = await take(room, campaign, "M03", by=person, answers={second: []})
    resumed = await room.call("GET", f"/my/tests/{campaign}/M03", by=person)

    assert again.json() == repeated.json() == resumed.json()
    chosen = {task["item"]: task["chosen"] for task in resumed.json()["items"]}
    assert [chosen[task] for task in (first, second, third)] == [["b"], [], None]
    assert (resumed.json()["answered"], resumed.json()["minutes_left"]) == (2, 6)
    assert [task["item"] for task in resumed.json()["items"]] == [task["item"] for task in begun["items"]]


async def test_finished_test_explains_itself_and_becomes_evidence(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    person = room.teachers[0]
    await room.answer_self(campaign, person, 3)
    before = await room.profile(person)

    page = await finished(room, campaign, "I01", by=person)

    after = await room.profile(person)
    assert before == {}
    assert (page["state"], page["right"], page["minutes_left"]) == ("FINISHED", 8, 0)
    assert all(task["is_right"] and task["key"] and task["explanation_ru"] for task in page["items"])
    assert after["I01"]["sources"] == ["SA", "TST"]
    assert {"source": "TST", "level10": 50, "count": 8} in after["I01"]["marks"]
    assert after["I01"]["level10"] > 30
    assert after["M02"]["sources"] == ["SA"]


async def test_test_after_the_observation_raises_the_revision(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    person = room.teachers[0]
    await room.score(campaign, person, own=3, seen=3)

    await finished(room, campaign, "I01", by=person)
    repeat = await take(room, campaign, "I01", by=person, is_final=True)

    assert repeat.status_code == 200
    assert len(await room.running.bodies("diagnostic.completed", str(person))) == 2
    assert (await room.profile(person))["I01"]["sources"] == ["SA", "OBS", "TST"]


async def test_finish_needs_every_task_and_happens_once(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    person = room.teachers[0]
    page = (await take(room, campaign, "I03", by=person)).json()
    tasks = [task["item"] for task in page["items"]]

    early = await take(room, campaign, "I03", by=person, answers={tasks[0]: []}, is_final=True)
    unsolved: dict[str, list[str]] = {task: [] for task in tasks}
    finals = await asyncio.gather(
        *(take(room, campaign, "I03", by=person, answers=unsolved, is_final=True) for _ in range(3))
    )
    changed = await take(room, campaign, "I03", by=person, answers={tasks[0]: ["a"]})

    assert (early.status_code, sorted(early.json()["items"])) == (422, sorted(tasks[1:]))
    assert {answer.status_code for answer in finals} == {200}
    assert finals[0].json()["right"] == 0
    assert (changed.status_code, changed.json()["type"]) == (409, "urn:neo:problem:test.already-finished")


async def test_only_tests_of_the_own_form_are_there(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    person, observer = room.teachers[0], room.observers[0]

    answers = [
        await take(room, campaign, "S03.PHY", by=person),
        await take(room, campaign, "M02", by=person),
        await take(room, uuid4(), "I01", by=person),
        await room.call("PUT", f"/my/tests/{campaign}/I01", by=observer, role="observer", json={}),
        await room.call("GET", f"/my/tests/{campaign}/M02", by=person),
    ]

    assert {(answer.status_code, answer.json()["type"]) for answer in answers} == {
        (404, "urn:neo:problem:test.unknown")
    }
    assert (await room.call("GET", f"/my/tests/{campaign}", by=observer, role="observer")).status_code == 404


async def test_closed_campaign_takes_no_choices_and_still_explains(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    person = room.teachers[0]
    await finished(room, campaign, "I01", by=person)
    await room.close(campaign)

    late = await take(room, campaign, "I03", by=person)
    page = await room.call("GET", f"/my/tests/{campaign}/I01", by=person)

    assert (late.status_code, late.json()["type"]) == (409, "urn:neo:problem:campaign.closed")
    assert page.json()["items"][0]["explanation_ru"]


async def test_second_wave_asks_the_other_form_with_shared_tasks(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    person = room.teachers[0]
    first = (await take(room, campaign, "I01", by=person)).json()
    await room.close(campaign)
    await room.reach(CycleStage.POST_DIAGNOSTICS)
    stand.clock.move_to(NOW + timedelta(hours=2))
    again = await room.opened(wave=2)

    second = (await take(room, again, "I01", by=person)).json()

    assert {first["form"], second["form"]} == {"A", "B"}
    before, after = ({task["item"] for task in page["items"]} for page in (first, second))
    assert len(before & after) / len(after) >= 0.3
    assert before != after


async def test_answers_are_stored_task_by_task_with_what_was_right(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    person = room.teachers[0]
    await finished(room, campaign, "I01", by=person)
    page = (await take(room, campaign, "M03", by=person)).json()
    await take(room, campaign, "M03", by=person, answers={page["items"][0]["item"]: []})

    async with room.running.db.transaction(room.school) as tx:
        rows = await tx.rows(
            text("select competency, is_right, count(*) as n from test_answers group by 1, 2 order by 1")
        )

    assert [(row["competency"], row["is_right"], row["n"]) for row in rows] == [("I01", True, 8), ("M03", False, 1)]
