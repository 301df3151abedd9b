"""Notices of a diagnostic through the service: who gets one, who gets none, what is taken back."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from chassis.testing import eventually
from contracts.diagnostics import CampaignClosed, CampaignOpened, DiagnosticCompleted
from contracts.registry import MembershipChanged, PersonErased, PersonLeft
from services.tracking import actions
from tests.stand import Running, Stand, a_school

NOW = datetime(2026, 9, 14, 9, tzinfo=UTC)
CYCLE = UUID(int=7)


class School:
    """A school with one campaign, and how its teachers look at their notices."""

    def __init__(self, stand: Stand, tracking: Running) -> None:
        self.stand = stand
        self.tracking = tracking
        self.id = a_school()
        self.campaign = uuid4()
        stand.clock.move_to(NOW)

    def opened(self, at: datetime = NOW) -> CampaignOpened:
        return CampaignOpened(
            school_id=self.id,
            campaign_id=self.campaign,
            cycle_id=CYCLE,
            wave=1,
            invited=3,
            closes_on=date(2026, 9, 30),
            occurred_at=at,
        )

    def closed(self) -> CampaignClosed:
        return CampaignClosed(
            school_id=self.id,
            campaign_id=self.campaign,
            cycle_id=CYCLE,
            wave=1,
            invited=3,
            scored=1,
            revision=2,
            occurred_at=NOW,
        )

    def completed(self, person: UUID) -> DiagnosticCompleted:
        return DiagnosticCompleted(
            school_id=self.id,
            campaign_id=self.campaign,
            person_id=person,
            cycle_id=CYCLE,
            wave=1,
            competencies=15,
            occurred_at=NOW,
        )

    def member(self, person: UUID, *roles: str) -> MembershipChanged:
        return MembershipChanged(
            school_id=self.id,
            person_id=person,
            roles=roles or ("teacher",),
            role_profiles=(),
            subjects=(),
            counts_in_staff=True,
            joined_on=date(2020, 9, 1),
            occurred_at=NOW,
        )

    async def call(self, person: UUID, method: str, path: str, **request: Any) -> httpx.Response:
        path = f"/schools/{self.id}/my/{path}"
        return await self.tracking.call(method, path, by=person, groups=[f"/schools/{self.id}/teacher"], **request)

    async def seen_by(self, person: UUID) -> list[str]:
        """The kinds of notices that a person sees, once time has passed over the schools."""
        await actions.remind(self.tracking.db)
        answer = await self.call(person, "GET", "notifications")
        assert answer.status_code == 200, answer.text
        return [item["kind"] for item in answer.json()["items"]]

    async def takes_in(self, *facts: Any) -> None:
        """Publish facts and wait until they are taken in."""
        await self.stand.publish(*facts)
        ids = ",".join(f"'{fact.event_id}'" for fact in facts)

        async def taken() -> int:
            async with self.tracking.db.transaction() as tx:
                return int(await tx.value(text(f"select count(*) from inbox where event_id in ({ids})")))

        await eventually(taken, equals=len(facts))


async def test_open_diagnostic_is_told_to_teachers_once_and_to_nobody_who_is_none_or_has_completed(
    stand: Stand,
) -> None:
    school = School(stand, await stand.service("tracking"))
    teacher, done, curator = uuid4(), uuid4(), uuid4()

    # The completion comes before all that it is about.
    await school.takes_in(school.completed(done), school.member(done), school.opened())
    await school.takes_in(school.member(teacher), school.member(curator, "curator"))

    assert await school.seen_by(teacher) == ["diagnostic-opened"]
    assert await school.seen_by(teacher) == ["diagnostic-opened"]
    assert await school.seen_by(done) == []
    assert await school.seen_by(curator) == []


async def test_replay_of_an_old_campaign_tells_nobody(stand: Stand) -> None:
    school = School(stand, await stand.service("tracking"))
    teacher = uuid4()

    await school.takes_in(school.member(teacher), school.opened(NOW - timedelta(days=2, minutes=1)))

    assert await school.seen_by(teacher) == []


async def test_unread_notice_is_taken_back_when_it_no_longer_holds_and_a_read_one_stays(stand: Stand) -> None:
    school = School(stand, await stand.service("tracking"))
    reader, done, leaver, waiting, late = (uuid4() for _ in range(5))
    people = (reader, done, leaver, waiting)
    await school.takes_in(school.opened(), *(school.member(person) for person in people))
    assert [await school.seen_by(person) for person in people] == [["diagnostic-opened"]] * 4
    notice = (await school.call(reader, "GET", "notifications")).json()["items"][0]["notification_id"]
    assert (await school.call(reader, "POST", f"notifications/{notice}/read")).status_code == 200
    left = PersonLeft(school_id=school.id, person_id=leaver, left_on=NOW.date(), occurred_at=NOW, revision=2)

    await school.takes_in(school.completed(done), left)
    assert [await school.seen_by(person) for person in (done, leaver)] == [[], []]
    assert await school.seen_by(waiting) == ["diagnostic-opened"]
    await school.takes_in(school.closed(), school.member(late))

    assert [await school.seen_by(person) for person in (waiting, late)] == [[], []]
    assert await school.seen_by(reader) == ["diagnostic-opened"]


async def test_notice_made_in_the_evening_is_seen_at_eight(stand: Stand) -> None:
    school = School(stand, await stand.service("tracking"))
    teacher = uuid4()
    stand.clock.move_to(NOW.replace(hour=19))

    await school.takes_in(school.member(teacher), school.opened(NOW.replace(hour=19)))
    assert await school.seen_by(teacher) == []
    stand.clock.move_to(datetime(2026, 9, 15, 5, 1, tzinfo=UTC))

    assert await school.seen_by(teacher) == ["diagnostic-opened"]


async def test_last_days_are_told_newest_first_page_by_page_and_read_twice_is_read_once(stand: Stand) -> None:
    school = School(stand, await stand.service("tracking"))
    teacher = uuid4()
    await school.takes_in(school.member(teacher), school.opened())
    await school.seen_by(teacher)
    for day in (25, 30):
        stand.clock.move_to(datetime(2026, 9, day, 6, tzinfo=UTC))
        kinds = await school.seen_by(teacher)
    assert kinds == ["diagnostic-last-day", "diagnostic-closes-soon", "diagnostic-opened"]

    page = (await school.call(teacher, "GET", "notifications?limit=2")).json()
    rest = (await school.call(teacher, "GET", f"notifications?limit=2&after={page['next']}")).json()
    soon = page["items"][1]
    reads = [await school.call(teacher, "POST", f"notifications/{soon['notification_id']}/read") for _ in range(2)]

    assert "30 сентября" in soon["text"]
    assert soon["link"] == f"/schools/{school.id}/my/forms"
    assert ([one["kind"] for one in rest["items"]], rest["next"]) == (["diagnostic-opened"], None)
    assert reads[0].json()["read_at"] == reads[1].json()["read_at"] is not None
    assert (await school.call(uuid4(), "POST", f"notifications/{soon['notification_id']}/read")).status_code == 404


async def test_person_chooses_hours_and_kinds_and_an_erased_one_leaves_nothing(stand: Stand) -> None:
    school = School(stand, await stand.service("tracking"))
    muting, hushed = uuid4(), uuid4()
    usual = (await school.call(muting, "GET", "notification-settings")).json()
    assert usual == {"quiet_from": "21:00", "quiet_to": "08:00", "muted": []}
    wish = {"quiet_from": "21:00", "quiet_to": "08:00", "muted": ["diagnostic-opened"]}
    long = {"quiet_from": "08:00", "quiet_to": "15:30", "muted": []}
    assert (await school.call(muting, "PUT", "notification-settings", json=wish)).json() == wish
    assert (await school.call(hushed, "PUT", "notification-settings", json=long)).json() == long
    assert (await school.call(hushed, "GET", "notification-settings")).json() == long
    wrong = {**long, "quiet_from": "25:00"}
    assert (await school.call(hushed, "PUT", "notification-settings", json=wrong)).status_code == 422

    await school.takes_in(school.opened(), school.member(muting), school.member(hushed))
    assert [await school.seen_by(person) for person in (muting, hushed)] == [[], []]
    stand.clock.move_to(NOW.replace(hour=12, minute=31))
    assert [await school.seen_by(person) for person in (muting, hushed)] == [[], ["diagnostic-opened"]]
    erasure = PersonErased(person_id=hushed, school_ids=(school.id,), occurred_at=NOW)
    await school.takes_in(erasure)
    await school.takes_in(school.completed(hushed))

    assert await school.seen_by(hushed) == []
    refused = await school.call(hushed, "PUT", "notification-settings", json=long)
    assert refused.json()["type"] == "urn:neo:problem:identity.erased"
    for table in ("notifications", "completions", "notification_settings"):
        assert await school.tracking.count(f"{table} where person_id = '{hushed}'", school.id) == 0
