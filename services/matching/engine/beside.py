"""One solution beside what the caller does: any variant, or a point of the exchange, in a process of its own.

As `apart` does for both ends: OR-Tools holds the interpreter while it solves, so only small tasks are solved where
they are.
"""

import multiprocessing
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection

from services.matching.engine.apart import SOLVED_HERE_UP_TO
from services.matching.engine.certificate import Variant
from services.matching.engine.errors import Cancelled, Crashed
from services.matching.engine.optimum import IsCancelled
from services.matching.engine.problem import Instance
from services.matching.engine.solve import Solution, point, solve

_LOOK_SECONDS = 0.1
_STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which solution: one end of the exchange, or, with `dual`, the point with exactly so many dual roles."""

    variant: Variant = "dual-first"
    dual: int | None = None
    seed: int = 0


def never() -> bool:
    """Nobody cancels."""
    return False


def solve_beside(
    instance: Instance,
    wanted: Wanted,
    *,
    is_cancelled: IsCancelled = never,
    here_up_to: int = SOLVED_HERE_UP_TO,
) -> Solution:
    """The wanted solution, without its network; blocks the calling thread alone.

    Raises as `solve.solve` and `solve.point` do, and `Crashed` if the process died.
    """
    if len(instance.people) <= here_up_to:
        return _solved(instance, wanted, is_cancelled)
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(theirs, instance, wanted), daemon=True)
    process.start()
    theirs.close()
    try:
        return _heard(ours, is_cancelled)
    except EOFError:
        process.join(_STOP_SECONDS)
        raise Crashed(process.exitcode) from None
    finally:
        process.kill()
        process.join(_STOP_SECONDS)
        ours.close()


def _solved(instance: Instance, wanted: Wanted, is_cancelled: IsCancelled) -> Solution:
    if wanted.dual is not None:
        found = point(instance, dual=wanted.dual, seed=wanted.seed, is_cancelled=is_cancelled)
    else:
        found = solve(instance, variant=wanted.variant, seed=wanted.seed, is_cancelled=is_cancelled)
    return replace(found, optimum=None)


def _heard(ours: Connection, is_cancelled: IsCancelled) -> Solution:
    while not ours.poll(_LOOK_SECONDS):
        if is_cancelled():
            raise Cancelled
    said = ours.recv()
    if isinstance(said, Solution):
        return said
    raise said


def _answer(theirs: Connection, instance: Instance, wanted: Wanted) -> None:
    """What the process does."""
    try:
        theirs.send(_solved(instance, wanted, never))
    except Exception as trouble:  # noqa: BLE001 - it is raised again where it can be handled
        theirs.send(trouble)
