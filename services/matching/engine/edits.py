"""Edits of a frozen task: what a curator changes in it, applied one after the other.

A task together with its edits is a task again. The result of a review is that task's optimum, so it depends on
nothing but the frozen input and the edits that stand: an edit that is taken back leaves no trace.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NotRequired, TypedDict

from chassis.refusals import Invalid
from services.matching.engine.problem import Ban, EdgeKey, Instance, PairKey, Pin, thaw
from services.matching.engine.standing import narrowed


class ChangeRow(TypedDict):
    """A change as plain values."""

    pin: list[list[str]]
    unpin: list[list[str]]
    ban: list[list[str]]
    unban: list[list[str]]
    stands: NotRequired[str]


@dataclass(frozen=True, slots=True)
class Change:
    """Pairings pinned and pins taken off, pairs banned and bans lifted; what is taken off goes first.

    `stands`, when given, is the part of the frozen task that stood at a later moment: everything else is lost.
    """

    pin: tuple[EdgeKey, ...] = ()
    unpin: tuple[EdgeKey, ...] = ()
    ban: tuple[PairKey, ...] = ()
    unban: tuple[PairKey, ...] = ()
    stands: Instance | None = None

    def as_json(self) -> ChangeRow:
        """The change as plain values; `change_of` reads them."""
        row = ChangeRow(
            pin=[list(key) for key in self.pin],
            unpin=[list(key) for key in self.unpin],
            ban=[list(key) for key in self.ban],
            unban=[list(key) for key in self.unban],
        )
        if self.stands is not None:
            row["stands"] = self.stands.canonical()
        return row


def change_of(row: ChangeRow) -> Change:
    """The change behind its plain values."""
    stands = row.get("stands")
    return Change(
        pin=tuple((giver, taker, code) for giver, taker, code in row["pin"]),
        unpin=tuple((giver, taker, code) for giver, taker, code in row["unpin"]),
        ban=tuple((giver, taker) for giver, taker in row["ban"]),
        unban=tuple((giver, taker) for giver, taker in row["unban"]),
        stands=None if stands is None else thaw(stands),
    )


def swap_of(first: EdgeKey, second: EdgeKey, *, is_of_takers: bool) -> Change:
    """Two pairs exchange their takers, each giver going on with the own topic; or their givers, and each taker does.

    The two old pairs part for good and the new ones are pinned. `Invalid` (`edit.swap-same`) if the two pairs
    share their giver or their taker.
    """
    if first[0] == second[0] or first[1] == second[1]:
        raise Invalid("edit.swap-same", field="swap")
    codes = (first[2], second[2]) if is_of_takers else (second[2], first[2])
    return Change(
        pin=((first[0], second[1], codes[0]), (second[0], first[1], codes[1])),
        unpin=(first, second),
        ban=(first[:2], second[:2]),
    )


def edited(instance: Instance, changes: Iterable[Change]) -> Instance:
    """The task after the changes, in their order."""
    for change in changes:
        instance = _changed(instance, change)
    return instance


def _changed(instance: Instance, change: Change) -> Instance:
    pins = {pin.key for pin in instance.pins} - set(change.unpin) | set(change.pin)
    bans = {ban.key for ban in instance.bans} - set(change.unban) | set(change.ban)
    changed = replace(instance, pins=_pins(sorted(pins)), bans=tuple(Ban(*key) for key in sorted(bans)))
    return changed if change.stands is None else narrowed(changed, change.stands)


def _pins(keys: Sequence[EdgeKey]) -> tuple[Pin, ...]:
    return tuple(Pin(*key) for key in keys)
