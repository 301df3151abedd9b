"""Doors to slips: print them, see who has not come in yet, end them; and the public door where one is redeemed."""

from datetime import datetime
from typing import Annotated, Literal, cast
from uuid import UUID

import segno
from fastapi import Request
from pydantic import BaseModel, Field, SecretStr

from chassis.database import Row
from chassis.doors import doors
from chassis.identity import Me, Principal, require
from chassis.look_doors import Looks
from chassis.paging import DEFAULT, After, Limit, Page, after_id, page_of
from contracts.event import real_now
from services.registry.actions import slips as actions
from services.registry.api.doors import Db, PlaceId
from services.registry.domain.looks import What
from services.registry.domain.people import SCHOOL_ROLES, Names
from services.registry.domain.slips import standing_of
from services.registry.store import slips as store
from services.registry.store.slips import Holder

router = doors()
Welcome = Annotated[
    str | None,
    Field(
        pattern=r"^https?://[^\s#]+$",
        max_length=200,
        description="the page where a slip is redeemed; the QR code leads there, the code stands behind its #",
        examples=["https://neo.example.org/welcome"],
    ),
]


class Wish(BaseModel):
    """Where the QR codes lead; without an address there are none."""

    welcome: Welcome = None


class WishedSheet(Wish):
    """For whom; without names for all who have not come in and hold no open slip."""

    person_ids: list[UUID] | None = Field(default=None, min_length=1, max_length=store.MOST_ON_A_SHEET)


class Slip(BaseModel):
    """A slip to be printed. This is the only time that its code is told."""

    slip_id: UUID
    person_id: UUID
    full_name: str
    username: str
    code: str = Field(examples=["ABCDE-FGHJK-MNPQR"])
    qr: str | None = Field(description="the code as an SVG picture")
    expires_at: datetime


class LeftOut(BaseModel):
    """Somebody who gets no slip on this sheet."""

    person_id: UUID
    reason: Literal["NOT_YOURS", "NO_ACCOUNT"]


class Sheet(BaseModel):
    """Slips of a school to be printed; with `is_more` there are people for another sheet."""

    slips: list[Slip]
    left_out: list[LeftOut]
    is_more: bool


class ListedSlip(BaseModel):
    """A slip that was printed; nobody can read its code any more."""

    slip_id: UUID
    person_id: UUID
    state: Literal["OPEN", "USED", "EXPIRED", "REVOKED"]
    issued_at: datetime
    issued_by: UUID
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


class Newcomer(BaseModel):
    """Somebody who has not come in yet, and how far that has got."""

    person_id: UUID
    full_name: str
    username: str
    state: Literal["NO_SLIP", "HAS_SLIP", "HAS_PASSWORD"]


class Newcomers(Page[Newcomer]):
    """A page of those who have not come in yet, with the counts of the whole school."""

    people: int
    not_come_in: int
    with_slip: int
    with_password: int


class Redeemed(BaseModel):
    """The code of a slip and the password that its holder chooses."""

    code: str = Field(min_length=1, max_length=60)
    new_password: SecretStr = Field(min_length=1, max_length=200)


class Welcomed(BaseModel):
    """How to come in from now on."""

    username: str


@router.post("/schools/{school}/slips", dependencies=[require("curator", "head")], status_code=201)
async def print_slips(db: Db, looks: Looks, school: str, wished: WishedSheet, me: Me) -> Sheet:
    """Print slips. Named people get a new one in any case, and the old one ends; a repeat prints yet another."""
    printing = actions.Printing(school, me.me, _roles_of(me, school))
    if wished.person_ids is None:
        sheet = await actions.print_all(db, printing)
    else:
        sheet = await actions.print_for(db, printing, wished.person_ids)
    await looks.exported(What.SLIPS, [slip.person_id for slip in sheet.slips])
    return Sheet(
        slips=[_printed(slip, wished.welcome) for slip in sheet.slips],
        left_out=[LeftOut.model_validate({"person_id": one, "reason": reason}) for one, reason in sheet.left_out],
        is_more=sheet.is_more,
    )


@router.post("/places/{place_id}/officers/{person_id}/slip", dependencies=[require("analyst")], status_code=201)
async def print_slip_of_officer(db: Db, place_id: PlaceId, person_id: UUID, wished: Wish, me: Me) -> Slip:
    """Print a slip for an officer of a place: a head, a coordinator, an officer of the city."""
    return _printed(await actions.print_for_officer(db, place_id, person_id, by=me.me), wished.welcome)


@router.get("/schools/{school}/slips", dependencies=[require("curator", "head")])
async def list_slips(db: Db, looks: Looks, school: str, after: After = "", limit: Limit = DEFAULT) -> Page[ListedSlip]:
    """The slips of the school in the order of their ids: who has one, how each stands."""
    async with db.transaction(school) as tx:
        rows = await store.slips_after(tx, school, after_id(after), limit)
    page = page_of(rows, limit, key=lambda row: row["slip_id"], item=_listed)
    await looks.saw(What.SLIPS, [slip.person_id for slip in page.items])
    return page


@router.post("/schools/{school}/slips/{slip_id}/revoke", dependencies=[require("curator", "head")])
async def revoke_slip(db: Db, looks: Looks, school: str, slip_id: UUID) -> ListedSlip:
    """End a slip that was lost. A repeat changes nothing."""
    revoked = _listed(await actions.revoke(db, school, slip_id))
    await looks.changed(What.SLIPS, [revoked.person_id])
    return revoked


@router.get("/schools/{school}/newcomers", dependencies=[require("curator", "head")])
async def list_newcomers(db: Db, looks: Looks, school: str, after: After = "", limit: Limit = DEFAULT) -> Newcomers:
    """Who has not come in yet, in the order of their ids. Only the first sign-in takes somebody off this list."""
    async with db.transaction(school) as tx:
        found = await store.newcomers_after(tx, school, after_id(after), limit)
        counted = await store.counts(tx, school)
    page = page_of(found, limit, key=lambda one: one.person_id, item=_newcomer)
    await looks.saw(What.ACCOUNTS, [one.person_id for one in page.items])
    return Newcomers.model_validate({**dict(counted), "items": page.items, "next": page.next})


@router.post("/slips:redeem")
async def redeem_slip(request: Request, db: Db, redeemed: Redeemed) -> Welcomed:
    """Choose a password with the code of a slip; then sign in with the username. The only door without a token.

    The realm's rules for passwords speak too: `password.too-short`, `password.like-username` (422). `slip.realm-away`
    (503): nothing was changed. The slip stays good in all three.
    """
    # The composition root puts it there; Starlette's state is untyped.
    credentials = cast(actions.Credentials | None, request.app.state.credentials)
    attempt = actions.Attempt(redeemed.code, redeemed.new_password.get_secret_value(), _address_of(request))
    return Welcomed(username=await actions.redeem(db, credentials, attempt))


def _address_of(request: Request) -> str:
    """Where the attempt comes from, as the gateway saw it; it is counted under a hash for an hour."""
    forwarded = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return forwarded or (request.client.host if request.client else "")


def _roles_of(me: Principal, school: str) -> tuple[str, ...]:
    return tuple(role for role in SCHOOL_ROLES if me.at_school(school, role))


def _printed(slip: actions.Slip, welcome: str | None) -> Slip:
    return Slip(
        slip_id=slip.slip_id,
        person_id=slip.person_id,
        full_name=slip.names.full,
        username=slip.username,
        code=slip.code,
        qr=_picture(f"{welcome}#{slip.code}") if welcome else None,
        expires_at=slip.expires_at,
    )


def _picture(address: str) -> str:
    return segno.make(address, error="m", micro=False).svg_inline(
        border=2, omitsize=True, svgclass=None, lineclass=None
    )


def _listed(row: Row) -> ListedSlip:
    return ListedSlip.model_validate({**row, "state": store.times_in(row).state(real_now())})


def _newcomer(one: Holder) -> Newcomer:
    told = {"person_id": one.person_id, "full_name": Names(*one.names).full, "username": one.username}
    return Newcomer.model_validate({**told, "state": standing_of(one.newest, real_now())})
