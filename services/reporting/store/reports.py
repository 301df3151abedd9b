"""School reports and their versions."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import and_, bindparam, desc, func, or_, select, text, true, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Row, Tx
from services.reporting.store.tables import places, report_versions, reports

_before = report_versions.alias("before")
_joined = reports.join(
    report_versions,
    and_(report_versions.c.report_id == reports.c.report_id, report_versions.c.version == reports.c.version),
).outerjoin(_before, and_(_before.c.report_id == reports.c.report_id, _before.c.version == reports.c.version - 1))
# Content is large: a list does without it.
_listed = [
    reports.c.report_id,
    reports.c.school_id,
    reports.c.cycle_id,
    reports.c.as_of,
    reports.c.version,
    reports.c.state,
    reports.c.revision,
    *(column for column in report_versions.c if column.name not in ("report_id", "version", "school_id", "content")),
    _before.c.version.label("before_version"),
    _before.c.sha256.label("before_sha256"),
    _before.c.returned_at.label("before_returned_at"),
    _before.c.return_reason.label("before_return_reason"),
]
_columns = [*_listed, report_versions.c.content]
_REPORT = select(*_columns).select_from(_joined).where(reports.c.report_id == bindparam("report"))
_LOCKED = _REPORT.with_for_update(of=reports)
_SAME_DATE = select(reports.c.report_id).where(
    reports.c.school_id == bindparam("school"),
    reports.c.cycle_id == bindparam("cycle"),
    reports.c.as_of == bindparam("as_of"),
)
_PAGE = (
    select(*_listed)
    .select_from(_joined)
    .where(reports.c.school_id == bindparam("school"), reports.c.report_id > bindparam("after"))
    .order_by(reports.c.report_id)
    .limit(bindparam("limit"))
)
# Where the school stood in the tree on the report's own date.
_stood = (
    select(places.c.parent, places.c.valid_to)
    .where(places.c.place_id == reports.c.school_id, places.c.valid_from <= reports.c.as_of)
    .order_by(places.c.revision.desc())
    .limit(1)
    .lateral("stood")
)
_sent_up = (
    select(*_listed)
    .select_from(_joined.join(_stood, true()))
    .where(
        _stood.c.parent == bindparam("district"),
        or_(_stood.c.valid_to.is_(None), _stood.c.valid_to >= reports.c.as_of),
        reports.c.state.in_(bindparam("states", expanding=True)),
    )
)
_SENT_UP = (
    _sent_up.where(reports.c.report_id > bindparam("after")).order_by(reports.c.report_id).limit(bindparam("limit"))
)
_ONE_SENT_UP = _sent_up.where(reports.c.report_id == bindparam("report"))
# What a reader last knew of a school: the version before, else the last signed report of an earlier day.
_KNOWN_BEFORE = (
    select(reports.c.report_id, reports.c.as_of, report_versions.c.version, report_versions.c.content)
    .select_from(reports.join(report_versions, report_versions.c.report_id == reports.c.report_id))
    .where(
        reports.c.school_id == bindparam("school"),
        or_(
            and_(reports.c.report_id == bindparam("report"), report_versions.c.version < bindparam("version")),
            and_(reports.c.as_of < bindparam("as_of"), report_versions.c.signed_at.is_not(None)),
        ),
    )
    .order_by(desc(reports.c.report_id == bindparam("report")), desc(reports.c.as_of), desc(report_versions.c.version))
    .limit(1)
)
# When each school of a district first sent its report of a day up, and when the district accepted one.
_SENT = (
    select(
        reports.c.as_of,
        reports.c.school_id,
        func.min(report_versions.c.submitted_at).label("sent_at"),
        func.max(report_versions.c.accepted_at).label("accepted_at"),
    )
    .select_from(reports.join(report_versions, report_versions.c.report_id == reports.c.report_id).join(_stood, true()))
    .where(
        _stood.c.parent == bindparam("district"),
        or_(_stood.c.valid_to.is_(None), _stood.c.valid_to >= reports.c.as_of),
        report_versions.c.submitted_at.is_not(None),
    )
    .group_by(reports.c.as_of, reports.c.school_id)
    .order_by(desc(reports.c.as_of), reports.c.school_id)
    .limit(bindparam("limit"))
)
_NEW = insert(reports).on_conflict_do_nothing(index_elements=[reports.c.report_id])
_NEW_VERSION = insert(report_versions)
_MOVE = (
    update(reports)
    .where(reports.c.report_id == bindparam("report"), reports.c.revision == bindparam("seen"))
    .values(state=bindparam("to"), version=bindparam("to_version"), revision=reports.c.revision + 1)
)
_ACCEPTED = text("""
    select distinct on (reports.school_id) reports.school_id, reports.report_id, versions.version, reports.cycle_id,
           reports.revision, reports.state, reports.version as newest, versions.content, versions.sha256,
           versions.signed_by, versions.signed_role, versions.signed_sha256, versions.signed_at
    from facts.reports join facts.report_versions as versions using (report_id)
    where versions.accepted_at is not null and reports.as_of <= :as_of
    order by reports.school_id, reports.as_of desc, versions.version desc limit 2000
""")


async def report(tx: Tx, report_id: UUID) -> Row | None:
    """A report with its newest version."""
    return await tx.row(_REPORT, {"report": report_id})


async def locked(tx: Tx, report_id: UUID) -> Row | None:
    """The same, held until the end of the transaction: of two steps at once exactly one wins."""
    return await tx.row(_LOCKED, {"report": report_id})


async def of_date(tx: Tx, school: str, cycle: UUID, as_of: date) -> UUID | None:
    """The report of a school for a date, whatever its id."""
    found: UUID | None = await tx.value(_SAME_DATE, {"school": school, "cycle": cycle, "as_of": as_of})
    return found


async def page(tx: Tx, school: str, *, after: UUID, limit: int) -> Sequence[Row]:
    """The reports of a school, a page and one more."""
    return await tx.rows(_PAGE, {"school": school, "after": after, "limit": limit + 1})


async def sent_up(tx: Tx, district: str, states: Sequence[str], *, after: UUID, limit: int) -> Sequence[Row]:
    """The reports of schools that belonged to a district on the report's date, a page and one more."""
    asked = {"district": district, "states": list(states), "after": after, "limit": limit + 1}
    return await tx.rows(_SENT_UP, asked)


async def one_sent_up(tx: Tx, district: str, states: Sequence[str], report_id: UUID) -> Row | None:
    """One of those reports."""
    return await tx.row(_ONE_SENT_UP, {"district": district, "states": list(states), "report": report_id})


async def known_before(tx: Tx, row: Row) -> Row | None:
    """What a report's newest version is compared with: the version before, else the last signed earlier report."""
    asked = {name: row[name] for name in ("version", "as_of")}
    return await tx.row(_KNOWN_BEFORE, {**asked, "school": row["school_id"], "report": row["report_id"]})


async def sent(tx: Tx, district: str, limit: int) -> Sequence[Row]:
    """Which schools of a district have sent reports of which days, and when; the newest day first."""
    return await tx.rows(_SENT, {"district": district, "limit": limit})


async def add(tx: Tx, row: Mapping[str, object]) -> bool:
    """A new report, in its first version; false when its id is taken, if only in another school."""
    return await tx.run(_NEW, {**row, "version": 1, "state": "COMPUTED", "revision": 1}) == 1


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


async def accepted(tx: Tx, as_of: date) -> Sequence[Row]:
    """The newest accepted report of each school of this transaction, not younger than a date."""
    return await tx.rows(_ACCEPTED, {"as_of": as_of})
