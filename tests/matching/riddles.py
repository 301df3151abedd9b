"""Random small instances in which everything that matters happens: ties, single roles, shared pairs, promises."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from services.matching.engine.problem import Ban, Edge, EdgeKey, Instance, Person, Pin
from tests.matching.tasks import is_legal

TOPICS = ("D01", "D02", "M01", "S01")


def a_riddle(seed: int, *, most_people: int = 12, most_edges: int = 40) -> Instance:
    """People who can both give and take or only one of it, listed edges with scores that often tie, and the rest."""
    dice = Random(seed)
    people = _people(dice, dice.randint(2, most_people))
    scores = dice.choice(((1,), (5, 5, 6), (1, 10, 100), tuple(range(1, 1000))))
    keys = sorted({_a_key(dice, people) for _ in range(dice.randint(0, most_edges))})
    takers_only = set(dice.sample(people, len(people) // 4))
    edges = tuple(
        Edge(*key, dice.choice(scores)) for key in keys if key[0] not in {person.id for person in takers_only}
    )
    return _with_pins(
        dice,
        Instance(
            people=people,
            bans=_bans(dice, people),
            listed_edges=edges,
            load_costs=dice.choice(((), (), (3,), (0, 4), (2, 2, 90))),
        ),
    )


def _a_key(dice: Random, people: Sequence[Person]) -> EdgeKey:
    giver, taker = dice.sample(people, 2)
    return giver.id, taker.id, dice.choice(TOPICS)


def _people(dice: Random, count: int) -> tuple[Person, ...]:
    has_promises = dice.random() < 0.4
    return tuple(
        Person(
            id=f"{dice.randrange(10**6):06}-{place}",
            school="spb-693",
            give_capacity=dice.choice((0, 1, 1, 2, 2, 3)),
            take_capacity=dice.choice((0, 1, 1, 2, 2, 3)),
            slots=dice.choice((1, 2, 3, 6, 7)),
            least_give=dice.choice((0, 0, 1, 2)) if has_promises else 0,
            least_take=dice.choice((0, 0, 1, 2)) if has_promises else 0,
        )
        for place in range(count)
    )


def _bans(dice: Random, people: Sequence[Person]) -> tuple[Ban, ...]:
    return tuple(Ban(*(one.id for one in dice.sample(people, 2))) for _ in range(dice.randint(0, 3)))


def _with_pins(dice: Random, task: Instance) -> Instance:
    """Up to two pins that can be kept together."""
    bans = {ban.key for ban in task.bans}
    free = [edge for edge in task.listed_edges or () if edge.key[:2] not in bans]
    wanted = dice.sample(free, min(len(free), dice.choice((0, 0, 1, 2))))
    while wanted and not is_legal(task, wanted):
        wanted.pop()
    return replace(task, pins=tuple(Pin(*edge.key) for edge in wanted))


def shuffled(task: Instance, *, by: int) -> Instance:
    """The same task with its rows in another order."""
    order = Random(by)
    return replace(
        task,
        people=tuple(order.sample(task.people, len(task.people))),
        strengths=tuple(order.sample(task.strengths, len(task.strengths))),
        needs=tuple(order.sample(task.needs, len(task.needs))),
        bans=tuple(order.sample(task.bans, len(task.bans))),
        pins=tuple(order.sample(task.pins, len(task.pins))),
        listed_edges=task.listed_edges and tuple(order.sample(task.listed_edges, len(task.listed_edges))),
    )
