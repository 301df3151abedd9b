"""The doors for those who were left out, and the reasons that come with pairs."""

from typing import Any
from uuid import UUID

from contracts.diagnostics import OfferDeclared
from contracts.registry import MembershipChanged
from tests.matching.school import NOW, School, a_pair, a_trio
from tests.stand import Stand


def teaches(school: School, person: UUID, *subjects: str) -> MembershipChanged:
    told = school.member(person).model_dump(exclude={"event_id"})
    return MembershipChanged(**{**told, "subjects": subjects, "revision": 2})


async def left_out(school: School, run: str, **query: Any) -> list[dict[str, Any]]:
    answer = await school.curate("GET", f"/runs/{run}/left-out", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def my_match(school: School, person: UUID) -> dict[str, Any]:
    answer = await school.teach(person, "GET", "/my/match")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_curator_sees_who_is_left_out_and_the_smallest_step_with_its_effect(stand: Stand) -> None:
    pair = await a_pair(stand)
    school = pair.school
    await school.hear(*school.needs(pair.boris))
    await school.free(pair.boris, slots=("tue-2",))
    await school.free(pair.anna, slots=("mon-3",))

    run = await school.solved()

    (boris,) = await left_out(school, run["run_id"])
    assert (boris["person_id"], boris["why"], boris["rule"]) == (str(pair.boris), "need-unmet", "no-common-time")
    first = boris["help"][0]
    assert (first["step"], first["day"], first["period"]) == ("add-time", "mon", 3)
    assert (first["dual"], first["covered"], first["is_exact"]) == (0, 1, True)
    assert boris["template"].startswith("{person} хочет усилить D01")


async def test_people_left_out_come_in_pages_and_another_result_may_be_asked_for(stand: Stand) -> None:
    trio = await a_trio(stand)
    school = trio.school
    await school.free(*trio.everyone, slots=())

    run = (await school.solved())["run_id"]
    first = (await school.curate("GET", f"/runs/{run}/left-out", params={"limit": 2})).json()
    second = (await school.curate("GET", f"/runs/{run}/left-out", params={"after": first["next"]})).json()

    found = [one["person_id"] for one in first["items"] + second["items"]]
    assert found == sorted(map(str, trio.everyone))
    assert second["next"] is None
    other = await left_out(school, run, variant="coverage-first")
    assert [one["why"] for one in other] == ["no-times"] * 3
    assert [one["help"][0]["is_exact"] for one in other if one["help"]] == []


async def test_my_match_tells_how_my_wishes_stand_and_nothing_of_others(stand: Stand) -> None:
    pair = await a_pair(stand)
    school = pair.school
    await school.hear(*school.needs(pair.boris))
    await school.free(pair.boris, slots=("tue-2",))
    before = await my_match(school, pair.boris)

    await school.published()

    boris, vera, anna = [await my_match(school, person) for person in (pair.boris, pair.vera, pair.anna)]
    assert before["state"] == "no-run"
    assert [(one["competency"], one["why"]) for one in boris["needs"]] == [("D01", "no-common-time")]
    assert [(one["step"], one["day"]) for one in boris["help"]] == [("add-time", "mon")]
    assert [one["why"] for one in vera["needs"]] == ["proposed"]
    assert (anna["needs"], anna["sharing"] is None) == ([], False)
    said = str((boris, vera, anna))
    assert not any(str(person) in said for person in pair.everyone)


async def test_a_giver_cannot_tell_a_hidden_proposal_from_none(stand: Stand) -> None:
    pair = await a_pair(stand)
    await pair.school.published()
    (proposal,) = await pair.school.proposals(pair.vera)

    hidden = await my_match(pair.school, pair.anna)
    await pair.school.say(pair.vera, proposal["pairing_id"], "decline")
    declined = await my_match(pair.school, pair.anna)

    assert hidden == declined


async def test_who_took_no_part_is_told_so(stand: Stand) -> None:
    pair = await a_pair(stand)
    await pair.school.published()

    stranger = await pair.school.matching.call(
        "GET",
        f"/schools/{pair.school.id}/my/match",
        by=pair.school.curator,
        groups=[f"/schools/{pair.school.id}/curator"],
    )

    assert stranger.json()["state"] == "not-in-run"


async def test_reasons_name_the_subject_the_format_and_the_time_to_each_as_far_as_each_may_know(stand: Stand) -> None:
    trio = await a_trio(stand)
    school = trio.school
    await school.hear(
        *(teaches(school, person, "physics") for person in (trio.anna, trio.boris)),
        OfferDeclared(
            school_id=school.id,
            cycle_id=school.cycle,
            person_id=trio.anna,
            competency="D01",
            formats=("online-call",),
            minutes=45,
            outside_school=False,
            occurred_at=NOW,
        ),
    )

    run = await school.published()
    found = (await school.curate("GET", f"/runs/{run['run_id']}/proposals")).json()["items"]
    why = {(UUID(one["giver_id"]), UUID(one["taker_id"])): one["why"] for one in found}
    mine = [one["why"] for one in await school.proposals(trio.boris) if one["role"] == "taker"]

    to_boris = why[trio.anna, trio.boris]
    assert (to_boris["is_same_subject"], to_boris["is_online"], to_boris["is_mutual"]) == (True, True, True)
    assert (to_boris["day"], to_boris["period"], to_boris["common_times"]) == ("mon", 3, 1)
    to_vera = why[trio.anna, trio.vera]
    assert (to_vera["is_same_subject"], to_vera["is_mutual"]) == (False, False)
    assert [(one["is_same_subject"], one["is_mutual"], one["have_met"]) for one in mine] == [(True, None, None)]
    assert "Вы хотите усилить D01" in mine[0]["sentence"]


async def test_an_unmet_need_comes_with_a_sentence_and_a_gap_for_the_name(stand: Stand) -> None:
    pair = await a_pair(stand)
    await pair.school.free(pair.vera, slots=())

    run = await pair.school.solved()

    (unmet,) = (await pair.school.curate("GET", f"/runs/{run['run_id']}/unmet")).json()["items"]
    assert unmet["template"].startswith("{person} хочет усилить D01")
    assert unmet["sentence"].startswith("Один из учителей хочет усилить D01")
