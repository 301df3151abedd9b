"""Artefacts: handed in and taken back by their owner."""

from uuid import UUID

from chassis.database import Database, Tx
from chassis.refusals import Conflict, Forbidden, Missing
from services.diagnostics import domain, store
from services.diagnostics.domain import Artefact, Instrument, Instruments


async def hand_in(db: Database, instruments: Instruments, owner: store.ArtefactOwner, *, artefact: Artefact) -> None:
    """Hand in an artefact, or change its words and competencies before it is rated; a repeat changes nothing.

    Refused as `sheet.unknown`, `instrument.not-used`, `campaign.closed`, `campaign.not-begun`,
    `artefact.cannot-show`, `artefact.id-taken` or `artefact.rated`.
    """
    async with db.transaction(owner.school_id) as tx:
        part = await _part(tx, owner)
        domain.must_take_answers(part.state, part.opens_on, today=domain.day_at_place(tx.now))
        domain.check_artefact(artefact, part.targets, shown_by_artefacts=instruments.shown_by_artefacts)
        known = await store.artefacts.one(tx, artefact.artefact_id)
        if known is not None and known["person_id"] == owner.person_id and known["is_rated"]:
            if store.artefacts.artefact_of(known) == artefact:
                return
            raise Conflict("artefact.rated", field="artefact_id")
        if not await store.artefacts.keep(tx, part, artefact):
            raise Conflict("artefact.id-taken", field="artefact_id")


async def take_artefact_back(db: Database, owner: store.ArtefactOwner, artefact_id: UUID) -> None:
    """Delete an artefact at any time; once it was rated its words go and the rating stays. A repeat is harmless."""
    async with db.transaction(owner.school_id) as tx:
        known = await store.artefacts.one(tx, artefact_id)
        if known is None or (known["person_id"], known["campaign_id"]) != (owner.person_id, owner.campaign_id):
            return
        if known["is_rated"]:
            await store.artefacts.silence(tx, artefact_id)
        else:
            await store.artefacts.remove(tx, artefact_id)


async def _part(tx: Tx, owner: store.ArtefactOwner) -> store.Part:
    part = await store.sheets.held_part(tx, owner.campaign_id, owner.person_id)
    if part is None:
        raise Missing("sheet.unknown", field="campaign_id")
    if Instrument.ARTEFACT not in part.instruments:
        raise Forbidden("instrument.not-used", field="campaign_id", instrument=Instrument.ARTEFACT.value)
    return part
