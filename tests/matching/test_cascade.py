"""What was lost before and after publication, and the next best after a no or a silence."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.testing import eventually
from contracts.diagnostics import NeedWithdrawn, OfferWithdrawn, ProfileReleaseWithdrawn
from contracts.documents import ConsentPurpose, ConsentWithdrawn
from contracts.event import Event
from contracts.registry import CycleStage, CycleStageChanged, PersonLeft
from tests.matching.pairs import proposed, told
from tests.matching.school import NOW, Trio, a_running_school, a_trio
from tests.stand import Stand

DAYS_FOR_AN_ANSWER = 5


def what_is_lost(trio: Trio, which: str) -> Event:
    """Something that takes Boris from Anna as her giver of D02 away."""
    school, about = trio.school, trio.school.about
    facts: dict[str, Event] = {
        "strength-gone": ProfileReleaseWithdrawn(**about(trio.boris, "D02", revision=2)),
        "need-gone": NeedWithdrawn(**about(trio.anna, "D02", revision=2)),
        "offer-gone": OfferWithdrawn(**about(trio.boris, "D02", revision=2)),
        "consent-gone": ConsentWithdrawn(
            school_id=school.id, person_id=trio.boris, purpose=ConsentPurpose.PD_PLATFORM, revision=2, occurred_at=NOW
        ),
        "left": PersonLeft(
            school_id=school.id, person_id=trio.boris, left_on=date(2026, 10, 12), revision=2, occurred_at=NOW
        ),
    }
    return facts[which]


@pytest.mark.parametrize(
    ("which", "loss", "left"),
    [
        ("strength-gone", "strength-gone", 2),
        ("need-gone", "need-gone", 2),
        ("offer-gone", "strength-gone", 2),
        ("consent-gone", "giver-gone", 1),
        ("left", "giver-gone", 1),
    ],
)
async def test_what_is_lost_before_publication_is_shown_and_not_published(
    stand: Stand, which: str, loss: str, left: int
) -> None:
    trio = await a_trio(stand)
    school = trio.school
    run = (await school.solved())["run_id"]
    await school.curate("POST", f"/runs/{run}/choose", json={"variant": "dual-first"})
    await school.hear(what_is_lost(trio, which))

    stale = (await school.curate("GET", f"/runs/{run}/stale", headers={"Accept-Language": "en"})).json()
    refused = await school.curate("POST", f"/runs/{run}/publish")
    published = await school.curate("POST", f"/runs/{run}/publish", json={"without_lost": True})

    assert {"giver_id": str(trio.boris), "taker_id": str(trio.anna), "competency": "D02", "loss": loss}.items() <= (
        next(one for one in stale if one["competency"] == "D02").items()
    )
    assert all(one["text"].isascii() and "lost." not in one["text"] for one in stale)
    assert (refused.status_code, refused.json()["gone"]) == (409, len(stale))
    assert published.json()["state"] == "PUBLISHED"
    pairings = (await school.curate("GET", "/pairings")).json()["items"]
    assert len(pairings) == left
    assert str(trio.boris) not in {one["giver_id"] for one in pairings}
    (edit,) = (await school.curate("GET", f"/runs/{run}/edits")).json()["items"]
    assert (edit["kind"], edit["made_by"]) == ("without-lost", str(school.curator))


async def test_a_run_that_lost_nothing_is_published_as_it_was_reviewed(stand: Stand) -> None:
    trio = await a_trio(stand)
    school = trio.school
    run = (await school.solved())["run_id"]
    await school.curate("POST", f"/runs/{run}/choose", json={"variant": "dual-first"})

    await school.curate("POST", f"/runs/{run}/publish", json={"without_lost": True})

    assert (await school.curate("GET", f"/runs/{run}/stale")).json() == []
    assert (await school.curate("GET", f"/runs/{run}/edits")).json()["items"] == []
    assert len((await school.curate("GET", "/pairings")).json()["items"]) == len(trio.best)


async def test_pairings_in_any_of_several_states_are_asked_for_at_once(stand: Stand) -> None:
    trio = await a_trio(stand)
    school = trio.school
    run = (await school.solved())["run_id"]
    await school.curate("POST", f"/runs/{run}/choose", json={"variant": "dual-first"})
    await school.curate("POST", f"/runs/{run}/publish")

    async def standing(states: str) -> int:
        return len((await school.curate("GET", f"/pairings?{states}")).json()["items"])

    proposed = await standing("state=PROPOSED")

    assert proposed > 0
    assert await standing("state=TAKER_AGREED") == 0
    assert await standing("state=PROPOSED&state=TAKER_AGREED") == proposed
    assert (await school.curate("GET", "/pairings?state=PROPOSED&state=LOST")).status_code == 422


async def test_what_is_lost_after_publication_warns_the_curator_and_ends_nothing(stand: Stand) -> None:
    pair, pairing = await proposed(stand)
    school = pair.school
    before = (await school.curate("GET", "/pairings")).json()["items"]
    await school.hear(
        ProfileReleaseWithdrawn(**school.about(pair.anna, revision=2)),
        NeedWithdrawn(**school.about(pair.vera, revision=2)),
    )

    (seen,) = (await school.curate("GET", "/pairings", headers={"Accept-Language": "en"})).json()["items"]
    agreed = await school.say(pair.vera, pairing, "accept")

    assert [one["warnings"] for one in before] == [[]]
    assert [one["code"] for one in seen["warnings"]] == ["strength-withdrawn", "need-withdrawn"]
    assert all(one["text"].isascii() and "warning." not in one["text"] for one in seen["warnings"])
    assert agreed.json()["state"] == "TAKER_AGREED"


async def two_givers(stand: Stand, **publication: Any) -> tuple[Trio, dict[str, Any]]:
    """Anna and Boris are both strong in what Vera needs; one of them is proposed to her."""
    school = await a_running_school(stand)
    trio = Trio(school, uuid4(), uuid4(), uuid4())
    await school.hear(
        school.cycle_opened(),
        *(school.member(person) for person in trio.everyone),
        *school.strong(trio.anna),
        *school.strong(trio.boris),
        *school.needs(trio.vera),
    )
    await school.free(*trio.everyone)
    run = (await school.solved())["run_id"]
    await school.curate("POST", f"/runs/{run}/choose", json={"variant": "dual-first"})
    answer = await school.curate("POST", f"/runs/{run}/publish", json=publication)
    assert answer.status_code == 200, answer.text
    (proposal,) = await school.proposals(trio.vera)
    return trio, proposal


async def asked(trio: Trio) -> list[str]:
    """Where Vera's proposals stand, in the order in which she was asked."""
    pairings = (await trio.school.curate("GET", "/pairings")).json()["items"]
    order = {"DECLINED": 0, "EXPIRED": 0}
    return sorted((one["state"] for one in pairings), key=lambda state: order.get(state, 1))


async def test_after_a_no_the_next_best_is_asked_in_the_same_run_and_nobody_twice(stand: Stand) -> None:
    trio, first = await two_givers(stand)
    school, others = trio.school, {trio.anna, trio.boris} - {UUID(first["partner_id"])}

    await school.say(trio.vera, first["pairing_id"], "decline")
    await eventually(lambda: asked(trio), equals=["DECLINED", "PROPOSED"])
    (second,) = [one for one in await school.proposals(trio.vera) if one["state"] == "PROPOSED"]
    await school.say(trio.vera, second["pairing_id"], "accept")
    await school.say(UUID(second["partner_id"]), second["pairing_id"], "decline")

    # The worker takes its work in turn: once a later run is solved, there was nobody left to ask.
    later = await school.solved()
    assert {UUID(second["partner_id"])} == others
    assert await asked(trio) == ["DECLINED", "DECLINED"]
    assert await told(trio) == ["proposed", "declined", "proposed", "declined"]
    assert later["demand"] == 1
    for giver in (trio.anna, trio.boris):
        assert await school.proposals(giver) == []


async def test_after_a_silence_the_next_best_is_asked(stand: Stand) -> None:
    trio, _ = await two_givers(stand)

    stand.clock.move_to(NOW + timedelta(days=4))

    await eventually(lambda: asked(trio), equals=["EXPIRED", "PROPOSED"])


async def test_nobody_is_asked_any_more_in_a_cycle_that_is_over(stand: Stand) -> None:
    trio, first = await two_givers(stand)
    about = {"school_id": trio.school.id, "cycle_id": trio.school.cycle, "occurred_at": NOW}
    await trio.school.hear(
        CycleStageChanged.model_validate(
            {**about, "previous": CycleStage.ACTIVE, "stage": CycleStage.CLOSED, "revision": 2}
        )
    )

    await trio.school.say(trio.vera, first["pairing_id"], "decline")
    await eventually(lambda: is_searching(trio), equals=False)

    assert await asked(trio) == ["DECLINED"]


async def is_searching(trio: Trio) -> bool:
    return bool((await trio.school.curate("GET", "/runs")).json()["items"][0]["is_searching"])


async def test_the_others_keep_theirs_and_a_run_is_confirmed_with_the_next_best(stand: Stand) -> None:
    trio, first = await two_givers(stand)
    school = trio.school
    await school.say(trio.vera, first["pairing_id"], "decline")
    await eventually(lambda: asked(trio), equals=["DECLINED", "PROPOSED"])
    (second,) = [one for one in await school.proposals(trio.vera) if one["state"] == "PROPOSED"]

    for person in (trio.vera, UUID(second["partner_id"])):
        await school.say(person, second["pairing_id"], "accept")
    formed = await school.curate("POST", f"/pairings/{second['pairing_id']}/confirm")

    assert (formed.status_code, formed.json()["state"]) == (200, "FORMED")
    assert (await school.curate("GET", "/runs")).json()["items"][0]["state"] == "CONFIRMED"


async def test_a_curator_gives_other_days_for_an_answer(stand: Stand) -> None:
    _, proposal = await two_givers(stand, answer_days=DAYS_FOR_AN_ANSWER)

    # Monday; the fifth working day after it is the next Monday, whole, at Moscow time.
    assert proposal["expires_at"] == "2026-10-19T21:00:00Z"
