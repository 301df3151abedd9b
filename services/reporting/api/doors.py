"""What the doors share: where the databases and the catalogue are, definitions in the caller's language."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, Field

from chassis.database import Database
from chassis.texts import choose_language
from services.reporting.api.kept import Kept
from services.reporting.domain import Catalogue
from services.reporting.domain.content import Cell, Figure, figures_of


class Number(BaseModel):
    """A number with its count, its interval and its definition."""

    place: str
    place_name: str | None = None
    kind: str
    indicator: str
    name: str
    definition: str
    definition_version: str
    unit: str
    n_num: float | None
    n_den: float | None
    value: float | None
    ci_low: float | None
    ci_high: float | None
    is_hidden: bool = False
    reason: str | None = None
    bound: float | None = None


class Before(BaseModel):
    """The version before: why it came back, and whether the newest one says the same, number by number."""

    version: int
    returned_at: datetime | None
    return_reason: str | None
    is_same: bool


class Report(BaseModel):
    """A school's report: where it stands, and who did what to its newest version; `etag` is for `If-Match`."""

    report_id: UUID
    etag: str = Field(examples=['"3"'])
    school_id: str
    cycle_id: UUID
    as_of: date
    version: int
    state: str
    sha256: str
    computed_at: datetime
    reviewed_at: datetime | None
    signed_at: datetime | None
    signature_kind: str | None
    submitted_at: datetime | None
    accepted_at: datetime | None
    returned_at: datetime | None
    return_reason: str | None
    published_at: datetime | None
    can: list[str]
    before: Before | None = None


class ReportInFull(Report):
    """A report and the numbers that are frozen in its newest version."""

    numbers: list[Number]


def db_of(request: Request) -> Database:
    """Reporting's own database."""
    return cast(Database, request.app.state.db)


def published_of(request: Request) -> Database:
    """The same database, seen by a role that can read the published layer only."""
    return cast(Database, request.app.state.published)


def kept_of(request: Request) -> Kept:
    """Answers about what was published."""
    return cast(Kept, request.app.state.kept)


def catalogue_of(request: Request) -> Catalogue:
    """The indicator definitions."""
    return cast(Catalogue, request.app.state.catalogue)


def language_of(request: Request) -> str:
    """The caller's language."""
    return choose_language(request.headers.get("accept-language"))


def said(figure: Figure, language: str) -> dict[str, str]:
    """A figure's name and definition in a language."""
    return {
        "name": figure.name[language],
        "definition": figure.definition[language],
        "definition_version": figure.version,
        "unit": figure.unit,
    }


def live_number(cell: Cell, school: str, language: str) -> Number:
    """A true number of a school, for its own curator and head."""
    value = cell.value
    told: dict[str, Any] = {
        **said(cell.figure, language),
        **{name: getattr(value, name) for name in ("n_num", "n_den", "value", "ci_low", "ci_high")},
    }
    return Number(place=school, kind="school", indicator=cell.figure.code, **told)


def frozen_numbers(content: bytes, catalogue: Catalogue, school: str, language: str) -> list[Number]:
    """The numbers in a frozen report."""
    figures = figures_of(catalogue)
    return [number_of(cell, figures, school, language) for cell in json.loads(content)["cells"]]


def number_of(cell: dict[str, Any], figures: Mapping[str, Figure], school: str, language: str) -> Number:
    """A frozen number; an indicator that the catalogue has dropped since is called by its code."""
    figure = figures.get(cell["indicator"])
    words = said(figure, language) if figure else {"name": cell["indicator"], "definition": ""}
    return Number.model_validate({"place": school, "kind": "school", **words, **cell})
