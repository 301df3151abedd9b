"""Notices about a diagnostic: what there is to say, from when until when, and at which hour; pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from services.tracking.domain.calendar import ONE_DAY, before_working_days

PLACE_TIME_ZONE = "Europe/Moscow"
# Older news is no news: a replayed fact, or one that waited too long, tells nobody anything.
FRESH = timedelta(days=2)
WORKING_DAYS_BEFORE_CLOSE = 3
MORNING = time(8)
HOUR = 60
# Where a list begins that shows the newest first.
LATEST = (datetime(9999, 12, 30, tzinfo=UTC), UUID(int=2**128 - 1))


class Notice(StrEnum):
    """The kinds of notices; each is made at most once for a person and a campaign."""

    DIAGNOSTIC_OPENED = "diagnostic-opened"
    DIAGNOSTIC_CLOSES_SOON = "diagnostic-closes-soon"
    DIAGNOSTIC_LAST_DAY = "diagnostic-last-day"


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign as tracking knows it: the moment it was opened, its last day if a fact has told it, its end."""

    school_id: str
    campaign_id: UUID
    wave: int
    opened_at: datetime | None = None
    closes_on: date | None = None
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class Quiet:
    """The hours in which nothing is told, in minutes after midnight at the place; equal ends mean no such hours."""

    starts: int = 21 * HOUR
    ends: int = 8 * HOUR

    def covers(self, minute: int) -> bool:
        """Is this minute of the day quiet? The hours may go over midnight; their end is not quiet any more."""
        if self.starts <= self.ends:
            return self.starts <= minute < self.ends
        return minute >= self.starts or minute < self.ends


@dataclass(frozen=True, slots=True)
class Settings:
    """How a person wishes to be told: own quiet hours, and kinds of notices that are not wanted."""

    quiet: Quiet = Quiet()
    muted: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom something may be told, and how the person wishes it."""

    person_id: UUID
    settings: Settings = Settings()


@dataclass(frozen=True, slots=True)
class Span:
    """When something may be told: not before its moment, and not once it has lost its sense."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Notification:
    """One notice for one person; shown from `due_at` on."""

    school_id: str
    person_id: UUID
    kind: Notice
    about_id: UUID
    made_at: datetime
    due_at: datetime
    read_at: datetime | None = None

    @property
    def notification_id(self) -> UUID:
        """The same notice has the same id, however often it is made."""
        return uuid5(self.about_id, f"{self.kind}/{self.person_id}")


def day_at_place(moment: datetime, *, time_zone: str = PLACE_TIME_ZONE) -> date:
    """The day that it is at the place."""
    return moment.astimezone(ZoneInfo(time_zone)).date()


def span_of(kind: Notice, campaign: Campaign) -> Span | None:
    """When a notice about a campaign may be told; none where the fact that it needs is not known."""
    if kind is Notice.DIAGNOSTIC_OPENED:
        opened = campaign.opened_at
        return Span(opened, opened + FRESH) if opened else None
    if campaign.closes_on is None:
        return None
    if kind is Notice.DIAGNOSTIC_LAST_DAY:
        return Span(_at(campaign.closes_on, MORNING), _at(campaign.closes_on + ONE_DAY, time()))
    soon = _at(before_working_days(campaign.closes_on, WORKING_DAYS_BEFORE_CLOSE), MORNING)
    return Span(soon, min(soon + FRESH, _at(campaign.closes_on, time())))


def due_kinds(campaign: Campaign, now: datetime) -> tuple[Notice, ...]:
    """The notices whose time is now; none about a closed campaign."""
    if campaign.is_closed:
        return ()
    spans = ((kind, span_of(kind, campaign)) for kind in Notice)
    return tuple(kind for kind, span in spans if span and span.starts_at <= now < span.ends_at)


def due_at(moment: datetime, quiet: Quiet, *, time_zone: str = PLACE_TIME_ZONE) -> datetime:
    """The moment itself, or the end of the quiet hours into which it falls."""
    local = moment.astimezone(ZoneInfo(time_zone))
    minute = local.hour * HOUR + local.minute
    if not quiet.covers(minute):
        return moment
    day = local.date() if minute < quiet.ends else local.date() + ONE_DAY
    return _at(day, time(*divmod(quiet.ends, HOUR)), time_zone)


def notify(kind: Notice, campaign: Campaign, recipient: Recipient, now: datetime) -> Notification | None:
    """What a person is told now of a campaign; nothing that is muted or would be shown only when it is too late."""
    due = due_at(now, recipient.settings.quiet)
    if kind in recipient.settings.muted or not _is_in_time(kind, campaign, due):
        return None
    return Notification(
        campaign.school_id, recipient.person_id, kind=kind, about_id=campaign.campaign_id, made_at=now, due_at=due
    )


def _is_in_time(kind: Notice, campaign: Campaign, due: datetime) -> bool:
    # That a campaign is open stays true in the morning after; the words about its end do not.
    span = span_of(kind, campaign)
    return kind is Notice.DIAGNOSTIC_OPENED or (span is not None and due < span.ends_at)


def _at(day: date, hour: time, time_zone: str = PLACE_TIME_ZONE) -> datetime:
    return datetime.combine(day, hour, ZoneInfo(time_zone))
