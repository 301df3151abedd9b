"""Erasures: what follows is read before anything is done, the order is confirmed by a typed name, and is followed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel
from starlette.responses import Response

from gateway.portal.privacy.office import ROOTS, Office, office_of
from gateway.portal.privacy.person import belongings_of
from gateway.portal.privacy.words import day_of
from gateway.portal.reader import Portal
from gateway.portal.talk import Refused

ERASE = "privacy/erase.html"
LEDGER = "privacy/erasures.html"
BASES = ("WITHDRAWN", "PURPOSE_REACHED", "UNLAWFUL", "AUTHORITY")
STATES = {"ORDERED": "watch", "SPREAD": "watch", "DONE": "good"}
_API = "/api/registry/v1"


class Order(BaseModel):
    """An order as it was typed; `erasure_id` was made with the form, so that sending it twice is one order."""

    erasure_id: str = ""
    basis: str = ""
    request_number: str = ""
    family_name: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of the ledger in words."""

    erasure_id: str
    ordered: str
    basis: str
    number: str
    state: str
    state_kind: str
    waits: str
    done: str
    can_repeat: bool


def doors(portal: Portal) -> APIRouter:
    """The doors to an order and to the ledger."""
    router = APIRouter(include_in_schema=False)

    async def show_order(request: Request, at: str, person: UUID) -> HTMLResponse:
        office = await office_of(portal, request)
        return await _ask(portal, office, at, person, Order(erasure_id=str(uuid4())))

    async def order(request: Request, at: str, person: UUID, wanted: Annotated[Order, Form()]) -> Response:
        office = await office_of(portal, request)
        about = await office.reader.talk.get(f"{_API}/people/{person}/erasure")
        if not is_confirmed(wanted.family_name, about["full_name"]):
            return await _form(portal, office, at, about, wanted, _unconfirmed(office))
        try:
            content = {
                "person_id": str(person),
                "basis": wanted.basis,
                "request_number": wanted.request_number.strip() or None,
            }
            await office.reader.talk.put(f"{_API}/erasures/{wanted.erasure_id}", content)
        except Refused as refused:
            return await _form(portal, office, at, about, wanted, refused)
        return portal.lead(f"{office.root}/erasures", said="erasure.ordered")

    async def show_ledger(request: Request, after: str = "") -> HTMLResponse:
        office = await office_of(portal, request)
        page = await office.reader.talk.get(f"{_API}/erasures", after=after or None, limit=50)
        reader = office.reader
        lines = [shown(one, language=reader.language, say=reader.say) for one in page["items"]]
        address = f"{office.root}/erasures"
        return portal.show(reader, LEDGER, office=office, lines=lines, next=page["next"], page=address)

    async def repeat(request: Request, erasure: UUID) -> Response:
        office = await office_of(portal, request)
        await office.reader.talk.post(f"{_API}/erasures/{erasure}/repeat")
        return portal.lead(f"{office.root}/erasures", said="erasure.repeated")

    for root in ROOTS:
        router.get(f"{root}/access-log/{{at}}/{{person}}/erase")(show_order)
        router.post(f"{root}/access-log/{{at}}/{{person}}/erase")(order)
        router.get(f"{root}/erasures")(show_ledger)
        router.post(f"{root}/erasures/{{erasure}}/repeat")(repeat)
    return router


def is_confirmed(typed: str, full_name: str) -> bool:
    """Was the family name typed, whatever the letters' case? It comes first in a full name."""
    return bool(typed.strip()) and full_name.casefold().startswith(f"{typed.strip().casefold()} ")


def shown(line: Mapping[str, Any], *, language: str, say: Callable[..., str]) -> Shown:
    """A line of the ledger in words."""
    waits: Sequence[str] = line["waits_for"]
    return Shown(
        erasure_id=str(line["erasure_id"]),
        ordered=day_of(line["ordered_at"], language),
        basis=say(f"erasure.basis.{line['basis']}"),
        number=line["request_number"] or "",
        state=say(f"erasure.state.{line['state']}"),
        state_kind=STATES[line["state"]],
        waits=", ".join(say(f"look.service.{service}") for service in waits),
        done=day_of(line["done_at"], language) if line["done_at"] else "",
        can_repeat=line["state"] != "DONE",
    )


def _unconfirmed(office: Office) -> Refused:
    words = office.reader.say("erase.name-differs")
    return Refused(422, {"detail": words, "errors": [{"field": "family_name", "detail": words}]})


async def _ask(portal: Portal, office: Office, at: str, person: UUID, wanted: Order) -> HTMLResponse:
    about = await office.reader.talk.get(f"{_API}/people/{person}/erasure")
    return await _form(portal, office, at, about, wanted, None)


async def _form(
    portal: Portal, office: Office, at: str, about: Mapping[str, Any], wanted: Order, wrong: Refused | None
) -> HTMLResponse:
    say = office.reader.say
    return portal.show(
        office.reader,
        ERASE,
        status=wrong.status if wrong else 200,
        office=office,
        at=at,
        about=about,
        belongings=await belongings_of(portal, office, about),
        wanted=wanted,
        wrong=wrong,
        bases=[(basis, say(f"erasure.basis.{basis}")) for basis in BASES],
    )
