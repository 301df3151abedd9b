"""Doors to role profiles: on what a person is assessed, from which day on, and who said so."""

from datetime import date
from typing import Literal
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, Field

from chassis.database import Database, Row, Tx
from chassis.days import PlainDay
from chassis.doors import doors
from chassis.etags import Changing, Reading, Tagged
from chassis.identity import EVERYONE_AT_SCHOOL, Me, require
from chassis.look_doors import Looks
from chassis.paging import DEFAULT, After, Limit, Page, after_id, page_of
from chassis.refusals import Missing
from services.registry.actions import places, staff
from services.registry.actions import role_profiles as actions
from services.registry.api.doors import Db, Say, speaker
from services.registry.api.places import Day
from services.registry.domain.looks import What
from services.registry.domain.people import Membership
from services.registry.domain.role_profiles import OVERLAYS, Said, Source, in_order, on_day
from services.registry.store import people
from services.registry.store import role_profiles as store

router = doors()

Code = Literal[
    "YOUNG_TEACHER",
    "SUBJECT_TEACHER",
    "PRIMARY_TEACHER",
    "EXTRA_EDUCATION",
    "SUPPORT_SPECIALIST",
    "METHODIST",
    "DEPUTY_HEAD",
    "CLASS_TEACHER",
]


class Assignment(BaseModel):
    """What a person is from a day on; without `profiles` (null) the staff file is followed again.

    Of several profiles the highest target counts. CLASS_TEACHER comes on top of another one only. An empty list takes
    the person out of the assessment.
    """

    profiles: list[Code] | None = Field(max_length=8, examples=[["SUBJECT_TEACHER", "CLASS_TEACHER"]])
    valid_from: PlainDay = Field(examples=["2026-09-01"])


class RoleProfile(BaseModel):
    """A role profile; an overlay comes on top of another."""

    code: str = Field(examples=["SUBJECT_TEACHER"])
    title: str = Field(examples=["Учитель-предметник"])
    is_overlay: bool


class SaidProfiles(BaseModel):
    """What was said from a day on, and by whom: the staff file or a curator; null profiles are those of the file."""

    valid_from: date
    profiles: list[str] | None
    source: Source


class PersonProfiles(BaseModel):
    """A person's role profiles on a day; `by_file` is what the last staff file would give."""

    person_id: UUID
    profiles: list[RoleProfile]
    since: date | None
    source: Source
    by_file: list[str]


class PersonProfilesInTime(PersonProfiles):
    """A person's role profiles with all that was said of them, in the order in which it was said."""

    history: list[SaidProfiles]


@router.get("/schools/{school}/role-profiles", dependencies=[require("curator")])
async def list_role_profiles(
    request: Request, db: Db, looks: Looks, school: str, on: Day = None, after: After = "", limit: Limit = DEFAULT
) -> Page[PersonProfiles]:
    """The role profiles of the school's people on a day, in the order of their ids."""
    async with db.transaction(school) as tx:
        day = on or (await places.school(tx, school)).day_of(tx.now)
        rows = await store.on_day_after(tx, school, after_id(after), limit, day=day)
    say = speaker(request)
    page = page_of(rows, limit, key=lambda row: row["person_id"], item=lambda row: _listed(row, say))
    await looks.saw(What.ROLE_PROFILES, [one.person_id for one in page.items])
    return page


@router.get("/schools/{school}/people/{person_id}/role-profiles", dependencies=[require("curator")])
async def get_role_profiles(
    request: Request, db: Db, looks: Looks, school: str, person_id: UUID, told: Tagged
) -> PersonProfilesInTime:
    """A person's role profiles today, and all that was said of them; `ETag` is the state for `If-Match`."""
    found = await _of_person(request, db, school, person_id, told)
    await looks.saw(What.ROLE_PROFILES, [person_id])
    return found


@router.put("/schools/{school}/people/{person_id}/role-profiles", dependencies=[require("curator")])
async def assign_role_profiles(
    request: Request, db: Db, looks: Looks, school: str, person_id: UUID, wanted: Assignment, me: Me, change: Changing
) -> PersonProfilesInTime:
    """Say what a person's role profiles are from a day on, today, earlier or later; a repeat changes nothing.

    What a curator says stays through later staff files until the person is handed back (`profiles: null`). A word
    about an earlier day takes back what was planned for later ones.
    """
    profiles = None if wanted.profiles is None else in_order(wanted.profiles)
    said = Said(profiles, wanted.valid_from, Source.CURATOR, assigned_by=me.me)
    await actions.assign(db, school, person_id, said, seen=change.seen)
    await looks.changed(What.ROLE_PROFILES, [person_id])
    return await _of_person(request, db, school, person_id, change)


@router.get("/schools/{school}/my/role-profiles", dependencies=[require(*EVERYONE_AT_SCHOOL)])
async def get_my_role_profiles(request: Request, db: Db, school: str, me: Me) -> PersonProfilesInTime:
    """On what I am assessed in this school, since when, and who said so."""
    return await _of_person(request, db, school, me.me)


async def _of_person(
    request: Request, db: Database, school: str, person_id: UUID, told: Reading | None = None
) -> PersonProfilesInTime:
    async with db.transaction(school) as tx:
        known = await people.membership(tx, school, person_id)
        if known is None:
            raise Missing("person.unknown", field="person_id")
        said = await store.said_of(tx, school, person_id)
        now = await _now(tx, school, said)
    if told is not None:
        told.tell(actions.tag_of_profiles(known, said))
    say = speaker(request)
    return PersonProfilesInTime(
        person_id=person_id,
        profiles=[_shown(code, say) for code in known.role_profiles],
        since=now.valid_from if now else None,
        source=now.source if now else Source.FILE,
        by_file=list(staff.profiles_by_file(known)),
        history=[SaidProfiles(valid_from=one.valid_from, profiles=_codes(one), source=one.source) for one in said],
    )


async def _now(tx: Tx, school: str, said: list[Said]) -> Said | None:
    return on_day(said, (await places.school(tx, school)).day_of(tx.now))


def _codes(said: Said) -> list[str] | None:
    return None if said.profiles is None else list(said.profiles)


def _listed(row: Row, say: Say) -> PersonProfiles:
    profiles = row["profiles"] if row["is_said"] and row["profiles"] is not None else row["role_profiles"]
    by_file = staff.profiles_by_file(Membership("", row["person_id"], (), date.min, staff=row["staff"]))
    return PersonProfiles(
        person_id=row["person_id"],
        profiles=[_shown(code, say) for code in profiles],
        since=row["valid_from"],
        source=row["source"] or Source.FILE,
        by_file=list(by_file),
    )


def _shown(code: str, say: Say) -> RoleProfile:
    return RoleProfile(code=code, title=say(f"role-profile.{code}"), is_overlay=code in OVERLAYS)
