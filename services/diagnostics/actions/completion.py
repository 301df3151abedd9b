"""How far people have come with a campaign, instrument by instrument: participation, never an answer."""

from collections.abc import Mapping
from uuid import UUID

from chassis.database import Database, Tx
from chassis.refusals import Missing
from services.diagnostics import domain, store
from services.diagnostics.domain import Instrument, Instruments, Participation
from services.diagnostics.scoring import SourceKind

Participants = dict[Instrument, dict[UUID, Participation]]


async def participation(db: Database, instruments: Instruments, school: str, campaign_id: UUID) -> Participants:
    """By instrument of the campaign, who was invited and how far each has come; refused as `campaign.unknown`.

    Whoever fills in about others (colleagues, observers) is counted once, with all that was asked of that person.
    """
    async with db.transaction(school) as tx:
        campaign = await _campaign(tx, school, campaign_id)
        found: Participants = {each: {} for each in Instrument if each in campaign.instruments}
        for row in await store.completion.of_sheets(tx, campaign_id):
            instrument = domain.ON_SHEETS[SourceKind(row["source"])]
            if instrument in found:
                found[instrument][row["person_id"]] = domain.participation_of(
                    asked=row["asked"], done=row["done"], has_begun=row["has_begun"]
                )
        forms = await store.campaigns.forms(tx, campaign_id)
        if Instrument.TEST in found:
            begun = await store.completion.of_tests(tx, campaign_id)
            found[Instrument.TEST] = _of_tests(instruments, campaign, forms, begun)
        if Instrument.ARTEFACT in found:
            rated = await store.completion.of_artefacts(tx, campaign_id)
            found[Instrument.ARTEFACT] = _of_artefacts(instruments, forms, rated)
    return found


async def due(
    db: Database, instruments: Instruments, school: str, *, campaign_id: UUID, instrument: Instrument
) -> dict[UUID, Participation]:
    """Who still has something to do by an instrument, by id; artefacts are handed in by choice, so nobody owes one.

    Refused as `campaign.unknown`. Nobody is due when the campaign is closed or has not begun.
    """
    found = await participation(db, instruments, school, campaign_id)
    async with db.transaction(school) as tx:
        campaign, today = await _campaign(tx, school, campaign_id), domain.day_at_place(tx.now)
        teachers, observers = await store.staff.current(tx, school, today)
    if instrument is Instrument.ARTEFACT or not domain.takes_answers(campaign.state, campaign.opens_on, today=today):
        return {}
    present = frozenset(each.person_id for each in teachers) | observers
    return domain.due_among(found.get(instrument, {}), present)


async def _campaign(tx: Tx, school: str, campaign_id: UUID) -> store.Campaign:
    campaign = await store.campaigns.one(tx, campaign_id)
    if campaign is None or campaign.school_id != school:
        raise Missing("campaign.unknown", field="campaign_id")
    return campaign


def _of_tests(
    instruments: Instruments,
    campaign: store.Campaign,
    forms: Mapping[UUID, domain.Targets],
    begun: Mapping[UUID, tuple[int, int]],
) -> dict[UUID, Participation]:
    found: dict[UUID, Participation] = {}
    for person, targets in forms.items():
        letter = domain.letter_for(campaign.cycle_id, person, wave=campaign.wave)
        asked = len(domain.offered_tests(instruments.bank, targets, letter=letter))
        if asked:
            started, done = begun.get(person, (0, 0))
            found[person] = domain.participation_of(asked=asked, done=done, has_begun=started > 0)
    return found


def _of_artefacts(
    instruments: Instruments, forms: Mapping[UUID, domain.Targets], rated: Mapping[UUID, bool]
) -> dict[UUID, Participation]:
    able = instruments.shown_by_artefacts
    return {
        person: domain.participation_of(asked=1, done=int(rated.get(person, False)), has_begun=person in rated)
        for person, targets in forms.items()
        if domain.shown_codes(targets, shown_by_artefacts=able)
    }
