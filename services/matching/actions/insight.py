"""Looking at what a run left: who was left out and what would help. Heavy work goes to a thread, page by page."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from uuid import UUID

from chassis.database import Database, Row, Tx
from chassis.refusals import Conflict, Missing
from services.matching.actions import left_out as lefts
from services.matching.actions import steps
from services.matching.actions.fairness import Measured, measured, plain
from services.matching.actions.left_out import LeftOut, OwnWhy
from services.matching.actions.reckoning import Task
from services.matching.actions.scene import Scene
from services.matching.actions.steps import Change, Step
from services.matching.engine.beside import Wanted, solve_beside
from services.matching.engine.certificate import Variant
from services.matching.engine.problem import Edge, Instance
from services.matching.engine.remedies import Remedy, remedies
from services.matching.engine.solve import solve
from services.matching.store import runs, standing

# Up to here each change is tried out by solving the changed task; beyond, what is certain is said.
TRIED_UP_TO = 300
DUAL_FIRST = "dual-first"
# A school's people look at what came out within the same few days; then nobody does until the next run.
SCENES_KEPT = 32


@dataclass(frozen=True, slots=True)
class Result:
    """A run's task with one of its results; `dual` and `covered` are those of its certificate."""

    task: Task
    variant: str
    matches: tuple[Edge, ...]
    dual: int
    covered: int

    @classmethod
    async def of(cls, tx: Tx, run: Row, variant: str | None) -> "Result | None":
        """The result of a run that was solved: the one that is named, else the chosen one, else dual-first."""
        wanted = variant or run["chosen"] or DUAL_FIRST
        certificate = run[wanted.replace("-", "_")]
        if certificate is None:
            return None
        rows = await standing.pairs_of(tx, run["run_id"], wanted)
        matches = tuple(
            Edge(str(row["giver_id"]), str(row["taker_id"]), row["competency"], row["score"]) for row in rows
        )
        return cls(await Task.of(tx, run), wanted, matches, certificate["dual"], certificate["covered"])


@lru_cache(maxsize=SCENES_KEPT)
def _scene_of(result: Result) -> Scene:
    """A result opened for look-ups; known again by all that it is made of, so that an edit or an erasure makes anew."""
    return Scene.of(result.task.instance(), [edge.key for edge in result.matches])


@dataclass(frozen=True, slots=True)
class Effect:
    """So many more people with both roles and reached at all; at least that, where it was not tried out."""

    dual: int
    covered: int
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Helped:
    """A person left out, each change with its effect."""

    person: LeftOut
    changes: tuple[tuple[Change, Effect | None], ...]


async def result_of(tx: Tx, school: str, run_id: UUID, variant: str | None = None) -> Result | None:
    """A result of a run of the school, or nothing while it is not solved; `Missing` for a run that is not there."""
    run = await runs.task(tx, run_id)
    if run is None or run["school_id"] != school:
        raise Missing("run.unknown", field="run_id")
    return await Result.of(tx, run, variant)


async def left_out_after(
    db: Database, school: str, run_id: UUID, *, variant: str | None, after: str, limit: int
) -> Sequence[Helped]:
    """Who was left out, a page and one more, in the order of the ids."""
    async with db.transaction(school) as tx:
        result = await result_of(tx, school, run_id, variant)
    return [] if result is None else await asyncio.to_thread(_page, result, after, limit)


def _page(result: Result, after: str, limit: int) -> list[Helped]:
    scene = _scene_of(result)
    waiting = islice((one for one in lefts.left_out(scene) if one > after), limit + 1)
    trial = _Trial.of(result, scene.instance)
    return [trial.helped(lefts.explained(scene, person)) for person in waiting]


@dataclass(frozen=True, slots=True)
class _Trial:
    """Tries changes out against the optimum that the run found."""

    result: Result
    instance: Instance
    is_possible: bool
    places: Mapping[str, Remedy]

    @classmethod
    def of(cls, result: Result, instance: Instance) -> "_Trial":
        is_possible = result.variant == DUAL_FIRST and len(instance.people) <= TRIED_UP_TO
        return cls(result, instance, is_possible, _best_places(instance, result) if is_possible else {})

    def helped(self, person: LeftOut) -> Helped:
        """The changes that help, with their effects; one that was tried out in vain is left away."""
        return Helped(person, tuple(self._effects(person)))

    def _effects(self, person: LeftOut) -> Iterator[tuple[Change, Effect | None]]:
        for change in person.changes:
            if change.step is Step.SAY_SOMETHING:
                yield change, None
            elif not self.is_possible:
                yield change, Effect(dual=0, covered=1, is_exact=False)
            else:
                better, effect = self._tried(person.person, change)
                if effect.dual + effect.covered > 0:
                    yield better, effect

    def _tried(self, person: str, change: Change) -> tuple[Change, Effect]:
        best = self.places.get(person)
        if change.step is Step.COLLEAGUES_PLACE and best is not None:
            better = Change(change.step, competency=best.competency, giver=best.giver)
            return better, Effect(best.dual, best.covered, is_exact=True)
        found = solve(steps.after(self.instance, person, change), seed=self.result.task.seed).certificate
        return change, Effect(found.dual - self.result.dual, found.covered - self.result.covered, is_exact=True)


def _best_places(instance: Instance, result: Result) -> Mapping[str, Remedy]:
    """For each who learns from nobody, whose one more place would help most, by the residual network."""
    found = solve(instance, seed=result.task.seed).optimum
    return {} if found is None else {one.person: one for one in remedies(found)}


@dataclass(frozen=True, slots=True)
class Evenness:
    """How evenly a result treats people, and what that costs: the certificates with and without what was asked for."""

    measured: Measured
    asked: Row
    with_it: Row
    without_it: Row | None


async def fairness_of(db: Database, school: str, run_id: UUID, variant: str | None) -> Evenness | None:
    """The fairness of a result; the price only where something was asked for and can be had without it too."""
    async with db.transaction(school) as tx:
        result = await result_of(tx, school, run_id, variant)
        run = await runs.run(tx, school, run_id)
    if result is None or run is None:
        return None
    return await asyncio.to_thread(_fairness, result, run)


def _fairness(result: Result, run: Row) -> Evenness:
    instance, asked = result.task.instance(), run["options"]
    without = _without(result, instance) if asked else None
    return Evenness(measured(instance, result.matches), asked, run[result.variant.replace("-", "_")], without)


def _without(result: Result, instance: Instance) -> Row | None:
    """The certificate of the same result of the task in which nothing was asked for."""
    point = result.task.dual if result.variant == "between" else None
    ends: Variant = "coverage-first" if result.variant == "coverage-first" else "dual-first"
    try:
        return solve_beside(plain(instance), Wanted(ends, point, result.task.seed)).certificate.as_json()
    except Conflict:
        # Without the promises the number of dual roles that was asked for may be out of reach.
        return None


@dataclass(frozen=True, slots=True)
class OwnSide:
    """What a person may know of the own part in the run that was published last.

    Only the learning side is looked at: who gives learns of a proposal from the taker's yes alone.
    """

    is_in: bool
    needs: tuple[tuple[str, OwnWhy], ...] = ()
    changes: tuple[Change, ...] = ()
    can_share: bool = False


async def own_side(db: Database, school: str, person: UUID) -> OwnSide | None:
    """A person's own side of the run that the school published last; nothing if there is none."""
    async with db.transaction(school) as tx:
        run = await standing.newest_published(tx, school)
        result = None if run is None else await result_of(tx, school, run["run_id"])
    return None if result is None else await asyncio.to_thread(_own_side, result, str(person))


def _own_side(result: Result, person: str) -> OwnSide:
    scene = _scene_of(result)
    if person not in scene.book.people:
        return OwnSide(is_in=False)
    needs = tuple(lefts.own_needs(scene, person))
    is_waiting = not needs or any(why is not OwnWhy.PROPOSED for _, why in needs)
    return OwnSide(
        is_in=True,
        needs=needs,
        changes=tuple(steps.own_changes_for(scene, person)) if is_waiting else (),
        can_share=bool(scene.strengths.get(person)),
    )
