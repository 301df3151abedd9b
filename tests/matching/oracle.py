"""An independent solver of the matching: goal after goal as integer programmes, and brute force for a handful.

It knows nothing of flows and shares no line with the engine's models: rows are written out as the rules are said.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import highspy

from services.matching.engine.problem import Edge, Instance
from tests.matching.tasks import is_legal


@dataclass(frozen=True, slots=True)
class Worth:
    """What a network is worth, goal by goal; `value` is score less load."""

    short: int
    dual: int
    covered: int
    value: int


def best_by_brute_force(task: Instance, allowed: Sequence[Edge], *, dual_first: bool = True) -> Worth:
    """The best of all legal choices of edges."""
    choices = (choice for size in range(len(allowed) + 1) for choice in combinations(allowed, size))
    return max(
        (worth_of(task, choice) for choice in choices if is_legal(task, choice)),
        key=lambda worth: _order(worth, dual_first=dual_first),
    )


def _order(worth: Worth, *, dual_first: bool) -> tuple[int, ...]:
    roles = (worth.dual, worth.covered) if dual_first else (worth.covered, worth.dual)
    return (-worth.short, *roles, worth.value)


def worth_of(task: Instance, choice: Sequence[Edge]) -> Worth:
    """The sums of a choice, counted on fingers."""
    short = load = 0
    for person in task.people:
        for count, least in (
            (sum(edge.giver == person.id for edge in choice), person.least_give),
            (sum(edge.taker == person.id for edge in choice), person.least_take),
        ):
            short += max(0, least - count)
            load += sum(cost_of(task, unit) for unit in range(2, count + 1))
    gives, takes = {edge.giver for edge in choice}, {edge.taker for edge in choice}
    return Worth(short, len(gives & takes), len(gives | takes), sum(edge.score for edge in choice) - load)


def cost_of(task: Instance, unit: int) -> int:
    """The cost of a person's pairing number `unit` in one role."""
    costs = task.load_costs
    return costs[min(unit - 2, len(costs) - 1)] if costs else 0


def total(terms: Sequence[highspy.highs_var | highspy.highs_linear_expression]) -> highspy.highs_linear_expression:
    """The sum of terms as HiGHS writes it, also of none."""
    expression = highspy.highs_linear_expression()
    for term in terms:
        expression += term
    return expression


class Oracle:
    """Lexicographic integer programming, one HiGHS model per instance."""

    def __init__(self, task: Instance, allowed: Sequence[Edge]) -> None:
        self.highs = highspy.Highs()  # type: ignore[no-untyped-call]  # highspy leaves it untyped
        self.highs.silent()
        self.highs.setOptionValue("mip_rel_gap", 0.0)
        self.highs.setOptionValue("mip_abs_gap", 0.1)
        self.highs.setOptionValue("threads", 1)
        self.goals: dict[str, list[tuple[float, highspy.highs_var]]] = defaultdict(list)
        pins = {pin.key for pin in task.pins}
        self.pairing = {edge.key: self.highs.addVariable(int(edge.key in pins), 1) for edge in allowed}
        self.scores = [edge.score for edge in allowed]
        self.goals["value"] += [(edge.score, self.pairing[edge.key]) for edge in allowed]
        self._limit(allowed)
        for person in task.people:
            self._add_person(task, person.id, allowed)
        self.highs.setInteger([variable.index for variable in self._variables()])

    def _variables(self) -> Iterable[highspy.highs_var]:
        return [highspy.highs_var(place, self.highs) for place in range(self.highs.getNumCol())]

    def _limit(self, allowed: Sequence[Edge]) -> None:
        by_need, by_pair = defaultdict(list), defaultdict(list)
        for edge in allowed:
            by_need[edge.taker, edge.competency].append(self.pairing[edge.key])
            by_pair[edge.giver, edge.taker].append(self.pairing[edge.key])
        for group in (*by_need.values(), *by_pair.values()):
            self.highs.addConstr(total(group) <= 1)

    def _add_person(self, task: Instance, name: str, allowed: Sequence[Edge]) -> None:
        person = next(one for one in task.people if one.id == name)
        roles = []
        for side, most, least in (
            ("giver", person.give_capacity, person.least_give),
            ("taker", person.take_capacity, person.least_take),
        ):
            mine = [self.pairing[edge.key] for edge in allowed if getattr(edge, side) == name]
            role = self.highs.addVariable(0, 1)
            roles.append(role)
            self._at_most(mine, most)
            self._at_least(mine, role)
            self._promise(mine, least)
            self._load(task, mine, most)
        both, any_role = self.highs.addVariable(0, 1), self.highs.addVariable(0, 1)
        for role in roles:
            self.highs.addConstr(both <= role)
        self.highs.addConstr(any_role <= roles[0] + roles[1])
        self.goals["dual"].append((1, both))
        self.goals["covered"].append((1, any_role))

    def _at_most(self, mine: list[highspy.highs_var], most: int) -> None:
        if mine:
            self.highs.addConstr(total(mine) <= most)

    def _at_least(self, mine: list[highspy.highs_var], role: highspy.highs_var) -> None:
        self.highs.addConstr(total([role]) - total(mine) <= 0)

    def _promise(self, mine: list[highspy.highs_var], least: int) -> None:
        if least:
            empty = self.highs.addVariable(0, least)
            self.highs.addConstr(total([*mine, empty]) >= least)
            self.goals["kept"].append((-1, empty))

    def _load(self, task: Instance, mine: list[highspy.highs_var], most: int) -> None:
        if mine and task.load_costs:
            further = [(cost_of(task, unit), self.highs.addVariable(0, 1)) for unit in range(2, most + 1)]
            self.highs.addConstr(total(mine) - total([column for _, column in further]) <= 1)
            self.goals["value"] += [(-cost, column) for cost, column in further]

    def best(self, *, dual_first: bool = True) -> Worth:
        """Each goal is reached, then held under the next."""
        order = ("kept", "dual", "covered", "value") if dual_first else ("kept", "covered", "dual", "value")
        reached = {goal: self._reach(goal) for goal in order}
        return Worth(-reached["kept"], reached["dual"], reached["covered"], reached["value"])

    def _reach(self, goal: str) -> int:
        terms = [(weight, column) for weight, column in self.goals[goal] if weight]
        if not terms:
            return 0
        expression = total([weight * column for weight, column in terms])
        self.highs.maximize(expression)
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            # A model that presolve spoils is solved without it.
            self.highs.setOptionValue("presolve", "off")
            self.highs.maximize(expression)
            self.highs.setOptionValue("presolve", "choose")
        assert self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
        reached = round(self.highs.getObjectiveValue())
        self.highs.addConstr(expression >= reached)
        return reached
