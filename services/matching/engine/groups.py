"""Groups: one giver works with up to eight takers on one competency, at a time that all of them have free.

A giver's capacity then counts groups, a taker's stays what it was; as with pairs, the time is a proposal. Every
network of pairs is one of groups of one, so groups are never worse. A group is a fixed charge on the giver, so this
is no flow: goals are reached one after the other by HiGHS.
"""

from dataclasses import dataclass

import numpy as np

from services.matching.engine.errors import NotProved
from services.matching.engine.exact import Tally
from services.matching.engine.goals import Answer, Group, dual_first
from services.matching.engine.narrowing import Narrowed, narrowed, relaxed
from services.matching.engine.optimum import Search
from services.matching.engine.programme import Programme, solver_version
from services.matching.engine.roles import RoleModel, add_roles
from services.matching.engine.table import Integers, Table

MOST_TAKERS = 8


@dataclass(frozen=True, slots=True)
class _Meetings:
    """Every edge at every time that its two have in common, and the group that it would belong to."""

    edge: Integers
    time: Integers
    group: Integers
    group_giver: Integers
    group_time: Integers

    @classmethod
    def of(cls, table: Table, held: Integers) -> "_Meetings":
        if table.slots is None:
            raise ValueError("groups need free times")
        edges = table.edges.at(held)
        common = table.slots[edges.giver] & table.slots[edges.taker]
        times = max(1, int(common.max(initial=0)).bit_length())
        topic = edges.giver * max(1, len(table.competencies)) + edges.competency
        edge, time = np.nonzero((_worth_meeting(topic, common, times)[:, None] >> np.arange(times)) & 1)
        key = topic[edge] * times + time
        groups, group = np.unique(key, return_inverse=True)
        return cls(edge, time, group, groups // times // max(1, len(table.competencies)), groups % times)


def _worth_meeting(topic: Integers, common: Integers, times: int) -> Integers:
    """The common times without those at which nobody can come who could not come at another, kept, time as well."""
    kept = common.copy()
    for places in np.split(np.argsort(topic, kind="stable"), np.flatnonzero(np.diff(np.sort(topic))) + 1):
        here = common[places]
        who = [
            int("".join("1" if mask >> time & 1 else "0" for mask in here.tolist()) or "0", 2) for time in range(times)
        ]
        best = sorted(range(times), key=lambda time: (-who[time].bit_count(), time))
        chosen: list[int] = []
        for time in best:
            if who[time] and not any(who[time] | who[other] == who[other] for other in chosen):
                chosen.append(time)
        kept[places] = here & sum(1 << time for time in chosen)
    return kept


@dataclass(frozen=True, slots=True)
class GroupModel(RoleModel):
    """A programme whose edges are spread over meetings, one column each."""

    meetings: _Meetings
    meeting: Integers


def groups(table: Table, search: Search) -> Answer:
    """Most people with both roles, then most reached, then the largest score, when givers may lead groups."""
    reached: list[tuple[str, int]] = []

    def build(held: Integers) -> GroupModel:
        model = _model(table, held)
        for goal, least in reached:
            model.hold(getattr(model, goal), least)
        return model

    pairs = Tally.of(table, dual_first(table, search.within(0.0, 0.2)).chosen)
    for goal, least in (("dual", pairs.dual), ("covered", pairs.covered)):
        search.enter(goal, 0.2)
        model = build(np.arange(len(table.edges)))
        reached.append((goal, _most(model.programme.with_worth(getattr(model, goal)), least, search)))
    limit = relaxed(build(np.arange(len(table.edges))), search)
    found_groups = narrowed(table, limit, build, lambda one: int(table.edges.score[one.chosen].sum()), search)
    _check(table, found_groups)
    score = int(table.edges.score[found_groups.chosen].sum())
    return Answer(
        found_groups.chosen, max(found_groups.bound, score), "HiGHS", solver_version(), groups=_groups_in(found_groups)
    )


def _most(programme: Programme, least: int, search: Search) -> int:
    """The largest value of a goal; networks of pairs reach `least`, and often nothing can be above it."""
    limit = programme.solve(search.is_cancelled, is_whole=False).whole_bound
    return least if limit == least else programme.solve(search.is_cancelled, is_whole=True).whole_bound


def _model(table: Table, held: Integers) -> GroupModel:
    programme, kept, meetings = Programme(), table.edges.at(held), _Meetings.of(table, held)
    edges = programme.columns(len(held), worth=kept.score, least=np.isin(held, table.pins).astype(np.int64))
    gives, takes, dual, covered = (programme.columns(table.people) for _ in range(4))
    meeting = programme.columns(len(meetings.edge))
    leads = programme.columns(len(meetings.group_giver))
    model = GroupModel(programme, held, edges, gives, takes, dual, covered, meetings, meeting)
    for rows in (table.topics[held], table.pairs[held]):
        programme.at_most(np.unique(rows, return_inverse=True)[1], edges, 1)
    programme.at_most(kept.taker, edges, table.take)
    programme.at_most(meetings.group_giver, leads, table.give)
    add_roles(model, kept.giver, kept.taker)
    _add_meetings(model, leads)
    return model


def _add_meetings(model: GroupModel, leads: Integers) -> None:
    """An edge is one of its meetings, a meeting needs its group, and groups are small."""
    programme, meetings = model.programme, model.meetings
    is_one = programme.rows(len(model.edges), least=0, most=0)
    programme.put(is_one, model.edges, -1)
    programme.put(is_one[meetings.edge], model.meeting)
    led = programme.rows(len(model.meeting), most=0)
    programme.put(led, model.meeting)
    programme.put(led, leads[meetings.group], -1)
    small = programme.rows(len(leads), most=0)
    programme.put(small[meetings.group], model.meeting)
    programme.put(small, leads, -MOST_TAKERS)


def _groups_in(found: Narrowed) -> tuple[Group, ...]:
    model = found.model
    if not isinstance(model, GroupModel):
        raise TypeError("not a model of groups")
    meetings, held = model.meetings, np.flatnonzero(found.outcome.chosen(model.meeting))
    kept = []
    for group in np.unique(meetings.group[held]).tolist():
        edges = model.held[meetings.edge[held[meetings.group[held] == group]]]
        kept.append(Group(int(meetings.group_giver[group]), int(meetings.group_time[group]), edges))
    return tuple(kept)


def _check(table: Table, found: Narrowed) -> None:
    """The limits of groups, counted anew; `NotProved` if one is broken."""
    chosen, led = found.chosen, _groups_in(found)
    slots = table.slots if table.slots is not None else np.zeros(table.people, dtype=np.int64)
    takes = np.bincount(table.edges.taker[chosen], minlength=table.people)
    leads = np.bincount(np.array([group.giver for group in led], dtype=np.int64), minlength=table.people)
    together = [np.bitwise_and.reduce(slots[[group.giver, *table.edges.taker[group.edges]]]) for group in led]
    kept = {
        "need": len(np.unique(table.topics[chosen])) == len(chosen),
        "pair": len(np.unique(table.pairs[chosen])) == len(chosen),
        "give-capacity": bool((leads <= table.give).all()),
        "take-capacity": bool((takes <= table.take).all()),
        "group": all(len(group.edges) <= MOST_TAKERS for group in led),
        "time": all(int(free) >> group.time & 1 for free, group in zip(together, led, strict=True)),
        "pin": bool(np.isin(table.pins, chosen).all()),
    }
    if broken := [name for name, is_kept in kept.items() if not is_kept]:
        raise NotProved(f"broken limits: {', '.join(broken)}")
