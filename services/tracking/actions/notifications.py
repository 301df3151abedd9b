"""Reminders of a diagnostic: whom to tell, what is taken back, what a person reads.

`campaign.opened` says how many are invited, not who: a reminder goes to every teacher of the school who has not
completed, and its words say that it concerns who was invited. It is read in the portal; no e-mail is sent.
"""

from datetime import datetime
from uuid import UUID

from chassis.database import Database, Tx
from chassis.etags import check_seen, tag_of
from chassis.refusals import Missing
from services.tracking import domain, store
from services.tracking.actions import work


async def know_opened(tx: Tx, campaign: domain.Campaign) -> None:
    """Keep an opened campaign; its notices are made as time passes, so that the order of facts means nothing."""
    await tx.lock(work.MANY)
    await store.save_schools(tx, campaign.school_id)
    await store.save_opened(tx, campaign)


async def know_closed(tx: Tx, campaign: domain.Campaign) -> None:
    """Keep a campaign's end, and take back what nobody has read of it."""
    await tx.lock(work.MANY)
    await store.save_closed(tx, campaign)
    await store.take_back(tx, campaign.campaign_id)


async def know_completed(tx: Tx, caller: domain.Caller, campaign: UUID) -> None:
    """Who has completed is not reminded any more, of what is not read yet either."""
    await tx.lock(work.MANY)
    if await store.is_erased(tx, caller.school, caller.person):
        return
    await store.save_completion(tx, caller.school, campaign, caller.person)
    await store.take_back(tx, campaign, caller.person)


async def make_notices(tx: Tx) -> None:
    """Make the notices of the transaction's schools whose time has come; again changes nothing."""
    today = domain.day_at_place(tx.now)
    for campaign in await store.current_campaigns(tx, tx.now - domain.FRESH, today):
        for kind in domain.due_kinds(campaign, tx.now):
            waiting = await store.recipients(tx, campaign, kind)
            made = [domain.notify(kind, campaign, recipient, tx.now) for recipient in waiting]
            await store.add_notifications(tx, [one for one in made if one is not None])


async def list_notifications(
    db: Database, caller: domain.Caller, before: tuple[datetime, UUID], limit: int
) -> list[store.Shown]:
    """A person's notices, the newest first, a page and one more."""
    async with db.transaction(caller.school) as tx:
        return await store.notifications_of(tx, caller, before, limit)


async def read_notification(db: Database, caller: domain.Caller, notification_id: UUID) -> store.Shown:
    """A person has read a notice; the first time counts. Refused as `notification.unknown`."""
    async with db.transaction(caller.school) as tx:
        found = await store.mark_read(tx, caller, notification_id)
    if found is None:
        raise Missing("notification.unknown", field="notification_id")
    return found


async def look_at_settings(db: Database, caller: domain.Caller) -> domain.Settings:
    """How a person wishes to be told."""
    async with db.transaction(caller.school) as tx:
        return await store.settings_of(tx, caller)


async def choose_settings(
    db: Database, caller: domain.Caller, settings: domain.Settings, *, seen: str | None = None
) -> None:
    """A person says how to be told; counts for notices that are made from now on.

    Refused as `identity.erased`, or as `state.moved-on` where the same person said otherwise on another screen.
    """
    async with db.transaction(caller.school) as tx:
        # Erasure goes under the same name: a wish cannot slip in behind it.
        await tx.lock(work.MANY)
        await work.refuse_erased(tx, caller)
        check_seen(seen, tag_of_settings(await store.settings_of(tx, caller)))
        await store.save_settings(tx, caller, settings)


def tag_of_settings(settings: domain.Settings) -> str:
    """The tag of how a person wishes to be told."""
    return tag_of(0, settings.quiet.starts, settings.quiet.ends, *map(str, settings.muted))
