"""How far people have come with a campaign, instrument by instrument: participation, never an answer."""

from collections.abc import Collection, Mapping
from uuid import UUID

from chassis.database import Database, Tx
from chassis.refusals import Missing
from services.diagnostics import domain, store
from services.diagnostics.domain import Instrument, Instruments, Participation
from services.diagnostics.scoring import SourceKind

Participants = dict[Instrument, dict[UUID, Participation]]
_OF_FORMS = frozenset({Instrument.TEST, Instrument.ARTEFACT})
_ON_SHEETS = frozenset(domain.ON_SHEETS.values())


async def participation(
    db: Database,
    instruments: Instruments,
    school: str,
    campaign_id: UUID,
    *,
    only: Collection[Instrument] = tuple(Instrument),
) -> Participants:
    """By instrument of the campaign, who was invited and how far each has come; refused as `campaign.unknown`.

    Whoever fills in about others (colleagues, observers) is counted once, with all that was asked of that person.
    """
    async with db.transaction(school) as tx:
        return await _participants(tx, instruments, await _campaign(tx, school, campaign_id), only)


async def due(
    db: Database, instruments: Instruments, school: str, *, campaign_id: UUID, instrument: Instrument
) -> dict[UUID, Participation]:
    """Who still has something to do by an instrument, by id; artefacts are handed in by choice, so nobody owes one.

    Refused as `campaign.unknown`. Nobody is due when the campaign is closed or has not begun.
    """
    async with db.transaction(school) as tx:
        campaign, today = await _campaign(tx, school, campaign_id), domain.day_at_place(tx.now)
        if instrument is Instrument.ARTEFACT or not domain.takes_answers(
            campaign.state, campaign.opens_on, today=today
        ):
            return {}
        found = await _participants(tx, instruments, campaign, (instrument,))
        teachers, observers = await store.staff.current(tx, school, today)
    present = frozenset(each.person_id for each in teachers) | observers
    return domain.due_among(found.get(instrument, {}), present)


async def _participants(
    tx: Tx, instruments: Instruments, campaign: store.Campaign, only: Collection[Instrument]
) -> Participants:
    """Those of the instruments that are asked for; what people were asked about is read for tests and artefacts."""
    wanted = [each for each in Instrument if each in campaign.instruments and each in only]
    found: Participants = {each: {} for each in wanted}
    if found.keys() & _ON_SHEETS:
        for row in await store.completion.of_sheets(tx, campaign.campaign_id):
            instrument = domain.ON_SHEETS[SourceKind(row["source"])]
            if instrument in found:
                found[instrument][row["person_id"]] = domain.participation_of(
                    asked=row["asked"], done=row["done"], has_begun=row["has_begun"]
                )
    if not found.keys() & _OF_FORMS:
        return found
    forms = await store.campaigns.forms(tx, campaign.campaign_id)
    if Instrument.TEST in found:
        begun = await store.completion.of_tests(tx, campaign.campaign_id)
        found[Instrument.TEST] = _of_tests(instruments, campaign, forms, begun)
    if Instrument.ARTEFACT in found:
        rated = await store.completion.of_artefacts(tx, campaign.campaign_id)
        found[Instrument.ARTEFACT] = _of_artefacts(instruments, forms, rated)
    return found


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
