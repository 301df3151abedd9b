"""What a closed campaign tells the city: sums per domain, and for the second wave the gains and closed gaps."""

from chassis.database import Tx
from contracts.diagnostics import CompetencyClass as AnnouncedClass
from contracts.diagnostics import GainTallied, GapClosed, ProfileTallied
from services.diagnostics import domain, store
from services.diagnostics.domain import Catalogue, People
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
    # Two versions of the catalogue do not measure the same thing.
    if first is None or first.catalogue_version != campaign.catalogue_version:
        return
    before = await _people(tx, first)
    for letter, tally in domain.tally_gains(catalogue, before=before, after=after).items():
        await tx.emit(_gained(tx, campaign, letter, tally=tally))
    released = await store.releases.released_in(tx, campaign.school_id, campaign.cycle_id)
    for person_id in sorted(released.keys() & before.keys() & after.keys()):
        closed = domain.closed_gaps(catalogue, before=before[person_id], after=after[person_id])
        for code in closed:
            if code in released[person_id]:
                await tx.emit(
                    GapClosed(
                        school_id=campaign.school_id,
                        person_id=person_id,
                        cycle_id=campaign.cycle_id,
                        competency=code,
                        occurred_at=tx.now,
                    )
                )


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
