"""A city view from published totals, against counting the schools' raw facts anew.

The raw side is let off lightly: one pass over the meetings past row-level security, where a real report would also
count people, pairs, surveys and gains, each in its newest revision.
"""

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from uuid import uuid4

import asyncpg

from bench.ground import Ground
from bench.rounds import Scale
from bench.samples import Ratio, Sample, ratio
from chassis.database import Database
from services.reporting.api.published import ANYBODY_READS, MOST_OPEN
from services.reporting.app import build
from services.reporting.store import published

DISTRICTS, SCHOOLS, INDICATORS = 18, 600, 42
LOOKS = 10
_PLACES = """
    insert into facts.places (place_id, revision, kind, parent, zone, valid_from)
    select 'raw-' || number, 1, 'school', 'district-' || number % $2, 'Europe/Moscow', '2026-09-01'
    from generate_series(0, $1 - 1) as number
"""
# Two revisions of each meeting, planned and held, spread over all schools.
_MEETINGS = """
    insert into facts.meeting_steps
        (giver_school, taker_school, meeting_id, revision, state, assignment_id, occurred_at)
    select school, school, meeting, step, case step when 1 then 'PLANNED' else 'HELD' end, meeting, $3
    from (select 'raw-' || number % $2 as school, lpad(to_hex(number), 32, '0')::uuid as meeting
          from generate_series(1, $1) as number) as meetings, generate_series(1, 2) as step
"""
_RAW = """
    select places.parent, count(*) filter (where state = 'PLANNED') as planned,
           count(*) filter (where state = 'HELD') as held
    from facts.meeting_steps join facts.places on place_id = taker_school
    where occurred_at < now() group by rollup (places.parent)
"""
_PUBLICATION = """
    insert into published.publications (publication_id, as_of, title, state, revision, definition_version, schools,
        districts, ordered_at, published_at)
    values ($1, $2, 'bench', 'PUBLISHED', 1, '2026.1', $3, $4, $5, $5)
"""
# In reading order: the city, its districts, then the schools.
_FIGURES = """
    insert into published.figures (publication_id, position, place, kind, district, indicator, n_num, n_den, value,
        ci_low, ci_high, is_hidden, definition_version)
    select $1, place * $4 + indicator, 'place-' || place,
           case when place = 0 then 'city' when place <= $3 then 'district' else 'school' end,
           case when place > 0 then 'district-' || place % $3 end,
           'indicator-' || indicator, 40, 50, 0.8, 0.7, 0.9, false, '2026.1'
    from generate_series(0, $2::int + $3::int) as place, generate_series(1, $4::int) as indicator
"""


async def measure_city(ground: Ground, scale: Scale) -> tuple[list[Sample], Ratio]:
    """Milliseconds of both, in turns; the ratio says how many times faster the totals are."""
    filling = await ground.admin("reporting")
    settings = ground.infrastructure.settings_of("reporting", ground.issuer)
    app = build(settings, published_url=ground.infrastructure.published_url, verifier=ground.tokens.verifier())
    totals, raw = [], []
    try:
        await _fill(filling, scale.raw_facts)
        async with app.router.lifespan_context(app):
            for _ in range(scale.rounds):
                totals.append(await _milliseconds(lambda: _from_totals(app.state.published), LOOKS))
                raw.append(await _milliseconds(lambda: filling.fetch(_RAW), 2))
    finally:
        await filling.close()
    samples = [
        Sample("city-from-totals", "ms", tuple(totals), LOOKS),
        Sample("city-from-raw", "ms", tuple(raw), 2),
    ]
    return samples, ratio("city-totals-to-raw", raw, totals)


async def _milliseconds(look: Callable[[], Awaitable[object]], times: int) -> float:
    await look()
    began = time.perf_counter()
    for _ in range(times):
        await look()
    return (time.perf_counter() - began) / times * 1000


async def _from_totals(db: Database) -> None:
    """What the open city page asks for."""
    async with db.transaction() as tx:
        newest = await published.newest(tx)
        assert newest is not None
        found = await published.figures_of(tx, newest["publication_id"], ANYBODY_READS, after=0, limit=MOST_OPEN)
    assert len(found) == (1 + DISTRICTS) * INDICATORS


async def _fill(connection: asyncpg.Connection, facts: int) -> None:
    publication, now = uuid4(), datetime.now(UTC)
    await connection.execute(_PLACES, SCHOOLS, DISTRICTS)
    await connection.execute(_MEETINGS, facts // 2, SCHOOLS, now)
    await connection.execute(_PUBLICATION, publication, date(2026, 10, 1), SCHOOLS, DISTRICTS, now)
    await connection.execute(_FIGURES, publication, SCHOOLS, DISTRICTS, INDICATORS)
    await connection.execute("vacuum (analyze)")
