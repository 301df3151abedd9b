"""Pairs across schools: the coordinator proposes, both curators agree, and only then are people asked, the taker first.

A run of a district is a run like any other, kept under the district's id; it belongs to no cycle, for each school has
its own. Nothing is announced of it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal
from uuid import UUID, uuid5

from chassis.database import Database, Row, Tx
from chassis.refusals import Conflict, Forbidden, Missing
from contracts.matching import PairingProposed
from services.matching import domain
from services.matching.actions import runs as school_runs
from services.matching.actions.across import Ground, only_across, task_across
from services.matching.actions.publishing import edges_of, matches_of
from services.matching.actions.runs import Plan
from services.matching.actions.versions import run_as_seen, step_to
from services.matching.domain import PairingState, RunState
from services.matching.engine.certificate import Variant
from services.matching.engine.exact import broken_limits
from services.matching.engine.problem import Edge, Instance
from services.matching.engine.rules import edges_no_more
from services.matching.store import NOBODY, districts, pairings, runs

NO_CYCLE = NOBODY
Side = Literal["giver", "taker"]


class CrossingState(StrEnum):
    """Where a pair across schools stands before people are asked."""

    ASKED = "ASKED"
    AGREED = "AGREED"
    REFUSED = "REFUSED"
    DROPPED = "DROPPED"


async def schools_of(db: Database, district: str) -> list[str]:
    """The schools of a district today; `Missing` for a district that has none."""
    async with db.transaction() as tx:
        found = await districts.schools_in(tx, district, domain.today_at_place(tx.now))
    if not found:
        raise Missing("district.unknown", field="district")
    return found


async def begin(db: Database, district: str, plan: Plan, *, by: UUID) -> bool:
    """Freeze what those who agreed offer and need, and ask for it to be solved; false for a repeat."""
    schools = await schools_of(db, district)
    async with db.transaction(district, *schools) as tx:
        if (known := await runs.run(tx, district, plan.run_id)) is not None:
            return school_runs.same(known, plan)
        task = await task_across(tx, await Ground.of(tx, schools))
    # All edges of a district take a while: away from the event loop, and outside the transaction.
    instance = await asyncio.to_thread(only_across, task)
    async with db.transaction(district) as tx:
        return await school_runs.add(tx, district, plan, instance, by=by)


@dataclass(frozen=True, slots=True)
class Wish:
    """Which end of the exchange the coordinator proposes, and the version of the run that was seen."""

    variant: Variant
    seen: int | None = None


async def propose(db: Database, district: str, run_id: UUID, wish: Wish, *, by: UUID) -> None:
    """Lay the pairs of one end before the curators of both schools; what no longer stands is left away."""
    schools = await schools_of(db, district)
    async with db.transaction(district, *schools) as tx:
        run = await run_as_seen(tx, district, run_id, wish.seen)
        domain.step(RunState(run["state"]), RunState.PUBLISHED)
        ground = await Ground.of(tx, schools)
        now = await task_across(tx, ground)
        standing = _standing(now, await matches_of(tx, run, wish.variant))
        await districts.add(tx, [_crossing(tx, run_id, ground, _two_homes(now, row), row) for row in standing])
        if run["chosen"] != wish.variant:
            await runs.choose(tx, run_id, wish.variant, seen=run["version"])
            run = {**run, "version": run["version"] + 1}
        await step_to(tx, run, RunState.PUBLISHED, by=by)


def _standing(now: Instance, matches: Sequence[Row]) -> list[Row]:
    """The pairs that the rules still allow, and that are still of two schools."""
    gone = set(edges_no_more(now, (edge.key for edge in edges_of(matches))))
    kept = [row for row, edge in zip(matches, edges_of(matches), strict=True) if edge.key not in gone]
    return [row for row in kept if len(set(_two_homes(now, row))) > 1]


def _two_homes(now: Instance, row: Row) -> tuple[str, str]:
    homes = {person.id: person.school for person in now.people}
    return homes[str(row["giver_id"])], homes[str(row["taker_id"])]


def _crossing(tx: Tx, run_id: UUID, ground: Ground, homes: tuple[str, str], row: Row) -> Row:
    giver_school, taker_school = homes
    return {
        "giver_school": giver_school,
        "taker_school": taker_school,
        "crossing_id": uuid5(run_id, f"{row['giver_id']}/{row['taker_id']}/{row['competency']}"),
        "run_id": run_id,
        "giver_id": row["giver_id"],
        "taker_id": row["taker_id"],
        "competency": row["competency"],
        "first_slot": row["first_slot"],
        "giver_cycle_id": ground.cycles[giver_school][0],
        "taker_cycle_id": ground.cycles[taker_school][0],
        "state": CrossingState.ASKED.value,
        "asked_at": tx.now,
    }


async def answer(db: Database, school: str, crossing_id: UUID, *, by: UUID, is_yes: bool) -> Row:
    """A curator of one of the two schools agrees or refuses; with the second yes the taker is asked.

    Whoever is one of the two does not decide (`crossing.own`). If the pair stands no longer when the second curator
    agrees, it is dropped: nobody was asked, and nobody is told.
    """
    async with db.transaction(school) as tx:
        seen = await _known(tx, crossing_id)
    async with db.transaction(*_schools_of(seen)) as tx:
        row = await districts.locked(tx, crossing_id)
        if row is None:
            raise Missing("crossing.unknown", field="crossing_id")
        _refuse_wrong_hands(row, by)
        if row["state"] != CrossingState.ASKED:
            raise Conflict("crossing.settled", field="crossing_id", state=row["state"], legal=[])
        answered = await _answered(tx, row, school, by=by, is_yes=is_yes)
        await districts.settle(tx, crossing_id, answered)
    return answered


async def _known(tx: Tx, crossing_id: UUID) -> Row:
    row = await districts.crossing(tx, crossing_id)
    if row is None:
        raise Missing("crossing.unknown", field="crossing_id")
    return row


def _schools_of(row: Row) -> tuple[str, str]:
    return row["giver_school"], row["taker_school"]


def _refuse_wrong_hands(row: Row, by: UUID) -> None:
    if by in (row["giver_id"], row["taker_id"]):
        raise Forbidden("crossing.own", field="crossing_id")


def side_of(row: Row, school: str) -> Side:
    """Whose side of the pair the school is."""
    return "giver" if row["giver_school"] == school else "taker"


async def _answered(tx: Tx, row: Row, school: str, *, by: UUID, is_yes: bool) -> Row:
    if not is_yes:
        return {**row, "state": CrossingState.REFUSED.value, "settled_at": tx.now}
    agreed = {**row, f"{side_of(row, school)}_agreed_by": by}
    if agreed["giver_agreed_by"] is None or agreed["taker_agreed_by"] is None:
        return agreed
    # The taker's school may propose the same need at this moment: one of the two comes first.
    await tx.lock(f"publish/{row['taker_school']}/{row['taker_cycle_id']}")
    stands = await _stands(tx, row)
    if stands:
        await _ask_taker(tx, row)
    state = CrossingState.AGREED if stands else CrossingState.DROPPED
    return {**agreed, "state": state.value, "settled_at": tx.now}


async def _stands(tx: Tx, row: Row) -> bool:
    """Do both still agree to be shown, and do the rules and both capacities still allow the pair?"""
    now = await task_across(tx, await Ground.of(tx, _schools_of(row)), besides=row["crossing_id"])
    edge = Edge(str(row["giver_id"]), str(row["taker_id"]), row["competency"], score=1)
    known = {edge.giver, edge.taker} <= {person.id for person in now.people}
    return known and not edges_no_more(now, [edge.key]) and not broken_limits(now, [edge])


async def _ask_taker(tx: Tx, crossing: Row) -> None:
    days = domain.ANSWER_WORKING_DAYS
    same = ("giver_school", "taker_school", "run_id", "giver_id", "taker_id", "competency", "first_slot")
    row = {
        **{name: crossing[name] for name in same},
        "pairing_id": crossing["crossing_id"],
        "cycle_id": crossing["taker_cycle_id"],
        "state": PairingState.PROPOSED.value,
        "asked_at": tx.now,
        "expires_at": domain.expires_at(tx.now, days=days),
        "answer_days": days,
        "is_completed": False,
        "revision": 1,
    }
    await pairings.add(tx, [row])
    await tx.emit(PairingProposed.model_validate({**row, "occurred_at": tx.now}))
