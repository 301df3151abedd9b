"""What a closed campaign tells the city: sums per domain, and for the second wave the gains and closed gaps."""

from uuid import UUID

from chassis.database import Tx
from contracts.diagnostics import CompetencyClass as AnnouncedClass
from contracts.diagnostics import GainTallied, GapClosed, ProfileTallied
from services.diagnostics import domain, store
from services.diagnostics.domain import Catalogue, Comparison, People
from services.diagnostics.scoring import GainTally, Tally


async def announce_sums(tx: Tx, catalogue: Catalogue, campaign: store.Campaign) -> None:
    """Announce the sums of a campaign that has just been closed; only what enough people stand behind."""
    people = await _people(tx, campaign)
    for letter, tally in domain.tally_profiles(catalogue, people).items():
        await tx.emit(_tallied(tx, campaign, letter, tally=tally))
    if campaign.wave == domain.SECOND_WAVE:
        await _announce_changes(tx, catalogue, campaign, after=people)


async def _people(tx: Tx, campaign: store.Campaign) -> People:
    """Scored people with every competency of their forms, those without data too."""
    forms = await store.campaigns.forms(tx, campaign.campaign_id, is_scored=True)
    profiles = await store.profiles.of_campaign(tx, campaign.campaign_id)
    return {
        person_id: {code: profiles.get(person_id, {}).get(code) for code in targets}
        for person_id, targets in forms.items()
    }


async def _announce_changes(tx: Tx, catalogue: Catalogue, campaign: store.Campaign, *, after: People) -> None:
    first = (await store.campaigns.of_cycle(tx, campaign.cycle_id)).get(domain.FIRST_WAVE)
    if first is None or compared(catalogue, first, campaign) is not Comparison.COMPARABLE:
        return
    before = await _people(tx, first)
    for letter, tally in domain.tally_gains(catalogue, before=before, after=after).items():
        await tx.emit(_gained(tx, campaign, letter, tally=tally))
    told = await _told_of(tx, campaign)
    artefacts = await store.profiles.with_artefacts(tx, campaign.campaign_id)
    for person_id in sorted(told.keys() & before.keys() & after.keys()):
        shown = artefacts.get(person_id, {})
        closed = domain.closed_gaps(catalogue, before=before[person_id], after=after[person_id], artefacts=shown)
        for code in closed:
            if code in told[person_id]:
                await tx.emit(
                    GapClosed(
                        school_id=campaign.school_id,
                        person_id=person_id,
                        cycle_id=campaign.cycle_id,
                        competency=code,
                        occurred_at=tx.now,
                    )
                )


def compared(catalogue: Catalogue, first: store.Campaign, second: store.Campaign) -> Comparison:
    """Do the two waves of a cycle tell of a change?"""
    before, after = (
        domain.wave_of(each.catalogue_version, each.opened_at, opens_on=each.opens_on) for each in (first, second)
    )
    return domain.comparison_of(before, after, catalogue.parameters)


async def _told_of(tx: Tx, campaign: store.Campaign) -> dict[UUID, set[str]]:
    """What others may know, by person: what was released and is not under its owner's appeal."""
    released = await store.releases.released_in(tx, campaign.school_id, campaign.cycle_id)
    disputed = await store.appeals.open_in(tx, campaign.school_id, campaign.cycle_id)
    return {person_id: codes - disputed.get(person_id, set()) for person_id, codes in released.items()}


def _tallied(tx: Tx, campaign: store.Campaign, letter: str, *, tally: Tally) -> ProfileTallied:
    return ProfileTallied(
        school_id=campaign.school_id,
        campaign_id=campaign.campaign_id,
        cycle_id=campaign.cycle_id,
        wave=campaign.wave,
        domain=letter,
        people=tally.people,
        n=tally.n,
        total=tally.total,
        total_squares=tally.total_squares,
        missing=tally.missing,
        counts={AnnouncedClass(each): count for each, count in sorted(tally.counts.items())},
        occurred_at=tx.now,
    )


def _gained(tx: Tx, campaign: store.Campaign, letter: str, *, tally: GainTally) -> GainTallied:
    return GainTallied(
        school_id=campaign.school_id,
        campaign_id=campaign.campaign_id,
        cycle_id=campaign.cycle_id,
        domain=letter,
        people=tally.people,
        n=tally.n,
        total=tally.total,
        total_squares=tally.total_squares,
        reliable=tally.reliable,
        missing=tally.missing,
        occurred_at=tx.now,
    )
