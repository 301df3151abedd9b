"""Notices with their marks of reading, and how a teacher wishes to be told."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from gateway.portal.talk import Refused, as_seen
from gateway.portal.teacher.visit import Desk, Visit
from gateway.portal.teacher.wording import Wording

PAGE = "/schools/{school}/notifications"
KINDS = ("diagnostic-opened", "diagnostic-closes-soon", "diagnostic-last-day")
_HOUR = re.compile(r"\d\d:\d\d")


@dataclass(frozen=True, slots=True)
class ShownNotice:
    """A notice in words; `read` says when it was read, empty while it was not."""

    notice_id: str
    text: str
    moment: str
    read: str


def doors(desk: Desk) -> APIRouter:
    """The list, "I have read it", and the settings."""
    router = APIRouter(include_in_schema=False)

    @router.get(PAGE)
    async def show_notices(request: Request, school: str, after: str = "") -> HTMLResponse:
        return await _show(desk, await desk.open(request, school), after=after)

    @router.post(PAGE + "/{notice_id}/read")
    async def read(request: Request, school: str, notice_id: UUID) -> Response:
        visit = await desk.open(request, school)
        await visit.reader.talk.post(visit.mine("tracking", f"notifications/{notice_id}/read"))
        return desk.portal.lead(visit.page("notifications"))

    @router.post(PAGE + "/settings")
    async def choose(
        request: Request,
        school: str,
        quiet_from: Annotated[str, Form()] = "",
        quiet_to: Annotated[str, Form()] = "",
        told: Annotated[tuple[str, ...], Form()] = (),
        seen: Annotated[str, Form()] = "",
    ) -> Response:
        visit = await desk.open(request, school)
        wanted = {
            "quiet_from": _hour(quiet_from),
            "quiet_to": _hour(quiet_to),
            "muted": [kind for kind in KINDS if kind not in told],
        }
        try:
            await visit.reader.talk.put(visit.mine("tracking", "notification-settings"), wanted, **as_seen(seen))
        except Refused as refused:
            return await _show(desk, visit, refusal=(refused, wanted))
        return desk.portal.lead(visit.page("notifications"), "notices-kept")

    return router


def _hour(text: str) -> str:
    """A time as a browser sends it; some add seconds."""
    found = _HOUR.match(text)
    return found[0] if found else text


async def _show(
    desk: Desk, visit: Visit, *, after: str = "", refusal: tuple[Refused, Mapping[str, Any]] | None = None
) -> HTMLResponse:
    page = await visit.get("tracking", "notifications", after=after)
    held = await visit.reader.talk.send("GET", visit.mine("tracking", "notification-settings"))
    wrong, settings = refusal or (None, held.content)
    return desk.show(
        visit,
        "teacher/notifications.html",
        wrong=wrong,
        notices=shown(page["items"], visit.words),
        next=page.get("next"),
        settings=settings,
        seen=held.etag,
        kinds=[(kind, visit.reader.say(f"notices.kind.{kind}"), kind not in settings["muted"]) for kind in KINDS],
    )


def shown(notices: Sequence[Mapping[str, Any]], words: Wording) -> Sequence[ShownNotice]:
    """Notices in words, in the order in which the API tells them: the newest first."""
    return [
        ShownNotice(
            str(one["notification_id"]),
            one["text"],
            words.moment(one["due_at"]),
            words.say("notices.read-at", moment=words.moment(one["read_at"])) if one["read_at"] else "",
        )
        for one in notices
    ]
