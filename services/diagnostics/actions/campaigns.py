"""Campaigns: opened by the curator with everyone invited, closed by the curator or by the calendar."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from chassis.database import Database, Tx
from chassis.refusals import Conflict, Missing
from contracts.diagnostics import CampaignClosed, CampaignOpened
from services.diagnostics import domain, store
from services.diagnostics.actions.closing import announce_sums
from services.diagnostics.domain import CampaignState, Catalogue, Invitation, Scope

OPENED, CLOSED = 1, 2


@dataclass(frozen=True, slots=True)
class Plan:
    """A campaign that a curator wants to open."""

    campaign_id: UUID
    cycle_id: UUID
    wave: int
    closes_on: date
    scope: Scope = field(default_factory=Scope)


async def open_campaign(db: Database, catalogue: Catalogue, school: str, *, plan: Plan, by: UUID) -> bool:
    """Open a campaign: freeze everyone's form and targets, say who rates whom. False when it is open already.

    Refused as `campaign.id-taken`, `campaign.unknown-cycle`, `campaign.cycle-not-ready`, `campaign.wave-taken`,
    `campaign.first-wave-open`, `campaign.closes-in-past` or `campaign.nobody`, or as the rules of a scope refuse.
    """
    domain.check_scope(catalogue, plan.scope, closes_on=plan.closes_on)
    async with db.transaction(school) as tx:
        await tx.lock(f"campaign/{school}/{plan.cycle_id}")
        known = await store.campaigns.one(tx, plan.campaign_id)
        if known is not None:
            _must_be_same(known, plan)
            return False
        await _check(tx, school, plan)
        invitations = await _invitations(tx, catalogue, school, plan=plan)
        campaign = _campaign(tx, catalogue, school, plan=plan, invited=len(invitations), by=by)
        await _begin(tx, campaign, invitations)
    return True


def _campaign(tx: Tx, catalogue: Catalogue, school: str, *, plan: Plan, invited: int, by: UUID) -> store.Campaign:
    return store.Campaign(
        school_id=school,
        campaign_id=plan.campaign_id,
        cycle_id=plan.cycle_id,
        wave=plan.wave,
        closes_on=plan.closes_on,
        catalogue_version=catalogue.version,
        invited=invited,
        opened_at=tx.now,
        opened_by=by,
        opens_on=plan.scope.opens_on,
        audience=plan.scope.audience,
        role_profiles=plan.scope.role_profiles,
        instruments=plan.scope.instruments,
    )


def _must_be_same(known: store.Campaign, plan: Plan) -> None:
    scope = plan.scope
    stands = (known.cycle_id, known.wave, known.closes_on, known.opens_on)
    covers = (known.audience, known.role_profiles, known.instruments)
    is_same = stands == (plan.cycle_id, plan.wave, plan.closes_on, scope.opens_on)
    if not is_same or covers != (scope.audience, scope.role_profiles, scope.instruments):
        raise Conflict("campaign.id-taken", field="campaign_id")


async def _check(tx: Tx, school: str, plan: Plan) -> None:
    stage = await store.staff.stage_of(tx, school, plan.cycle_id)
    if stage is None:
        raise Missing("campaign.unknown-cycle", field="cycle_id")
    others = await store.campaigns.of_cycle(tx, plan.cycle_id)
    domain.check_opening(plan.wave, stage=stage, waves={wave: each.state for wave, each in others.items()})
    domain.check_closing_day(plan.closes_on, domain.day_at_place(tx.now))


async def _invitations(tx: Tx, catalogue: Catalogue, school: str, *, plan: Plan) -> tuple[Invitation, ...]:
    teachers, observers = await store.staff.current(tx, school, domain.day_at_place(tx.now))
    first = (await store.campaigns.of_cycle(tx, plan.cycle_id)).get(domain.FIRST_WAVE)
    earlier = await store.campaigns.forms(tx, first.campaign_id) if first is not None else {}
    staff = domain.Staff(teachers, observers, earlier)
    invitations = domain.invite(catalogue, staff, seed=plan.campaign_id.int, scope=plan.scope)
    if not invitations:
        raise Conflict("campaign.nobody", field="cycle_id")
    return invitations


async def _begin(tx: Tx, campaign: store.Campaign, invitations: tuple[Invitation, ...]) -> None:
    if not await store.campaigns.save(tx, campaign):
        raise Conflict("campaign.id-taken", field="campaign_id")
    await store.campaigns.invite(tx, campaign, invitations)
    await tx.emit(
        CampaignOpened(
            school_id=campaign.school_id,
            campaign_id=campaign.campaign_id,
            cycle_id=campaign.cycle_id,
            wave=campaign.wave,
            invited=campaign.invited,
            closes_on=campaign.closes_on,
            revision=OPENED,
            occurred_at=tx.now,
        )
    )


async def close_campaign(db: Database, catalogue: Catalogue, school: str, *, campaign_id: UUID) -> None:
    """End a campaign: no more answers, and the sums go out. Of two at once one wins.

    Refused as `campaign.unknown` or `campaign.step-not-legal`.
    """
    async with db.transaction(school) as tx:
        campaign = await store.campaigns.locked(tx, campaign_id)
        if campaign is None or campaign.school_id != school:
            raise Missing("campaign.unknown", field="campaign_id")
        await _close(tx, catalogue, campaign)


async def close_overdue(db: Database, catalogue: Catalogue) -> int:
    """Close the campaigns whose last day is over; returns how many."""
    async with db.transaction() as tx:
        schools = await store.campaigns.due_schools(tx, domain.day_at_place(tx.now))
    closed = 0
    for school in schools:
        async with db.transaction(school) as tx:
            for campaign in await store.campaigns.overdue(tx, school, domain.day_at_place(tx.now)):
                await _close(tx, catalogue, campaign)
                closed += 1
    return closed


async def _close(tx: Tx, catalogue: Catalogue, campaign: store.Campaign) -> None:
    domain.advance_campaign(campaign.state, CampaignState.CLOSED)
    await store.campaigns.close(tx, campaign)
    await tx.emit(
        CampaignClosed(
            school_id=campaign.school_id,
            campaign_id=campaign.campaign_id,
            cycle_id=campaign.cycle_id,
            wave=campaign.wave,
            invited=campaign.invited,
            scored=await store.campaigns.scored(tx, campaign.campaign_id),
            revision=CLOSED,
            occurred_at=tx.now,
        )
    )
    await announce_sums(tx, catalogue, campaign)
