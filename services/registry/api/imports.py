"""Doors to staff imports: upload and see, then apply, watch and cancel."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from fastapi import File, Form, Query, Request, Response, UploadFile
from pydantic import BaseModel, TypeAdapter, ValidationError

from chassis.database import Database, Row
from chassis.doors import doors
from chassis.identity import Me, require
from chassis.look_doors import Looks
from chassis.paging import DEFAULT, After, Limit, Page, after_number, page_of
from chassis.refusals import Invalid, Missing
from chassis.texts import Texts, choose_language
from services.registry.actions import applying
from services.registry.actions import imports as actions
from services.registry.api.doors import Db, speaker, wake_workers
from services.registry.api.uploads import UploadRoute
from services.registry.domain.imports import APPLYING, WAITS, Kind, Step
from services.registry.domain.looks import What
from services.registry.domain.people import Names
from services.registry.staff_file import Decided
from services.registry.staff_file import Problem as Found
from services.registry.staff_file.kinds import MOST_BYTES
from services.registry.staff_file.telling import Say, tell
from services.registry.store import imports as store
from services.registry.store import people

router = doors(route_class=UploadRoute)


class Problem(BaseModel):
    """What is wrong in the file, by row and column, and how to mend it; people are named by their row only."""

    row: int
    column: str
    slug: str
    severity: Literal["error", "warning"]
    what: str
    mend: str
    detail: str


class Decision(BaseModel):
    """Whom a row tells of where the school's people leave it open; without a person it is somebody new."""

    row: int
    person_id: UUID | None


_DECISIONS = TypeAdapter(list[Decision])


class Progress(BaseModel):
    """How far applying is: the step, people written down of all who are to be, and their share, 0…1."""

    step: Step
    done: int
    total: int
    share: float


class StaffImport(BaseModel):
    """A staff file and what applying it would change, or has changed, in people.

    Of each kind of problem the first are told; `errors` and `warnings` count all of them. `progress` is there while
    the file is being applied. FAILED has changed nobody and says why in `reason`; it may be applied again if
    `can_apply` is true, else the file must be checked anew.
    """

    import_id: UUID
    state: Literal["CHECKED", "REFUSED", "APPLYING", "APPLIED", "FAILED"]
    progress: Progress | None
    reason: str | None
    reason_text: str | None
    can: list[str]
    rows_read: int
    head_count: int
    new: int
    changed: int
    left: int
    unchanged: int
    conflicts: int
    errors: int
    warnings: int
    problems: list[Problem]
    can_apply: bool
    sha256: str


class Change(BaseModel):
    """What the file would make of one person.

    `rows` and `full_name` are those of the file, for somebody who would leave the name that is known. `person_ids`
    names the known person, in a conflict all who may be meant. `reason` says by what the person was found, or what
    is in conflict.
    """

    number: int
    kind: Kind
    rows: list[int]
    full_name: str
    person_ids: list[UUID]
    fields: list[str]
    reason: str | None


@router.put("/schools/{school}/staff-imports/{import_id}", dependencies=[require("curator")], status_code=201)
async def check_file(
    request: Request,
    response: Response,
    db: Db,
    school: str,
    import_id: UUID,
    file: Annotated[UploadFile, File(description="CSV or XLSX, see docs/staff-file.md; up to 24 MB")],
    me: Me,
    decisions: Annotated[
        str,
        Form(max_length=100_000, description='Whom rows tell of, as JSON: `[{"row": 5, "person_id": null}]`'),
    ] = "[]",
) -> StaffImport:
    """Upload a staff file and see what it would change. Nothing changes yet, and the file is not kept."""
    content = await file.read(MOST_BYTES + 1)
    upload = actions.Upload(import_id, content, file.filename or "", me.me, _decided(decisions))
    if not await actions.check_file(db, school, upload):
        response.status_code = 200
    return await _import(request, db, school, import_id)


@router.get("/schools/{school}/staff-imports/{import_id}", dependencies=[require("curator")])
async def get_import(request: Request, db: Db, school: str, import_id: UUID) -> StaffImport:
    """A staff import: what it would change, or has changed."""
    return await _import(request, db, school, import_id)


@router.get("/schools/{school}/staff-imports/{import_id}/changes", dependencies=[require("curator")])
async def list_changes(
    db: Db,
    looks: Looks,
    school: str,
    import_id: UUID,
    kind: Annotated[list[Kind] | None, Query(description="only these kinds")] = None,
    after: After = "",
    limit: Limit = DEFAULT,
) -> Page[Change]:
    """What a checked file would change, person by person; empty once it is applied or outdated, or with errors."""
    async with db.transaction(school) as tx:
        row = await store.staff_import(tx, import_id)
        if row is None:
            raise Missing("import.unknown", field="import_id")
        lines = await store.lines_after(tx, row, after_number(after), limit, kinds=kind or list(Kind))
        leaving = [line["person_ids"][0] for line in lines if line["kind"] == Kind.LEFT]
        names = {one["person_id"]: people.names_in(one) for one in await people.resolve(tx, leaving)}
    page = page_of(lines, limit, key=lambda line: line["number"], item=partial(_change, names))
    await looks.saw(What.STAFF_FILE, [person for change in page.items for person in change.person_ids])
    return page


@router.post("/schools/{school}/staff-imports/{import_id}/apply", dependencies=[require("curator")], status_code=202)
async def apply_import(
    request: Request, response: Response, db: Db, looks: Looks, school: str, import_id: UUID
) -> StaffImport:
    """Order that a checked file be applied, all of it or nothing: read it again until it is APPLIED or FAILED.

    Applied in the background. A repeat changes nothing (200). Refused (409) as `import.refused` with errors in the
    file, and as `import.outdated` when the staff has changed since, or a day has passed; what is found out only while
    it is being applied stands in `reason`.
    """
    if await applying.order(db, school, import_id, by=looks.looker):
        wake_workers(request)
    else:
        response.status_code = 200
    return await _import(request, db, school, import_id)


@router.post("/schools/{school}/staff-imports/{import_id}/cancel", dependencies=[require("curator")])
async def cancel_import(request: Request, db: Db, school: str, import_id: UUID) -> StaffImport:
    """Cancel the applying of a file, also in the middle: nobody is changed, and it can be applied again.

    A repeat changes nothing; a file that was applied already is refused as `import.applied` (409).
    """
    await applying.cancel(db, school, import_id)
    return await _import(request, db, school, import_id)


def _decided(written: str) -> Decided:
    try:
        return {one.row: one.person_id for one in _DECISIONS.validate_json(written)}
    except ValidationError as unclear:
        raise Invalid("import.decision-unfit", field="decisions", rows=[]) from unclear


async def _import(request: Request, db: Database, school: str, import_id: UUID) -> StaffImport:
    async with db.transaction(school) as tx:
        row = await store.staff_import(tx, import_id)
    if row is None:
        raise Missing("import.unknown", field="import_id")
    return StaffImport.model_validate(
        {
            **row,
            **row["counts"],
            "problems": _problems(row["problems"], _speaker(request)),
            "progress": _progress(row) if row["state"] == APPLYING else None,
            "reason_text": speaker(request)(row["reason"]) if row["reason"] else None,
            "can_apply": _can_apply(row),
            "can": ["cancel"] if row["state"] == APPLYING else ["apply"] if _can_apply(row) else [],
        }
    )


def _can_apply(row: Row) -> bool:
    return bool(row["can_apply"]) and row["state"] in WAITS


def _progress(row: Row) -> Progress:
    counts = row["counts"]
    total, done = counts["new"] + counts["changed"] + counts["left"], row["done"] or 0
    return Progress(
        step=Step(row["step"] or Step.WAITING), done=done, total=total, share=done / total if total else 0.0
    )


def _speaker(request: Request) -> Say:
    # The chassis puts the texts there; Starlette's state is untyped.
    texts = cast(Texts, request.app.state.texts)
    language = choose_language(request.headers.get("accept-language"))
    return lambda slug, **facts: texts.say(slug, language, **facts)


def _problems(kept: Sequence[dict[str, Any]], say: Say) -> list[Problem]:
    told = [(one, tell(Found(**one), say)) for one in kept]
    return [Problem(**_words(one), what=words.what, mend=words.mend, detail=words.sentence) for one, words in told]


def _words(kept: dict[str, Any]) -> dict[str, Any]:
    return {name: kept[name] for name in ("row", "column", "slug", "severity")}


def _change(known: dict[UUID, Names], line: Row) -> Change:
    told = line["told"]
    names = Names(told["family_name"], told["given_name"], told["patronymic"]) if told else None
    found = names or known.get(line["person_ids"][0])
    return Change.model_validate(
        {**line, "rows": told["rows"] if told else [], "full_name": found.full if found else ""}
    )
