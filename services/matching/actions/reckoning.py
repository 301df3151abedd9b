"""What a run finds: both ends of the exchange and the point between them that is wanted, reckoned and kept."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from uuid import UUID

from chassis.database import Row, Tx
from chassis.refusals import Conflict
from services.matching.engine.apart import exchange_apart
from services.matching.engine.beside import Wanted, solve_beside
from services.matching.engine.edits import Change, change_of, edited
from services.matching.engine.problem import EdgeKey, Instance, thaw
from services.matching.engine.reasons import PairFacts, UnmetNeed, network_facts, unmet_needs
from services.matching.engine.solve import Solution
from services.matching.store import edits, runs


@dataclass(frozen=True, slots=True)
class Task:
    """The frozen input of a run as text, its seed, the edits that stand, and the dual roles wanted between the ends."""

    canonical: str
    seed: int
    changes: tuple[Change, ...] = ()
    dual: int | None = None

    @classmethod
    async def of(cls, tx: Tx, run: Row, *, without: UUID | None = None) -> "Task":
        """The task behind a run with its input, as if one of its edits had not been made."""
        rows = [row for row in await edits.standing(tx, run["run_id"]) if row["edit_id"] != without]
        return cls(run["instance"], run["seed"], tuple(change_of(row["change"]) for row in rows), run["wanted_dual"])

    def instance(self) -> Instance:
        """The input with its edits: the one thing that the result depends on."""
        return edited(thaw(self.canonical), self.changes)


@dataclass(frozen=True, slots=True)
class End:
    """One end of the exchange, or the point between them, with what is said of it."""

    solution: Solution
    facts: tuple[PairFacts, ...]
    unmet: tuple[UnmetNeed, ...]

    @classmethod
    def of(cls, instance: Instance, solution: Solution) -> "End":
        """A solution with its facts and reasons."""
        matches = solution.matches
        return cls(solution, network_facts(instance, matches), unmet_needs(instance, matches))


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, by variant, and the input that it is for; a point that is out of reach is not there."""

    instance: Instance
    ends: dict[str, End]


@dataclass(slots=True)
class Watch:
    """What the solving thread and the event loop tell each other: how far, and whether to stop."""

    step: str = "building"
    share: float = 0.0
    is_over: bool = False

    def hear(self, step: str, share: float) -> None:
        """The solver says how far it is."""
        self.step, self.share = step, share

    def stop(self) -> None:
        """Nobody waits for the solver any longer."""
        self.is_over = True

    def is_cancelled(self) -> bool:
        """The solver asks whether to stop."""
        return self.is_over


def reckon(task: Task, watch: Watch) -> Found:
    """Solve a task to both ends, and to the point that is wanted; blocks the calling thread."""
    instance = task.instance()
    both = exchange_apart(instance, seed=task.seed, on_progress=watch.hear, is_cancelled=watch.is_cancelled)
    found = {"dual-first": both.dual_first, "coverage-first": both.coverage_first}
    if task.dual is not None and (point := _point(instance, task, watch)) is not None:
        found["between"] = point
    return Found(instance, {name: End.of(instance, solution) for name, solution in found.items()})


def _point(instance: Instance, task: Task, watch: Watch) -> Solution | None:
    """The wanted point, or nothing if the edits have brought it out of reach."""
    try:
        return solve_beside(instance, Wanted(dual=task.dual, seed=task.seed), is_cancelled=watch.is_cancelled)
    except Conflict as conflict:
        if conflict.slug == "matching.dual-out-of-range":
            return None
        raise


async def keep(tx: Tx, school: str, run: Row, found: Found) -> None:
    """Keep what a run found, in the place of what it had found before.

    A point that is out of reach is wanted no longer: nothing is chosen then.
    """
    run_id = run["run_id"]
    certificates = {name: end.solution.certificate.as_json() for name, end in found.ends.items()}
    await runs.clear_found(tx, run_id)
    await runs.certify(
        tx,
        run_id,
        dual_first=certificates["dual-first"],
        coverage_first=certificates["coverage-first"],
        between=certificates.get("between"),
    )
    if run["wanted_dual"] is not None and "between" not in certificates:
        await runs.want_point(tx, run_id, dual=None)
    pins = {pin.key for pin in found.instance.pins}
    for variant, end in found.ends.items():
        same: dict[str, object] = {"school_id": school, "run_id": run_id, "variant": variant}
        await runs.add_found(tx, found=_pairs(end, pins, same), missed=_missed(end, same))


def _pairs(end: End, pins: Set[EdgeKey], same: Mapping[str, object]) -> Sequence[Row]:
    return [
        {
            **same,
            "place": place,
            "giver_id": UUID(edge.giver),
            "taker_id": UUID(edge.taker),
            "competency": edge.competency,
            "score": edge.score,
            "is_pinned": edge.key in pins,
            "first_slot": facts.first_slot,
        }
        for place, (edge, facts) in enumerate(zip(end.solution.matches, end.facts, strict=True), start=1)
    ]


def _missed(end: End, same: Mapping[str, object]) -> Sequence[Row]:
    return [
        {
            **same,
            "place": place,
            "person_id": UUID(need.person),
            "competency": need.competency,
            "rule": need.rule.value,
        }
        for place, need in enumerate(end.unmet, start=1)
    ]
