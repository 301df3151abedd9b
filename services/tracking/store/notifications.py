"""What tracking knows of campaigns, and what it told people of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import DateTime, Uuid, bindparam, delete, exists, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Row, Tx
from services.tracking.domain import Caller, Campaign, Notice, Notification, Quiet, Recipient, Settings
from services.tracking.store.tables import campaigns, completions, members, notification_settings, notifications

# Far above the campaigns of the schools of one transaction, and above the staff of any school.
MOST = 2000
_MOMENT = DateTime(timezone=True)

_campaign = insert(campaigns)
_OPEN = _campaign.on_conflict_do_update(
    index_elements=[campaigns.c.campaign_id],
    set_={"opened_at": _campaign.excluded.opened_at, "closes_on": _campaign.excluded.closes_on},
)
_CLOSE = _campaign.on_conflict_do_update(index_elements=[campaigns.c.campaign_id], set_={"is_closed": True})
_CURRENT = (
    select(
        campaigns.c.school_id,
        campaigns.c.campaign_id,
        campaigns.c.wave,
        campaigns.c.opened_at,
        campaigns.c.closes_on,
        campaigns.c.is_closed,
    )
    .where(
        ~campaigns.c.is_closed,
        or_(campaigns.c.opened_at > bindparam("since"), campaigns.c.closes_on >= bindparam("today")),
    )
    .order_by(campaigns.c.campaign_id)
    .limit(MOST)
)
_COMPLETE = insert(completions).on_conflict_do_nothing()
_has_completed = exists().where(
    completions.c.campaign_id == bindparam("campaign"), completions.c.person_id == members.c.person_id
)
_was_told = exists().where(
    notifications.c.school_id == members.c.school_id,
    notifications.c.person_id == members.c.person_id,
    notifications.c.kind == bindparam("kind"),
    notifications.c.about_id == bindparam("campaign"),
)
_SETTINGS = (notification_settings.c.quiet_starts, notification_settings.c.quiet_ends, notification_settings.c.muted)
_RECIPIENTS = (
    select(members.c.person_id, *_SETTINGS)
    .select_from(
        members.outerjoin(
            notification_settings,
            (notification_settings.c.school_id == members.c.school_id)
            & (notification_settings.c.person_id == members.c.person_id),
        )
    )
    .where(
        members.c.school_id == bindparam("school"),
        members.c.is_member,
        members.c.is_teacher,
        ~members.c.is_erased,
        ~_has_completed,
        ~_was_told,
    )
    .order_by(members.c.person_id)
    .limit(MOST)
)
_ADD = insert(notifications).on_conflict_do_nothing()
_is_unread = notifications.c.read_at.is_(None)
_TAKE_BACK = delete(notifications).where(notifications.c.about_id == bindparam("campaign"), _is_unread)
_TAKE_BACK_FROM = _TAKE_BACK.where(notifications.c.person_id == bindparam("person"))
_TAKE_BACK_ALL = delete(notifications).where(
    notifications.c.school_id == bindparam("school"), notifications.c.person_id == bindparam("person"), _is_unread
)
_is_mine = (
    notifications.c.school_id == bindparam("school"),
    notifications.c.person_id == bindparam("person"),
    notifications.c.due_at <= bindparam("now", type_=_MOMENT),
)
_SHOWN = select(
    notifications.c.school_id,
    notifications.c.person_id,
    notifications.c.kind,
    notifications.c.about_id,
    notifications.c.made_at,
    notifications.c.due_at,
    notifications.c.read_at,
    campaigns.c.closes_on,
).select_from(notifications.outerjoin(campaigns, campaigns.c.campaign_id == notifications.c.about_id))
_MINE = (
    _SHOWN.where(
        *_is_mine,
        tuple_(notifications.c.due_at, notifications.c.notification_id)
        < tuple_(bindparam("moment", type_=_MOMENT), bindparam("identity", type_=Uuid)),
    )
    .order_by(notifications.c.due_at.desc(), notifications.c.notification_id.desc())
    .limit(bindparam("limit"))
)
_ONE = _SHOWN.where(*_is_mine, notifications.c.notification_id == bindparam("notification"))
_READ = (
    update(notifications)
    .where(*_is_mine, notifications.c.notification_id == bindparam("notification"))
    .values(read_at=func.coalesce(notifications.c.read_at, bindparam("now", type_=_MOMENT)))
)
_wishes = insert(notification_settings)
_SAVE_SETTINGS = _wishes.on_conflict_do_update(
    index_elements=[notification_settings.c.school_id, notification_settings.c.person_id],
    set_={name: _wishes.excluded[name] for name in ("quiet_starts", "quiet_ends", "muted")},
)
_SETTINGS_OF = select(*_SETTINGS).where(
    notification_settings.c.school_id == bindparam("school"), notification_settings.c.person_id == bindparam("person")
)
_FORGET = tuple(
    delete(table).where(table.c.person_id == bindparam("person"))
    for table in (notifications, completions, notification_settings)
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A notice as it is shown, with the last day of what it is about, if that is known."""

    notification: Notification
    closes_on: date | None


async def save_opened(tx: Tx, campaign: Campaign) -> None:
    """Keep when a campaign was opened and its last day; whether it is over stays as it was."""
    await tx.run(_OPEN, _campaign_row(campaign))


async def save_closed(tx: Tx, campaign: Campaign) -> None:
    """Keep for good that a campaign is over."""
    await tx.run(_CLOSE, {**_campaign_row(campaign), "is_closed": True})


def _campaign_row(campaign: Campaign) -> dict[str, object]:
    return {
        "school_id": campaign.school_id,
        "campaign_id": campaign.campaign_id,
        "wave": campaign.wave,
        "opened_at": campaign.opened_at,
        "closes_on": campaign.closes_on,
        "is_closed": campaign.is_closed,
    }


async def current_campaigns(tx: Tx, since: datetime, today: date) -> list[Campaign]:
    """Open campaigns of this transaction's schools that were opened lately, or whose last day is not over."""
    return [Campaign(**row) for row in await tx.rows(_CURRENT, {"since": since, "today": today})]


async def save_completion(tx: Tx, school: str, campaign: UUID, person: UUID) -> None:
    """Keep that a person has completed the diagnostic of a campaign."""
    await tx.run(_COMPLETE, {"school_id": school, "campaign_id": campaign, "person_id": person})


async def recipients(tx: Tx, campaign: Campaign, kind: Notice) -> list[Recipient]:
    """The school's teachers who have not completed the campaign and were not told this yet."""
    wanted = {"school": campaign.school_id, "campaign": campaign.campaign_id, "kind": kind}
    return [Recipient(row["person_id"], _settings(row)) for row in await tx.rows(_RECIPIENTS, wanted)]


def _settings(row: Row) -> Settings:
    if row["muted"] is None:
        return Settings()
    return Settings(Quiet(row["quiet_starts"], row["quiet_ends"]), tuple(Notice(kind) for kind in row["muted"]))


async def add_notifications(tx: Tx, found: Sequence[Notification]) -> None:
    """Write notices down; one that is known stays as it is."""
    await tx.run(
        _ADD,
        [
            {
                "school_id": one.school_id,
                "notification_id": one.notification_id,
                "person_id": one.person_id,
                "kind": one.kind,
                "about_id": one.about_id,
                "made_at": one.made_at,
                "due_at": one.due_at,
            }
            for one in found
        ],
    )


async def take_back(tx: Tx, campaign: UUID, person: UUID | None = None) -> None:
    """Delete what nobody has read yet of a campaign, of all people or of one."""
    if person is None:
        await tx.run(_TAKE_BACK, {"campaign": campaign})
    else:
        await tx.run(_TAKE_BACK_FROM, {"campaign": campaign, "person": person})


async def take_back_all(tx: Tx, caller: Caller) -> None:
    """Delete all that a person has not read yet in a school."""
    await tx.run(_TAKE_BACK_ALL, {"school": caller.school, "person": caller.person})


async def notifications_of(tx: Tx, caller: Caller, before: tuple[datetime, UUID], limit: int) -> list[Shown]:
    """The notices of a person that are due, the newest first, a page and one more."""
    wanted = {**_whose(tx, caller), "moment": before[0], "identity": before[1], "limit": limit + 1}
    return [_shown(row) for row in await tx.rows(_MINE, wanted)]


async def mark_read(tx: Tx, caller: Caller, notification: UUID) -> Shown | None:
    """Keep when a person first read a notice; none where the person has no such notice."""
    wanted = {**_whose(tx, caller), "notification": notification}
    await tx.run(_READ, wanted)
    row = await tx.row(_ONE, wanted)
    return _shown(row) if row else None


def _whose(tx: Tx, caller: Caller) -> dict[str, object]:
    return {"school": caller.school, "person": caller.person, "now": tx.now}


def _shown(row: Row) -> Shown:
    content = {name: value for name, value in row.items() if name != "closes_on"}
    return Shown(Notification(**{**content, "kind": Notice(row["kind"])}), row["closes_on"])


async def save_settings(tx: Tx, caller: Caller, settings: Settings) -> None:
    """Keep how a person wishes to be told."""
    row = {
        "school_id": caller.school,
        "person_id": caller.person,
        "quiet_starts": settings.quiet.starts,
        "quiet_ends": settings.quiet.ends,
        "muted": list(settings.muted),
    }
    await tx.run(_SAVE_SETTINGS, row)


async def settings_of(tx: Tx, caller: Caller) -> Settings:
    """How a person wishes to be told; the house's hours for who has said nothing."""
    row = await tx.row(_SETTINGS_OF, {"school": caller.school, "person": caller.person})
    return _settings(row) if row else Settings()


async def forget_notifications(tx: Tx, person: UUID) -> None:
    """Delete an erased person's notices, wishes and completions in the schools of this transaction."""
    for statement in _FORGET:
        await tx.run(statement, {"person": person})
