"""HTTP doors for one's own notices, and for how one wishes to be told. Nothing is sent by e-mail."""

from typing import Annotated, cast
from uuid import UUID

from babel.dates import format_date
from fastapi import Request
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from chassis.doors import doors
from chassis.etags import Changing, Tagged
from chassis.identity import EVERYONE_AT_SCHOOL, Me, require
from chassis.paging import DEFAULT, After, Limit, Page, page_of
from chassis.texts import Texts, choose_language
from services.tracking import actions, domain, store
from services.tracking.api.doors import caller_of, db_of, moment_after, moment_cursor

router = doors("/schools/{school}/my", guards=[require(*EVERYONE_AT_SCHOOL)])

Hour = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class MyNotification(BaseModel):
    """A notice: its words without names and competencies, and the path of what it asks for below the API's root."""

    notification_id: UUID
    kind: domain.Notice
    text: str
    link: str
    made_at: AwareDatetime
    due_at: AwareDatetime
    read_at: AwareDatetime | None


class NotificationSettings(BaseModel):
    """Hours at the place in which nothing is told (equal ones mean none), and kinds that are not wanted."""

    quiet_from: Hour = Field(examples=["21:00"])
    quiet_to: Hour = Field(examples=["08:00"])
    muted: list[domain.Notice] = Field(default=[], max_length=len(domain.Notice))


@router.get("/notifications")
async def list_my_notifications(
    request: Request, school: str, me: Me, after: After = "", limit: Limit = DEFAULT
) -> Page[MyNotification]:
    """My notices in this school, the newest first."""
    before = moment_after(after) if after else domain.LATEST
    rows = await actions.list_notifications(db_of(request), caller_of(school, me), before, limit)
    return page_of(rows, limit, key=_cursor, item=lambda shown: _notification(request, shown))


@router.post("/notifications/{notification_id}/read")
async def read_notification(request: Request, school: str, notification_id: UUID, me: Me) -> MyNotification:
    """Say that I have read a notice. A repeat changes nothing."""
    return _notification(
        request, await actions.read_notification(db_of(request), caller_of(school, me), notification_id)
    )


@router.get("/notification-settings")
async def look_at_notification_settings(request: Request, school: str, me: Me, told: Tagged) -> NotificationSettings:
    """How I wish to be told; the hours of the house while I have said nothing."""
    settings = await actions.look_at_settings(db_of(request), caller_of(school, me))
    told.tell(actions.tag_of_settings(settings))
    return _settings(settings)


@router.put("/notification-settings")
async def choose_notification_settings(
    request: Request, school: str, body: NotificationSettings, me: Me, change: Changing
) -> NotificationSettings:
    """Say how I wish to be told; it counts for notices that are made from now on."""
    quiet = domain.Quiet(_minute(body.quiet_from), _minute(body.quiet_to))
    settings = domain.Settings(quiet, tuple(sorted(set(body.muted))))
    await actions.choose_settings(db_of(request), caller_of(school, me), settings, seen=change.seen)
    change.tell(actions.tag_of_settings(settings))
    return _settings(settings)


def _notification(request: Request, shown: store.Shown) -> MyNotification:
    one = shown.notification
    return MyNotification(
        notification_id=one.notification_id,
        kind=one.kind,
        text=_text(request, shown),
        link=f"/schools/{one.school_id}/my/forms",
        made_at=one.made_at,
        due_at=one.due_at,
        read_at=one.read_at,
    )


def _text(request: Request, shown: store.Shown) -> str:
    texts = cast(Texts, request.app.state.texts)
    language = choose_language(request.headers.get("accept-language"))
    slug = f"notification.{shown.notification.kind}"
    if shown.closes_on is None:
        return texts.say(slug, language)
    return texts.say(slug, language, day=format_date(shown.closes_on, "d MMMM", locale=language))


def _cursor(shown: store.Shown) -> str:
    return moment_cursor(shown.notification.due_at, shown.notification.notification_id)


def _settings(settings: domain.Settings) -> NotificationSettings:
    quiet = settings.quiet
    return NotificationSettings(quiet_from=_hour(quiet.starts), quiet_to=_hour(quiet.ends), muted=list(settings.muted))


def _minute(hour: str) -> int:
    hours, minutes = hour.split(":")
    return int(hours) * domain.HOUR + int(minutes)


def _hour(minute: int) -> str:
    return "{:02}:{:02}".format(*divmod(minute, domain.HOUR))
