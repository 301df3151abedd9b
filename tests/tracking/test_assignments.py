"""Assignments: opened by a formed pair, started by its papers, in whatever order they come."""

import asyncio
from datetime import date, timedelta
from itertools import permutations
from uuid import uuid4

import pytest

from chassis.testing import eventually
from contracts.documents import ConsentPurpose, PaperKind
from contracts.event import Event
from services.tracking import actions
from tests.stand import Running, Stand, a_school
from tests.tracking.pairs import (
    NOW,
    Pair,
    a_consent,
    a_pairing,
    a_withdrawal,
    a_working_pair,
    an_opened_pair,
    an_order,
)


async def test_opened_pair_says_what_it_waits_for(stand: Stand) -> None:
    tracking = await stand.service("tracking")

    pair = await an_opened_pair(stand, tracking)

    seen = await pair.seen()
    assert seen["basis"] == "LOCAL_ACT"
    assert seen["waits_for"] == [
        "consent.MENTORING_LOCAL_ACT.giver",
        "consent.MENTORING_LOCAL_ACT.taker",
        "paper.DOC08",
    ]
    assert await pair.verbs() == ["opened"]


@pytest.mark.parametrize("order", list(permutations(range(4)))[::5])
async def test_pair_starts_once_in_whatever_order_its_facts_come(stand: Stand, order: tuple[int, ...]) -> None:
    tracking = await stand.service("tracking")
    pairing = a_pairing(a_school())
    pair = Pair(tracking, pairing)
    facts: list[Event] = [
        pairing,
        a_consent(pairing.giver_school, pairing.giver_id),
        a_consent(pairing.taker_school, pairing.taker_id),
        an_order(pairing),
    ]

    for place in order:
        await stand.publish(facts[place], facts[place])
    await eventually(pair.state, equals="ACTIVE")
    await stand.publish(*facts)

    assert (await pair.seen())["waits_for"] == []
    assert await pair.verbs() == ["opened", "activated"]


async def test_hundred_pairs_whose_facts_come_all_at_once_all_start(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    school = a_school()
    pairings = [a_pairing(school) for _ in range(100)]
    facts: list[Event] = []
    for pairing in pairings:
        facts += [pairing, an_order(pairing), a_consent(school, pairing.giver_id), a_consent(school, pairing.taker_id)]

    await asyncio.gather(*(stand.publish(fact) for fact in facts))

    async def activated() -> int:
        return (await tracking.announced("assignment.activated", school)).count("neo.tracking.assignment.activated.v1")

    await eventually(activated, equals=100, within=30)


async def test_paid_mentoring_waits_for_its_own_consents_and_agreement(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_waiting_labour_pair(stand, tracking)
    labour = ConsentPurpose.MENTORING_351_8

    await stand.publish(
        a_consent(pair.school, pair.formed.giver_id, labour),
        a_consent(pair.school, pair.formed.taker_id, labour),
        an_order(pair.formed, PaperKind.DOC08),
    )

    await eventually(pair.waits_for, equals="paper.DOC07")
    await stand.publish(an_order(pair.formed, PaperKind.DOC07))
    await eventually(pair.state, equals="ACTIVE")


async def a_waiting_labour_pair(stand: Stand, tracking: Running) -> Pair:
    pair = await an_opened_pair(stand, tracking)
    answer = await pair.curator("PUT", f"assignments/{pair.id}/basis", json={"basis": "LABOUR_351_8"})
    assert answer.status_code == 200
    return pair


async def test_voluntary_help_starts_at_once_and_keeps_its_basis(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await an_opened_pair(stand, tracking)
    door = f"assignments/{pair.id}/basis"

    chosen = await pair.curator("PUT", door, json={"basis": "VOLUNTARY"})
    again = await pair.curator("PUT", door, json={"basis": "VOLUNTARY"})
    late = await pair.curator("PUT", door, json={"basis": "LOCAL_ACT"})

    assert chosen.json()["state"] == again.json()["state"] == "ACTIVE"
    assert late.status_code == 409
    assert late.json()["legal"] == ["suspend", "complete", "terminate"]
    assert await pair.verbs() == ["opened", "activated"]


async def test_order_that_comes_into_force_later_starts_the_pair_on_its_day(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    stand.clock.move_to(NOW)
    pair = await an_opened_pair(stand, tracking)
    await stand.publish(
        a_consent(pair.school, pair.formed.giver_id),
        a_consent(pair.school, pair.formed.taker_id),
        an_order(pair.formed, since=date(2026, 11, 16)),
    )

    await eventually(pair.waits_for, equals="paper.DOC08")
    await actions.keep_dates(tracking.db)
    assert await pair.state() == "OPENED"
    stand.clock.move_to(NOW + timedelta(days=7))
    await actions.keep_dates(tracking.db)

    assert await pair.state() == "ACTIVE"


async def test_withdrawn_consent_lets_the_pair_rest_until_it_is_given_again(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)
    giver = pair.formed.giver_id

    await stand.publish(*[a_withdrawal(pair.school, giver)] * 2)
    await eventually(pair.state, equals="SUSPENDED")
    refused = await pair.step("resume")
    health = await pair.curator("GET", "health")
    await stand.publish(a_consent(pair.school, giver, revision=3))
    await eventually(pair.state, equals="ACTIVE")

    assert refused.status_code == 409
    assert refused.json()["waits_for"] == ["consent.MENTORING_LOCAL_ACT.giver"]
    assert (health.json()["red"], health.json()["rows"]["items"][0]["colour"]) == (1, "red")
    assert await pair.verbs() == ["opened", "activated", "suspended", "activated"]


async def test_older_consent_that_comes_late_changes_nothing(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await an_opened_pair(stand, tracking)
    giver, taker = pair.formed.giver_id, pair.formed.taker_id

    await stand.publish(a_withdrawal(pair.school, giver, revision=2), an_order(pair.formed))
    await stand.publish(a_consent(pair.school, taker))

    await eventually(pair.waits_for, equals="consent.MENTORING_LOCAL_ACT.giver")
    await stand.publish(a_consent(pair.school, giver, revision=1), a_consent(pair.school, uuid4()))
    await eventually(lambda: tracking.count("consents", pair.school), equals=3)

    assert await pair.state() == "OPENED"


async def test_rest_has_a_reason_and_never_the_one_that_only_a_consent_gives(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair, other = await a_working_pair(stand, tracking), await a_working_pair(stand, tracking)

    wrong = await pair.step("suspend", reason="CONSENT")
    away = await pair.step("suspend", reason="ABSENCE")
    unexplained = await other.step("suspend")

    assert wrong.status_code == 422
    assert [one.json()["rests_for"] for one in (away, unexplained)] == ["ABSENCE", "CURATOR"]


async def test_rest_that_the_curator_ordered_ends_by_the_curator_alone(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)

    assert (await pair.step("suspend")).json()["state"] == "SUSPENDED"
    await stand.publish(a_withdrawal(pair.school, pair.formed.giver_id))

    await eventually(pair.waits_for, equals="consent.MENTORING_LOCAL_ACT.giver")
    await stand.publish(a_consent(pair.school, pair.formed.giver_id, revision=3))
    await eventually(pair.waits_for, equals="")
    still = await pair.state()
    resumed = await pair.step("resume")

    assert still == "SUSPENDED"
    assert resumed.json()["state"] == "ACTIVE"


async def test_pair_of_two_schools_is_seen_by_both_and_starts_by_the_facts_of_both(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    here, there = a_school(), a_school()

    pair = await a_working_pair(stand, tracking, a_pairing(here, giver_school=there))

    neighbour = await tracking.call(
        "GET", f"/schools/{there}/assignments", by=uuid4(), groups=[f"/schools/{there}/curator"]
    )
    assert [row["assignment_id"] for row in neighbour.json()["items"]] == [str(pair.id)]
    await stand.publish(a_withdrawal(there, pair.formed.giver_id))
    await eventually(pair.state, equals="SUSPENDED")


async def test_list_is_cut_into_pages_and_filtered_by_state_and_cycle(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    school = a_school()
    pairings = [a_pairing(school) for _ in range(3)]
    await stand.publish(*pairings)
    await eventually(lambda: tracking.count("assignments", school), equals=3)
    pair = Pair(tracking, pairings[0])

    first = (await pair.curator("GET", "assignments?limit=2")).json()
    second = (await pair.curator("GET", f"assignments?limit=2&after={first['next']}")).json()
    of_cycle = (await pair.curator("GET", f"assignments?cycle_id={pairings[0].cycle_id}&state=OPENED")).json()
    none = (await pair.curator("GET", "assignments?state=ACTIVE")).json()
    odd = await pair.curator("GET", "assignments?after=yesterday")

    assert len({row["assignment_id"] for row in first["items"] + second["items"]}) == 3
    assert second["next"] is None
    assert [row["pairing_id"] for row in of_cycle["items"]] == [str(pairings[0].pairing_id)]
    assert none["items"] == []
    assert odd.status_code == 422


async def test_partner_does_not_learn_whether_the_other_has_consented(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await an_opened_pair(stand, tracking)

    mine = (await pair.taker("GET", "assignments")).json()["items"]

    assert [(row["side"], row["partner_id"]) for row in mine] == [("taker", str(pair.formed.giver_id))]
    assert mine[0]["waits_for"] == ["consent.MENTORING_LOCAL_ACT.taker", "paper.DOC08"]
