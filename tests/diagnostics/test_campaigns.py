"""Campaigns: opened once in the right stage, with everyone's form frozen; closed by the curator or the calendar."""

import asyncio
from datetime import date, timedelta
from uuid import uuid4

import pytest

from chassis.testing import eventually
from contracts.registry import CycleStage
from services.diagnostics import actions
from tests.diagnostics.classroom import CLOSES_ON, NOW, a_classroom, a_member
from tests.stand import Stand


async def test_campaign_is_opened_once_and_announced_once(stand: Stand) -> None:
    room = await a_classroom(stand, teachers=4)
    campaign = uuid4()

    first = await room.try_opening(campaign)
    again = await room.try_opening(campaign)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["own"] == {"asked": 4, "done": 0}
    assert first.json()["colleagues"] == {"asked": 12, "done": 0}
    assert first.json()["observations"] == {"asked": 4, "done": 0}
    (body,) = await room.running.bodies("campaign.opened", str(campaign))
    assert b'"invited":4' in body


async def test_two_curators_at_once_open_one_campaign(stand: Stand) -> None:
    room = await a_classroom(stand)

    answers = await asyncio.gather(*(room.try_opening(uuid4()) for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {answer.json()["type"] for answer in answers if answer.status_code == 409} == {
        "urn:neo:problem:campaign.wave-taken"
    }


async def test_id_of_another_campaign_is_refused(stand: Stand) -> None:
    room = await a_classroom(stand)
    other = await a_classroom(stand)
    campaign = await room.opened()

    changed = await room.try_opening(campaign, closes_on=CLOSES_ON + timedelta(days=1))
    elsewhere = await other.try_opening(campaign)

    assert (changed.status_code, elsewhere.status_code) == (409, 409)
    assert changed.json()["type"] == elsewhere.json()["type"] == "urn:neo:problem:campaign.id-taken"


@pytest.mark.parametrize(
    ("stage", "wave", "needed"),
    [
        (CycleStage.MATCHING, 1, "DIAGNOSTICS_OPEN"),
        (CycleStage.DIAGNOSTICS_OPEN, 2, "POST_DIAGNOSTICS"),
    ],
)
async def test_wave_waits_for_its_stage(stand: Stand, stage: CycleStage, wave: int, needed: str) -> None:
    room = await a_classroom(stand)
    await room.reach(stage)

    answer = await room.try_opening(uuid4(), wave=wave)

    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:neo:problem:campaign.cycle-not-ready"
    assert (answer.json()["stage"], answer.json()["needed"]) == (stage.value, needed)


async def test_second_wave_waits_for_the_end_of_the_first(stand: Stand) -> None:
    room = await a_classroom(stand)
    first = await room.opened()
    await room.reach(CycleStage.POST_DIAGNOSTICS)

    early = await room.try_opening(uuid4(), wave=2)
    await room.close(first)
    later = await room.try_opening(uuid4(), wave=2)

    assert early.json()["type"] == "urn:neo:problem:campaign.first-wave-open"
    assert later.status_code == 201


async def test_unknown_cycle_a_past_day_and_an_empty_school_are_refused(stand: Stand) -> None:
    room = await a_classroom(stand, teachers=0)

    nobody = await room.try_opening(uuid4())
    past = await room.try_opening(uuid4(), closes_on=date(2026, 9, 13))
    room.cycle = uuid4()
    unknown = await room.try_opening(uuid4())

    assert [answer.status_code for answer in (nobody, past, unknown)] == [409, 422, 404]
    assert nobody.json()["type"] == "urn:neo:problem:campaign.nobody"
    assert past.json()["field"] == "closes_on"


async def test_only_current_teachers_with_a_role_profile_are_invited(stand: Stand) -> None:
    room = await a_classroom(stand, teachers=2)
    await stand.publish(
        a_member(room.school, left_on=date(2026, 9, 10)),
        a_member(room.school, profiles=()),
        a_member(room.school, profiles=("CLASS_TEACHER",)),
        a_member(room.school, roles=("head",)),
        a_member(room.school, subjects=("ASTROLOGY",)),
    )
    await eventually(lambda: room.running.count("members", room.school), equals=8)

    answer = await room.try_opening(uuid4())

    assert answer.json()["invited"] == 3


async def test_school_without_observers_asks_colleagues_only(stand: Stand) -> None:
    room = await a_classroom(stand, observers=0)

    answer = await room.try_opening(uuid4())

    assert answer.json()["observations"] == {"asked": 0, "done": 0}


async def test_form_stays_what_it_was_at_the_opening(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    person = room.teachers[0]
    before = await room.form(person, campaign)

    await stand.publish(a_member(room.school, person, profiles=("METHODIST",), revision=2))
    await stand.publish(a_member(room.school))
    await eventually(lambda: room.running.count("members", room.school), equals=7)

    assert await room.form(person, campaign) == before


async def test_closed_campaign_takes_no_answers_and_is_closed_once(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    person = room.teachers[0]
    codes = (await room.form(person, campaign))["self"]["competencies"]

    answers = await asyncio.gather(*(room.close(campaign) for _ in range(3)))
    late = await room.call(
        "PUT", f"/my/forms/{campaign}/self", by=person, json={"answers": {codes[0]: 3}, "is_final": False}
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert next(answer.json()["state"] for answer in answers if answer.status_code == 200) == "CLOSED"
    assert late.status_code == 409
    assert late.json()["type"] == "urn:neo:problem:campaign.closed"
    assert len(await room.running.bodies("campaign.closed", str(campaign))) == 1


async def test_campaign_ends_by_itself_when_its_last_day_is_over(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    catalogue = room.running.app.state.catalogue

    async def state() -> str:
        answer = await room.call("GET", f"/campaigns/{campaign}", by=room.curator, role="curator")
        return str(answer.json()["state"])

    stand.clock.move_to(NOW.replace(day=25, hour=20))
    await actions.close_overdue(room.running.db, catalogue)
    on_the_last_evening = await state()
    # 21:30 UTC is half past midnight at the school.
    stand.clock.move_to(NOW.replace(day=25, hour=21, minute=30))
    await asyncio.gather(*(actions.close_overdue(room.running.db, catalogue) for _ in range(3)))

    assert on_the_last_evening == "OPEN"
    assert await state() == "CLOSED"
    assert len(await room.running.bodies("campaign.closed", str(campaign))) == 1


async def test_campaigns_are_listed_page_by_page(stand: Stand) -> None:
    room = await a_classroom(stand)
    first = await room.opened()
    await room.close(first)
    await room.reach(CycleStage.POST_DIAGNOSTICS)
    second = await room.opened(wave=2)

    page = await room.call("GET", "/campaigns", by=room.curator, role="curator", params={"limit": 1})
    rest = await room.call("GET", "/campaigns", by=room.curator, role="curator", params={"after": page.json()["next"]})
    broken = await room.call("GET", "/campaigns", by=room.curator, role="curator", params={"after": "x"})

    seen = [each["campaign_id"] for each in page.json()["items"] + rest.json()["items"]]
    assert seen == sorted([str(first), str(second)])
    assert broken.status_code == 422
