"""The same search in a process of its own: the caller's threads stay free, a cancel stops it within a moment, and
a solver that crashes takes nobody with it.

OR-Tools holds the interpreter while it solves and cannot be interrupted. A process costs half a second to start,
so small tasks are solved where they are.
"""

import multiprocessing
from dataclasses import replace
from multiprocessing.connection import Connection

from services.matching.engine.errors import Cancelled, Crashed
from services.matching.engine.optimum import IsCancelled, OnProgress
from services.matching.engine.problem import Instance
from services.matching.engine.solve import Exchange, exchange

# Up to here everything is over before anybody could ask for a cancel.
SOLVED_HERE_UP_TO = 300
_LOOK_SECONDS = 0.1
_STOP_SECONDS = 5.0


def exchange_apart(
    instance: Instance,
    *,
    seed: int,
    on_progress: OnProgress,
    is_cancelled: IsCancelled,
    here_up_to: int = SOLVED_HERE_UP_TO,
) -> Exchange:
    """Both ends of the exchange, as `solve.exchange`; for more people than that in a process of its own.

    The solutions come without their networks. Raises as `exchange` does, and `Crashed` if the process died.
    """
    if len(instance.people) <= here_up_to:
        return exchange(instance, seed=seed, on_progress=on_progress, is_cancelled=is_cancelled)
    # A fresh interpreter: a fork would copy the caller's locks in whatever state its threads have left them.
    ours, theirs = multiprocessing.get_context("spawn").Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=_solve, args=(theirs, instance, seed), daemon=True)
    process.start()
    theirs.close()
    try:
        return _heard(ours, on_progress, is_cancelled)
    except EOFError:
        process.join(_STOP_SECONDS)
        raise Crashed(process.exitcode) from None
    finally:
        process.kill()
        process.join(_STOP_SECONDS)
        ours.close()


def _heard(ours: Connection, on_progress: OnProgress, is_cancelled: IsCancelled) -> Exchange:
    """Listen until there is a result; progress is passed on."""
    while True:
        if is_cancelled():
            raise Cancelled
        if not ours.poll(_LOOK_SECONDS):
            continue
        said = ours.recv()
        if isinstance(said, Exchange):
            return said
        if isinstance(said, BaseException):
            raise said
        on_progress(*said)


def _solve(theirs: Connection, instance: Instance, seed: int) -> None:
    """What the process does."""
    try:
        found = exchange(instance, seed=seed, on_progress=lambda *said: theirs.send(said))
        ends = (replace(end, optimum=None) for end in (found.dual_first, found.coverage_first))
        theirs.send(Exchange(*ends))
    except Exception as trouble:  # noqa: BLE001 - it is raised again where it can be handled
        theirs.send(trouble)
