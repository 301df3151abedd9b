"""How the work of a pair ends: as planned, early, with notice, or because somebody left."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from chassis.testing import eventually
from contracts.documents import ConsentPurpose, PaperKind
from contracts.registry import MembershipChanged, PersonLeft
from services.tracking import actions
from tests.stand import Running, Stand, a_school
from tests.tracking.pairs import NOW, Pair, a_consent, a_pairing, a_working_pair, an_opened_pair, an_order


def a_leave(school: str, person: UUID, *, revision: int = 2) -> PersonLeft:
    return PersonLeft(school_id=school, person_id=person, left_on=NOW.date(), occurred_at=NOW, revision=revision)


def a_membership(school: str, person: UUID, *, left_on: date | None = None, revision: int = 1) -> MembershipChanged:
    return MembershipChanged(
        school_id=school,
        person_id=person,
        roles=("teacher",),
        role_profiles=(),
        subjects=(),
        counts_in_staff=True,
        joined_on=date(2020, 9, 1),
        left_on=left_on,
        occurred_at=NOW,
        revision=revision,
    )


async def a_labour_pair(stand: Stand, tracking: Running, at: datetime) -> Pair:
    stand.clock.move_to(at)
    pair = await an_opened_pair(stand, tracking)
    await pair.curator("PUT", f"assignments/{pair.id}/basis", json={"basis": "LABOUR_351_8"})
    labour = ConsentPurpose.MENTORING_351_8
    await stand.publish(
        a_consent(pair.school, pair.formed.giver_id, labour),
        a_consent(pair.school, pair.formed.taker_id, labour),
        an_order(pair.formed, PaperKind.DOC07),
        an_order(pair.formed, PaperKind.DOC08),
    )
    await eventually(pair.state, equals="ACTIVE")
    return pair


async def test_completed_work_takes_no_further_step(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)

    done = await pair.step("complete")
    again = await pair.step("complete")

    assert done.json()["state"] == "COMPLETED"
    assert again.status_code == 409
    assert (again.json()["state"], again.json()["legal"]) == ("COMPLETED", [])
    assert await pair.verbs() == ["opened", "activated", "completed"]


async def test_of_two_steps_at_once_exactly_one_wins(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)

    answers = await asyncio.gather(pair.step("complete"), pair.step("terminate", reason="incompatibility"))

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert len(await pair.verbs()) == 3


async def test_early_end_with_rematch_asks_for_another_giver_once(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)
    meeting = await pair.plan(NOW + timedelta(days=3))

    ended = await pair.step("terminate", reason="incompatibility", rematch=True)

    meetings = (await pair.taker("GET", "meetings")).json()["items"]
    assert (ended.json()["state"], ended.json()["reason"]) == ("TERMINATED", "incompatibility")
    assert await tracking.announced("rematch", pair.school) == ["neo.tracking.rematch.requested.v1"]
    assert [(row["meeting_id"], row["state"]) for row in meetings] == [(str(meeting), "CANCELLED")]


async def test_paid_mentoring_ends_on_the_third_working_day_at_the_earliest(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    friday = datetime(2026, 11, 13, 9, tzinfo=UTC)
    pair = await a_labour_pair(stand, tracking, friday)

    soon = await pair.step("terminate", reason="mentor_refused", ends_on="2026-11-17")
    past = await pair.step("terminate", reason="mentor_refused", ends_on="2026-11-12")
    announced = await pair.step("terminate", reason="mentor_refused", rematch=True)

    assert (soon.status_code, soon.json()["earliest"]) == (422, "2026-11-18")
    assert past.json()["type"].endswith("assignment.end-passed")
    assert (announced.json()["state"], announced.json()["ends_on"]) == ("ACTIVE", "2026-11-18")
    stand.clock.move_to(datetime(2026, 11, 18, 20, tzinfo=UTC))
    await actions.keep_dates(tracking.db)
    assert await pair.state() == "ACTIVE"
    stand.clock.move_to(datetime(2026, 11, 19, 1, tzinfo=UTC))
    await asyncio.gather(actions.keep_dates(tracking.db), actions.keep_dates(tracking.db))
    assert await pair.verbs() == ["opened", "activated", "terminated"]
    assert await tracking.announced("rematch", pair.school) == ["neo.tracking.rematch.requested.v1"]


async def test_leaver_ends_every_pair_of_the_school(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)
    other = await an_opened_pair(stand, tracking, a_pairing(pair.school, taker_id=pair.formed.giver_id))
    leave = a_leave(pair.school, pair.formed.giver_id)

    await stand.publish(leave, leave)
    await eventually(pair.state, equals="TERMINATED")
    await eventually(other.state, equals="TERMINATED")

    assert (await pair.seen())["reason"] == "dismissed"
    assert await pair.verbs() == ["opened", "activated", "terminated"]


async def test_pair_of_somebody_who_has_left_already_ends_at_once(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    school, leaver, other = a_school(), uuid4(), uuid4()
    await stand.publish(
        *[a_membership(school, leaver)] * 2,
        a_membership(school, leaver, left_on=NOW.date(), revision=2),
        a_membership(school, other),
    )
    await eventually(lambda: tracking.count("members where not is_member", school), equals=1)

    pairing = a_pairing(school, giver_id=leaver)
    pair = Pair(tracking, pairing)
    await stand.publish(pairing)

    await eventually(pair.state, equals="TERMINATED")
    assert await pair.verbs() == ["opened", "terminated"]


async def test_late_news_of_a_leave_does_not_end_the_work_of_somebody_who_came_back(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)
    giver = pair.formed.giver_id
    await stand.publish(a_membership(pair.school, giver, revision=3))
    await eventually(lambda: tracking.count("members", pair.school), equals=1)

    await stand.publish(a_leave(pair.school, giver, revision=2))
    await stand.publish(a_leave(pair.school, uuid4()))
    await eventually(lambda: tracking.count("members", pair.school), equals=2)

    assert await pair.state() == "ACTIVE"


async def test_end_announced_for_a_pair_that_still_waits_comes_on_its_day(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    stand.clock.move_to(NOW)
    pair = await an_opened_pair(stand, tracking)

    announced = await pair.step("terminate", reason="replaced", ends_on="2026-11-20")
    stand.clock.move_to(NOW + timedelta(days=12))
    await actions.keep_dates(tracking.db)

    assert announced.json()["state"] == "OPENED"
    assert await pair.verbs() == ["opened", "terminated"]
