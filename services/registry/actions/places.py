"""The place tree: places join it, move, change their names and dates, and leave."""

from chassis.database import Database, Tx
from chassis.refusals import Missing
from contracts.registry import PlaceChanged, PlaceKind
from services.registry.domain.places import SCHOOL, Place, check_place
from services.registry.store import places as store


async def keep_place(db: Database, place: Place) -> bool:
    """Say what a place is; the same again changes nothing. True when the place was not known before."""
    async with db.transaction() as tx:
        await tx.lock(f"place/{place.place_id}")
        found = await store.place(tx, place.place_id)
        known, revision = found or (None, 0)
        parent = await store.place(tx, place.parent) if place.parent else None
        check_place(place, known=known, parent=parent[0] if parent else None)
        if known == place:
            return False
        await store.save_place(tx, place, revision=revision + 1)
        await tx.emit(
            PlaceChanged(
                place_id=place.place_id,
                parent=place.parent,
                kind=PlaceKind(place.kind),
                zone=place.zone,
                valid_from=place.valid_from,
                valid_to=place.valid_to,
                revision=revision + 1,
                occurred_at=tx.now,
            )
        )
    return known is None


async def place(tx: Tx, place_id: str) -> Place:
    """The place; raises Missing."""
    found = await store.place(tx, place_id)
    if found is None:
        raise Missing("place.unknown", field="place_id")
    return found[0]


async def school(tx: Tx, school_id: str) -> Place:
    """The school; raises Missing, also for a place that is no school."""
    found = await store.place(tx, school_id)
    if found is None or found[0].kind != SCHOOL:
        raise Missing("school.unknown", field="school")
    return found[0]
