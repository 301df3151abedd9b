"""Doors of the personal-data officer: find a person, see what an erasure would do, order it, follow it."""

from datetime import datetime
from typing import Annotated, Literal, cast
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field, StringConstraints

from chassis.database import Row
from chassis.doors import doors
from chassis.identity import CITY, Me, Principal, require
from chassis.look_doors import Looks
from chassis.paging import DEFAULT, After, Limit, Page, after_id, page_of
from chassis.texts import Texts, choose_language
from services.registry.actions import erasure as actions
from services.registry.actions.staff_facts import posts_of
from services.registry.api.doors import PLACE_ID, Db
from services.registry.api.people import Resolved, resolved
from services.registry.domain.erasure import Basis, Order, check_reach
from services.registry.domain.looks import What
from services.registry.store import people

AUDITOR = "auditor"
# Said to the auditor before anything is done, in this order.
CONSEQUENCES = (
    "erasure.consequence.names",
    "erasure.consequence.account",
    "erasure.consequence.texts",
    "erasure.consequence.leaving",
    "erasure.consequence.totals",
    "erasure.consequence.papers",
    "erasure.consequence.looks",
    "erasure.consequence.staff-file",
    "erasure.consequence.backups",
    "erasure.consequence.for-good",
)

router = doors()
Number = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z\u0400-\u04FF./_-]+$", max_length=30)]


class Sought(BaseModel):
    """Whom a request is about, in the words of the request; it travels in the body, so that no log holds it."""

    place_id: str = Field(pattern=PLACE_ID, examples=["spb-693"])
    family_name: str = Field(min_length=1, max_length=100)


class Found(BaseModel):
    """A person whom the request may mean; `username` and the `posts` at this place tell namesakes apart."""

    person_id: UUID
    full_name: str
    username: str | None = Field(examples=["spb-693.0042"])
    posts: list[str]
    is_in_force: bool


class Called(BaseModel):
    """Whose names the officer asks for: those who stand in the access log of a place."""

    place_id: str = Field(pattern=PLACE_ID, examples=["spb-693"])
    person_ids: list[UUID] = Field(max_length=500)


class Belonging(BaseModel):
    """A place that the person belongs or belonged to, and the posts there."""

    place_id: str
    roles: list[str]
    posts: list[str]
    is_in_force: bool


class Preview(BaseModel):
    """Whom an order would forget, and what follows from it; nobody else has this `username`."""

    person_id: UUID
    full_name: str
    username: str | None
    belongings: list[Belonging]
    consequences: list[str]


class NewErasure(BaseModel):
    """An order; `request_number` is the number of the request in your own register, never a name."""

    person_id: UUID
    basis: Literal["UNLAWFUL", "PURPOSE_REACHED", "WITHDRAWN", "AUTHORITY"]
    request_number: Number | None = Field(default=None, examples=["17/2026"])


class Confirmation(BaseModel):
    """A service has deleted what was the person's own."""

    service: str
    confirmed_at: datetime


class Erasure(BaseModel):
    """An erasure and how far it has come; it tells no name."""

    erasure_id: UUID
    person_id: UUID
    basis: Literal["UNLAWFUL", "PURPOSE_REACHED", "WITHDRAWN", "AUTHORITY", "RESTORED"]
    request_number: str | None
    ordered_by: UUID | None
    place_ids: list[str]
    revision: int
    state: Literal["ORDERED", "SPREAD", "DONE"]
    ordered_at: datetime
    confirmed: list[Confirmation]
    waits_for: list[str]
    spread_at: datetime | None
    account_gone_at: datetime | None
    done_at: datetime | None


@router.post("/people:find", dependencies=[require(AUDITOR, anywhere=True)])
async def find_people(db: Db, looks: Looks, sought: Sought, me: Me) -> list[Found]:
    """Find the person of a request by family name at a place; up to a hundred namesakes."""
    reach = await actions.reach_of(db, _auditor(me))
    rows = await actions.find_people(db, sought.place_id, sought.family_name, reach)
    await looks.at(sought.place_id).saw(What.SEARCH, [row["person_id"] for row in rows])
    return [_found(row) for row in rows]


@router.post("/people:name", dependencies=[require(AUDITOR, anywhere=True)])
async def name_people(db: Db, called: Called, me: Me) -> list[Resolved]:
    """The names of people of a place within the officer's reach; ids that the place does not know are left out."""
    check_reach(await actions.reach_of(db, _auditor(me)), [called.place_id])
    async with db.transaction(called.place_id) as tx:
        rows = await people.resolve(tx, called.person_ids)
    return [resolved(row) for row in rows]


@router.get("/people/{person_id}/erasure", dependencies=[require(AUDITOR, anywhere=True)])
async def preview_erasure(request: Request, db: Db, looks: Looks, person_id: UUID, me: Me) -> Preview:
    """What an erasure of this person would do. Nothing happens yet."""
    found = await actions.preview(db, person_id, await actions.reach_of(db, _auditor(me)))
    await looks.saw_across(What.ERASURE, [(one.place_id, person_id) for one in found.belongings])
    # The chassis puts the texts there; Starlette's state is untyped.
    texts = cast(Texts, request.app.state.texts)
    language = choose_language(request.headers.get("accept-language"))
    return Preview(
        person_id=person_id,
        full_name=found.names.full,
        username=found.username,
        belongings=[
            Belonging(place_id=one.place_id, roles=list(one.roles), posts=list(one.posts), is_in_force=one.is_in_force)
            for one in found.belongings
        ],
        consequences=[texts.say(slug, language) for slug in CONSEQUENCES],
    )


@router.put("/erasures/{erasure_id}", dependencies=[require(AUDITOR, anywhere=True)], status_code=201)
async def order_erasure(response: Response, db: Db, erasure_id: UUID, wanted: NewErasure, me: Me) -> Erasure:
    """Forget a person, for good. The id is yours to make; a repeat changes nothing (200)."""
    order = Order(erasure_id, wanted.person_id, Basis(wanted.basis), wanted.request_number, me.me)
    reach = await actions.reach_of(db, _auditor(me))
    if not await actions.order_erasure(db, order, reach):
        response.status_code = 200
    return _shown(await actions.show(db, erasure_id, reach))


@router.post("/erasures/{erasure_id}/repeat", dependencies=[require(AUDITOR, anywhere=True)])
async def repeat_erasure(db: Db, erasure_id: UUID, me: Me) -> Erasure:
    """Say an erasure again to all services and to the realm: after the realm was restored, or when in doubt."""
    reach = await actions.reach_of(db, _auditor(me))
    await actions.repeat_erasure(db, erasure_id, reach)
    return _shown(await actions.show(db, erasure_id, reach))


@router.get("/erasures", dependencies=[require(AUDITOR, anywhere=True)])
async def list_erasures(db: Db, me: Me, after: After = "", limit: Limit = DEFAULT) -> Page[Erasure]:
    """The ledger of erasures, in the order of their ids: bare ids, dates, grounds, and how far each has come."""
    reach = await actions.reach_of(db, _auditor(me))
    lines = await actions.list_erasures(db, after_id(after), limit, reach)
    return page_of(lines, limit, key=lambda line: line.known.order.erasure_id, item=_shown)


@router.get("/erasures/{erasure_id}", dependencies=[require(AUDITOR, anywhere=True)])
async def get_erasure(db: Db, erasure_id: UUID, me: Me) -> Erasure:
    """One erasure: which services have confirmed, which are awaited, whether the account is gone."""
    return _shown(await actions.show(db, erasure_id, await actions.reach_of(db, _auditor(me))))


def _found(row: Row) -> Found:
    return Found(
        person_id=row["person_id"],
        full_name=people.names_in(row).full,
        username=row["username"],
        posts=list(posts_of(row["staff"])),
        is_in_force=row["left_on"] is None,
    )


def _auditor(me: Principal) -> actions.Auditor:
    held = [grant.place.partition("/") for grant in me.grants if grant.role == AUDITOR]
    return actions.Auditor(
        is_city=any(kind == CITY for kind, _, _ in held),
        districts=frozenset(place for kind, _, place in held if kind == "districts"),
        schools=frozenset(place for kind, _, place in held if kind == "schools"),
    )


def _shown(line: actions.Line) -> Erasure:
    known, progress = line.known, line.progress
    return Erasure(
        erasure_id=known.order.erasure_id,
        person_id=known.order.person_id,
        basis=known.order.basis.value,
        request_number=known.order.request_number,
        ordered_by=known.order.ordered_by,
        place_ids=list(known.place_ids),
        revision=known.revision,
        state=progress.state.value,
        ordered_at=known.ordered_at,
        confirmed=[Confirmation(service=service, confirmed_at=at) for service, at in line.confirmed.items()],
        waits_for=list(progress.waits_for),
        spread_at=progress.spread_at,
        account_gone_at=known.account_gone_at,
        done_at=progress.done_at,
    )
