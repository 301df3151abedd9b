"""How many people of a cycle work in pairs and have met: counts for the curator's year."""

from datetime import timedelta

from tests.stand import Stand, a_school
from tests.tracking.pairs import NOW, Pair, a_held_meeting, a_pairing, a_working_pair


async def seen(pair: Pair) -> dict[str, int]:
    answer = await pair.curator("GET", "turnout", params={"cycle_id": str(pair.formed.cycle_id)})
    assert answer.status_code == 200, answer.text
    found: dict[str, int] = answer.json()
    return found


async def listed(pair: Pair, *, has_met: bool) -> int:
    answer = await pair.curator("GET", "assignments", params={"has_met": has_met})
    return len(answer.json()["items"])


async def test_pair_that_met_is_counted_and_waited_for_no_longer(stand: Stand) -> None:
    pair = await a_working_pair(stand, await stand.service("tracking"))

    before, waited = await seen(pair), await listed(pair, has_met=False)
    await a_held_meeting(stand, pair, NOW + timedelta(days=1))

    assert (before, waited) == ({"in_pairs": 2, "met": 0, "to_meet": 2}, 1)
    assert await seen(pair) == {"in_pairs": 2, "met": 2, "to_meet": 0}
    assert (await listed(pair, has_met=False), await listed(pair, has_met=True)) == (0, 1)


async def test_pair_of_two_schools_counts_each_person_at_home(stand: Stand) -> None:
    formed = a_pairing(a_school(), giver_school=a_school())
    pair = await a_working_pair(stand, await stand.service("tracking"), formed)

    assert await seen(pair) == {"in_pairs": 1, "met": 0, "to_meet": 1}
