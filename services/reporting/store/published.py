"""The published layer: publications, their protected cells, and figures in reading order."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.database import Row, Tx
from services.reporting.store.tables import cells, figures, publications, rows

_ORDER = upsert(publications).on_conflict_do_nothing(index_elements=[publications.c.publication_id])
_ONE = select(publications).where(publications.c.publication_id == bindparam("publication"))
_PAGE = (
    select(publications)
    .where(publications.c.publication_id > bindparam("after"))
    .order_by(publications.c.publication_id)
    .limit(bindparam("limit"))
)
_WAITING = (
    select(publications)
    .where(publications.c.state == "COMPUTING")
    .order_by(publications.c.ordered_at)
    .limit(1)
    .with_for_update()
)
_NEWEST = (
    select(publications)
    .where(publications.c.state == "PUBLISHED")
    .order_by(publications.c.as_of.desc(), publications.c.revision.desc())
    .limit(1)
)
_REVISION = text("select coalesce(max(revision), 0) + 1 from published.publications where as_of = :as_of")
_EARLIER = text("""
    select place, counter, as_of, revision, made_of, shown, reason
    from published.cells join published.rows using (publication_id, place)
    join published.publications using (publication_id) where state = 'PUBLISHED'
    order by as_of, revision, place, counter limit 2000000
""")
_FIGURES = (
    select(figures)
    .where(
        figures.c.publication_id == bindparam("publication"),
        figures.c.kind.in_(bindparam("kinds", expanding=True)),
        figures.c.position > bindparam("after"),
    )
    .order_by(figures.c.position)
    .limit(bindparam("limit"))
)
_DISTRICT = (
    select(figures)
    .where(
        figures.c.publication_id == bindparam("publication"),
        figures.c.district == bindparam("district"),
        figures.c.position > bindparam("after"),
    )
    .order_by(figures.c.position)
    .limit(bindparam("limit"))
)
_ADD_ROWS, _ADD_CELLS, _ADD_FIGURES = insert(rows), insert(cells), insert(figures)


async def order(tx: Tx, row: Row) -> bool:
    """Order a publication; false when it was ordered before."""
    return await tx.run(_ORDER, dict(row)) == 1


async def one(tx: Tx, publication: UUID) -> Row | None:
    """A publication."""
    return await tx.row(_ONE, {"publication": publication})


async def page(tx: Tx, after: UUID, limit: int) -> Sequence[Row]:
    """Publications, a page and one more."""
    return await tx.rows(_PAGE, {"after": after, "limit": limit + 1})


async def waiting(tx: Tx) -> Row | None:
    """The oldest publication that waits to be computed, held until the end of the transaction."""
    return await tx.row(_WAITING)


async def newest(tx: Tx) -> Row | None:
    """The publication with the newest as-of date, corrected last."""
    return await tx.row(_NEWEST)


async def next_revision(tx: Tx, as_of: date) -> int:
    """The number of the next publication of this date."""
    return int(await tx.value(_REVISION, {"as_of": as_of}))


async def earlier_cells(tx: Tx) -> Sequence[Row]:
    """Everything that was ever published: a reader may have kept it."""
    return await tx.rows(_EARLIER)


async def write(
    tx: Tx, publication: UUID, *, of_rows: Sequence[Row], of_cells: Sequence[Row], of_figures: Sequence[Row]
) -> None:
    """Write what may be read; all of it or nothing."""
    same = {"publication_id": publication}
    for statement, found in ((_ADD_ROWS, of_rows), (_ADD_CELLS, of_cells), (_ADD_FIGURES, of_figures)):
        if found:
            await tx.run(statement, [{**same, **row} for row in found])


async def finish(tx: Tx, publication: UUID, what: Row) -> None:
    """Note how a publication ended."""
    await tx.run(update(publications).where(publications.c.publication_id == publication).values(dict(what)))


async def figures_of(tx: Tx, publication: UUID, kinds: Sequence[str], *, after: int, limit: int) -> Sequence[Row]:
    """Figures of the city, of districts, of schools, in reading order, a page and one more."""
    asked = {"publication": publication, "kinds": list(kinds), "after": after, "limit": limit + 1}
    return await tx.rows(_FIGURES, asked)


async def figures_in(tx: Tx, publication: UUID, district: str, *, after: int, limit: int) -> Sequence[Row]:
    """Figures of a district and its schools, a page and one more."""
    asked = {"publication": publication, "district": district, "after": after, "limit": limit + 1}
    return await tx.rows(_DISTRICT, asked)
