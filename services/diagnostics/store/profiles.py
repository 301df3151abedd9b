"""Scored profiles."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import distinct_on, insert

from chassis.database import Row, Tx
from services.diagnostics.domain import Measured, Scored
from services.diagnostics.scoring import Assessment, CompetencyClass, Confidence, Reading, SourceKind
from services.diagnostics.store.owner import Owner, OwnKey
from services.diagnostics.store.sheets import Part
from services.diagnostics.store.tables import campaigns, participants, profiles, releases

MOST_ROWS = 100_000
MOST_CODES = 200

_new = insert(profiles)
_SAVE = _new.on_conflict_do_update(
    index_elements=[profiles.c.campaign_id, profiles.c.person_id, profiles.c.competency],
    set_={
        name: _new.excluded[name]
        for name in ("level", "error", "target", "competency_class", "confidence", "sources", "marks")
    },
)
_ASSESSED = [
    profiles.c[name] for name in ("competency", "level", "error", "target", "competency_class", "confidence", "sources")
]
# The newest wave speaks: after the second measurement a person is what the second measurement says.
_NEWEST = (
    select(profiles.c.campaign_id, *_ASSESSED)
    .ext(distinct_on(profiles.c.competency))
    .where(
        profiles.c.person_id == bindparam("person"),
        profiles.c.cycle_id == bindparam("cycle"),
        profiles.c.school_id == bindparam("school"),
        profiles.c.competency.in_(bindparam("codes", expanding=True)),
    )
    .order_by(profiles.c.competency, profiles.c.wave.desc())
    .limit(MOST_CODES)
)
_OF_CAMPAIGN = (
    select(profiles.c.person_id, *_ASSESSED)
    .where(profiles.c.campaign_id == bindparam("campaign"))
    .order_by(profiles.c.person_id, profiles.c.competency)
    .limit(MOST_ROWS)
)
_ARTEFACTS = (
    select(profiles.c.person_id, profiles.c.competency, profiles.c.marks)
    .where(profiles.c.campaign_id == bindparam("campaign"), profiles.c.sources.contains([SourceKind.ART.value]))
    .order_by(profiles.c.person_id, profiles.c.competency)
    .limit(MOST_ROWS)
)
_LABEL = (
    update(profiles)
    .where(
        profiles.c.campaign_id == bindparam("campaign"),
        profiles.c.person_id == bindparam("person"),
        profiles.c.competency == bindparam("code"),
    )
    .values(competency_class=bindparam("new_class"))
)
_LATEST = (
    select(campaigns.c.campaign_id)
    .join(participants, participants.c.campaign_id == campaigns.c.campaign_id)
    .where(
        participants.c.school_id == bindparam("school"),
        participants.c.person_id == bindparam("person"),
        participants.c.scored_revision > 0,
    )
    .order_by(campaigns.c.opened_at.desc())
    .limit(1)
)
_OWN = (
    select(*_ASSESSED, profiles.c.marks, releases.c.is_released)
    .outerjoin(
        releases,
        (releases.c.cycle_id == profiles.c.cycle_id)
        & (releases.c.person_id == profiles.c.person_id)
        & (releases.c.competency == profiles.c.competency),
    )
    .where(
        profiles.c.school_id == bindparam("school"),
        profiles.c.campaign_id == bindparam("campaign"),
        profiles.c.person_id == bindparam("person"),
    )
    .order_by(profiles.c.competency)
    .limit(MOST_CODES)
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person stands in one competency, by the newest campaign of a cycle."""

    campaign_id: UUID
    assessment: Assessment


def _assessment(row: Row) -> Assessment:
    return Assessment(
        level=row["level"],
        error=row["error"],
        target=row["target"],
        gap=row["target"] - row["level"],
        sources=tuple(SourceKind(source) for source in row["sources"]),
        confidence=Confidence(row["confidence"]),
        competency_class=CompetencyClass(row["competency_class"]),
    )


def _row(part: Part, code: str, scored: Scored) -> dict[str, object]:
    found = scored.assessment
    return {
        "school_id": part.school_id,
        "campaign_id": part.campaign_id,
        "person_id": part.person_id,
        "competency": code,
        "cycle_id": part.cycle_id,
        "wave": part.wave,
        "level": found.level,
        "error": found.error,
        "target": part.targets[code],
        "competency_class": found.competency_class.value,
        "confidence": found.confidence.value,
        "sources": [source.value for source in found.sources],
        "marks": [
            {"source": reading.kind.value, "level": reading.level, "count": reading.count}
            for reading in scored.readings
        ],
    }


async def save(tx: Tx, part: Part, profile: Mapping[str, Scored]) -> None:
    """Keep what a person's profile in a campaign is now."""
    await tx.run(_SAVE, [_row(part, code, scored) for code, scored in profile.items()])


async def newest(tx: Tx, owner: Owner, codes: Iterable[str]) -> dict[str, Standing]:
    """Where a person stands in the named competencies, those that were scored."""
    rows = await tx.rows(_NEWEST, {**owner.parameters, "codes": list(codes)})
    return {row["competency"]: Standing(row["campaign_id"], _assessment(row)) for row in rows}


async def label(tx: Tx, key: OwnKey, standing: Standing) -> None:
    """Keep another class for the same evidence."""
    wanted = {"campaign": standing.campaign_id, "person": key.person_id, "code": key.competency}
    await tx.run(_LABEL, {**wanted, "new_class": standing.assessment.competency_class.value})


async def of_campaign(tx: Tx, campaign_id: UUID) -> dict[UUID, dict[str, Assessment]]:
    """All scored profiles of a campaign."""
    people: dict[UUID, dict[str, Assessment]] = {}
    for row in await tx.rows(_OF_CAMPAIGN, {"campaign": campaign_id}):
        people.setdefault(row["person_id"], {})[row["competency"]] = _assessment(row)
    return people


async def latest_campaign(tx: Tx, school: str, person: UUID) -> UUID | None:
    """The newest campaign in which a person was scored."""
    row = await tx.row(_LATEST, {"school": school, "person": person})
    return None if row is None else UUID(str(row["campaign_id"]))


async def own(tx: Tx, school: str, *, campaign_id: UUID, person: UUID) -> Sequence[tuple[Row, Assessment]]:
    """A person's own profile in a campaign with the marks behind it, for that person's eyes."""
    rows = await tx.rows(_OWN, {"school": school, "campaign": campaign_id, "person": person})
    return [(row, _assessment(row)) for row in rows]


def readings_of(row: Row) -> list[Reading]:
    """The readings behind a row of a profile."""
    return [Reading(SourceKind(mark["source"]), mark["level"], mark["count"]) for mark in row["marks"]]


async def measured(tx: Tx, school: str, *, campaign_id: UUID, person: UUID) -> dict[str, Measured]:
    """A person's own profile in a campaign with the readings behind it, by competency."""
    found = await own(tx, school, campaign_id=campaign_id, person=person)
    return {row["competency"]: Measured(assessment, readings_of(row)) for row, assessment in found}


async def with_artefacts(tx: Tx, campaign_id: UUID) -> dict[UUID, dict[str, list[Reading]]]:
    """The readings of what people showed by artefacts in a campaign, by person and competency."""
    people: dict[UUID, dict[str, list[Reading]]] = {}
    for row in await tx.rows(_ARTEFACTS, {"campaign": campaign_id}):
        people.setdefault(row["person_id"], {})[row["competency"]] = readings_of(row)
    return people
