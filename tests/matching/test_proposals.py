"""Proposals: the taker first, then the giver, then the curator; silence expires."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from chassis.testing import eventually
from services.matching.actions.pairings import expire_overdue
from tests.matching.pairs import accepted, formed, proposed, run_state, state_of, told
from tests.matching.school import CYCLE_ENDS, NOW, a_trio
from tests.stand import Stand


async def test_the_taker_is_asked_first_and_the_giver_sees_nothing_before_the_takers_yes(stand: Stand) -> None:
    pair, pairing = await proposed(stand)

    (seen,) = await pair.school.proposals(pair.vera)
    before = await pair.school.proposals(pair.anna)
    early = await pair.school.say(pair.anna, pairing, "accept")
    agreed = await pair.school.say(pair.vera, pairing, "accept")
    (shown,) = await pair.school.proposals(pair.anna)

    assert (seen["role"], seen["partner_id"], seen["can"]) == ("taker", str(pair.anna), ["accept", "decline"])
    assert before == []
    assert (early.status_code, early.json()["type"]) == (404, "urn:neo:problem:pairing.unknown")
    assert (agreed.json()["state"], agreed.json()["can"]) == ("TAKER_AGREED", ["decline"])
    assert (shown["role"], shown["partner_id"], shown["can"]) == ("giver", str(pair.vera), ["accept", "decline"])


async def test_a_stranger_learns_nothing_of_a_proposal(stand: Stand) -> None:
    pair, pairing = await proposed(stand)

    answers = [await pair.school.say(pair.boris, pairing, word) for word in ("accept", "decline")]
    unknown = await pair.school.say(pair.vera, str(uuid4()), "accept")

    assert [answer.status_code for answer in (*answers, unknown)] == [404, 404, 404]
    assert {answer.json()["type"] for answer in (*answers, unknown)} == {"urn:neo:problem:pairing.unknown"}
    assert await pair.school.proposals(pair.boris) == []


async def test_both_accept_in_turn_and_each_fact_has_a_higher_revision(stand: Stand) -> None:
    pair, _ = await formed(stand)

    bodies = await pair.school.matching.bodies("pairing", pair.school.id)
    assert await told(pair) == ["proposed", "accepted", "formed"]
    assert [f'"revision":{revision}'.encode() in body for revision, body in zip((1, 3, 4), bodies, strict=True)] == [
        True
    ] * 3


@pytest.mark.parametrize("turns", [["vera-decline"], ["vera-accept", "vera-decline"]])
async def test_a_takers_no_tells_the_giver_nothing(stand: Stand, turns: list[str]) -> None:
    pair, pairing = await proposed(stand)

    for turn in turns:
        assert (await pair.school.say(pair.vera, pairing, turn.split("-")[1])).status_code == 200

    late = await pair.school.say(pair.anna, pairing, "accept")
    assert await pair.school.proposals(pair.anna) == []
    assert (late.status_code, late.json()["type"]) == (404, "urn:neo:problem:pairing.unknown")
    assert [one["state"] for one in await pair.school.proposals(pair.vera)] == ["DECLINED"]
    assert await told(pair) == ["proposed", "declined"]


async def test_whoever_asks_for_the_undecided_hears_of_nothing_else(stand: Stand) -> None:
    pair, pairing = await proposed(stand)
    undecided = "/my/proposals?is_undecided=true"

    before = (await pair.school.teach(pair.vera, "GET", undecided)).json()
    await pair.school.say(pair.vera, pairing, "decline")
    after = (await pair.school.teach(pair.vera, "GET", undecided)).json()

    assert ([one["state"] for one in before], after) == (["PROPOSED"], [])


async def test_a_decline_does_not_say_by_whom(stand: Stand) -> None:
    pair, pairing = await proposed(stand)
    await pair.school.say(pair.vera, pairing, "accept")

    await pair.school.say(pair.anna, pairing, "decline")

    (body,) = await pair.school.matching.bodies("pairing.declined", pair.school.id)
    assert all(str(person).encode() not in body for person in pair.everyone)


async def test_of_two_answers_at_once_exactly_one_counts(stand: Stand) -> None:
    pair, pairing = await proposed(stand)

    answers = await asyncio.gather(*(pair.school.say(pair.vera, pairing, "decline") for _ in range(3)))

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert await told(pair) == ["proposed", "declined"]


async def test_a_second_yes_is_refused_with_the_legal_step(stand: Stand) -> None:
    pair, pairing = await proposed(stand)

    await pair.school.say(pair.vera, pairing, "accept")
    again = await pair.school.say(pair.vera, pairing, "accept")

    assert (again.status_code, again.json()["state"], again.json()["legal"]) == (409, "TAKER_AGREED", ["DECLINED"])


async def test_silence_of_three_working_days_expires_a_proposal_once(stand: Stand) -> None:
    pair, _ = await proposed(stand)
    stand.clock.move_to(NOW + timedelta(days=4))

    await asyncio.gather(*(expire_overdue(pair.school.matching.db) for _ in range(3)))

    await eventually(lambda: state_of(pair), equals="EXPIRED")
    assert await told(pair) == ["proposed", "expired"]
    assert await pair.school.proposals(pair.anna) == []
    assert [(one["state"], one["can"]) for one in await pair.school.proposals(pair.vera)] == [("EXPIRED", [])]


async def test_a_proposal_that_still_has_time_does_not_expire(stand: Stand) -> None:
    pair, pairing = await proposed(stand)
    stand.clock.move_to(NOW + timedelta(days=2))
    await pair.school.say(pair.vera, pairing, "accept")

    stand.clock.move_to(NOW + timedelta(days=4))
    await expire_overdue(pair.school.matching.db)

    assert await state_of(pair) == "TAKER_AGREED"
    assert len(await pair.school.proposals(pair.anna)) == 1


async def test_the_sweep_of_the_service_expires_by_itself(stand: Stand) -> None:
    pair, _ = await proposed(stand)

    stand.clock.move_to(NOW + timedelta(days=30))

    await eventually(lambda: state_of(pair), equals="EXPIRED")
    await eventually(lambda: told(pair), equals=["proposed", "expired"])


async def test_an_answer_after_the_term_is_too_late_even_before_the_sweep(stand: Stand) -> None:
    pair, pairing = await proposed(stand)
    await pair.school.say(pair.vera, pairing, "accept")
    stand.clock.move_to(NOW + timedelta(days=30))

    giver = await pair.school.say(pair.anna, pairing, "accept")
    taker = await pair.school.say(pair.vera, pairing, "decline")

    assert giver.status_code == 404
    assert (taker.status_code, taker.json()["state"]) == (409, "EXPIRED")
    assert await pair.school.proposals(pair.anna) == []


async def test_a_confirmed_pair_works_from_today_to_the_end_of_the_cycle(stand: Stand) -> None:
    pair, pairing = await accepted(stand)

    answer = await pair.school.curate("POST", f"/pairings/{pairing}/confirm")

    assert (
        answer.json().items()
        >= {
            "state": "FORMED",
            "term_from": "2026-10-12",
            "term_to": CYCLE_ENDS.isoformat(),
            "can": [],
        }.items()
    )
    (body,) = await pair.school.matching.bodies("pairing.formed", pair.school.id)
    assert all(part in body for part in (b'"REVERSE"', b'"2026-10-12"', str(pair.anna).encode()))
    assert await run_state(pair) == "CONFIRMED"


async def test_the_day_of_the_term_is_the_day_at_the_place(stand: Stand) -> None:
    pair, pairing = await accepted(stand)
    stand.clock.move_to(datetime.fromisoformat("2026-10-12T22:30:00+00:00"))

    answer = await pair.school.curate("POST", f"/pairings/{pairing}/confirm")

    assert answer.json()["term_from"] == "2026-10-13"


@pytest.mark.parametrize(
    ("term", "slug"),
    [
        ({"term_from": "2026-12-01", "term_to": "2026-11-01"}, "pairing.term-reversed"),
        ({"term_to": "2027-08-01"}, "pairing.term-beyond-cycle"),
    ],
)
async def test_an_impossible_term_is_refused(stand: Stand, term: dict[str, str], slug: str) -> None:
    pair, pairing = await accepted(stand)

    answer = await pair.school.curate("POST", f"/pairings/{pairing}/confirm", json=term)

    assert (answer.status_code, answer.json()["type"]) == (422, f"urn:neo:problem:{slug}")
    assert await state_of(pair) == "ACCEPTED"


async def test_nothing_is_confirmed_before_both_have_accepted_nor_twice(stand: Stand) -> None:
    pair, pairing = await proposed(stand)
    door = f"/pairings/{pairing}/confirm"

    early = await pair.school.curate("POST", door)
    for person in (pair.vera, pair.anna):
        await pair.school.say(person, pairing, "accept")
    at_once = await asyncio.gather(*(pair.school.curate("POST", door) for _ in range(3)))

    assert (early.status_code, early.json()["state"], early.json()["legal"]) == (409, "PROPOSED", [])
    assert sorted(answer.status_code for answer in at_once) == [200, 409, 409]
    assert await told(pair) == ["proposed", "accepted", "formed"]


async def test_a_curator_who_is_one_of_the_two_does_not_confirm(stand: Stand) -> None:
    pair, pairing = await accepted(stand)
    school = pair.school

    answers = [
        await school.matching.call(
            "POST",
            f"/schools/{school.id}/pairings/{pairing}/confirm",
            by=person,
            groups=[f"/schools/{school.id}/curator", f"/schools/{school.id}/teacher"],
        )
        for person in (pair.anna, pair.vera)
    ]

    assert {(one.status_code, one.json()["type"]) for one in answers} == {(403, "urn:neo:problem:pairing.own-pairing")}


async def test_the_curator_of_another_school_confirms_nothing_here(stand: Stand) -> None:
    pair, pairing = await accepted(stand)
    matching, stranger, groups = pair.school.matching, uuid4(), ["/schools/elsewhere/curator"]

    here = await matching.call(
        "POST", f"/schools/{pair.school.id}/pairings/{pairing}/confirm", by=stranger, groups=groups
    )
    there = await matching.call("POST", f"/schools/elsewhere/pairings/{pairing}/confirm", by=stranger, groups=groups)

    assert (here.status_code, there.status_code) == (403, 404)
    assert await state_of(pair) == "ACCEPTED"


async def test_a_member_who_is_curator_elsewhere_is_only_a_teacher_here(stand: Stand) -> None:
    pair, pairing = await accepted(stand)
    school, groups = pair.school, [f"/schools/{pair.school.id}/teacher", "/schools/elsewhere/curator"]

    async def call(method: str, path: str) -> int:
        answer = await school.matching.call(method, f"/schools/{school.id}{path}", by=pair.boris, groups=groups)
        return answer.status_code

    refused = [
        await call("POST", f"/pairings/{pairing}/confirm"),
        await call("GET", "/pairings"),
        await call("GET", "/runs"),
        await call("GET", "/bans"),
    ]

    assert refused == [403] * 4
    assert await call("GET", "/my/proposals") == 200


async def test_a_pair_that_was_banned_meanwhile_is_not_formed(stand: Stand) -> None:
    pair, pairing = await accepted(stand)
    await pair.school.curate("PUT", f"/bans/{pair.anna}/{pair.vera}")

    answer = await pair.school.curate("POST", f"/pairings/{pairing}/confirm")

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:neo:problem:pairing.banned")


async def test_a_run_is_confirmed_when_nothing_is_left_to_decide(stand: Stand) -> None:
    trio = await a_trio(stand)
    school = trio.school
    await school.published()
    pairings = (await school.curate("GET", "/pairings")).json()["items"]
    first, second, third = pairings
    for one in (first, second):
        await school.say(UUID(one["taker_id"]), one["pairing_id"], "accept")
        await school.say(UUID(one["giver_id"]), one["pairing_id"], "accept")
    seen = [await run_state(trio)]

    await school.say(UUID(third["taker_id"]), third["pairing_id"], "decline")
    seen.append(await run_state(trio))
    await asyncio.gather(*(school.curate("POST", f"/pairings/{one['pairing_id']}/confirm") for one in (first, second)))

    assert seen == ["PUBLISHED", "PUBLISHED"]
    await eventually(lambda: run_state(trio), equals="CONFIRMED")


async def test_a_run_without_any_formed_pair_is_not_confirmed(stand: Stand) -> None:
    pair, pairing = await proposed(stand)

    await pair.school.say(pair.vera, pairing, "decline")

    assert await run_state(pair) == "PUBLISHED"


async def test_a_declined_need_is_open_for_the_next_run(stand: Stand) -> None:
    pair, pairing = await proposed(stand)
    await pair.school.say(pair.vera, pairing, "decline")

    run = await pair.school.solved()

    assert run["demand"] == 1
    assert await pair.school.proposed(run["run_id"]) == {(pair.anna, pair.vera, "D01")}


async def test_pairings_are_listed_by_state_and_cycle_in_pages(stand: Stand) -> None:
    trio = await a_trio(stand)
    await trio.school.published()

    first = (await trio.school.curate("GET", "/pairings", params={"limit": 2})).json()
    rest = (await trio.school.curate("GET", "/pairings", params={"limit": 2, "after": first["next"]})).json()
    formed_ones = (await trio.school.curate("GET", "/pairings", params={"state": "FORMED"})).json()
    other_cycle = (await trio.school.curate("GET", "/pairings", params={"cycle_id": str(uuid4())})).json()

    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
    assert formed_ones["items"] == other_cycle["items"] == []
