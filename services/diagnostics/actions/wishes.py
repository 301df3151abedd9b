"""Needs and offers: declared and taken back by the person alone, at any time, with or without a profile."""

from dataclasses import replace

from chassis.database import Database, Tx
from chassis.refusals import Forbidden, Missing
from contracts.diagnostics import NeedDeclared, NeedWithdrawn, OfferDeclared, OfferWithdrawn
from services.diagnostics import domain, store
from services.diagnostics.actions.releases import own_lock, tell_again
from services.diagnostics.domain import Catalogue
from services.diagnostics.scoring import with_wish


async def declare_need(db: Database, catalogue: Catalogue, key: store.OwnKey, *, wish: int) -> store.Need:
    """Say what to strengthen, how strongly from 1 to 3; a repeat changes nothing, a new strength is announced.

    Refused as `cycle.unknown`, `need.wish-out-of-range`, or as `catalogue.*`.
    """
    catalogue.competency(key.competency)
    async with db.transaction(key.school_id) as tx:
        await _begin(tx, key)
        standing = await _standing(tx, key)
        need = _need(catalogue, key, wish=wish, standing=standing)
        known, revision = await store.wishes.need(tx, key)
        if known == need:
            return need
        await store.wishes.save_need(tx, key, need, is_declared=True, revision=revision + 1)
        await tx.emit(
            NeedDeclared(
                school_id=key.school_id,
                person_id=key.person_id,
                cycle_id=key.cycle_id,
                competency=key.competency,
                priority1000=need.priority1000,
                revision=revision + 1,
                occurred_at=tx.now,
            )
        )
        await _label(tx, catalogue, key, standing=standing)
    return need


async def withdraw_need(db: Database, catalogue: Catalogue, key: store.OwnKey) -> None:
    """Take a need back; what was not declared stays so."""
    async with db.transaction(key.school_id) as tx:
        await own_lock(tx, key.owner)
        known, revision = await store.wishes.need(tx, key)
        if known is None:
            return
        await store.wishes.save_need(tx, key, known, is_declared=False, revision=revision + 1)
        await tx.emit(
            NeedWithdrawn(
                school_id=key.school_id,
                person_id=key.person_id,
                cycle_id=key.cycle_id,
                competency=key.competency,
                revision=revision + 1,
                occurred_at=tx.now,
            )
        )
        await _label(tx, catalogue, key, standing=await _standing(tx, key))


async def declare_offer(db: Database, catalogue: Catalogue, key: store.OwnKey, *, offer: store.Offer) -> None:
    """Say what can be shared; a repeat changes nothing. Refused as `cycle.unknown` or `catalogue.*`."""
    catalogue.competency(key.competency)
    async with db.transaction(key.school_id) as tx:
        await _begin(tx, key)
        known, revision = await store.wishes.offer(tx, key)
        if known == offer:
            return
        await store.wishes.save_offer(tx, key, offer, is_declared=True, revision=revision + 1)
        await tx.emit(
            OfferDeclared(
                school_id=key.school_id,
                person_id=key.person_id,
                cycle_id=key.cycle_id,
                competency=key.competency,
                formats=offer.formats,
                minutes=offer.minutes,
                outside_school=offer.outside_school,
                revision=revision + 1,
                occurred_at=tx.now,
            )
        )
        await _label(tx, catalogue, key, standing=await _standing(tx, key))


async def withdraw_offer(db: Database, catalogue: Catalogue, key: store.OwnKey) -> None:
    """Take an offer back; what was not declared stays so."""
    async with db.transaction(key.school_id) as tx:
        await own_lock(tx, key.owner)
        known, revision = await store.wishes.offer(tx, key)
        if known is None:
            return
        await store.wishes.save_offer(tx, key, known, is_declared=False, revision=revision + 1)
        await tx.emit(
            OfferWithdrawn(
                school_id=key.school_id,
                person_id=key.person_id,
                cycle_id=key.cycle_id,
                competency=key.competency,
                revision=revision + 1,
                occurred_at=tx.now,
            )
        )
        await _label(tx, catalogue, key, standing=await _standing(tx, key))


def _need(catalogue: Catalogue, key: store.OwnKey, *, wish: int, standing: store.Standing | None) -> store.Need:
    assessment = standing.assessment if standing is not None else None
    return store.Need(wish, domain.priority1000(catalogue, key.competency, wish=wish, assessment=assessment))


async def _begin(tx: Tx, key: store.OwnKey) -> None:
    await own_lock(tx, key.owner)
    if await store.staff.is_erased(tx, key.school_id, key.person_id):
        raise Forbidden("identity.erased")
    if await store.staff.stage_of(tx, key.school_id, key.cycle_id) is None:
        raise Missing("cycle.unknown", field="cycle_id")


async def _standing(tx: Tx, key: store.OwnKey) -> store.Standing | None:
    found = await store.profiles.newest(tx, key.owner, [key.competency])
    return found.get(key.competency)


async def _label(tx: Tx, catalogue: Catalogue, key: store.OwnKey, *, standing: store.Standing | None) -> None:
    """A wish is one of the things that make a class; the evidence stays what it is."""
    if standing is None:
        return
    wishes = await store.wishes.wishes_of(tx, key.owner)
    new = with_wish(standing.assessment, wishes.get(key.competency), catalogue.parameters)
    if new == standing.assessment:
        return
    await store.profiles.label(tx, key, replace(standing, assessment=new))
    await tell_again(tx, key.owner, {key.competency: new})
