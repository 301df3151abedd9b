"""Erasure: why a person is forgotten, who may order it for which places, and how far it has come."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.refusals import Conflict, Forbidden, Invalid
from services.registry.domain.people import Names

# The ledger is kept for ever, therefore nothing in it may tell who the person was.
SHORTEST_NAME = 3


class Basis(StrEnum):
    """What obliges us to erase (152-ФЗ ст. 21)."""

    UNLAWFUL = "UNLAWFUL"  # ч. 3: it was unlawful to keep the data
    PURPOSE_REACHED = "PURPOSE_REACHED"  # ч. 4: what they were kept for is done, or their term is over
    WITHDRAWN = "WITHDRAWN"  # ч. 5: the person took the consent back
    AUTHORITY = "AUTHORITY"  # a court, or the authority for personal data (ст. 23 ч. 3)
    RESTORED = "RESTORED"  # not ordered anew: an erasure that a restored database had forgotten


ORDERABLE = tuple(basis for basis in Basis if basis is not Basis.RESTORED)


class State(StrEnum):
    """How far an erasure has come."""

    ORDERED = "ORDERED"  # names and contacts are gone here; some service has not confirmed yet
    SPREAD = "SPREAD"  # every service has deleted what was the person's own; the account still stands in the realm
    DONE = "DONE"


@dataclass(frozen=True, slots=True)
class Order:
    """An order to forget a person; the number is that of the request in the auditor's own register."""

    erasure_id: UUID
    person_id: UUID
    basis: Basis
    request_number: str | None
    ordered_by: UUID | None


@dataclass(frozen=True, slots=True)
class Reach:
    """The places for which an auditor may order: all of them for the city's, else the named ones."""

    is_city: bool
    places: frozenset[str]

    def covers(self, places: Collection[str]) -> bool:
        """Are all these places within reach?"""
        return self.is_city or set(places) <= self.places


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an erasure has come, and when each step was reached (business time)."""

    state: State
    waits_for: tuple[str, ...]
    spread_at: datetime | None
    done_at: datetime | None


def check_order(order: Order, names: Names) -> None:
    """Refuse a number that would keep the very name that is to be forgotten."""
    number = (order.request_number or "").casefold()
    parts = [part.casefold() for part in (names.family_name, names.given_name, names.patronymic) if part]
    if any(part in number for part in parts if len(part) >= SHORTEST_NAME):
        raise Invalid("erasure.number-names-the-person", field="request_number")


def check_reach(reach: Reach, places: Collection[str]) -> None:
    """Refuse an auditor of one place to forget a person who belongs to others too."""
    if not reach.covers(places):
        raise Forbidden("erasure.beyond-your-places", field="person_id")


def check_same(known: Order, order: Order) -> None:
    """Refuse another order under a known id."""
    if (known.person_id, known.basis, known.request_number) != (order.person_id, order.basis, order.request_number):
        raise Conflict("erasure.id-taken", field="erasure_id")


def progress(
    services: Collection[str], confirmed: Mapping[str, datetime], *, account_gone_at: datetime | None
) -> Progress:
    """The state that follows from what the services and the realm have said."""
    waits_for = tuple(service for service in services if service not in confirmed)
    spread_at = max(confirmed.values(), default=None) if not waits_for else None
    if waits_for or spread_at is None:
        return Progress(State.ORDERED, waits_for, None, None)
    if account_gone_at is None:
        return Progress(State.SPREAD, (), spread_at, None)
    return Progress(State.DONE, (), spread_at, max(spread_at, account_gone_at))
