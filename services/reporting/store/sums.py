"""Counts over the facts of a school and a cycle, as of a moment; each person is counted at the own school."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text

from chassis.database import Tx
from services.reporting.domain.content import Campaign
from services.reporting.domain.counters import MEETINGS_TO_COUNT, GainSum, ProfileSum, Sums

_WORK = """
    latest as (
        select distinct on (assignment_id) assignment_id, state, giver_id, taker_id, competency,
               giver_school, taker_school
        from facts.assignment_steps where cycle_id = :cycle and occurred_at < :until
        order by assignment_id, revision desc
    ),
    meetings as (
        select distinct on (meeting_id) meeting_id, assignment_id, state, occurred_at
        from facts.meeting_steps where occurred_at < :until order by meeting_id, revision desc
    ),
    held as (
        select assignment_id, count(*) as meetings, min(occurred_at) as first_held
        from meetings where state = 'HELD' group by assignment_id
    )
"""
_PEOPLE = text(f"""
    with {_WORK},
    staff as (
        select person_id from facts.members
        where school_id = :school and counts_in_staff and joined_on <= :day and (left_on is null or left_on > :day)
    ),
    parts as (
        select giver_id as person_id, true as gives, assignment_id from latest
        where giver_school = :school and state in ('ACTIVE', 'COMPLETED')
        union all
        select taker_id, false, assignment_id from latest
        where taker_school = :school and state in ('ACTIVE', 'COMPLETED')
    ),
    engaged as (
        select person_id, bool_or(gives) as gives, bool_or(not gives) as takes
        from parts left join held using (assignment_id) join staff using (person_id)
        group by person_id having sum(coalesce(meetings, 0)) >= {MEETINGS_TO_COUNT}
    )
    select (select count(*) from staff) as staff,
           count(*) as engaged_any,
           count(*) filter (where gives) as engaged_mentor,
           count(*) filter (where takes) as engaged_mentee,
           count(*) filter (where gives and takes) as engaged_dual
    from engaged
""")  # noqa: S608  constants only
_PAIRS = text(f"""
    with {_WORK},
    started as (
        select assignment_id, min(occurred_at) as activated from facts.assignment_steps
        where cycle_id = :cycle and state = 'ACTIVE' and occurred_at < :until and taker_school = :school
        group by assignment_id
    )
    select count(started.assignment_id) as assignments_started,
           count(*) filter (where started.assignment_id is not null and latest.state = 'TERMINATED')
               as assignments_ended_early,
           count(held.assignment_id) as assignments_met,
           count(*) filter (where activated <= first_held) as assignments_documented,
           count(*) filter (where latest.state = 'COMPLETED') as gaps_mentored,
           count(*) filter (where latest.state = 'COMPLETED' and closed.person_id is not null) as gaps_closed
    from latest left join started using (assignment_id) left join held using (assignment_id)
    left join facts.closed_gaps as closed
        on closed.school_id = :school and closed.cycle_id = :cycle and closed.person_id = latest.taker_id
        and closed.competency = latest.competency and closed.occurred_at < :until
    where latest.taker_school = :school
""")  # noqa: S608  constants only
_MEETINGS = text(f"""
    with {_WORK}
    select count(*) as meetings_planned, count(*) filter (where meetings.state = 'HELD') as meetings_held
    from meetings join latest using (assignment_id) where latest.taker_school = :school
""")  # noqa: S608  constants only
_SURVEYS = text("""
    with newest as (
        select distinct on (survey_id, role) invited, answered, satisfied from facts.survey_tallies
        where school_id = :school and cycle_id = :cycle and occurred_at < :until
        order by survey_id, role, revision desc
    )
    select coalesce(sum(invited), 0)::int as csat_invited, coalesce(sum(answered), 0)::int as csat_answered,
           coalesce(sum(satisfied), 0)::int as csat_satisfied from newest
""")
_PROFILES = text("""
    select distinct on (domain) domain, assessments, gaps, strengths from facts.profile_tallies
    where school_id = :school and cycle_id = :cycle and occurred_at < :until
    order by domain, wave desc, revision desc limit 20
""")
_GAINS = text("""
    select distinct on (domain) domain, pairs, total, total_squares, reliable, missing from facts.gain_tallies
    where school_id = :school and cycle_id = :cycle and occurred_at < :until order by domain, revision desc limit 20
""")
_CAMPAIGNS = text("""
    select distinct on (campaign_id) wave, invited, scored from facts.campaigns
    where school_id = :school and cycle_id = :cycle and occurred_at < :until
    order by campaign_id, revision desc limit 20
""")


async def sums(tx: Tx, school: str, cycle: UUID, *, day: date, until: datetime) -> Sums:
    """Everything that is counted in a school up to a moment; `day` decides who belongs to the staff."""
    asked = {"school": school, "cycle": cycle, "until": until}
    plain: dict[str, int] = {}
    for query, more in ((_PEOPLE, {"day": day}), (_PAIRS, {}), (_MEETINGS, {}), (_SURVEYS, {})):
        row = await tx.row(query, {**asked, **more})
        plain |= {name: int(count) for name, count in (row or {}).items()}
    profiles = tuple(ProfileSum(**row) for row in await tx.rows(_PROFILES, asked))
    gains = tuple(GainSum(**row) for row in await tx.rows(_GAINS, asked))
    return Sums(plain=plain, profiles=profiles, gains=gains)


async def campaigns(tx: Tx, school: str, cycle: UUID, *, until: datetime) -> list[Campaign]:
    """The closed campaigns of a cycle."""
    rows = await tx.rows(_CAMPAIGNS, {"school": school, "cycle": cycle, "until": until})
    return sorted((Campaign(**row) for row in rows), key=lambda one: one.wave)
