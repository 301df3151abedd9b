"""Bare doors: the same framework and server with nothing of ours behind the route. The denominators of our ratios."""

import os
from datetime import datetime
from uuid import UUID

from fastapi import FastAPI, Request
from pydantic import BaseModel

from chassis.identity import EVERYONE_AT_SCHOOL, TokenVerifier, realm_keys, require
from chassis.problems import install_problems
from chassis.relay import connect_plain
from chassis.texts import Texts
from contracts.documents import ConsentPurpose

_CONSENTS = """
    select purpose, is_given, changed_at from consents where school_id = $1 and person_id = $2 order by purpose limit 50
"""


class Wish(BaseModel):
    """What is posted."""

    person_id: UUID
    purpose: ConsentPurpose


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
        state = request.app.state
        if not hasattr(state, "free"):
            # Not a pool of the driver's: it would reset each connection with one more round trip per request.
            state.free = []
        connection = state.free.pop() if state.free else await connect_plain(os.environ["NEO_BENCH_DATABASE_URL"])
        try:
            rows = await connection.fetch(_CONSENTS, school, person)
        finally:
            state.free.append(connection)
        return [Shown(purpose=row["purpose"], is_given=row["is_given"], changed_at=row["changed_at"]) for row in rows]
