"""One measurement of the matching in a process of its own, so that memory is its own: prints one JSON object."""

import json
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import numpy as np

from services.matching.engine.coverage import coverage_first
from services.matching.engine.exact import Tally
from services.matching.engine.flow import Circulation, HighsFlow, is_flow_installed, solver_of
from services.matching.engine.goals import broken_in, dual_first
from services.matching.engine.network import network_of
from services.matching.engine.openfile.making import a_city
from services.matching.engine.openfile.offered import offered_edges
from services.matching.engine.openfile.reading import OpenTask
from services.matching.engine.openfile.writing import Ordered
from services.matching.engine.optimum import Search, light_weights
from services.matching.engine.table import Integers, Table

SEED = 1
# Small tasks are over before the clock has settled: their median is taken.
ROUNDS = {80: 15, 500: 9, 2_000: 3}
PHASES = {"build": "build", "solve": "solve", "prove": "proof", "settle": "canonical"}


@dataclass(slots=True)
class _Clock:
    """Seconds by phase, as the search goes from one to the next."""

    seconds: dict[str, float]
    phase: str = ""
    since: float = 0.0

    def enter(self, phase: str, share: float) -> None:
        del share
        now = time.perf_counter()
        if self.phase:
            self.seconds[self.phase] = self.seconds.get(self.phase, 0.0) + now - self.since
        self.phase, self.since = phase, now


def ours(people: int) -> dict[str, object]:
    """Our own pipeline: edges from raw rows, then every phase."""
    task = a_city(people, seed=SEED)
    dual_first(Ordered.of(a_city(80, seed=SEED)).table, _search(_Clock({})))
    rounds = [_round(replace(task, listed=None)) for _ in range(ROUNDS.get(people, 1))]
    middle = {name: median(one[name] for one in rounds) for name in rounds[0]}
    table = Ordered.of(task).table
    found = dual_first(table, _search(_Clock({})))
    return {**middle, **_sums(table, found.chosen), "bound": found.bound, "edge_count": len(table.edges)}


def coverage(people: int) -> dict[str, object]:
    """The other end of the exchange, by itself: the flow on the network and its mirror, and under leading roles."""
    table = Ordered.of(a_city(people, seed=SEED)).table
    began, processor = time.perf_counter(), time.process_time()
    found = coverage_first(table, _search(_Clock({})))
    seconds, cpu = time.perf_counter() - began, time.process_time() - processor
    return {"total": seconds, "cpu": cpu, "bound": found.bound, **_sums(table, found.chosen)}


def _round(task: OpenTask) -> dict[str, float]:
    began = time.perf_counter()
    rows = offered_edges(task)
    edges = time.perf_counter() - began
    table = Ordered.of(replace(task, listed=rows)).table
    clock, began, processor = _Clock({}), time.perf_counter(), time.process_time()
    dual_first(table, _search(clock))
    total, cpu = time.perf_counter() - began, time.process_time() - processor
    clock.enter("", 1.0)
    return {
        "edges": edges,
        "total": total,
        "cpu": cpu,
        **{name: clock.seconds[phase] for phase, name in PHASES.items()},
    }


def _search(clock: _Clock) -> Search:
    return Search(solver_of("auto"), SEED, clock.enter, lambda: False)


def highs(people: int) -> dict[str, object]:
    """The same network as a linear programme for HiGHS, solving alone."""
    table = Ordered.of(a_city(people, seed=SEED)).table
    network, weights = network_of(table), light_weights(table)
    nothing = np.zeros(network.nodes, dtype=np.int64)
    cost = network.costs(role=weights.role, quota=weights.quota)
    began, processor = time.perf_counter(), time.process_time()
    flow = HighsFlow()(Circulation(network.tail, network.head, cost, nothing), lambda: False)
    seconds, cpu = time.perf_counter() - began, time.process_time() - processor
    return {"total": seconds, "cpu": cpu, "solve": seconds, **_sums(table, np.flatnonzero(flow[: len(table.edges)]))}


def greedy(people: int) -> dict[str, object]:
    """The best free pair, again and again: what one does by hand."""
    table = Ordered.of(a_city(people, seed=SEED)).table
    began, processor = time.perf_counter(), time.process_time()
    chosen = _greedy(table)
    return {"total": time.perf_counter() - began, "cpu": time.process_time() - processor, **_sums(table, chosen)}


def _greedy(table: Table) -> Integers:
    give, take = table.give.tolist(), table.take.tolist()
    topics, pairs = table.topics.tolist(), table.pairs.tolist()
    givers, takers = table.edges.giver.tolist(), table.edges.taker.tolist()
    served, met, chosen = set(), set(), []
    for place in np.argsort(-table.edges.score, kind="stable").tolist():
        giver, taker = givers[place], takers[place]
        if give[giver] and take[taker] and topics[place] not in served and pairs[place] not in met:
            chosen.append(place)
            served.add(topics[place])
            met.add(pairs[place])
            give[giver] -= 1
            take[taker] -= 1
    return np.array(sorted(chosen), dtype=np.int64)


def _sums(table: Table, chosen: Integers) -> dict[str, object]:
    if broken := broken_in(table, chosen):
        raise AssertionError(broken)
    tally = Tally.of(table, chosen)
    return {"dual": tally.dual, "covered": tally.covered, "score": tally.score}


def _most_memory() -> float:
    """The most memory that this process has held, MiB (what `getrusage` tells may be the parent's)."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    way = {"ours": ours, "coverage": coverage, "highs": highs, "greedy": greedy}[sys.argv[1]]
    found = way(int(sys.argv[2]))
    found["memory_mb"] = _most_memory()
    found["solver"] = solver_of("auto").name if is_flow_installed() or sys.argv[1] in ("ours", "coverage") else "HiGHS"
    json.dump(found, sys.stdout)
