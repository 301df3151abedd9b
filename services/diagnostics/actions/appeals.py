"""Appeals: filed and withdrawn by the owner, decided by the curator, settled by one more source."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from chassis.database import Database, Tx
from chassis.etags import check_seen, tag_of
from chassis.refusals import Conflict, Forbidden, Missing
from services.diagnostics import domain, store
from services.diagnostics.actions.releases import own_lock, tell_again
from services.diagnostics.domain import AppealState, CampaignState, Catalogue, Scored
from services.diagnostics.scoring import SourceKind


@dataclass(frozen=True, slots=True)
class Filing:
    """An appeal as its owner files it; the curator reads the text only if the owner says so."""

    appeal_id: UUID
    text: str
    is_text_shown: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """What the curator decides: the next state, and for UPHELD the source that is asked for; `seen` is the tag."""

    by: UUID
    to: AppealState
    source: SourceKind | None = None
    seen: str | None = None


def tag_of_appeal(state: str, wanted_source: str | None) -> str:
    """The tag of an appeal: its state never comes back, so that it says enough."""
    return tag_of(0, str(state), str(wanted_source or ""))


async def file_appeal(db: Database, catalogue: Catalogue, key: store.OwnKey, *, filing: Filing) -> bool:
    """Dispute a measured competency; what was told of it to others is taken back at once. False when filed already.

    Refused as `appeal.not-scored`, `appeal.open-already`, `appeal.id-taken`, `identity.erased` or `catalogue.*`.
    """
    catalogue.competency(key.competency)
    async with db.transaction(key.school_id) as tx:
        await own_lock(tx, key.owner)
        if await store.staff.is_erased(tx, key.school_id, key.person_id):
            raise Forbidden("identity.erased")
        known = await store.appeals.one(tx, key.school_id, filing.appeal_id)
        if known is not None and known.key == key:
            return False
        await _must_be_free(tx, key)
        standing = (await store.profiles.newest(tx, key.owner, [key.competency])).get(key.competency)
        if standing is None:
            raise Conflict("appeal.not-scored", field="competency")
        if not await store.appeals.add(tx, _filed(tx, key, filing, campaign_id=standing.campaign_id)):
            raise Conflict("appeal.id-taken", field="appeal_id")
        await tell_again(tx, key.owner, {key.competency: standing.assessment})
    return True


async def _must_be_free(tx: Tx, key: store.OwnKey) -> None:
    still_open = (await store.appeals.open_of(tx, key.owner)).get(key.competency)
    if still_open is not None:
        legal = [step.value for step in still_open.state.legal_steps]
        raise Conflict("appeal.open-already", field="competency", state=still_open.state.value, legal=legal)


def _filed(tx: Tx, key: store.OwnKey, filing: Filing, *, campaign_id: UUID) -> store.Appeal:
    return store.Appeal(
        appeal_id=filing.appeal_id,
        school_id=key.school_id,
        cycle_id=key.cycle_id,
        campaign_id=campaign_id,
        person_id=key.person_id,
        competency=key.competency,
        text=filing.text,
        is_text_shown=filing.is_text_shown,
        filed_at=tx.now,
        changed_at=tx.now,
    )


async def withdraw_appeal(db: Database, school: str, appeal_id: UUID, *, by: UUID) -> store.Appeal:
    """Take an appeal back before its end; a repeat changes nothing.

    Refused as `appeal.unknown` or `appeal.step-not-legal`.
    """
    async with db.transaction(school) as tx:
        appeal = await _held(tx, school, appeal_id)
        if appeal.person_id != by:
            raise Missing("appeal.unknown", field="appeal_id")
        return await _move(tx, appeal, AppealState.WITHDRAWN)


async def decide_appeal(db: Database, school: str, appeal_id: UUID, *, decision: Decision) -> store.Appeal:
    """Take an appeal into review, have the competency measured anew, or let the level stand; a repeat changes nothing.

    For a campaign that is still open an upheld appeal lays out a sheet for one more observer or colleague.
    Refused as `appeal.unknown`, `appeal.own`, `state.moved-on`, `appeal.source-unfit`, `appeal.nobody-to-ask` or
    `appeal.step-not-legal`.
    """
    async with db.transaction(school) as tx:
        appeal = await _held(tx, school, appeal_id)
        domain.check_reviewer(appeal.person_id, decision.by)
        check_seen(decision.seen, tag_of_appeal(appeal.state, appeal.wanted_source), state=appeal.state.value)
        if decision.source is not None:
            domain.check_wanted(decision.source)
        is_new = appeal.state is not decision.to
        moved = await _move(tx, replace(appeal, wanted_source=appeal.wanted_source or decision.source), decision.to)
        if is_new and moved.wanted_source is not None:
            await _ask(tx, moved, moved.wanted_source)
    return moved


async def _held(tx: Tx, school: str, appeal_id: UUID) -> store.Appeal:
    """An appeal that nobody else moves: the lock of its owner is taken before it is read for good."""
    found = await store.appeals.one(tx, school, appeal_id)
    if found is not None:
        await own_lock(tx, found.key.owner)
        found = await store.appeals.one(tx, school, appeal_id)
    if found is None:
        raise Missing("appeal.unknown", field="appeal_id")
    return found


async def _move(tx: Tx, appeal: store.Appeal, to: AppealState) -> store.Appeal:
    if appeal.state is to:
        return appeal
    moved = replace(appeal, state=domain.advance_appeal(appeal.state, to), changed_at=tx.now)
    await store.appeals.move(tx, moved)
    if not to.is_open:
        standing = await store.profiles.newest(tx, appeal.key.owner, [appeal.competency])
        await tell_again(tx, appeal.key.owner, {code: each.assessment for code, each in standing.items()})
    return moved


async def _ask(tx: Tx, appeal: store.Appeal, source: SourceKind) -> None:
    """Lay a sheet out for somebody who was not asked yet; tests and materials are the owner's own to give."""
    campaign = await store.campaigns.one(tx, appeal.campaign_id)
    if campaign is None or campaign.state is not CampaignState.OPEN or source not in (SourceKind.OBS, SourceKind.P360):
        return
    teachers, observers = await store.staff.current(tx, appeal.school_id, domain.day_at_place(tx.now))
    candidates: Iterable[UUID] = observers if source is SourceKind.OBS else [each.person_id for each in teachers]
    taken = [appeal.person_id, *await store.appeals.asked(tx, appeal, source)]
    author = domain.next_author(candidates, taken, seed=appeal.appeal_id.int)
    if author is None:
        raise Conflict("appeal.nobody-to-ask", field="source")
    key = store.SheetKey(appeal.campaign_id, appeal.person_id, source, author)
    await store.appeals.ask(tx, appeal.school_id, key, codes=[appeal.competency])


async def settle_remeasured(tx: Tx, part: store.Part, *, source: SourceKind, scored: Mapping[str, Scored]) -> None:
    """End the upheld appeals that a new score has answered; the caller holds the `own_lock` and tells of it after."""
    for code, appeal in (await store.appeals.open_of(tx, part.owner)).items():
        if appeal.state is not AppealState.UPHELD or appeal.wanted_source is None or code not in scored:
            continue
        spoken = scored[code].assessment.sources
        is_later = part.campaign_id != appeal.campaign_id
        if domain.is_settled_by(appeal.wanted_source, source, spoken, is_later_wave=is_later):
            ended = domain.advance_appeal(appeal.state, AppealState.REMEASURED)
            await store.appeals.move(tx, replace(appeal, state=ended, changed_at=tx.now))
