"""What a whole city publishes: eight hundred schools of eighteen districts, each with every indicator."""

from datetime import UTC, datetime
from uuid import uuid4

from chassis.relay import connect_plain
from deploy.databases import database_of
from deploy.local.infrastructure import Infrastructure
from services.reporting.domain import load_catalogue
from services.reporting.domain.content import figures_of

SCHOOLS = 800
# Those of the demo, so that its coordinator has a district; the others have numbers.
DISTRICTS = ("vyborgsky", "nevsky", *(f"district-{number}" for number in range(3, 19)))
# The newest publication is the one that pages show.
_PUBLICATION = """
    insert into published.publications (publication_id, as_of, title, state, revision, definition_version, schools,
        districts, ordered_at, published_at)
    select $1, coalesce(max(as_of), '2026-06-15') + 1, 'bench', 'PUBLISHED', 1, $2, $3, $4, $5, $5
    from published.publications
"""
# In reading order: the city, its districts, then the schools. Every fifth number is hidden.
_FIGURES = """
    insert into published.figures (publication_id, position, place, kind, district, place_name, indicator, n_num,
        n_den, value, ci_low, ci_high, is_hidden, reason, definition_version)
    select $1, place * cardinality($3::text[]) + number, 'place-' || place, kind, district, 'ГБОУ школа № ' || place,
           indicator, case when not hidden then 200 * share end, case when not hidden then 200 end,
           case when not hidden then share end, case when not hidden then share - 0.07 end,
           case when not hidden then share + 0.07 end, hidden, case when hidden then 'protected' end, $5
    from (
        select place, number, indicator, (place + number) % 5 = 0 and place > 0 as hidden,
               0.1 + 0.8 * ((place * 37 + number * 11) % 101) / 101 as share,
               case when place = 0 then 'city' when place <= cardinality($2::text[]) then 'district' else 'school' end
                   as kind,
               case when place > 0 then ($2::text[])[1 + (place - 1) % cardinality($2::text[])] end as district
        from generate_series(0, $4::int + cardinality($2::text[])) as place,
             unnest($3::text[]) with ordinality as known (indicator, number)
    ) as told
"""


async def publish_widely(infrastructure: Infrastructure) -> None:
    """Put the publication there, as the newest one."""
    catalogue, publication = load_catalogue(), uuid4()
    connection = await connect_plain(infrastructure.postgres.url(database_of("reporting"), "postgres"))
    try:
        told = (catalogue.version, SCHOOLS, len(DISTRICTS), datetime.now(UTC))
        await connection.execute(_PUBLICATION, publication, *told)
        await connection.execute(
            _FIGURES, publication, list(DISTRICTS), list(figures_of(catalogue)), SCHOOLS, catalogue.version
        )
        await connection.execute("analyze published.figures")
    finally:
        await connection.close()
