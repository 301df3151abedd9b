"""Publishing: accepted reports become protected tables that districts, the city and anybody may read.

An order is computed in the background: the suppressor works in a thread, and a process that dies leaves the order
waiting for the next one.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from chassis.database import Database, Row, Tx
from chassis.refusals import Conflict, Invalid, Refusal
from contracts.reporting import ReportPublished
from services.reporting.actions.reports import verify_signature
from services.reporting.disclosure import Hidden, ProtectedTable, PublishedCell, Rules, Table, protect, scheme_of
from services.reporting.disclosure.shown import shown_figures
from services.reporting.domain import Catalogue, State
from services.reporting.domain.content import counters_in
from services.reporting.domain.days import PLACE_TIME_ZONE, day_at
from services.reporting.domain.tree import Place, tree_of
from services.reporting.store import knowledge, published, reports

RULES = Rules()
LOCK = "publications"


async def order_publication(db: Database, catalogue: Catalogue, publication: UUID, *, as_of: date, title: str) -> bool:
    """Order that accepted reports up to a date be published; false when this order is known.

    Raises Invalid for a date that has not come yet: what such a table said would still change.
    """
    async with db.transaction() as tx:
        known = await published.one(tx, publication)
        if known is not None:
            if (known["as_of"], known["title"]) != (as_of, title):
                raise Conflict("publication.id-taken", field="publication_id")
            return False
        today = day_at(tx.now, PLACE_TIME_ZONE)
        if as_of > today:
            raise Invalid("publication.as-of-in-future", field="as_of", today=today.isoformat())
        return await published.order(
            tx,
            {
                "publication_id": publication,
                "as_of": as_of,
                "title": title,
                "state": "COMPUTING",
                "definition_version": catalogue.version,
                "schools": 0,
                "districts": 0,
                "ordered_at": tx.now,
            },
        )


async def publish_waiting(db: Database, catalogue: Catalogue) -> bool:
    """Compute and write the oldest order; false when none waits. A refusal of the rules is noted in the order."""
    async with db.transaction() as tx:
        waiting = await published.waiting(tx)
        tree = await knowledge.places_on(tx, waiting["as_of"]) if waiting else []
    if waiting is None:
        return False
    places = [Place(row["place_id"], row["kind"], row["parent"], row["name"]) for row in tree]
    schools = sorted(place.place_id for place in places if place.kind == "school")
    async with db.transaction(*schools) as tx:
        await tx.lock(LOCK)
        order = await published.one(tx, waiting["publication_id"])
        if order is None or order["state"] != "COMPUTING":
            return False
        try:
            await _publish(tx, catalogue, order, places)
        except Refusal as refusal:
            what = {"state": "FAILED", "trouble": refusal.slug}
            await published.finish(tx, order["publication_id"], what)
    return True


async def _publish(tx: Tx, catalogue: Catalogue, order: Row, places: Sequence[Place]) -> None:
    accepted = await reports.accepted(tx, order["as_of"])
    if not accepted:
        raise Conflict("publication.nothing-accepted")
    for row in accepted:
        verify_signature(row)
    parents = tree_of(places, [row["school_id"] for row in accepted])
    revision = await published.next_revision(tx, order["as_of"])
    table = Table(
        as_of=order["as_of"],
        parents=parents,
        counts=_counts(accepted),
        scheme=scheme_of(catalogue),
        editions={row["school_id"]: f"{row['report_id']}/{row['version']}" for row in accepted},
        revision=revision,
    )
    earlier = [_cell(row) for row in await published.earlier_cells(tx)]
    # Linear programmes, in a thread: seconds for a large city.
    protected = await asyncio.to_thread(protect, table, rules=RULES, already_published=earlier)
    await _write(tx, catalogue, order["publication_id"], protected=protected, parents=parents, places=places)
    districts = sum(parent is not None and parents[parent] is None for parent in parents.values())
    what = {
        "state": "PUBLISHED",
        "revision": revision,
        "schools": len(accepted),
        "districts": districts,
        "published_at": tx.now,
    }
    await published.finish(tx, order["publication_id"], what)
    for row in accepted:
        await _mark(tx, row)


def _counts(accepted: Sequence[Row]) -> dict[tuple[str, str], float]:
    return {
        (row["school_id"], counter): count
        for row in accepted
        for counter, count in counters_in(json.loads(row["content"])).items()
    }


def _cell(row: Row) -> PublishedCell:
    return PublishedCell(
        place=row["place"],
        counter=row["counter"],
        as_of=row["as_of"],
        revision=row["revision"],
        made_of=tuple((school, edition) for school, edition in row["made_of"]),
        shown=Hidden(row["reason"]) if row["shown"] is None else row["shown"],
    )


async def _write(
    tx: Tx,
    catalogue: Catalogue,
    publication: UUID,
    *,
    protected: ProtectedTable,
    parents: Mapping[str, str | None],
    places: Sequence[Place],
) -> None:
    names = {place.place_id: place.name for place in places}
    made_of = {cell.place: [list(part) for part in cell.made_of] for cell in protected.cells}
    figures = shown_figures(protected, parents, RULES)
    await published.write(
        tx,
        publication,
        of_rows=[{"place": place, "made_of": parts} for place, parts in made_of.items()],
        of_cells=[
            {
                "place": cell.place,
                "counter": cell.counter,
                "shown": None if isinstance(cell.shown, Hidden) else cell.shown,
                "reason": cell.shown.reason if isinstance(cell.shown, Hidden) else None,
            }
            for cell in protected.cells
        ],
        of_figures=[
            {
                "position": position,
                "place_name": names.get(figure.place),
                "definition_version": catalogue.version,
                **{name: getattr(figure, name) for name in figure.__dataclass_fields__},
            }
            for position, figure in enumerate(figures, start=1)
        ],
    )


async def _mark(tx: Tx, row: Row) -> None:
    """An accepted report whose numbers are out is PUBLISHED; an older version behind a correction stays as it is."""
    if row["version"] != row["newest"] or row["state"] != State.ACCEPTED.value:
        return
    await reports.note(tx, row["report_id"], row["version"], {"published_at": tx.now})
    await reports.move(tx, row["report_id"], to=State.PUBLISHED.value, version=row["version"], seen=row["revision"])
    await tx.emit(
        ReportPublished(
            school_id=row["school_id"],
            report_id=row["report_id"],
            cycle_id=row["cycle_id"],
            version=row["version"],
            revision=row["revision"] + 1,
            occurred_at=tx.now,
        )
    )
