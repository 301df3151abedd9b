"""Counts over the facts of a school and a cycle, as of a moment; each person is counted at the own school.

A pair of two schools bears the cycle of the school that matched it. The other school has a cycle of its own: there
the pair belongs to the cycle in whose days it worked. A pair and its meetings are counted once, at the school of the
mentee whose need they serve; else a district would count them twice.
"""

from datetime import datetime

from sqlalchemy import text

from chassis.database import Tx
from services.reporting.domain.content import Campaign, Subject
from services.reporting.domain.counters import MEETINGS_TO_COUNT, GainSum, ProfileSum, Sums
from services.reporting.domain.days import end_of, start_of

_WORK = """
    steps as (
        select * from facts.assignment_steps
        where (giver_school = :school or taker_school = :school) and occurred_at < :until
          and (cycle_id = :cycle
               or (giver_school <> taker_school and occurred_at >= :began and occurred_at < :ended
                   and cycle_id not in (select own.cycle_id from facts.cycles as own where own.school_id = :school)))
    ),
    latest as (
        select distinct on (assignment_id) assignment_id, state, giver_id, taker_id, competency,
               giver_school, taker_school
        from steps order by assignment_id, revision desc, occurred_at desc
    ),
    meetings as (
        select distinct on (meeting_id) meeting_id, assignment_id, state, occurred_at
        from facts.meeting_steps
        where assignment_id in (select assignment_id from latest) and occurred_at < :until
        order by meeting_id, revision desc, occurred_at desc
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
        select assignment_id, min(occurred_at) as activated from steps where state = 'ACTIVE' group by assignment_id
    )
    select count(started.assignment_id) as assignments_started,
           count(*) filter (where started.assignment_id is not null and latest.state = 'TERMINATED')
               as assignments_ended_early,
           count(held.assignment_id) as assignments_met,
           count(*) filter (where activated <= first_held) as assignments_documented,
           count(distinct (taker_id, latest.competency)) filter (where latest.state = 'COMPLETED') as gaps_mentored,
           count(distinct (taker_id, latest.competency))
               filter (where latest.state = 'COMPLETED' and closed.person_id is not null) as gaps_closed
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
# Of each domain the newest wave counts, with all the campaigns that it had.
_PROFILES = text("""
    with newest as (
        select distinct on (campaign_id, domain) domain, wave, assessments, gaps, strengths from facts.profile_tallies
        where school_id = :school and cycle_id = :cycle and occurred_at < :until
        order by campaign_id, domain, revision desc
    )
    select domain, sum(assessments)::int as assessments, sum(gaps)::int as gaps, sum(strengths)::int as strengths
    from newest where wave = (select max(wave) from newest as other where other.domain = newest.domain)
    group by domain order by domain limit 20
""")
_GAINS = text("""
    with newest as (
        select distinct on (campaign_id, domain) domain, pairs, total, total_squares, reliable, missing
        from facts.gain_tallies
        where school_id = :school and cycle_id = :cycle and occurred_at < :until
        order by campaign_id, domain, revision desc
    )
    select domain, sum(pairs)::int as pairs, sum(total) as total, sum(total_squares) as total_squares,
           sum(reliable)::int as reliable, sum(missing)::int as missing
    from newest group by domain order by domain limit 20
""")
_CAMPAIGNS = text("""
    select distinct on (campaign_id) wave, invited, scored from facts.campaigns
    where school_id = :school and cycle_id = :cycle and occurred_at < :until
    order by campaign_id, revision desc limit 20
""")


async def sums(tx: Tx, subject: Subject, *, until: datetime, zone: str) -> Sums:
    """Everything that is counted in a school up to a moment; the subject's day decides who belongs to the staff."""
    cycle = subject.cycle
    asked = {"school": subject.school, "cycle": cycle.cycle_id, "until": until}
    window = {**asked, "began": start_of(cycle.starts_on, zone), "ended": end_of(cycle.ends_on, zone)}
    plain: dict[str, int] = {}
    for query, told in (
        (_PEOPLE, {**window, "day": subject.as_of}),
        (_PAIRS, window),
        (_MEETINGS, window),
        (_SURVEYS, asked),
    ):
        row = await tx.row(query, told)
        plain |= {name: int(count) for name, count in (row or {}).items()}
    profiles = tuple(ProfileSum(**row) for row in await tx.rows(_PROFILES, asked))
    gains = tuple(GainSum(**row) for row in await tx.rows(_GAINS, asked))
    return Sums(plain=plain, profiles=profiles, gains=gains)


async def campaigns(tx: Tx, subject: Subject, *, until: datetime) -> list[Campaign]:
    """The closed campaigns of a cycle."""
    asked = {"school": subject.school, "cycle": subject.cycle.cycle_id, "until": until}
    rows = await tx.rows(_CAMPAIGNS, asked)
    return sorted((Campaign(**row) for row in rows), key=lambda one: one.wave)
