"""A school under diagnosis: its people, its cycle, and how they answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from chassis.testing import eventually
from contracts.documents import ConsentGiven, ConsentPurpose, ConsentWithdrawn
from contracts.registry import CycleOpened, CycleStage, CycleStageChanged, MembershipChanged
from tests.stand import Running, Stand, a_school

NOW = datetime(2026, 9, 14, 9, tzinfo=UTC)
CLOSES_ON = date(2026, 9, 25)
LATER = timedelta(days=120)

Marks = Mapping[str, int | None]


def a_member(
    school: str,
    person: UUID | None = None,
    *,
    roles: Sequence[str] = ("teacher",),
    profiles: Sequence[str] = ("SUBJECT_TEACHER",),
    subjects: Sequence[str] = ("CHE",),
    left_on: date | None = None,
    revision: int = 1,
) -> MembershipChanged:
    return MembershipChanged(
        school_id=school,
        person_id=person or uuid4(),
        roles=tuple(roles),
        role_profiles=tuple(profiles),
        subjects=tuple(subjects),
        counts_in_staff=True,
        joined_on=date(2020, 9, 1),
        left_on=left_on,
        revision=revision,
        occurred_at=NOW,
    )


def a_cycle(school: str, cycle: UUID | None = None) -> CycleOpened:
    return CycleOpened(
        school_id=school,
        cycle_id=cycle or uuid4(),
        starts_on=date(2026, 9, 1),
        ends_on=date(2027, 6, 15),
        occurred_at=NOW,
    )


def a_stage(school: str, cycle: UUID, stage: CycleStage, *, revision: int) -> CycleStageChanged:
    return CycleStageChanged(
        school_id=school,
        cycle_id=cycle,
        stage=stage,
        previous=CycleStage.APPROVED,
        revision=revision,
        occurred_at=NOW,
    )


def a_consent(
    school: str,
    person: UUID,
    *,
    is_given: bool,
    purpose: ConsentPurpose = ConsentPurpose.PD_SHARE_CURATOR,
    revision: int = 1,
) -> ConsentGiven | ConsentWithdrawn:
    fact = ConsentGiven if is_given else ConsentWithdrawn
    return fact(school_id=school, person_id=person, purpose=purpose, revision=revision, occurred_at=NOW)


@dataclass
class Classroom:
    """A running diagnostics service, one school in it, and its people."""

    stand: Stand
    running: Running
    school: str
    cycle: UUID
    teachers: list[UUID]
    observers: list[UUID]
    curator: UUID = field(default_factory=uuid4)
    stages: int = 0

    async def call(self, method: str, path: str, *, by: UUID, role: str = "teacher", **request: Any) -> httpx.Response:
        """Call a door of the school in one role."""
        groups = [f"/schools/{self.school}/{role}"]
        return await self.running.call(method, f"/schools/{self.school}{path}", by=by, groups=groups, **request)

    async def reach(self, stage: CycleStage) -> None:
        """Let the cycle come to a stage."""
        self.stages += 1
        await self.stand.publish(a_stage(self.school, self.cycle, stage, revision=self.stages))
        await eventually(self._stage, equals=stage.value)

    async def _stage(self) -> str:
        async with self.running.db.transaction(self.school) as tx:
            found = await tx.value(text("select stage from cycles where cycle_id = :id"), {"id": self.cycle})
        return str(found)

    async def try_opening(self, campaign: UUID, *, wave: int = 1, closes_on: date = CLOSES_ON) -> httpx.Response:
        """The curator's attempt to open a campaign."""
        wanted = {"cycle_id": str(self.cycle), "wave": wave, "closes_on": closes_on.isoformat()}
        return await self.call("PUT", f"/campaigns/{campaign}", by=self.curator, role="curator", json=wanted)

    async def opened(self, *, wave: int = 1) -> UUID:
        """An open campaign."""
        campaign = uuid4()
        answer = await self.try_opening(campaign, wave=wave)
        assert answer.status_code == 201, answer.text
        return campaign

    async def opened_again(self, *, later: timedelta = LATER) -> UUID:
        """The second diagnosis, open, after the working part of the cycle."""
        self.stand.clock.move_to(NOW + later)
        await self.reach(CycleStage.POST_DIAGNOSTICS)
        campaign, closes_on = uuid4(), (NOW + later + timedelta(days=11)).date()
        answer = await self.try_opening(campaign, wave=2, closes_on=closes_on)
        assert answer.status_code == 201, answer.text
        return campaign

    async def close(self, campaign: UUID) -> httpx.Response:
        """The curator ends a campaign."""
        return await self.call("POST", f"/campaigns/{campaign}/close", by=self.curator, role="curator")

    async def form(self, person: UUID, campaign: UUID, *, role: str = "teacher") -> dict[str, Any]:
        """What a campaign asks of a person."""
        answer = await self.call("GET", "/my/forms", by=person, role=role)
        assert answer.status_code == 200, answer.text
        return next(each for each in cast(list[dict[str, Any]], answer.json()) if each["campaign_id"] == str(campaign))

    async def answer_self(
        self, campaign: UUID, person: UUID, level: int | Marks, *, final: bool = True
    ) -> httpx.Response:
        """A person answers about oneself: one level for everything, or marks."""
        codes = (await self.form(person, campaign))["self"]["competencies"]
        given = {"answers": _marks(codes, level), "is_final": final}
        return await self.call("PUT", f"/my/forms/{campaign}/self", by=person, json=given)

    async def rate(self, campaign: UUID, rater: UUID, person: UUID, level: int | Marks) -> httpx.Response:
        """A colleague rates a person."""
        form = await self.form(rater, campaign)
        codes = next(each["competencies"] for each in form["colleagues"] if each["person_id"] == str(person))
        door = f"/my/forms/{campaign}/colleagues/{person}"
        return await self.call("PUT", door, by=rater, json={"answers": _marks(codes, level)})

    async def observe(self, campaign: UUID, person: UUID, level: int | Marks, *, lessons: int = 2) -> httpx.Response:
        """The observer of a person records what was seen."""
        observer, codes = await self._observed(campaign, person)
        given = {"answers": _marks(codes, level), "lessons": lessons}
        door = f"/my/forms/{campaign}/observations/{person}"
        return await self.call("PUT", door, by=observer, role="observer", json=given)

    async def _observed(self, campaign: UUID, person: UUID) -> tuple[UUID, list[str]]:
        for observer in self.observers:
            forms = (await self.call("GET", "/my/forms", by=observer, role="observer")).json()
            mine = [form for form in forms if form["campaign_id"] == str(campaign)]
            for each in (seen for form in mine for seen in form["observations"]):
                if each["person_id"] == str(person):
                    return observer, each["competencies"]
        raise AssertionError("nobody observes this person")

    async def raters_of(self, campaign: UUID, person: UUID) -> list[UUID]:
        """The colleagues who were asked about a person."""
        found = []
        for each in self.teachers:
            if each != person:
                form = await self.form(each, campaign)
                found += [each for other in form["colleagues"] if other["person_id"] == str(person)]
        return found

    async def score(self, campaign: UUID, person: UUID, *, own: int | Marks, seen: int | Marks) -> None:
        """A person is scored by the own answers and the observer's."""
        for answer in (
            await self.answer_self(campaign, person, own),
            await self.observe(campaign, person, seen),
        ):
            assert answer.status_code == 200, answer.text

    async def profile(self, person: UUID, campaign: UUID | None = None) -> dict[str, dict[str, Any]]:
        """A person's own profile by competency."""
        query = {"campaign_id": str(campaign)} if campaign else {}
        answer = await self.call("GET", "/my/profile", by=person, params=query)
        assert answer.status_code == 200, answer.text
        return {each["competency"]: each for each in answer.json()}

    async def release(self, person: UUID, *codes: str) -> httpx.Response:
        """A person releases competencies."""
        wanted = {"cycle_id": str(self.cycle), "competencies": list(codes)}
        return await self.call("POST", "/my/releases", by=person, json=wanted)

    async def released(self, **query: Any) -> list[dict[str, Any]]:
        """What the curator may know."""
        wanted = {"cycle_id": str(self.cycle), **query}
        answer = await self.call("GET", "/released", by=self.curator, role="curator", params=wanted)
        assert answer.status_code == 200, answer.text
        return cast(list[dict[str, Any]], answer.json()["items"])


def _marks(codes: Sequence[str], level: int | Marks) -> dict[str, int | None]:
    if isinstance(level, int):
        return dict.fromkeys(codes, level)
    return {code: level.get(code) for code in codes}


async def a_classroom(stand: Stand, *, teachers: int = 5, observers: int = 1) -> Classroom:
    """A school with people and an approved cycle whose first diagnosis may begin."""
    stand.clock.move_to(NOW + timedelta(hours=1))
    running = await stand.service("diagnostics")
    school, cycle = a_school(), a_cycle("-")
    people = [a_member(school) for _ in range(teachers)]
    watching = [a_member(school, roles=("observer",), profiles=()) for _ in range(observers)]
    await stand.publish(*people, *watching, a_cycle(school, cycle.cycle_id))
    await eventually(lambda: running.count("members", school), equals=teachers + observers)
    await eventually(lambda: running.count("cycles", school), equals=1)
    room = Classroom(
        stand=stand,
        running=running,
        school=school,
        cycle=cycle.cycle_id,
        teachers=[each.person_id for each in people],
        observers=[each.person_id for each in watching],
    )
    await room.reach(CycleStage.DIAGNOSTICS_OPEN)
    return room
