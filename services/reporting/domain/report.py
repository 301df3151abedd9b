"""The school report: its states, its canonical form and the signature under it.

A signature is a record: who, in which role, when, and the SHA-256 of the canonical content. It is a simple
electronic signature («ПЭП», 63-ФЗ ст. 5 ч. 2, ст. 9) and is verified again at each later step.
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Literal
from uuid import UUID

from chassis.refusals import Conflict, Forbidden, Invalid

DECIMALS = 6
FRESH = timedelta(minutes=5)
CLOCK_SKEW = timedelta(minutes=1)


class State(StrEnum):
    """Where a report stands between the school's numbers and the city's page."""

    COMPUTED = "COMPUTED"
    REVIEWED = "REVIEWED"
    SIGNED = "SIGNED"
    SUBMITTED = "SUBMITTED"
    ACCEPTED = "ACCEPTED"
    RETURNED = "RETURNED"
    PUBLISHED = "PUBLISHED"


def legal_steps(state: State) -> tuple[State, ...]:
    """The states that may follow; COMPUTED after the first state means a new version."""
    return {
        State.COMPUTED: (State.REVIEWED,),
        State.REVIEWED: (State.SIGNED,),
        State.SIGNED: (State.SUBMITTED,),
        State.SUBMITTED: (State.ACCEPTED, State.RETURNED),
        State.ACCEPTED: (State.PUBLISHED,),
        State.RETURNED: (State.COMPUTED,),
        State.PUBLISHED: (State.COMPUTED,),
    }[state]


@dataclass(frozen=True, slots=True)
class Report:
    """One school's report for one as-of date; a correction is a new version, never a rewrite."""

    school: str
    as_of: date
    version: int = 1
    state: State = State.COMPUTED


def step(report: Report, to: State) -> Report:
    """Move a report on; Conflict `report.illegal-step` names the legal steps.

    COMPUTED, reached from RETURNED or as a correction from PUBLISHED, begins the next version.
    """
    legal = legal_steps(report.state)
    if to not in legal:
        raise Conflict("report.illegal-step", state=report.state.value, legal=[one.value for one in legal])
    version = report.version + 1 if to is State.COMPUTED else report.version
    return replace(report, state=to, version=version)


def begins_anew(report: Report, wanted: int | None) -> bool:
    """Does computing again begin the next version? After a return it does; a correction names the version it wants.

    So a repeated request never undoes what was published. Conflict for a version that is neither the present one
    nor the next, or while the present one is still on its way.
    """
    if wanted is None:
        return report.state is State.RETURNED
    if wanted == report.version:
        return False
    if wanted != report.version + 1:
        raise Conflict("report.version-not-next", field="version", newest=report.version)
    step(report, State.COMPUTED)
    return True


@dataclass(frozen=True, slots=True)
class Signing:
    """Who signs, in which role, and when that person last proved who they are (`auth_time` of the token)."""

    signer: str
    role: str
    authenticated_at: datetime


@dataclass(frozen=True, slots=True)
class Signature:
    """The record that a person signed exactly this content."""

    signer: str
    role: str
    at: datetime
    sha256: str
    kind: Literal["ПЭП"] = "ПЭП"


def sign(content: Mapping[str, object], signing: Signing, *, now: datetime) -> Signature:
    """Sign the content at real time `now`; Forbidden when the person proved who they are too long ago."""
    age = now - signing.authenticated_at
    if not -CLOCK_SKEW <= age <= FRESH:
        raise Forbidden("report.authenticate-again", minutes=int(FRESH.total_seconds()) // 60)
    return Signature(signer=signing.signer, role=signing.role, at=now, sha256=digest(content))


def verify(signature: Signature, content: Mapping[str, object]) -> None:
    """Conflict `report.content-changed` when the content is not what was signed."""
    if signature.sha256 != digest(content):
        raise Conflict("report.content-changed")


def digest(content: Mapping[str, object]) -> str:
    """SHA-256 of the canonical content, in lower-case hexadecimal."""
    return hashlib.sha256(canonical(content)).hexdigest()


def canonical(content: Mapping[str, object]) -> bytes:
    """One byte string per meaning: UTF-8 JSON, keys sorted, no spaces.

    Fractions are rounded to six decimals, whole ones written without a point, decimals as strings without
    trailing zeros, dates and moments in ISO 8601. Invalid for what has no such form (NaN, unknown types).
    """
    plain = _plain(content)
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {_key(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, str | UUID | date | datetime):
        return _text(value)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [_plain(inner) for inner in value]
    return _number(value)


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise Invalid("report.not-canonical", kind=type(key).__name__)
    return str(key)


def _text(value: str | UUID | date | datetime) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


def _number(value: object) -> object:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Decimal) and value.is_finite():
        return format(value.normalize() + 0, "f")
    if isinstance(value, float) and math.isfinite(value):
        rounded = round(value, DECIMALS)
        return int(rounded) if rounded.is_integer() else rounded
    raise Invalid("report.not-canonical", kind=type(value).__name__)
