"""The place tree: places join it, move, change their names and dates, and leave."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.database import Database, Tx
from chassis.etags import check_seen, tag_of
from chassis.refusals import Conflict, Missing
from contracts.registry import PlaceChanged, PlaceKind
from services.registry.domain.places import (
    A_DAY,
    SCHOOL,
    Place,
    check_closing,
    check_place,
    said_last,
    to_be_said,
)
from services.registry.store import places as store

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Kept:
    """A place as it is kept now, whether nobody knew it before, and its tag."""

    place: Place
    is_new: bool
    tag: str


def tag_of_place(said: Sequence[Place]) -> str:
    """The tag of a place: it changes with every word about it."""
    return tag_of(len(said))


async def keep_place(db: Database, place: Place, *, seen: str | None = None) -> Kept:
    """Say what a place is from a day on; the same again changes nothing. Raises MovedOn, Invalid, Conflict."""
    async with db.transaction() as tx:
        await tx.lock(lock_of(place.place_id))
        known = await store.said_of(tx, place.place_id)
        check_seen(seen, tag_of_place(known) if known else None)
        parent = await store.said_of(tx, place.parent) if place.parent else []
        check_place(place, known=known[-1] if known else None, parent=parent)
        await say(tx, place)
        said = await store.said_of(tx, place.place_id)
    kept = next(one for one in said_last(said) if one.valid_from == place.valid_from)
    return Kept(kept, is_new=not known, tag=tag_of_place(said))


async def say(tx: Tx, place: Place) -> bool:
    """Write down what a place is from a day on, and what was planned for later anew; false when it is so already.

    The place must be locked.
    """
    known = await store.said_of(tx, place.place_id)
    news = to_be_said(place, known)
    for said in news:
        if said.valid_to is not None:
            check_closing(await _left_behind(tx, said))
        await store.save_place(tx, said, revision=len(known) + 1)
        await announce(tx, said, revision=len(known) + 1)
        known = [*known, said]
    return bool(news)


async def say_again(tx: Tx, place_id: str) -> None:
    """Say the last of a place once more, because who goes on for it has changed; the place must be locked."""
    found = await store.place(tx, place_id)
    if found is not None:
        last, revision = found
        await store.save_place(tx, last, revision=revision + 1)
        await announce(tx, last, revision=revision + 1)


async def _left_behind(tx: Tx, place: Place) -> list[str]:
    assert place.valid_to is not None
    found = await store.places_after(tx, "", SHOWN, as_of=place.valid_to + A_DAY, parent=place.place_id)
    return [row["place_id"] for row in found[:SHOWN]]


async def announce(tx: Tx, place: Place, *, revision: int) -> None:
    """Tell the city what is said of a place."""
    successors = await store.successors_of(tx, place.place_id)
    await tx.emit(
        PlaceChanged(
            place_id=place.place_id,
            parent=place.parent,
            kind=PlaceKind(place.kind),
            zone=place.zone,
            valid_from=place.valid_from,
            valid_to=place.valid_to,
            name=place.name,
            succeeded_by=tuple(sorted(row["place_id"] for row in successors)),
            revision=revision,
            occurred_at=tx.now,
        )
    )


def lock_of(place_id: str) -> str:
    """The lock under which something is said of a place."""
    return f"place/{place_id}"


async def place(tx: Tx, place_id: str) -> Place:
    """The place; raises Missing."""
    found = await store.place(tx, place_id)
    if found is None:
        raise Missing("place.unknown", field="place_id")
    return found[0]


async def school(tx: Tx, school_id: str) -> Place:
    """The school, be it closed or not; raises Missing, also for a place that is no school."""
    found = await store.place(tx, school_id)
    if found is None or found[0].kind != SCHOOL:
        raise Missing("school.unknown", field="school")
    return found[0]


async def is_closed(tx: Tx, school_id: str) -> bool:
    """Is the school's last day over, where it is?"""
    found = await school(tx, school_id)
    return found.is_over(found.day_of(tx.now))


async def open_school(tx: Tx, school_id: str) -> Place:
    """The school, where something new may begin; raises Missing, and Conflict when the school is closed."""
    found = await school(tx, school_id)
    if found.is_over(found.day_of(tx.now)):
        successors = [row["place_id"] for row in await store.successors_of(tx, school_id)]
        raise Conflict("school.closed", field="school", successors=successors, legal=[])
    return found
