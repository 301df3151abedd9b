"""A file's task solved, and the solution as a document that anybody can check."""

import gzip
import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from services.matching.engine.certificate import AnyVariant
from services.matching.engine.openfile.offered import offered_edges
from services.matching.engine.openfile.reading import OpenTask
from services.matching.engine.optimum import Optimum, Search
from services.matching.engine.pins import check_pins
from services.matching.engine.problem import Ban, Edge, Instance, Person, Pin
from services.matching.engine.solve import Asked, Solution, Solver
from services.matching.engine.table import Edges, Integers, Table


@dataclass(frozen=True, slots=True)
class Ordered:
    """A file's task as a table in the order of the ids; `position[place]` is where a person stands in the file."""

    task: OpenTask
    table: Table
    position: Integers
    codes: Integers

    @classmethod
    def of(cls, task: OpenTask) -> "Ordered":
        """Put a file's task in order; `Conflict` for pins that cannot be kept."""
        position = np.array(sorted(range(task.people), key=task.ids.__getitem__), dtype=np.int64)
        rank = np.argsort(position)
        rows = offered_edges(task)
        names = sorted({str(code) for code in np.unique(rows[:, 2]).tolist()})
        codes = np.array([int(name) for name in names], dtype=np.int64)
        place_of_code = np.zeros(task.codes, dtype=np.int64)
        place_of_code[codes] = np.arange(len(codes))
        edges = Edges(rank[rows[:, 0]], rank[rows[:, 1]], place_of_code[rows[:, 2]], rows[:, 3]).in_order()
        table = Table(
            ids=tuple(task.ids[place] for place in position),
            competencies=tuple(names),
            give=task.give[position],
            take=task.take[position],
            least_give=task.least_give[position],
            least_take=task.least_take[position],
            edges=edges,
            load=task.load,
            slots=task.slots[position],
        )
        return cls(task, _pinned(task, table), position, codes)

    def fingerprint(self) -> str:
        """SHA-256 of the table: the same for every order of people and rows."""
        table, digest = self.table, sha256()
        digest.update(json.dumps([table.ids, table.competencies, table.load]).encode())
        edges = table.edges
        for column in (
            *(table.give, table.take, table.least_give, table.least_take, table.slots, table.pins),
            *(edges.giver, edges.taker, edges.competency, edges.score),
        ):
            digest.update(np.ascontiguousarray(column, dtype="<i8").tobytes() + b"|")
        return digest.hexdigest()


def _pinned(task: OpenTask, table: Table) -> Table:
    if not len(task.pins):
        return table
    pins = tuple(Pin(task.ids[giver], task.ids[taker], str(code)) for giver, taker, code in task.pins.tolist())
    allowed = tuple(Edge(*pin.key, score=1) for pin in pins if table.has(pin.key))
    people = zip(task.ids, task.give.tolist(), task.take.tolist(), strict=True)
    bans = tuple(Ban(task.ids[giver], task.ids[taker]) for giver, taker in task.bans.tolist())
    light = Instance(tuple(Person(name, "", give, take, 0) for name, give, take in people), bans=bans, pins=pins)
    check_pins(light, allowed)
    return table.with_pins([pin.key for pin in light.pins])


def solved(ordered: Ordered, variant: AnyVariant, solver: Solver, search: Search) -> Solution:
    """The solution of a file's task; raises as `solve.solve` does."""
    return Asked(variant, ordered.fingerprint(), search).answered(ordered.table, solver)


def document_of(ordered: Ordered, solution: Solution) -> dict[str, object]:
    """A solution as a document: the same bytes whoever solved it, however long it took."""
    found = solution.certificate
    certificate: dict[str, object] = {
        "variant": found.variant,
        "seed": found.seed,
        "input_hash": found.input_hash,
        "bound": found.bound,
        "gap": found.gap,
        "load": found.load,
        "bonus": found.bonus,
        "short": found.short,
    }
    if solution.optimum is not None:
        certificate |= _potentials(ordered, solution.optimum)
    led = {"groups": _groups(ordered, solution)} if solution.groups else {}
    return {
        "matches": _positions(ordered, solution.matches),
        **led,
        "objective": {"dual": found.dual, "covered": found.covered, "score": found.score},
        "certificate": certificate,
    }


def _positions(ordered: Ordered, matches: tuple[Edge, ...]) -> list[list[int]]:
    place = {name: position for position, name in enumerate(ordered.task.ids)}
    return [[place[edge.giver], place[edge.taker], int(edge.competency)] for edge in matches]


def _groups(ordered: Ordered, solution: Solution) -> list[list[object]]:
    place = {name: position for position, name in enumerate(ordered.task.ids)}
    return [
        [place[led.giver], int(led.competency), led.time, [place[taker] for taker in led.takers]]
        for led in solution.groups
    ]


def _potentials(ordered: Ordered, found: Optimum) -> dict[str, object]:
    """The potentials by position in the file, against a hub at zero; people without a part have none of their own."""
    nodes, people = found.network.nodes_of, ordered.table.people
    potentials = found.potentials - found.potentials[0]
    back = np.argsort(ordered.position)
    persons = np.arange(people)[back]
    needs = np.column_stack(
        (*np.divmod(nodes.needs, max(1, len(ordered.codes))), potentials[nodes.need(np.arange(len(nodes.needs)))])
    )
    pairs = np.column_stack(
        (*np.divmod(nodes.pairs, max(1, people)), potentials[nodes.pair(np.arange(len(nodes.pairs)))])
    )
    needs[:, 0], needs[:, 1] = ordered.position[needs[:, 0]], ordered.codes[needs[:, 1]]
    pairs[:, :2] = ordered.position[pairs[:, :2]]
    return {
        "weights": {"role": found.weights.role, "quota": found.weights.quota},
        "potentials": {
            "person": potentials[nodes.person(persons)].tolist(),
            "giver": potentials[nodes.giver(persons)].tolist(),
            "taker": potentials[nodes.taker(persons)].tolist(),
            "need": needs[np.lexsort((needs[:, 1], needs[:, 0]))].tolist(),
            "pair": pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))].tolist(),
        },
    }


def write(document: dict[str, object], path: Path) -> None:
    """Write a document, packed if the name ends in `.gz`; the same document is always the same bytes."""
    text = json.dumps(document, separators=(",", ":")).encode() + b"\n"
    path.write_bytes(gzip.compress(text, mtime=0) if path.suffix == ".gz" else text)
