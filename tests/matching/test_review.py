"""The review: a price before an edit, edits, taking them back, two curators, a point of the exchange."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from contracts.event import Event
from contracts.registry import PersonErased
from tests.matching.school import NOW, School, a_running_school, a_trio
from tests.stand import Stand

Body = dict[str, Any]


def a_pair_of(giver: UUID, taker: UUID) -> Body:
    return {"giver_id": str(giver), "taker_id": str(taker)}


def a_pin(giver: UUID, taker: UUID, competency: str = "D01") -> Body:
    return {**a_pair_of(giver, taker), "competency": competency}


async def edited(school: School, run: str, *, edit: UUID | None = None, **change: Any) -> Body:
    """The run after one more edit."""
    answer = await school.curate("PUT", f"/runs/{run}/edits/{edit or uuid4()}", json=change)
    assert answer.status_code == 202, answer.text
    return await school.ended(run)


async def undone(school: School, run: str, edit: UUID) -> Body:
    answer = await school.curate("DELETE", f"/runs/{run}/edits/{edit}")
    assert answer.status_code == 202, answer.text
    return await school.ended(run)


async def priced(school: School, run: str, *, language: str = "en", **change: Any) -> Body:
    """What a change would cost."""
    answer = await school.curate("POST", f"/runs/{run}/prices", json=change, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    price: Body = answer.json()
    return price


async def kept(school: School, run: str) -> tuple[list[Any], ...]:
    """All that a run keeps of its result, byte for byte, without its own id and the stopwatch."""
    async with school.matching.db.transaction(school.id) as tx:
        found = await tx.rows(
            text(
                "select variant, place, giver_id, taker_id, competency, score, is_pinned, first_slot"
                " from matches where run_id = :run order by variant, place"
            ),
            {"run": UUID(run)},
        )
        missed = await tx.rows(
            text("select variant, place, person_id, rule from unmet where run_id = :run order by variant, place"),
            {"run": UUID(run)},
        )
        proofs = await tx.rows(
            text("select dual_first - 'seconds' a, coverage_first - 'seconds' b from runs where run_id = :run"),
            {"run": UUID(run)},
        )
    return found, missed, proofs


async def test_the_price_is_exact_and_said_before_the_edit_is_made(stand: Stand) -> None:
    trio = await a_trio(stand)
    school = trio.school
    change: Body = {"ban": a_pair_of(trio.anna, trio.vera)}
    run = await school.solved()

    price = await priced(school, run["run_id"], **change)
    russian = await priced(school, run["run_id"], language="ru", **change)
    before = await school.run(run["run_id"])
    after = await edited(school, run["run_id"], version=price["version"], **change)

    assert before == run
    assert price["before"] == run["exchange"]["dual_first"]
    assert price["after"] == after["exchange"]["dual_first"]
    assert (price["dual"], price["covered"], price["drop_out"]) == (0, -1, [str(trio.vera)])
    assert price["parted"] == [a_pin(trio.anna, trio.vera)]
    assert (price["formed"], price["lose_second_role"], price["gain_second_role"], price["come_in"]) == ([], [], [], [])
    lost = abs(price["score"])
    assert price["sentence"] == f"1 person is left without a pair; 1 pair goes; worth −{lost}."
    assert russian["sentence"] == f"Без пары остаётся 1 человек; исчезает 1 пара; ценность −{lost}."
    assert await school.proposed(run["run_id"]) == trio.best - {(trio.anna, trio.vera, "D01")}


async def test_a_change_that_moves_nobody_says_so(stand: Stand) -> None:
    trio = await a_trio(stand)
    run = await trio.school.solved()

    price = await priced(trio.school, run["run_id"], pin=a_pin(trio.anna, trio.vera))

    assert (price["sentence"], price["parted"], price["formed"]) == ("Nothing changes.", [], [])


async def test_an_edit_is_made_once_under_its_id(stand: Stand) -> None:
    trio = await a_trio(stand)
    school, edit = trio.school, uuid4()
    run = (await school.solved())["run_id"]
    await edited(school, run, edit=edit, ban=a_pair_of(trio.anna, trio.vera))

    door = f"/runs/{run}/edits/{edit}"
    again = await school.curate("PUT", door, json={"ban": a_pair_of(trio.anna, trio.vera)})
    other = await school.curate("PUT", door, json={"pin": a_pin(trio.anna, trio.vera)})
    (listed,) = (await school.curate("GET", f"/runs/{run}/edits")).json()["items"]

    assert (again.status_code, again.json()) == (200, listed)
    assert (other.status_code, other.json()["type"]) == (409, "urn:neo:problem:edit.id-taken")
    assert (listed["kind"], listed["ban"]) == ("ban", [a_pair_of(trio.anna, trio.vera)])
    assert (listed["made_by"], listed["undone_at"]) == (str(school.curator), None)


async def test_of_the_same_edit_sent_at_once_one_is_made(stand: Stand) -> None:
    trio = await a_trio(stand)
    run = (await trio.school.solved())["run_id"]
    door, body = f"/runs/{run}/edits/{uuid4()}", {"ban": a_pair_of(trio.anna, trio.vera)}

    answers = await asyncio.gather(*(trio.school.curate("PUT", door, json=body) for _ in range(3)))

    assert sorted(answer.status_code for answer in answers) == [200, 200, 202]
    assert len((await trio.school.curate("GET", f"/runs/{run}/edits")).json()["items"]) == 1


async def test_the_slower_of_two_curators_is_told_what_changed_and_by_whom(stand: Stand) -> None:
    trio = await a_trio(stand)
    school, edit = trio.school, uuid4()
    run = await school.solved()
    await edited(school, run["run_id"], edit=edit, version=run["version"], ban=a_pair_of(trio.anna, trio.vera))

    late = await school.curate(
        "PUT",
        f"/runs/{run['run_id']}/edits/{uuid4()}",
        json={"pin": a_pin(trio.anna, trio.boris), "version": run["version"]},
    )

    first, second = late.json()["changes"]
    assert (late.status_code, late.json()["type"]) == (409, "urn:neo:problem:run.changed-meanwhile")
    assert (first["what"], first["kind"], first["edit_id"]) == ("edited", "ban", str(edit))
    assert (first["by"], second["what"], "by" in second) == (str(school.curator), "solved", False)
    assert late.json()["version"] == int(second["version"]) > run["version"]


async def test_steps_of_a_run_are_told_with_their_hands_the_newest_first(stand: Stand) -> None:
    trio = await a_trio(stand)
    school, edit = trio.school, uuid4()
    run = (await school.solved())["run_id"]
    await edited(school, run, edit=edit, ban=a_pair_of(trio.anna, trio.vera))
    await undone(school, run, edit)

    first = (await school.curate("GET", f"/runs/{run}/changes?limit=2")).json()
    rest = (await school.curate("GET", f"/runs/{run}/changes?after={first['next']}")).json()

    told = [(one["what"], one["kind"], one["by"]) for one in (*first["items"], *rest["items"])][:4]
    assert told == [
        ("solved", None, None),
        ("undone", "ban", str(school.curator)),
        ("solved", None, None),
        ("edited", "ban", str(school.curator)),
    ]
    assert rest["next"] is None


async def test_a_run_without_an_edit_is_byte_for_byte_as_if_it_had_never_been_made(stand: Stand) -> None:
    trio = await a_trio(stand)
    school, first, second = trio.school, uuid4(), uuid4()
    await school.free(trio.anna, give=1)
    plain, run = (await school.solved())["run_id"], (await school.solved())["run_id"]
    await edited(school, plain, pin=a_pin(trio.anna, trio.vera))
    await edited(school, run, edit=first, ban=a_pair_of(trio.boris, trio.anna))
    await edited(school, run, edit=second, pin=a_pin(trio.anna, trio.vera))
    await school.free(*trio.everyone, slots=["fri-8"])

    await undone(school, run, first)
    one_left = await kept(school, run), await kept(school, plain)
    await undone(school, run, second)
    untouched = (await school.solved(based_on=plain))["run_id"]

    assert one_left[0] == one_left[1]
    # What was entered since has changed a new run, and not this one.
    assert await school.proposed(untouched) != await school.proposed(run)
    assert len(await school.proposed(run)) > 1
    repeated = await school.curate("DELETE", f"/runs/{run}/edits/{first}")
    assert (repeated.status_code, repeated.json()["undone_by"]) == (200, str(school.curator))


async def test_edits_that_contradict_are_refused_with_both_sides(stand: Stand) -> None:
    trio = await a_trio(stand)
    school = trio.school
    run, edit = (await school.solved())["run_id"], uuid4()
    await edited(school, run, edit=edit, ban=a_pair_of(trio.anna, trio.vera))
    pin = {"pin": a_pin(trio.anna, trio.vera)}

    made = await school.curate("PUT", f"/runs/{run}/edits/{uuid4()}", json=pin)
    asked = await school.curate("POST", f"/runs/{run}/prices", json=pin)

    assert {made.status_code, asked.status_code} == {409}
    assert {one.json()["type"] for one in (made, asked)} == {"urn:neo:problem:matching.pin-banned"}
    assert all(str(side) in answer.text for side in (trio.anna, trio.vera) for answer in (made, asked))
    assert (await school.run(run))["state"] == "REVIEW"


async def test_a_standing_ban_is_not_lifted_in_a_run(stand: Stand) -> None:
    trio = await a_trio(stand)
    school, ban = trio.school, f"/bans/{trio.anna}/{trio.vera}"
    await school.curate("PUT", ban)
    run = (await school.solved())["run_id"]
    change: Body = {"unban": a_pair_of(trio.anna, trio.vera)}

    refused = await school.curate("POST", f"/runs/{run}/prices", json=change)
    await school.curate("DELETE", ban)
    await edited(school, run, **change)

    assert (refused.status_code, refused.json()["type"]) == (409, "urn:neo:problem:edit.still-banned")
    assert await school.proposed(run) == trio.best


async def two_pairs(stand: Stand) -> tuple[School, list[UUID], str]:
    """Two givers and two takers of one topic, one free place each: two pairs, and the run that found them."""
    school = await a_running_school(stand)
    people = [uuid4() for _ in range(4)]
    await school.hear(
        school.cycle_opened(),
        *(school.member(person) for person in people),
        *(fact for person in people[:2] for fact in school.strong(person)),
        *(fact for person in people[2:] for fact in school.needs(person)),
    )
    await school.free(*people, give=1, take=1)
    return school, people, (await school.solved())["run_id"]


async def test_two_pairs_exchange_their_takers(stand: Stand) -> None:
    school, _, run = await two_pairs(stand)
    first, second = sorted(await school.proposed(run))
    swap = {"first": a_pin(*first), "second": a_pin(*second)}

    await edited(school, run, swap=swap)

    assert await school.proposed(run) == {(first[0], second[1], "D01"), (second[0], first[1], "D01")}


async def test_only_pairs_of_the_result_are_exchanged(stand: Stand) -> None:
    school, _, run = await two_pairs(stand)
    first, second = sorted(await school.proposed(run))
    swap = {"first": a_pin(first[0], second[1]), "second": a_pin(second[0], first[1])}

    answer = await school.curate("POST", f"/runs/{run}/prices", json={"swap": swap})

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:neo:problem:edit.not-in-result")


@pytest.mark.parametrize("change", [{}, {"pin": a_pin(uuid4(), uuid4()), "ban": a_pair_of(uuid4(), uuid4())}])
async def test_an_edit_is_exactly_one_change(stand: Stand, change: Body) -> None:
    school = await a_running_school(stand)

    answer = await school.curate("PUT", f"/runs/{uuid4()}/edits/{uuid4()}", json=change)

    assert answer.status_code == 422


async def test_a_published_run_is_edited_no_more(stand: Stand) -> None:
    trio = await a_trio(stand)
    run = (await trio.school.published())["run_id"]
    ban = {"ban": a_pair_of(trio.anna, trio.vera)}

    answers = [
        await trio.school.curate("PUT", f"/runs/{run}/edits/{uuid4()}", json=ban),
        await trio.school.curate("POST", f"/runs/{run}/prices", json=ban),
    ]

    assert {(one.status_code, one.json()["type"]) for one in answers} == {(409, "urn:neo:problem:run.illegal-step")}
    missing = await trio.school.curate("DELETE", f"/runs/{run}/edits/{uuid4()}")
    assert (missing.status_code, missing.json()["type"]) == (404, "urn:neo:problem:edit.unknown")


async def an_exchange(stand: Stand) -> tuple[School, str]:
    """Twice four people of whom three have pairs with one in both roles, or all four with nobody in both."""
    school = await a_running_school(stand)
    facts: list[Event] = [school.cycle_opened()]
    everybody: list[UUID] = []
    for first, second in (("D01", "D02"), ("D03", "D04")):
        giver, middle, taker, other = people = [uuid4() for _ in range(4)]
        everybody += people
        facts += [school.member(person) for person in people]
        facts += [*school.strong(giver, first), *school.needs(middle, first), *school.strong(middle, second)]
        facts += [*school.needs(taker, second), *school.strong(other, second)]
    await school.hear(*facts)
    await school.free(*everybody)
    return school, (await school.solved())["run_id"]


async def test_a_number_of_dual_roles_between_the_ends_is_solved_and_stored_with_its_certificate(stand: Stand) -> None:
    school, run = await an_exchange(stand)
    door = f"/runs/{run}/choose"

    beyond = await school.curate("POST", door, json={"variant": "between", "dual": 3})
    nameless = await school.curate("POST", door, json={"variant": "between"})
    asked = await school.curate("POST", door, json={"variant": "between", "dual": 1})
    chosen = await school.ended(run)
    again = await school.curate("POST", door, json={"variant": "between", "dual": 1})

    assert (beyond.json()["type"], beyond.json()["least"], beyond.json()["most"]) == (
        "urn:neo:problem:matching.dual-out-of-range",
        0,
        2,
    )
    assert (nameless.status_code, asked.status_code, again.status_code) == (422, 202, 200)
    reached = {"dual": 1, "covered": 7, "score": chosen["certificate"]["score"]}
    assert (chosen["chosen"], chosen["exchange"]["between"]) == ("between", reached)
    assert (chosen["certificate"]["variant"], chosen["certificate"]["gap"]) == ("between", 0)
    published = await school.curate("POST", f"/runs/{run}/publish")
    pairings = (await school.curate("GET", "/pairings")).json()["items"]
    assert published.json()["state"] == "PUBLISHED"
    assert len(pairings) == len(await school.proposed(run, variant="between")) == 4


async def test_a_point_that_an_edit_brings_out_of_reach_is_chosen_no_more(stand: Stand) -> None:
    school, run = await an_exchange(stand)
    await school.curate("POST", f"/runs/{run}/choose", json={"variant": "between", "dual": 2})
    await school.ended(run)
    found = await school.proposed(run)
    givers, takers = {giver for giver, _, _ in found}, {taker for _, taker, _ in found}
    (cut,) = [pair for pair in found if pair[1] in givers & takers][:1]

    after = await edited(school, run, ban=a_pair_of(cut[0], cut[1]))

    assert (after["chosen"], after["exchange"]["between"]) == (None, None)
    assert after["exchange"]["dual_first"]["dual"] == 1


async def test_an_erased_person_is_forgotten_in_what_was_taken_back_and_as_the_one_who_edited(stand: Stand) -> None:
    trio = await a_trio(stand)
    school, edit = trio.school, uuid4()
    run = (await school.solved())["run_id"]
    await edited(school, run, edit=edit, ban=a_pair_of(trio.anna, trio.vera))
    await undone(school, run, edit)
    await edited(school, run, ban=a_pair_of(trio.boris, trio.vera))

    for person in (trio.anna, school.curator):
        await school.hear(PersonErased(person_id=person, school_ids=(school.id,), occurred_at=NOW))

    (left,) = (await school.curate("GET", f"/runs/{run}/edits")).json()["items"]
    assert left["ban"] == [a_pair_of(trio.boris, trio.vera)]
    assert left["made_by"] == str(UUID(int=0))
