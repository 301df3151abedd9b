"""The demo's chance: what follows from the seed, and what its story needs whatever the seed."""

from deploy.demo.client import Door, Person
from deploy.demo.journal import Journal
from deploy.demo.world import World

CODES = ("M01", "M02", "D11", "S03.CHE", "I07")


def a_world(seed: int) -> World:
    """A demo that has not begun."""
    door = Door("http://nowhere", None, Journal())  # type: ignore[arg-type]
    return World(door, seed, Person(door, "city.analyst"))


def seen(world: World, person: str) -> list[int]:
    """How a colleague sees somebody in all competencies."""
    return [world.seen_level(person, code, "colleague", 0.5) for code in CODES]


def test_same_seed_sees_the_same_and_another_one_something_else() -> None:
    people = [str(number) for number in range(20)]

    assert [seen(a_world(1), one) for one in people] == [seen(a_world(1), one) for one in people]
    assert [seen(a_world(1), one) for one in people] != [seen(a_world(2), one) for one in people]


def test_mentor_of_the_story_is_good_at_every_second_thing_whatever_the_seed() -> None:
    for seed in range(50):
        world = a_world(seed)
        others = seen(world, "mentor")
        world.gifted.add("mentor")

        found = dict(zip(CODES, seen(world, "mentor"), strict=True))

        assert [code for code in CODES if found[code] < 5 and code[1:3] in ("01", "11", "03", "07")] == []
        assert found["M02"] == others[CODES.index("M02")]
