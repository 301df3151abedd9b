"""What people let others know of their profiles."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, exists, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Row, Tx
from services.diagnostics.domain import Shown
from services.diagnostics.scoring import CompetencyClass
from services.diagnostics.store.owner import Owner, OwnKey
from services.diagnostics.store.tables import consents, members, releases

MOST_ROWS = 100_000
SHARE_WITH_CURATOR = "PD_SHARE_CURATOR"


@dataclass(frozen=True, slots=True)
class Release:
    """The owner's will, and what others know; nothing is known of what was never announced or was taken back."""

    key: OwnKey
    is_released: bool = False
    shown: Shown | None = None
    revision: int = 0


_OF_PERSON = select(releases).where(
    releases.c.school_id == bindparam("school"),
    releases.c.cycle_id == bindparam("cycle"),
    releases.c.person_id == bindparam("person"),
    releases.c.competency.in_(bindparam("codes", expanding=True)),
)
_RELEASED = (
    select(releases.c.person_id, releases.c.competency)
    .where(
        releases.c.school_id == bindparam("school"), releases.c.cycle_id == bindparam("cycle"), releases.c.is_released
    )
    .order_by(releases.c.person_id, releases.c.competency)
    .limit(MOST_ROWS)
)
_withdrawn = exists().where(
    consents.c.school_id == releases.c.school_id,
    consents.c.person_id == releases.c.person_id,
    consents.c.purpose == SHARE_WITH_CURATOR,
    ~consents.c.is_given,
)
_gone = exists().where(
    members.c.school_id == releases.c.school_id,
    members.c.person_id == releases.c.person_id,
    or_(members.c.left_on <= bindparam("today"), members.c.is_erased),
)
_FOR_CURATOR = (
    select(releases.c.person_id, releases.c.competency, releases.c.competency_class)
    .where(
        releases.c.school_id == bindparam("school"),
        releases.c.cycle_id == bindparam("cycle"),
        releases.c.is_released,
        releases.c.is_announced,
        tuple_(releases.c.person_id, releases.c.competency)
        > tuple_(bindparam("person", type_=Uuid), bindparam("code", type_=Text)),
        ~_withdrawn,
        ~_gone,
    )
    .order_by(releases.c.person_id, releases.c.competency)
    .limit(bindparam("limit"))
)
_new = insert(releases)
_SAVE = _new.on_conflict_do_update(
    index_elements=[releases.c.cycle_id, releases.c.person_id, releases.c.competency],
    set_={
        name: _new.excluded[name]
        for name in ("is_released", "is_announced", "competency_class", "level10", "error10", "revision")
    },
)


def _release(row: Row) -> Release:
    key = OwnKey(row["school_id"], row["cycle_id"], row["person_id"], row["competency"])
    shown = None
    if row["is_announced"]:
        shown = Shown(CompetencyClass(row["competency_class"]), row["level10"], row["error10"])
    return Release(key, is_released=row["is_released"], shown=shown, revision=row["revision"])


async def of_person(tx: Tx, owner: Owner, codes: Iterable[str]) -> dict[str, Release]:
    """A person's releases of the named competencies in a cycle, those that ever were."""
    rows = await tx.rows(_OF_PERSON, {**owner.parameters, "codes": list(codes)})
    return {row["competency"]: _release(row) for row in rows}


async def released_in(tx: Tx, school: str, cycle: UUID) -> dict[UUID, set[str]]:
    """Which competencies each person has released in a cycle."""
    found: dict[UUID, set[str]] = {}
    for row in await tx.rows(_RELEASED, {"school": school, "cycle": cycle}):
        found.setdefault(row["person_id"], set()).add(row["competency"])
    return found


async def save(tx: Tx, changed: Sequence[Release]) -> None:
    """Keep what was released, announced or taken back."""
    if changed:
        await tx.run(_SAVE, [_row(release) for release in changed])


def _row(release: Release) -> dict[str, object]:
    shown = release.shown
    return {
        **asdict(release.key),
        "is_released": release.is_released,
        "is_announced": shown is not None,
        "competency_class": shown and shown.competency_class.value,
        "level10": shown and shown.level10,
        "error10": shown and shown.error10,
        "revision": release.revision,
    }


@dataclass(frozen=True, slots=True)
class Window:
    """A page of the curator's list, as of a day: what follows a person and a competency."""

    person_id: UUID
    competency: str
    limit: int
    today: date


async def for_curator(tx: Tx, school: str, cycle: UUID, window: Window) -> Sequence[Row]:
    """Released classes of the people who are here and do not object, a page and one more."""
    wanted = {"person": window.person_id, "code": window.competency, "limit": window.limit + 1, "today": window.today}
    return await tx.rows(_FOR_CURATOR, {"school": school, "cycle": cycle, **wanted})
