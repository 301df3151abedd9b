"""Doors to staff imports: upload and see, then apply."""

from typing import Annotated, Any, Literal, cast
from uuid import UUID

from fastapi import APIRouter, File, Request, Response, UploadFile
from pydantic import BaseModel

from chassis.database import Database, Row
from chassis.identity import Me, require
from chassis.refusals import Missing
from chassis.texts import Texts, choose_language
from services.registry.actions import imports as actions
from services.registry.api.doors import Db
from services.registry.domain.imports import CHECKED
from services.registry.staff_file.tables import MOST_BYTES
from services.registry.store import imports as store

router = APIRouter()


class Problem(BaseModel):
    """What is wrong in the file, by row and column; people are named by the number of their row only."""

    row: int
    column: str
    slug: str
    severity: Literal["error", "warning"]
    detail: str


class StaffImport(BaseModel):
    """A staff file and what applying it would change, or has changed, in people."""

    import_id: UUID
    state: Literal["CHECKED", "REFUSED", "APPLIED"]
    rows_read: int
    head_count: int
    new: int
    changed: int
    left: int
    unchanged: int
    conflicts: int
    problems: list[Problem]
    can_apply: bool
    sha256: str


@router.put("/schools/{school}/staff-imports/{import_id}", dependencies=[require("curator")], status_code=201)
async def check_file(
    request: Request,
    response: Response,
    db: Db,
    school: str,
    import_id: UUID,
    file: Annotated[UploadFile, File(description="CSV or XLSX, see the list of columns in the documentation")],
    me: Me,
) -> StaffImport:
    """Upload a staff file and see what it would change. Nothing changes yet, and the file is not kept."""
    content = await file.read(MOST_BYTES + 1)
    upload = actions.Upload(import_id, content, file.filename or "", me.me)
    if not await actions.check_file(db, school, upload):
        response.status_code = 200
    return await _import(request, db, school, import_id)


@router.get("/schools/{school}/staff-imports/{import_id}", dependencies=[require("curator")])
async def get_import(request: Request, db: Db, school: str, import_id: UUID) -> StaffImport:
    """A staff import: what it would change, or has changed."""
    return await _import(request, db, school, import_id)


@router.post("/schools/{school}/staff-imports/{import_id}/apply", dependencies=[require("curator")])
async def apply_import(request: Request, db: Db, school: str, import_id: UUID) -> StaffImport:
    """Apply a checked file, all of it or nothing. A repeat changes nothing."""
    await actions.apply_import(db, school, import_id)
    return await _import(request, db, school, import_id)


async def _import(request: Request, db: Database, school: str, import_id: UUID) -> StaffImport:
    async with db.transaction(school) as tx:
        row = await store.staff_import(tx, import_id)
    if row is None:
        raise Missing("import.unknown", field="import_id")
    # The chassis puts the texts there; Starlette's state is untyped.
    texts = cast(Texts, request.app.state.texts)
    language = choose_language(request.headers.get("accept-language"))
    return _shown(row, [_problem(told, texts, language) for told in row["problems"]])


def _shown(row: Row, problems: list[Problem]) -> StaffImport:
    can_apply = row["state"] == CHECKED and row["rows"] is not None
    return StaffImport.model_validate({**row, **row["counts"], "problems": problems, "can_apply": can_apply})


def _problem(told: dict[str, Any], texts: Texts, language: str) -> Problem:
    facts = {name: ", ".join(value) if isinstance(value, list) else value for name, value in told["facts"].items()}
    detail = texts.say(told["slug"], language, row=told["row"], column=told["column"], **facts)
    return Problem.model_validate({**told, "detail": detail})
