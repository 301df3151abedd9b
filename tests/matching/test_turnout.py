"""How far people have come on the way to a pair: counts for the curator's year."""

from tests.matching.pairs import accepted, proposed
from tests.matching.school import Trio
from tests.stand import Stand, a_school


async def seen(pair: Trio) -> tuple[int, int, int]:
    answer = await pair.school.curate("GET", "/turnout", params={"cycle_id": str(pair.school.cycle)})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    return found["asked"], found["agreed"], found["to_answer"]


async def test_taker_is_waited_for_first_then_the_giver(stand: Stand) -> None:
    pair, pairing = await proposed(stand)

    before = await seen(pair)
    await pair.school.say(pair.vera, pairing, "accept")
    between = await seen(pair)
    await pair.school.say(pair.anna, pairing, "accept")

    assert (before, between, await seen(pair)) == ((2, 0, 1), (2, 0, 1), (2, 2, 0))


async def test_declined_pair_counts_nobody(stand: Stand) -> None:
    pair, pairing = await proposed(stand)

    await pair.school.say(pair.vera, pairing, "decline")

    assert await seen(pair) == (0, 0, 0)


async def test_other_school_counts_nothing_of_this_one(stand: Stand) -> None:
    pair, _ = await accepted(stand)
    other = a_school()

    answer = await pair.school.matching.call(
        "GET",
        f"/schools/{other}/turnout",
        by=pair.anna,
        groups=[f"/schools/{other}/curator"],
        params={"cycle_id": str(pair.school.cycle)},
    )

    assert answer.json() == {"asked": 0, "agreed": 0, "to_answer": 0}
