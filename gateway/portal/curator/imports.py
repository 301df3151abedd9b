"""The staff file: drop it, see whom it would make new, change, see leave or leave open, and only then apply it.

Applying goes on in the background: the page shows how far it is, and what came of it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from gateway.portal.curator.upload import MOST_BYTES, multipart, sent_with
from gateway.portal.curator.years import Told, at
from gateway.portal.live.progress import of_import
from gateway.portal.reader import Portal, Reader, names_of
from gateway.portal.talk import Refused, segment
from gateway.portal.words import number

AT_A_TIME = 50
# Reading the largest file takes half a minute.
PATIENCE = 110.0
# Within a second the file of a usual school is applied: its curator sees the result at once, script or no script.
LOOKS, LOOK_SECONDS = 10, 0.1
SAID = {("apply", "APPLIED"): "import-applied", ("cancel", "CHECKED"): "import-cancelled"}
GROUPS = ("CONFLICT", "NEW", "CHANGED", "LEFT")
COUNTS = {"CONFLICT": "conflicts", "NEW": "new", "CHANGED": "changed", "LEFT": "left"}


@dataclass(frozen=True, slots=True)
class Change:
    """What the file would make of one person; `choices` are all who may be meant, by id and name."""

    name: str
    row: str
    about: str
    choices: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which import the page shows, which group of it and from where on."""

    school: str
    import_id: UUID
    kind: str = ""
    after: str = ""
    wrong: Refused | None = None

    @property
    def page(self) -> str:
        """The page itself."""
        return f"/schools/{segment(self.school)}/people/import/{self.import_id}"

    @property
    def api(self) -> str:
        """The import at the public API."""
        return at("registry", self.school, f"/staff-imports/{self.import_id}")


@dataclass(frozen=True, slots=True)
class Group:
    """One of the four groups, with its count in words."""

    kind: str
    count: str
    is_here: bool


def router(portal: Portal) -> APIRouter:
    """The doors of the page."""
    doors = APIRouter(include_in_schema=False)

    @doors.get("/schools/{school}/people/import")
    async def show_form(request: Request, school: str) -> HTMLResponse:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        return _form(portal, reader, school)

    @doors.post("/schools/{school}/people/import")
    async def check(request: Request, school: str) -> Response:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        try:
            import_id = await _checked(reader, school, request)
        except Refused as refused:
            return _form(portal, reader, school, refused)
        return portal.lead(f"/schools/{segment(school)}/people/import/{import_id}")

    @doors.get("/schools/{school}/people/import/{import_id}")
    async def show_import(
        request: Request, school: str, import_id: UUID, kind: str = "", after: str = ""
    ) -> HTMLResponse:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        return await _page(portal, reader, Asked(school, import_id, kind, after))

    @doors.post("/schools/{school}/people/import/{import_id}/apply")
    async def apply(request: Request, school: str, import_id: UUID) -> Response:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        return await _step(portal, reader, Asked(school, import_id), "apply")

    @doors.post("/schools/{school}/people/import/{import_id}/cancel")
    async def cancel(request: Request, school: str, import_id: UUID) -> Response:
        reader = await portal.reader(request, f"schools/{school}", "curator")
        return await _step(portal, reader, Asked(school, import_id), "cancel")

    return doors


async def _step(portal: Portal, reader: Reader, asked: Asked, step: str) -> Response:
    """Apply or cancel, and lead back to the page, which says what came of it if that is known by then."""
    try:
        found = await reader.talk.post(f"{asked.api}/{step}")
    except Refused as refused:
        return await _page(portal, reader, replace(asked, wrong=refused))
    if step == "apply":
        found = await _in_a_moment(reader, asked, found)
    return portal.lead(asked.page, said=SAID.get((step, found["state"])))


async def _in_a_moment(reader: Reader, asked: Asked, found: Told) -> Told:
    """The import once it is applied, or as far as it is after a second."""
    for _ in range(LOOKS):
        if found["state"] != "APPLYING":
            break
        await asyncio.sleep(LOOK_SECONDS)
        found = await reader.talk.get(asked.api)
    return found


async def _checked(reader: Reader, school: str, request: Request) -> str:
    """Send the file on to be checked; the id of the import. Raises Refused."""
    sent = await sent_with(request)
    if sent is None:
        raise Refused(422, {"detail": reader.say("import.no-file"), "field": "file"})
    body, kind = multipart(sent)
    path = at("registry", school, f"/staff-imports/{segment(sent.import_id)}")
    await reader.talk.send("PUT", path, body=body, headers={"content_type": kind}, seconds=PATIENCE)
    return sent.import_id


def _form(portal: Portal, reader: Reader, school: str, wrong: Refused | None = None) -> HTMLResponse:
    return portal.show(
        reader,
        "curator/import_form.html",
        status=wrong.status if wrong else 200,
        school=school,
        import_id=str(uuid4()),
        megabytes=MOST_BYTES // 1024**2,
        wrong=wrong,
    )


async def _page(portal: Portal, reader: Reader, asked: Asked) -> HTMLResponse:
    found = await reader.talk.get(asked.api)
    if found["state"] == "APPLYING":
        return _applying(portal, reader, asked, found)
    kind = asked.kind if asked.kind in GROUPS else first_group(found)
    page = await reader.talk.get(f"{asked.api}/changes", kind=[kind], after=asked.after or None, limit=AT_A_TIME)
    meant = [one for change in page["items"] if kind == "CONFLICT" for one in change["person_ids"]]
    names = await names_of(reader.talk, asked.school, meant) if meant else {}
    return portal.show(
        reader,
        "curator/import.html",
        status=asked.wrong.status if asked.wrong else 200,
        school=asked.school,
        asked=asked,
        found=found,
        standing=standing_of(found),
        groups=[Group(one, count, one == kind) for one, count in _counts(reader, found).items()],
        kind=kind,
        changes=[_change(reader, change, names) for change in page["items"]],
        following=page["next"],
        next_id=str(uuid4()),
        wrong=asked.wrong,
    )


def _applying(portal: Portal, reader: Reader, asked: Asked, found: Told) -> HTMLResponse:
    return portal.show(
        reader,
        "curator/import_applying.html",
        status=asked.wrong.status if asked.wrong else 200,
        school=asked.school,
        asked=asked,
        found=found,
        counts=_counts(reader, found),
        telling=of_import(found, reader.say),
        wrong=asked.wrong,
    )


def _counts(reader: Reader, found: Told) -> dict[str, str]:
    return {one: number(found[COUNTS[one]], reader.language) for one in GROUPS}


def first_group(found: Told) -> str:
    """The group that is looked at first: the first one with somebody in it."""
    return next((kind for kind in GROUPS if found[COUNTS[kind]]), GROUPS[1])


def standing_of(found: Told) -> str:
    """Where an import stands: `ready`, `refused`, `unclear` with conflicts alone, `applied`, `failed`, `outdated`."""
    if found["state"] == "APPLIED":
        return "applied"
    if found["state"] == "REFUSED":
        return "unclear" if found["errors"] == found["conflicts"] else "refused"
    if not found["can_apply"]:
        return "outdated"
    return "failed" if found["state"] == "FAILED" else "ready"


def _change(reader: Reader, change: Told, names: dict[str, str]) -> Change:
    fields = ", ".join(reader.say(f"import.field.{one}") for one in change["fields"])
    found_by = reader.say(f"import.found-by.{change['reason']}") if change["kind"] == "CHANGED" else ""
    why = reader.say(f"import.unclear.{change['reason'].rpartition('.')[2]}") if change["kind"] == "CONFLICT" else ""
    return Change(
        name=change["full_name"],
        row=", ".join(str(row) for row in change["rows"]),
        about=why or " · ".join(filter(None, (fields, found_by))),
        choices=[(one, names[one]) for one in change["person_ids"] if one in names],
    )
