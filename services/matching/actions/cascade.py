"""The cascade: what a decline or an expiry sets free is offered to the next best, and everybody else keeps theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.database import Row, Tx
from services.matching.actions.publishing import propose
from services.matching.actions.reckoning import Task, Watch
from services.matching.actions.tasks import task_of
from services.matching.domain import CYCLES_OVER, RunState
from services.matching.engine.additions import additions
from services.matching.engine.beside import Wanted
from services.matching.engine.problem import Edge, EdgeKey, Instance, PairKey
from services.matching.engine.reasons import PairFacts, network_facts
from services.matching.engine.standing import lost_pairs, narrowed
from services.matching.store import knowledge, pairings, runs, solving

_CASCADES = frozenset({RunState.PUBLISHED})


@dataclass(frozen=True, slots=True)
class Gap:
    """Everything that the next best depends on: the run's input, what stands of it, who keeps whom, who was asked."""

    task: Task
    now: Instance
    variant: str
    kept: tuple[EdgeKey, ...]
    asked: tuple[PairKey, ...]
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class NextBest:
    """The pairs that may be proposed, with the facts of their sentences."""

    edges: tuple[Edge, ...]
    facts: tuple[PairFacts, ...]


async def ask_for_next_best(tx: Tx, run_ids: Sequence[UUID]) -> None:
    """A place became free in these runs: let the worker look for the next best."""
    for run_id in sorted(set(run_ids)):
        run = await runs.place_of(tx, run_id)
        if run is not None and run["state"] in _CASCADES:
            await solving.enqueue(tx, run["school_id"], run_id, is_next_best=True)


async def gap_of(tx: Tx, school: str, run: Row) -> Gap:
    """What a published run has become by now."""
    cycle, asked = run["cycle_id"], await pairings.of_run(tx, run["run_id"])
    known = await knowledge.cycle(tx, school, cycle)
    return Gap(
        task=await Task.of(tx, run),
        now=await task_of(tx, school, cycle),
        variant=run["chosen"],
        kept=tuple(_key(row) for row in await pairings.open_in_cycle(tx, school, cycle)),
        # A person is asked once about another, whatever the topic: a no is not to be explained topic by topic.
        asked=tuple(sorted({_key(row)[:2] for row in asked})),
        is_over=known is None or known["stage"] in CYCLES_OVER,
    )


def next_best(gap: Gap, watch: Watch) -> NextBest:
    """The pairs that make the best network around those that are kept; blocks the calling thread.

    None in a cycle that is over: its proposals run out, and nobody is asked any more.
    """
    if gap.is_over:
        return NextBest((), ())
    standing = narrowed(gap.task.instance(), gap.now)
    # A point between the ends was a choice for the whole; beside pairs that are kept, both roles come first.
    wanted = Wanted("coverage-first" if gap.variant == "coverage-first" else "dual-first", seed=gap.task.seed)
    found = additions(standing, kept=gap.kept, asked=gap.asked, wanted=wanted, is_cancelled=watch.is_cancelled)
    return NextBest(found, network_facts(standing, found))


async def propose_next_best(tx: Tx, school: str, run: Row, found: NextBest) -> bool:
    """Propose what was found, in the same run; false when it has been overtaken and is to be looked for anew."""
    await tx.lock(f"publish/{school}/{run['cycle_id']}")
    if lost_pairs(found.edges, await task_of(tx, school, run["cycle_id"])):
        return False
    rows = [
        {
            "giver_id": UUID(edge.giver),
            "taker_id": UUID(edge.taker),
            "competency": edge.competency,
            "first_slot": facts.first_slot,
        }
        for edge, facts in zip(found.edges, found.facts, strict=True)
    ]
    await propose(tx, school, run, rows)
    return True


def _key(row: Row) -> EdgeKey:
    return str(row["giver_id"]), str(row["taker_id"]), row["competency"]
