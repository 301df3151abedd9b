"""Free times, capacity, bans, readiness."""

from uuid import uuid4

import pytest

from tests.matching.school import a_pair, a_running_school, a_trio
from tests.stand import Stand


async def test_who_has_entered_nothing_has_no_free_times_and_the_usual_capacity(stand: Stand) -> None:
    school = await a_running_school(stand)

    answer = await school.teach(uuid4(), "GET", "/my/availability")

    assert answer.json() == {"slots": [], "give": 2, "take": 2, "is_entered": False}


async def test_free_times_come_back_in_the_order_of_the_week_and_may_change(stand: Stand) -> None:
    school = await a_running_school(stand)
    anna, wanted = uuid4(), {"slots": ["wed-5", "mon-3", "mon-3"], "give": 3, "take": 0}

    first = await school.teach(anna, "PUT", "/my/availability", json=wanted)
    again = await school.teach(anna, "PUT", "/my/availability", json=wanted)
    other = await school.teach(anna, "PUT", "/my/availability", json={"slots": ["fri-8"]})

    expected = {"slots": ["mon-3", "wed-5"], "give": 3, "take": 0, "is_entered": True}
    assert first.json() == again.json() == expected
    assert other.json() == {"slots": ["fri-8"], "give": 2, "take": 2, "is_entered": True}


@pytest.mark.parametrize(
    "wanted",
    [{"slots": ["sun-1"]}, {"slots": ["mon-9"]}, {"slots": [], "give": 9}, {"slots": [], "take": -1}, {}],
)
async def test_an_impossible_week_or_capacity_is_refused(stand: Stand, wanted: dict[str, object]) -> None:
    school = await a_running_school(stand)

    answer = await school.teach(uuid4(), "PUT", "/my/availability", json=wanted)

    assert answer.status_code == 422


async def test_free_times_belong_to_one_school(stand: Stand) -> None:
    school, anna = await a_running_school(stand), uuid4()
    await school.free(anna)

    elsewhere = await school.matching.call(
        "GET", "/schools/elsewhere/my/availability", by=anna, groups=["/schools/elsewhere/teacher"]
    )

    assert elsewhere.json()["is_entered"] is False


async def test_who_has_no_free_times_is_matched_with_nobody(stand: Stand) -> None:
    pair = await a_pair(stand)
    await pair.school.free(pair.vera, slots=())

    run = await pair.school.solved()

    unmet = await pair.school.curate("GET", f"/runs/{run['run_id']}/unmet")
    assert await pair.school.proposed(run["run_id"]) == set()
    assert [one["rule"] for one in unmet.json()["items"]] == ["no-common-time"]


async def test_nobody_gives_more_than_entered(stand: Stand) -> None:
    trio = await a_trio(stand)
    await trio.school.free(trio.anna, give=1)

    run = await trio.school.solved()

    assert len({pair for pair in await trio.school.proposed(run["run_id"]) if pair[0] == trio.anna}) == 1


async def test_a_ban_is_written_once_listed_and_lifted(stand: Stand) -> None:
    school = await a_running_school(stand)
    pairs = sorted((str(uuid4()), str(uuid4())) for _ in range(3))
    doors = [f"/bans/{giver}/{taker}" for giver, taker in pairs]

    made = [(await school.curate("PUT", door)).status_code for door in (*doors, doors[0])]
    first = (await school.curate("GET", "/bans", params={"limit": 2})).json()
    second = (await school.curate("GET", "/bans", params={"after": first["next"]})).json()
    lifted = [(await school.curate("DELETE", doors[0])).status_code for _ in range(2)]

    assert made == [201, 201, 201, 200]
    assert [(one["giver_id"], one["taker_id"]) for one in first["items"] + second["items"]] == pairs
    assert second["next"] is None
    assert lifted == [204, 204]
    assert len((await school.curate("GET", "/bans")).json()["items"]) == 2


async def test_nobody_is_banned_from_themselves_and_a_bad_cursor_is_refused(stand: Stand) -> None:
    school, anna = await a_running_school(stand), uuid4()

    alone = await school.curate("PUT", f"/bans/{anna}/{anna}")
    cursor = await school.curate("GET", "/bans", params={"after": "nonsense"})

    assert alone.json()["type"] == "urn:neo:problem:ban.same-person"
    assert cursor.json()["type"] == "urn:neo:problem:page.bad-cursor"


async def test_a_banned_pair_is_not_proposed_and_the_curator_is_told_why(stand: Stand) -> None:
    pair = await a_pair(stand)
    await pair.school.curate("PUT", f"/bans/{pair.anna}/{pair.vera}")

    run = await pair.school.solved()

    unmet = await pair.school.curate("GET", f"/runs/{run['run_id']}/unmet")
    assert await pair.school.proposed(run["run_id"]) == set()
    assert [one["rule"] for one in unmet.json()["items"]] == ["banned"]


async def test_readiness_counts_people_and_names_nobody(stand: Stand) -> None:
    trio = await a_trio(stand)

    answer = await trio.school.curate("GET", "/readiness", params={"cycle_id": str(trio.school.cycle)})

    assert answer.json() == {
        "teachers": 3,
        "diagnosed": 0,
        "with_releases": 3,
        "with_strengths": 2,
        "with_needs": 3,
        "with_free_times": 3,
        "strengths": 2,
        "needs": 3,
    }
