"""The live numbers of a school: what counts, where it counts, and as of when."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.testing import eventually
from contracts.diagnostics import CampaignClosed, CompetencyClass, GainTallied, GapClosed, ProfileTallied
from contracts.event import Event
from contracts.registry import CycleStage, CycleStageChanged
from contracts.tracking import (
    AssignmentActivated,
    AssignmentCompleted,
    AssignmentTerminated,
    Basis,
    MeetingHeld,
    MeetingMissed,
    SurveyTallied,
    TerminationReason,
)
from tests.reporting.year import AUTUMN, JUNE, SPRING, Year, a_school_year, cells
from tests.stand import Running, Stand

GAP, STRENGTH = CompetencyClass.DEFICIT_CONFIRMED, CompetencyClass.STRENGTH_CONFIRMED


def work_of(year: Year, *, giver: UUID, taker: UUID, **other: Any) -> dict[str, Any]:
    """What every fact about one assignment repeats."""
    return {
        "assignment_id": uuid4(),
        "pairing_id": uuid4(),
        "cycle_id": year.cycle,
        "giver_id": giver,
        "taker_id": taker,
        "competency": "D08",
        "giver_school": year.school,
        "taker_school": year.school,
        "basis": Basis.LOCAL_ACT,
    } | other


def held(work: dict[str, Any], *, at: datetime = SPRING) -> MeetingHeld:
    """A meeting of that assignment that took place."""
    same = {name: work[name] for name in ("assignment_id", "cycle_id", "giver_school", "taker_school")}
    return MeetingHeld(**same, meeting_id=uuid4(), kind="working", minutes=45, revision=2, occurred_at=at)


def a_tally(year: Year, *, n: int, gaps: int, wave: int = 1, campaign: UUID | None = None, revision: int = 1) -> Event:
    """The sums of one campaign in the digital domain."""
    return ProfileTallied(
        school_id=year.school,
        campaign_id=campaign or uuid4(),
        cycle_id=year.cycle,
        wave=wave,
        domain="D",
        people=8,
        n=n,
        total=3.0 * n,
        total_squares=9.5 * n,
        missing=0,
        counts={GAP: gaps, STRENGTH: 4},
        occurred_at=AUTUMN,
        revision=revision,
    )


async def counted(reporting: Running, year: Year, indicator: str, *, as_: tuple[float, float | None]) -> None:
    """Wait until an indicator of the school shows this numerator and denominator."""

    async def look() -> tuple[float, float | None]:
        found = (await cells(reporting, year))[indicator]
        return found["n_num"], found["n_den"]

    await eventually(look, equals=as_)


async def test_people_of_a_pair_of_two_schools_count_each_at_the_own_school(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    mentors = await a_school_year(stand, reporting, staff=10, engaged=4)
    mentees = await a_school_year(stand, reporting, staff=12, engaged=4)
    work = work_of(mentees, giver=mentors.people[9], taker=mentees.people[11], giver_school=mentors.school)

    await stand.publish(AssignmentActivated(**work, revision=2, occurred_at=AUTUMN), held(work), held(work))

    await counted(reporting, mentors, "E_ENG_MENTOR", as_=(5, 10))
    await counted(reporting, mentees, "E_ENG_MENTEE", as_=(5, 12))
    assert (await cells(reporting, mentors))["E_ENG_MENTEE"]["n_num"] == 4
    # Its meetings are counted once, at the school of the mentee.
    assert (await cells(reporting, mentors))["MEETINGS_HELD"]["n_num"] == 8
    assert (await cells(reporting, mentees))["MEETINGS_HELD"]["n_num"] == 10


async def test_meeting_that_is_corrected_to_missed_is_counted_no_longer(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting, staff=10, engaged=4)
    work = work_of(year, giver=year.people[8], taker=year.people[9])
    first, second = held(work), held(work)
    wrong = MeetingMissed(**second.model_dump(exclude={"minutes", "event_id", "revision"}), revision=3)

    # The correction comes first: an older fact does not undo it.
    await stand.publish(wrong, second, first, AssignmentActivated(**work, revision=2, occurred_at=AUTUMN))

    await counted(reporting, year, "MEETINGS_HELD", as_=(9, None))
    await counted(reporting, year, "P_CONT", as_=(9, 10))
    assert (await cells(reporting, year))["E_ENG_ANY"]["n_num"] == 4


async def test_closed_gap_counts_once_however_many_pairs_worked_on_it(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting, staff=10, engaged=4)
    taker = year.people[9]
    works = [work_of(year, giver=giver, taker=taker) for giver in year.people[7:9]]
    same: dict[str, Any] = {"school_id": year.school, "cycle_id": year.cycle, "person_id": taker}
    closed = GapClosed(**same, competency="D08", occurred_at=SPRING)
    unmentored = GapClosed(**same, competency="M01", occurred_at=SPRING)

    completed = [AssignmentCompleted(**work, revision=3, occurred_at=SPRING) for work in works]
    await stand.publish(closed, closed, unmentored, *completed)

    await counted(reporting, year, "P_CLOSED", as_=(1, 5))


async def test_pair_that_ended_early_is_counted_and_engages_nobody(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting, staff=10, engaged=4)
    work = work_of(year, giver=year.people[8], taker=year.people[9])
    ended = AssignmentTerminated(**work, reason=TerminationReason.DISMISSED, revision=3, occurred_at=SPRING)

    await stand.publish(ended, held(work), held(work), AssignmentActivated(**work, revision=2, occurred_at=AUTUMN))

    await counted(reporting, year, "P_EARLY", as_=(1, 5))
    await counted(reporting, year, "P_CONSENT", as_=(5, 5))
    assert (await cells(reporting, year))["E_ENG_ANY"]["n_num"] == 4


async def test_assignment_that_met_before_its_papers_is_not_documented(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting, staff=10, engaged=4)
    work = work_of(year, giver=year.people[8], taker=year.people[9])
    early = held(work, at=datetime(2026, 9, 20, 9, tzinfo=UTC))

    await stand.publish(AssignmentActivated(**work, revision=2, occurred_at=AUTUMN), early)

    await counted(reporting, year, "P_CONSENT", as_=(4, 5))


async def test_campaigns_of_the_newest_wave_are_summed_and_a_correction_replaces(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting, staff=10, engaged=4)
    campaign = uuid4()

    await stand.publish(
        a_tally(year, n=50, gaps=30, wave=1),
        a_tally(year, n=24, gaps=7, wave=2, campaign=campaign, revision=2),
        a_tally(year, n=20, gaps=9, wave=2, campaign=campaign, revision=1),
        a_tally(year, n=10, gaps=1, wave=2),
    )

    await counted(reporting, year, "GAPS_D", as_=(8, 34))
    await counted(reporting, year, "STRENGTHS_D", as_=(8, 34))


async def test_gains_carry_their_interval_and_what_stands_beside_them(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting, staff=10, engaged=4)
    sums: dict[str, Any] = {"people": 8, "n": 16, "total": 8.0, "total_squares": 9.0, "reliable": 6, "missing": 2}
    gain = GainTallied(
        school_id=year.school, campaign_id=uuid4(), cycle_id=year.cycle, domain="D", occurred_at=SPRING, **sums
    )

    await stand.publish(gain, gain)

    await counted(reporting, year, "P_GAIN_D", as_=(8, 16))
    found = await cells(reporting, year)
    assert found["P_GAIN_D"]["ci_low"] < found["P_GAIN_D"]["value"] == 0.5 < found["P_GAIN_D"]["ci_high"]
    assert (found["P_GAIN_D.reliable"]["n_num"], found["P_GAIN_D.missing"]["n_num"]) == (6, 2)


async def test_satisfaction_counts_its_own_question_over_both_roles(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting, staff=10, engaged=4)
    survey: dict[str, Any] = {"school_id": year.school, "survey_id": uuid4(), "cycle_id": year.cycle}
    answers = {"giver": {"3": 2, "4": 3, "5": 5}, "taker": {"1": 1, "5": 6}}

    tallies = [
        SurveyTallied(**survey, role=role, invited=12, answered=10, counts={"satisfaction": marks}, occurred_at=SPRING)
        for role, marks in answers.items()
    ]
    await stand.publish(*tallies, *tallies)

    await counted(reporting, year, "P_CSAT", as_=(14, 17))
    await counted(reporting, year, "P_CSAT.response_rate", as_=(17, 24))


async def test_report_holds_what_was_so_on_its_date_at_the_schools_own_midnight(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting, staff=10, engaged=4)
    work = work_of(year, giver=year.people[8], taker=year.people[9])
    # 1 February ends in Saint Petersburg at 21:00 UTC.
    last, too_late = datetime(2027, 2, 1, 20, 59, tzinfo=UTC), datetime(2027, 2, 1, 21, 0, tzinfo=UTC)
    facts = [AssignmentActivated(**work, revision=2, occurred_at=AUTUMN), held(work, at=last), held(work, at=too_late)]
    await stand.publish(*facts)
    await counted(reporting, year, "MEETINGS_HELD", as_=(10, None))
    door, curator = f"/schools/{year.school}/reports/{uuid4()}", year.groups["curator"]

    wanted = {"cycle_id": str(year.cycle), "as_of": "2027-02-01"}
    await reporting.call("PUT", door, by=uuid4(), groups=curator, json=wanted)
    report = (await reporting.call("GET", door, by=uuid4(), groups=curator)).json()

    numbers = {one["indicator"]: one["n_num"] for one in report["numbers"]}
    assert (numbers["MEETINGS_HELD"], numbers["E_ENG_ANY"]) == (1, 0)


async def test_stage_and_closed_campaign_are_kept_once(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting, staff=10, engaged=4)
    same: dict[str, Any] = {"school_id": year.school, "cycle_id": year.cycle, "occurred_at": SPRING}
    stages = [CycleStage.MATCHING, CycleStage.ACTIVE]
    moved = CycleStageChanged(**same, stage=stages[1], previous=stages[0], revision=3)
    closed = CampaignClosed(**same, campaign_id=uuid4(), wave=1, invited=10, scored=9)

    await stand.publish(moved, moved, closed, closed)

    await eventually(lambda: reporting.count("facts.campaigns", year.school), equals=1)
    await eventually(lambda: reporting.count("facts.cycles where stage = 'ACTIVE'", year.school), equals=1)


@pytest.mark.parametrize(("language", "name"), [("ru", "Вовлечённость педагогов"), ("en-GB", "Teachers engaged")])
async def test_numbers_are_defined_in_the_callers_language(stand: Stand, language: str, name: str) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting, staff=6, engaged=4)
    path = f"/schools/{year.school}/cells?cycle_id={year.cycle}"

    answer = await reporting.call(
        "GET", path, by=uuid4(), groups=year.groups["head"], headers={"Accept-Language": language}
    )

    found = next(cell for cell in answer.json() if cell["indicator"] == "E_ENG_ANY")
    assert (found["name"], found["definition_version"]) == (name, "2026.1")
    assert found["definition"]


async def test_cycle_of_another_school_is_not_known_here(stand: Stand) -> None:
    reporting = await stand.service("reporting")
    year = await a_school_year(stand, reporting, staff=6, engaged=4)
    other = Year("elsewhere")
    stand.clock.move_to(JUNE)

    answer = await reporting.call(
        "GET", f"/schools/{other.school}/cells?cycle_id={year.cycle}", by=uuid4(), groups=other.groups["curator"]
    )

    assert answer.status_code == 404
