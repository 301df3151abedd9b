"""Doors to attestation: records by hand, what everybody is on a day, whom to remind, which share to tell."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, Field, StringConstraints

from chassis.database import Database, Tx
from chassis.days import PlainDay
from chassis.doors import doors
from chassis.identity import EVERYONE_AT_SCHOOL, Me, require
from chassis.look_doors import Looks
from chassis.paging import DEFAULT, After, Limit, Page, after_id, page_of
from chassis.refusals import Missing
from services.registry.actions import attestation as actions
from services.registry.actions import places
from services.registry.api.doors import Db
from services.registry.api.places import Day
from services.registry.domain.attestation import (
    Colleague,
    Decision,
    Exemption,
    Ground,
    Kind,
    Standing,
    Status,
    counted,
    standing_on,
    term_of,
)
from services.registry.domain.attestation_alerts import Alert as KnownAlert
from services.registry.domain.attestation_alerts import Cause, alerts_on
from services.registry.domain.attestation_shares import Share as KnownShare
from services.registry.domain.attestation_shares import Variant, shares_of
from services.registry.domain.looks import What
from services.registry.store import attestation as store

router = doors()

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class NewRecord(BaseModel):
    """A decision of a commission.

    A category decided since 01.09.2023 has no term; an older one without a term gets five years and is to be checked;
    fitness for the post (SZD) holds five years.
    """

    kind: Kind
    decided_on: PlainDay = Field(examples=["2024-10-27"])
    valid_until: PlainDay | None = Field(default=None, description="the last day, as the order of the time says")
    order_no: Line | None = Field(default=None, examples=["2478-р"])
    position: Line | None = Field(default=None, examples=["учитель"])


class Record(NewRecord):
    """A decision as it is kept; a mistaken one stays to be seen and counts for nothing."""

    record_id: UUID
    source: str = Field(examples=["FILE", "CURATOR"])
    is_term_guessed: bool
    is_withdrawn: bool


class NewExemption(BaseModel):
    """The last day on which somebody need not show fitness for the post. Why is not asked and not kept."""

    valid_to: PlainDay


class Alert(BaseModel):
    """What is to be said: about what, since when, which day it is about, and who is to be told."""

    cause: Cause
    kind: Kind
    since: date
    due_on: date
    told: list[str] = Field(examples=[["teacher", "curator"]])


class PersonStanding(BaseModel):
    """What a person is on a day.

    `titles` come on top of the highest category; `due_on` is the day on which fitness for the post becomes overdue.
    """

    person_id: UUID
    status: Status
    titles: list[Kind]
    category_until: date | None
    szd_until: date | None
    exempt_until: date | None
    ground: Ground | None
    due_on: date | None


class MyAttestation(PersonStanding):
    """What I am today, the decisions about me, and what I should know in time."""

    records: list[Record]
    alerts: list[Alert]


class PersonAlerts(BaseModel):
    """What is to be said about a person, the most urgent first."""

    person_id: UUID
    alerts: list[Alert]


class Share(BaseModel):
    """A share by one definition, with its counts; the interval is the 95 % score interval, 0…1."""

    variant: Variant
    definition: str = Field(examples=["A_CAT@1"])
    numerator: int
    denominator: int
    share: float | None
    low: float | None
    high: float | None


class Shares(BaseModel):
    """All shares over the pedagogical staff of a day by the rule of form ОО-1, and how many have each status."""

    on: date
    people: int
    by_status: dict[Status, int]
    shares: list[Share]


@router.put(
    "/schools/{school}/people/{person_id}/attestations/{record_id}", dependencies=[require("curator")], status_code=201
)
async def record_decision(
    response: Response, db: Db, looks: Looks, school: str, person_id: UUID, record_id: UUID, new: NewRecord, me: Me
) -> Record:
    """Record a decision; the id is yours to make, a repeat changes nothing (200).

    `attestation.recorded-already` (409): the decision of that kind and day is there, perhaps from the staff file.
    `attestation.needs-highest` (422): a title is given to holders of the highest category only.
    """
    term = term_of(new.kind, new.decided_on, new.valid_until)
    decision = Decision(new.kind, new.decided_on, term, new.position, new.order_no)
    record = store.Record(record_id, person_id, decision, actions.CURATOR, 1)
    if not await actions.record_decision(db, school, record, by=me.me):
        response.status_code = 200
    await looks.changed(What.ATTESTATION, [person_id])
    return await _record(db, school, person_id, record_id)


@router.post(
    "/schools/{school}/people/{person_id}/attestations/{record_id}/withdraw", dependencies=[require("curator")]
)
async def withdraw_record(db: Db, looks: Looks, school: str, person_id: UUID, record_id: UUID, me: Me) -> Record:
    """Take a mistaken record back; it stays to be seen. A repeat changes nothing."""
    await actions.withdraw_record(db, school, person_id, record_id, by=me.me)
    await looks.changed(What.ATTESTATION, [person_id])
    return await _record(db, school, person_id, record_id)


@router.get("/schools/{school}/people/{person_id}/attestations", dependencies=[require("curator", "head")])
async def list_records(db: Db, looks: Looks, school: str, person_id: UUID) -> list[Record]:
    """The decisions about a person, mistaken records too, by their day."""
    async with db.transaction(school) as tx:
        records = [_shown(record) for record in await store.records_of(tx, school, [person_id])]
    await looks.saw(What.ATTESTATION, [person_id])
    return records


@router.put(
    "/schools/{school}/people/{person_id}/attestation-exemptions/{valid_from}", dependencies=[require("curator")]
)
async def exempt(
    db: Db, looks: Looks, school: str, person_id: UUID, valid_from: date, new: NewExemption, me: Me
) -> PersonStanding:
    """Keep from which to which day somebody need not show fitness for the post; the same first day corrects it."""
    await actions.exempt(db, school, person_id, Exemption(valid_from, new.valid_to), by=me.me)
    await looks.changed(What.ATTESTATION, [person_id])
    async with db.transaction(school) as tx:
        colleague, today = await _one(tx, school, person_id)
    return _standing(person_id, standing_on(colleague, today))


@router.get("/schools/{school}/attestation", dependencies=[require("curator", "head")])
async def list_standings(
    db: Db, looks: Looks, school: str, on: Day = None, after: After = "", limit: Limit = DEFAULT
) -> Page[PersonStanding]:
    """What each of the pedagogical staff is on a day, in the order of their ids."""
    async with db.transaction(school) as tx:
        day = await _day(tx, school, on)
        rows = await store.staff_on(tx, school, day, after=after_id(after), limit=limit + 1)
        known = await store.colleagues(tx, school, rows)
    page = page_of(
        list(known.items()), limit, key=lambda one: one[0], item=lambda one: _standing(one[0], standing_on(one[1], day))
    )
    await looks.saw(What.ATTESTATION, [one.person_id for one in page.items])
    return page


@router.get("/schools/{school}/attestation/alerts", dependencies=[require("curator", "head")])
async def list_alerts(
    db: Db, looks: Looks, school: str, after: After = "", limit: Limit = DEFAULT
) -> Page[PersonAlerts]:
    """Of whom something is to be said today.

    A category ends in 180, 90 or 30 days; fitness for the post is due in 180 days, or overdue; a term was guessed.
    """
    async with db.transaction(school) as tx:
        day = await _day(tx, school, None)
        known = await actions.staff_on(tx, school, day)
    first = after_id(after)
    found = [(person, alerts_on(one, day)) for person, one in known.items() if person > first]
    rows = [(person, alerts) for person, alerts in found if alerts]
    page = page_of(
        rows[: limit + 1],
        limit,
        key=lambda one: one[0],
        item=lambda one: PersonAlerts(person_id=one[0], alerts=[_alert(alert) for alert in one[1]]),
    )
    await looks.saw(What.ATTESTATION, [one.person_id for one in page.items])
    return page


@router.get("/schools/{school}/attestation/shares", dependencies=[require("curator", "head")])
async def get_shares(db: Db, school: str, on: Day = None) -> Shares:
    """The share of attested teachers by all four definitions, each with numerator, denominator and interval.

    Form ОО-1 counts on 20 September. A_CAT: first or highest category. B_CAT_SZD: that, or valid fitness for the post.
    C_ELIGIBLE: A_CAT among those who are two years in the post and not on long leave. D_HIGH: highest only.
    """
    async with db.transaction(school) as tx:
        day = await _day(tx, school, on)
        known = await actions.staff_on(tx, school, day)
    standings = [standing_on(one, day) for one in known.values()]
    return Shares(
        on=day,
        people=len(standings),
        by_status=counted(standings),
        shares=[_share(share) for share in shares_of(standings)],
    )


@router.get("/schools/{school}/my/attestation", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def get_my_attestation(db: Db, school: str, me: Me) -> MyAttestation:
    """What I am today, the decisions about me, and what I should know in time."""
    async with db.transaction(school) as tx:
        colleague, today = await _one(tx, school, me.me)
        records = await store.records_of(tx, school, [me.me])
    return MyAttestation(
        **_standing(me.me, standing_on(colleague, today)).model_dump(),
        records=[_shown(record) for record in records if not record.is_withdrawn],
        alerts=[_alert(alert) for alert in alerts_on(colleague, today) if "teacher" in alert.told],
    )


async def _day(tx: Tx, school: str, on: date | None) -> date:
    return on or (await places.school(tx, school)).day_of(tx.now)


async def _one(tx: Tx, school: str, person_id: UUID) -> tuple[Colleague, date]:
    row = await store.one(tx, school, person_id)
    if row is None:
        raise Missing("person.unknown", field="person_id")
    known = await store.colleagues(tx, school, [row])
    return known[person_id], await _day(tx, school, None)


async def _record(db: Database, school: str, person_id: UUID, record_id: UUID) -> Record:
    async with db.transaction(school) as tx:
        found = await store.record(tx, record_id)
    if found is None or found.person_id != person_id:
        raise Missing("attestation.unknown", field="record_id")
    return _shown(found)


def _shown(record: store.Record) -> Record:
    decision = record.decision
    return Record(
        record_id=record.record_id,
        kind=decision.kind,
        decided_on=decision.decided_on,
        valid_until=decision.term.valid_until,
        order_no=decision.order_no,
        position=decision.position,
        source=record.source,
        is_term_guessed=decision.term.is_guessed,
        is_withdrawn=record.is_withdrawn,
    )


def _standing(person_id: UUID, standing: Standing) -> PersonStanding:
    return PersonStanding(
        person_id=person_id,
        status=standing.status,
        titles=list(standing.titles),
        category_until=standing.category_until,
        szd_until=standing.szd_until,
        exempt_until=standing.exempt_until,
        ground=standing.ground,
        due_on=standing.due_on,
    )


def _alert(alert: KnownAlert) -> Alert:
    return Alert(cause=alert.cause, kind=alert.kind, since=alert.since, due_on=alert.due_on, told=list(alert.told))


def _share(share: KnownShare) -> Share:
    return Share(
        variant=share.variant,
        definition=share.definition,
        numerator=share.numerator,
        denominator=share.denominator,
        share=share.share,
        low=share.low,
        high=share.high,
    )
