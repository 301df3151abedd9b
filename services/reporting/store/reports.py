"""School reports and their versions."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import RowMapping, and_, bindparam, insert, select, text, update

from chassis.database import Tx
from services.reporting.store.tables import report_versions, reports

_joined = reports.join(
    report_versions,
    and_(report_versions.c.report_id == reports.c.report_id, report_versions.c.version == reports.c.version),
)
_columns = [
    reports.c.report_id,
    reports.c.school_id,
    reports.c.cycle_id,
    reports.c.as_of,
    reports.c.version,
    reports.c.state,
    reports.c.revision,
    *(column for column in report_versions.c if column.name not in ("report_id", "version", "school_id")),
]
_REPORT = select(*_columns).select_from(_joined).where(reports.c.report_id == bindparam("report"))
_LOCKED = _REPORT.with_for_update(of=reports)
_SAME_DATE = select(reports.c.report_id).where(
    reports.c.school_id == bindparam("school"),
    reports.c.cycle_id == bindparam("cycle"),
    reports.c.as_of == bindparam("as_of"),
)
_PAGE = (
    select(*_columns)
    .select_from(_joined)
    .where(
        reports.c.school_id.in_(bindparam("schools", expanding=True)),
        reports.c.report_id > bindparam("after"),
        reports.c.state.in_(bindparam("states", expanding=True)),
    )
    .order_by(reports.c.report_id)
    .limit(bindparam("limit"))
)
_NEW = insert(reports)
_NEW_VERSION = insert(report_versions)
_MOVE = (
    update(reports)
    .where(reports.c.report_id == bindparam("report"), reports.c.revision == bindparam("seen"))
    .values(state=bindparam("to"), version=bindparam("to_version"), revision=reports.c.revision + 1)
)
_ACCEPTED = text("""
    select distinct on (reports.school_id) reports.school_id, reports.report_id, versions.version, reports.cycle_id,
           reports.revision, reports.state, reports.version as newest, versions.content
    from facts.reports join facts.report_versions as versions using (report_id)
    where versions.accepted_at is not null and reports.as_of <= :as_of
    order by reports.school_id, reports.as_of desc, versions.version desc limit 2000
""")


async def report(tx: Tx, report_id: UUID) -> RowMapping | None:
    """A report with its newest version."""
    return await tx.row(_REPORT, {"report": report_id})


async def locked(tx: Tx, report_id: UUID) -> RowMapping | None:
    """The same, held until the end of the transaction: of two steps at once exactly one wins."""
    return await tx.row(_LOCKED, {"report": report_id})


async def of_date(tx: Tx, school: str, cycle: UUID, as_of: date) -> UUID | None:
    """The report of a school for a date, whatever its id."""
    found: UUID | None = await tx.value(_SAME_DATE, {"school": school, "cycle": cycle, "as_of": as_of})
    return found


async def page(
    tx: Tx, schools: Sequence[str], states: Sequence[str], *, after: UUID, limit: int
) -> Sequence[RowMapping]:
    """Reports of some schools in some states, a page and one more."""
    asked = {"schools": list(schools), "states": list(states), "after": after, "limit": limit + 1}
    return await tx.rows(_PAGE, asked)


async def add(tx: Tx, row: Mapping[str, object]) -> None:
    """A new report, in its first version."""
    await tx.run(_NEW, {**row, "version": 1, "state": "COMPUTED", "revision": 1})


async def add_version(tx: Tx, row: Mapping[str, object]) -> None:
    """A version with its frozen content."""
    await tx.run(_NEW_VERSION, dict(row))


async def move(tx: Tx, report_id: UUID, *, to: str, version: int, seen: int) -> None:
    """Move a report on from the revision that was seen."""
    await tx.run(_MOVE, {"report": report_id, "to": to, "to_version": version, "seen": seen})


async def note(tx: Tx, report_id: UUID, version: int, what: Mapping[str, object]) -> None:
    """Write into a version who did what to it, and when."""
    wanted = (report_versions.c.report_id == report_id) & (report_versions.c.version == version)
    await tx.run(update(report_versions).where(wanted).values(dict(what)))


async def accepted(tx: Tx, as_of: date) -> Sequence[RowMapping]:
    """The newest accepted report of each school of this transaction, not younger than a date."""
    return await tx.rows(_ACCEPTED, {"as_of": as_of})
