"""Surveys: anonymous by construction, counted once per person, told per role from five answers on."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from chassis.testing import eventually
from contracts.matching import PairingFormed
from contracts.registry import PersonErased
from services.tracking import actions
from tests.stand import Running, Stand, a_school
from tests.tracking.pairs import NOW, Pair, a_consent, a_cycle, a_pairing, an_order

ITEMS = {"satisfaction": 5, "recommend": 9, "useful": 4}
CLOSES_ON = "2026-12-01"


class Ward:
    """A school with working pairs of one cycle and an open survey; one mentor may have several mentees."""

    def __init__(self, tracking: Running, pairings: list[PairingFormed]) -> None:
        self.tracking = tracking
        self.pairings = pairings
        self.school = pairings[0].taker_school
        self.cycle_id = pairings[0].cycle_id
        self.survey = uuid4()
        self.head = Pair(tracking, pairings[0])

    @property
    def door(self) -> str:
        return f"surveys/{self.survey}"

    async def answer(self, person: UUID, role: str, items: Any = None) -> httpx.Response:
        return await self.tracking.call(
            "PUT",
            f"/schools/{self.school}/my/{self.door}/answers/{role}",
            by=person,
            groups=[f"/schools/{self.school}/teacher"],
            json={"items": ITEMS if items is None else items},
        )

    async def tallied(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in await self.tracking.bodies("survey.tallied", self.school)]


async def a_ward(stand: Stand, pairs: int = 5) -> Ward:
    tracking = await stand.service("tracking")
    stand.clock.move_to(NOW)
    school, cycle_id, mentor = a_school(), uuid4(), uuid4()
    pairings = [a_pairing(school, cycle_id=cycle_id, giver_id=mentor) for _ in range(pairs)]
    await stand.publish(a_cycle(school, cycle_id), *pairings, a_consent(school, mentor))
    for pairing in pairings:
        await stand.publish(a_consent(school, pairing.taker_id), an_order(pairing))
    await eventually(lambda: tracking.count("assignments where state = 'ACTIVE'", school), equals=pairs)
    await eventually(lambda: tracking.count("cycles", school), equals=1)
    ward = Ward(tracking, pairings)
    body = {"cycle_id": str(cycle_id), "closes_on": CLOSES_ON}
    opened = [await ward.head.curator("PUT", ward.door, json=body) for _ in range(2)]
    assert [answer.status_code for answer in opened] == [201, 200]
    return ward


async def test_survey_asks_each_person_once_per_role(stand: Stand) -> None:
    ward = await a_ward(stand)

    progress = (await ward.head.curator("GET", ward.door)).json()
    asked = (await ward.head.giver("GET", "surveys", headers={"Accept-Language": "en"})).json()

    assert [(row["role"], row["invited"], row["answered"]) for row in progress["roles"]] == [
        ("mentor", 1, 0),
        ("mentee", 5, 0),
    ]
    assert [(row["role"], row["is_answered"]) for row in asked] == [("mentor", False)]
    assert asked[0]["items"][0] == {
        "code": "useful",
        "text": "I could see that my help was useful.",
        "low": 1,
        "high": 5,
    }


async def test_curator_finds_the_surveys_of_a_cycle_and_of_no_other(stand: Stand) -> None:
    ward = await a_ward(stand)

    found = (await ward.head.curator("GET", "surveys", params={"cycle_id": str(ward.head.formed.cycle_id)})).json()
    other = (await ward.head.curator("GET", "surveys", params={"cycle_id": str(uuid4())})).json()

    assert [(row["state"], row["closes_on"]) for row in found] == [("OPEN", CLOSES_ON)]
    assert other == []


async def test_second_answer_of_a_person_is_harmless_and_not_counted(stand: Stand) -> None:
    ward = await a_ward(stand)
    mentee = ward.pairings[0].taker_id

    answers = await asyncio.gather(*(ward.answer(mentee, "mentee") for _ in range(4)))

    assert {answer.status_code for answer in answers} == {200}
    assert await ward.tracking.count("answers", ward.school) == 1
    assert (await ward.head.taker("GET", "surveys")).json()[0]["is_answered"] is True


async def test_nothing_joins_a_participation_to_an_answer(stand: Stand) -> None:
    ward = await a_ward(stand)
    await ward.answer(ward.pairings[0].taker_id, "mentee")

    async with ward.tracking.db.transaction(ward.school) as tx:
        columns = await tx.rows(
            text(
                "select table_name, column_name from information_schema.columns "
                "where table_name in ('participations', 'answers') order by 1, 2"
            )
        )

    assert {(row["table_name"], row["column_name"]) for row in columns} == {
        ("participations", "school_id"),
        ("participations", "survey_id"),
        ("participations", "role"),
        ("participations", "person_id"),
        ("answers", "school_id"),
        ("answers", "survey_id"),
        ("answers", "role"),
        ("answers", "answer_id"),
        ("answers", "marks"),
    }


async def test_closed_survey_tells_roles_with_five_answers_only_and_keeps_counts_only(stand: Stand) -> None:
    ward = await a_ward(stand)
    for number, pairing in enumerate(ward.pairings):
        await ward.answer(pairing.taker_id, "mentee", {**ITEMS, "satisfaction": 5 if number else 3})
    await ward.answer(ward.pairings[0].giver_id, "mentor")

    closed = await asyncio.gather(*(ward.head.curator("POST", f"{ward.door}/close") for _ in range(2)))

    told = await ward.tallied()
    assert [answer.status_code for answer in closed] == [200, 200]
    assert [(one["role"], one["invited"], one["answered"]) for one in told] == [("mentee", 5, 5)]
    assert told[0]["counts"]["satisfaction"] == {"3": 1, "5": 4}
    assert await ward.tracking.count("answers", ward.school) == 0
    shown = {row["role"]: row for row in (await ward.head.curator("GET", ward.door)).json()["roles"]}
    assert shown["mentee"]["counts"]["recommend"] == {"9": 5}
    assert (shown["mentor"]["answered"], shown["mentor"].get("counts")) == (1, None)
    late = await ward.answer(ward.pairings[0].taker_id, "mentee")
    assert (late.status_code, late.json()["state"]) == (409, "CLOSED")


async def test_survey_closes_by_itself_after_its_last_day(stand: Stand) -> None:
    ward = await a_ward(stand)
    for pairing in ward.pairings:
        await ward.answer(pairing.taker_id, "mentee")

    stand.clock.move_to(datetime(2026, 12, 1, 20, tzinfo=UTC))
    await actions.close_surveys(ward.tracking.db)
    before = await ward.tallied()
    stand.clock.move_to(datetime(2026, 12, 2, 1, tzinfo=UTC))
    await asyncio.gather(actions.close_surveys(ward.tracking.db), actions.close_surveys(ward.tracking.db))

    assert before == []
    assert len(await ward.tallied()) == 1
    assert (await ward.head.curator("GET", ward.door)).json()["state"] == "CLOSED"


async def test_answer_of_an_erased_person_stays_counted_and_the_participation_goes(stand: Stand) -> None:
    ward = await a_ward(stand)
    person = ward.pairings[0].taker_id
    await ward.answer(person, "mentee")

    await stand.publish(PersonErased(person_id=person, school_ids=(ward.school,), occurred_at=NOW))

    await eventually(lambda: ward.tracking.count("participations", ward.school), equals=0)
    assert await ward.tracking.count("answers", ward.school) == 1


@pytest.mark.parametrize(
    ("items", "field"),
    [
        ({}, "items"),
        ({"mood": 3}, "items.mood"),
        ({"satisfaction": 6}, "items.satisfaction"),
        ({"recommend": -1}, "items.recommend"),
    ],
)
async def test_answer_outside_of_the_scales_is_refused(stand: Stand, items: dict[str, int], field: str) -> None:
    ward = await a_ward(stand, pairs=1)

    answer = await ward.answer(ward.pairings[0].taker_id, "mentee", items)

    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_only_people_of_the_role_are_asked(stand: Stand) -> None:
    ward = await a_ward(stand, pairs=1)

    wrong_role = await ward.answer(ward.pairings[0].taker_id, "mentor")
    stranger = await ward.answer(uuid4(), "mentee")

    assert (wrong_role.status_code, stranger.status_code) == (403, 403)


async def test_survey_of_an_unknown_cycle_or_a_day_gone_by_is_refused(stand: Stand) -> None:
    ward = await a_ward(stand, pairs=1)
    unknown = {"cycle_id": str(uuid4()), "closes_on": CLOSES_ON}
    gone = {"cycle_id": str(ward.cycle_id), "closes_on": (NOW - timedelta(days=1)).date().isoformat()}

    answers = [await ward.head.curator("PUT", f"surveys/{uuid4()}", json=body) for body in (unknown, gone)]
    other = await ward.head.curator("PUT", ward.door, json={**unknown, "cycle_id": str(uuid4())})

    assert [answer.status_code for answer in (*answers, other)] == [404, 422, 409]
