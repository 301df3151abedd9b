"""Bare doors: the same framework and server with nothing of ours behind the route. The denominators of our ratios."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import FastAPI, Request
from pydantic import BaseModel, Field

from chassis.identity import EVERYONE_AT_SCHOOL, TokenVerifier, realm_keys, require
from chassis.problems import install_problems
from chassis.relay import connect_plain
from chassis.texts import Texts
from contracts.documents import ConsentPurpose

_CONSENTS = """
    select purpose, is_given, changed_at from consents where school_id = $1 and person_id = $2 order by purpose limit 50
"""


_WRITE = "insert into bench_sheets (school_id, person_id, answers) values ($1, $2, $3::jsonb)"
SHEETS = "create table if not exists bench_sheets (school_id text, person_id uuid primary key, answers jsonb)"


class Wish(BaseModel):
    """What is posted."""

    person_id: UUID
    purpose: ConsentPurpose


class Sheet(BaseModel):
    """Answers as they are posted: a level per competency."""

    answers: dict[str, Annotated[int, Field(ge=1, le=5)] | None]
    is_final: bool


class Written(BaseModel):
    """What is answered to a sheet."""

    answered: int
    is_final: bool


class Shown(BaseModel):
    """What is answered."""

    purpose: ConsentPurpose
    is_given: bool
    changed_at: datetime


NOON = datetime.fromisoformat("2026-10-01T12:00:00+00:00")


def build() -> FastAPI:
    """The bare app; `NEO_ISSUER` is where the guarded route finds its keys."""
    app = FastAPI(docs_url=None, redoc_url=None)
    issuer = os.environ["NEO_ISSUER"]
    app.state.texts = Texts.load("chassis")
    app.state.verifier = TokenVerifier(issuer=issuer, audience="neo-api", fetch_keys=realm_keys(issuer))
    install_problems(app)
    _add_empty(app)
    _add_query(app)
    _add_write(app)
    return app


def _add_empty(app: FastAPI) -> None:
    """Routes with typed models and nothing behind them; one of them checks token and role."""

    @app.get("/readyz")
    async def readyz() -> Shown:
        return Shown(purpose=ConsentPurpose.PD_PLATFORM, is_given=True, changed_at=NOON)

    @app.post("/bare/consents")
    async def post(wish: Wish) -> Shown:
        return Shown(purpose=wish.purpose, is_given=True, changed_at=NOON)

    @app.get("/bare/schools/{school}/consents")
    async def bare(school: str) -> list[Shown]:
        return [Shown(purpose=ConsentPurpose.PD_PLATFORM, is_given=bool(school), changed_at=NOON)]

    @app.get("/guarded/schools/{school}/consents", dependencies=[require(*EVERYONE_AT_SCHOOL)])
    async def guarded(school: str) -> list[Shown]:
        return [Shown(purpose=ConsentPurpose.PD_PLATFORM, is_given=bool(school), changed_at=NOON)]


def _add_query(app: FastAPI) -> None:
    """The route that does the query of `GET …/my/consents` and nothing else."""

    @app.get("/bare/schools/{school}/people/{person}/consents")
    async def query(request: Request, school: str, person: UUID) -> list[Shown]:
        async with _connection(request.app) as connection:
            rows = await connection.fetch(_CONSENTS, school, person)
        return [Shown(purpose=row["purpose"], is_given=row["is_given"], changed_at=row["changed_at"]) for row in rows]


def _add_write(app: FastAPI) -> None:
    """The route that takes a sheet of answers and writes it down as one row, and nothing else."""

    @app.put("/bare/schools/{school}/people/{person}/sheet")
    async def write(request: Request, school: str, person: UUID, sheet: Sheet) -> Written:
        async with _connection(request.app) as connection:
            await connection.execute(_WRITE, school, person, json.dumps(sheet.answers))
        return Written(answered=len(sheet.answers), is_final=sheet.is_final)


@asynccontextmanager
async def _connection(app: FastAPI) -> AsyncIterator[asyncpg.Connection]:
    if not hasattr(app.state, "free"):
        # Not a pool of the driver's: it would reset each connection with one more round trip per request.
        app.state.free = []
    connection = app.state.free.pop() if app.state.free else await connect_plain(os.environ["NEO_BENCH_DATABASE_URL"])
    try:
        yield connection
    finally:
        app.state.free.append(connection)
