"""Appeals: the owner disputes a level, nobody is told of it meanwhile, and one more source settles it."""

import re
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from chassis.refusals import Conflict, Forbidden, Invalid
from chassis.testing import eventually
from contracts.registry import PersonErased
from services.diagnostics import domain, store
from services.diagnostics.domain import AppealState
from services.diagnostics.scoring import SourceKind
from tests.diagnostics.classroom import NOW, Classroom, a_classroom, a_member
from tests.stand import Stand

TEXT = "That was not my usual lesson."


async def disputed(room: Classroom, person: UUID, code: str = "M02", **more: Any) -> tuple[UUID, httpx.Response]:
    appeal = uuid4()
    wanted = {"cycle_id": str(room.cycle), "competency": code, "text": TEXT, **more}
    return appeal, await room.call("PUT", f"/my/appeals/{appeal}", by=person, json=wanted)


async def step(room: Classroom, appeal: UUID, verb: str, **request: Any) -> httpx.Response:
    return await room.call("POST", f"/appeals/{appeal}/{verb}", by=room.curator, role="curator", **request)


async def seen(room: Classroom) -> list[dict[str, Any]]:
    query = {"cycle_id": str(room.cycle)}
    answer = await room.call("GET", "/appeals", by=room.curator, role="curator", params=query)
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def told(room: Classroom, person: UUID) -> list[str]:
    subjects = await room.running.announced("profile.release", f"{room.cycle}/{person}")
    return [subject.split(".", 2)[2] for subject in subjects]


@pytest.mark.parametrize("state", AppealState)
@pytest.mark.parametrize("to", AppealState)
def test_only_the_legal_steps_are_taken(state: AppealState, to: AppealState) -> None:
    if to in state.legal_steps:
        assert domain.advance_appeal(state, to) is to
    else:
        with pytest.raises(Conflict) as refused:
            domain.advance_appeal(state, to)
        assert refused.value.slug == "appeal.step-not-legal"
        assert refused.value.facts["legal"] == [each.value for each in state.legal_steps]


def test_an_owner_may_withdraw_as_long_as_it_is_open_and_nothing_follows_an_end() -> None:
    for state in AppealState:
        assert state.is_open == (AppealState.WITHDRAWN in state.legal_steps)
    assert set(domain.OPEN_APPEALS) == {AppealState.FILED, AppealState.IN_REVIEW, AppealState.UPHELD}


def test_nobody_decides_an_own_appeal_and_self_rating_settles_none() -> None:
    person = uuid4()

    with pytest.raises(Forbidden):
        domain.check_reviewer(person, person)
    with pytest.raises(Invalid):
        domain.check_wanted(SourceKind.SA)


def test_only_the_wanted_source_or_a_later_wave_settles_an_appeal() -> None:
    obs, art = SourceKind.OBS, SourceKind.ART

    assert domain.is_settled_by(obs, obs, [obs], is_later_wave=False)
    assert not domain.is_settled_by(obs, art, [obs, art], is_later_wave=False)
    assert not domain.is_settled_by(obs, obs, [art], is_later_wave=False)
    assert domain.is_settled_by(obs, art, [art], is_later_wave=True)


def test_whoever_was_asked_is_not_asked_again() -> None:
    first, second = uuid4(), uuid4()

    assert domain.next_author([first, second], [first], seed=1) == second
    assert domain.next_author([first], [first], seed=1) is None


async def a_released(stand: Stand, *, observers: int = 1) -> tuple[Classroom, UUID, UUID]:
    room = await a_classroom(stand, teachers=1, observers=observers)
    campaign = await room.opened()
    (person,) = room.teachers
    await room.score(campaign, person, own=3, seen=2)
    await room.release(person, "M02")
    return room, campaign, person


async def test_nobody_is_told_of_a_competency_under_appeal(stand: Stand) -> None:
    room, _, person = await a_released(stand)

    _, filed = await disputed(room, person)
    refused, _ = await room.release(person, "D06"), await disputed(room, person, "D06")
    again = await room.release(person, "D06")

    assert filed.status_code == 201
    assert await told(room, person) == ["profile.released.v1", "profile.release_withdrawn.v1", "profile.released.v1",
                                        "profile.release_withdrawn.v1"]  # fmt: skip
    assert (refused.status_code, again.status_code) == (200, 200)
    assert await room.released() == []
    assert (await room.profile(person))["M02"]["appeal"] == "FILED"


async def test_what_is_under_appeal_cannot_be_released(stand: Stand) -> None:
    room, _, person = await a_released(stand)
    await disputed(room, person, "D06")

    refused = await room.release(person, "D06")

    assert (refused.status_code, refused.json()["type"]) == (409, "urn:neo:problem:release.under-appeal")


async def test_a_withdrawn_or_rejected_appeal_gives_the_release_back(stand: Stand) -> None:
    room, _, person = await a_released(stand)
    withdrawn, _ = await disputed(room, person)
    for _ in range(2):
        answer = await room.call("POST", f"/my/appeals/{withdrawn}/withdraw", by=person)
        assert (answer.status_code, answer.json()["state"]) == (200, "WITHDRAWN")
    assert [each["competency"] for each in await room.released()] == ["M02"]

    rejected, _ = await disputed(room, person)
    for verb in ("review", "reject", "reject"):
        assert (await step(room, rejected, verb)).status_code == 200

    assert [each["competency"] for each in await room.released()] == ["M02"]
    mine = (await room.call("GET", "/my/appeals", by=person)).json()
    assert {each["state"] for each in mine} == {"WITHDRAWN", "REJECTED"}
    assert all(each["words"] and each["legal"] == [] for each in mine)


async def test_an_upheld_appeal_asks_somebody_new_and_waits_for_that_source(stand: Stand) -> None:
    room, campaign, person = await a_released(stand, observers=2)
    appeal, _ = await disputed(room, person)
    early = await step(room, appeal, "uphold", json={"source": "OBS"})
    await step(room, appeal, "review")

    upheld = await step(room, appeal, "uphold", json={"source": "OBS"})

    assert early.status_code == 409
    assert early.json()["legal"] == ["IN_REVIEW", "WITHDRAWN"]
    assert (upheld.json()["state"], upheld.json()["wanted_source"]) == ("UPHELD", "OBS")
    assert await room.released() == []
    waiting = [each for each in room.observers if await _asked(room, each, campaign)]
    assert len(waiting) == 1
    observed = await room.call(
        "PUT",
        f"/my/forms/{campaign}/observations/{person}",
        by=waiting[0],
        role="observer",
        json={"answers": {"M02": 4}, "lessons": 2},
    )
    assert observed.status_code == 200, observed.text
    profile = (await room.profile(person))["M02"]
    assert (profile["level10"], profile["appeal"]) == (30, None)
    assert len(await room.released()) == 1
    assert (await room.call("GET", "/my/appeals", by=person)).json()[0]["state"] == "REMEASURED"


async def _asked(room: Classroom, observer: UUID, campaign: UUID) -> bool:
    form = await room.form(observer, campaign, role="observer")
    return any(not each["is_done"] for each in form["observations"])


async def test_an_appeal_that_nobody_can_answer_stays_in_review(stand: Stand) -> None:
    room, _, person = await a_released(stand)
    appeal, _ = await disputed(room, person)
    await step(room, appeal, "review")

    refused = await step(room, appeal, "uphold", json={"source": "OBS"})
    own_word = await step(room, appeal, "uphold", json={"source": "SA"})

    assert (refused.status_code, refused.json()["type"]) == (409, "urn:neo:problem:appeal.nobody-to-ask")
    assert (own_word.status_code, own_word.json()["type"]) == (422, "urn:neo:problem:appeal.source-unfit")
    assert [each["state"] for each in await seen(room)] == ["IN_REVIEW"]


async def test_the_curator_sees_the_class_and_only_a_text_that_its_owner_shows(stand: Stand) -> None:
    room, _, person = await a_released(stand)
    await disputed(room, person)
    await disputed(room, person, "D06", is_text_shown=True)

    found = {each["competency"]: each for each in await seen(room)}

    assert (found["M02"]["competency_class"], found["M02"]["text"]) == ("DEFICIT_CONFIRMED", None)
    assert found["D06"]["text"] == TEXT
    assert not any(word in str(found) for word in ("level", "se10", "answers", "marks"))


async def test_a_curator_does_not_decide_an_own_appeal(stand: Stand) -> None:
    room, _, person = await a_released(stand)
    appeal, _ = await disputed(room, person)
    room.curator = person

    refused = await step(room, appeal, "review")

    assert (refused.status_code, refused.json()["type"]) == (403, "urn:neo:problem:appeal.own")


async def test_one_competency_has_one_open_appeal_and_an_id_belongs_to_one(stand: Stand) -> None:
    room, _, person = await a_released(stand)
    appeal, _ = await disputed(room, person)
    wanted = {"cycle_id": str(room.cycle), "competency": "M02", "text": TEXT}

    repeated = await room.call("PUT", f"/my/appeals/{appeal}", by=person, json=wanted)
    _, second = await disputed(room, person)
    taken = await room.call("PUT", f"/my/appeals/{appeal}", by=person, json={**wanted, "competency": "D06"})
    unscored = (await disputed(room, person, "D12"))[1]

    assert repeated.status_code == 200
    assert (second.status_code, second.json()["type"]) == (409, "urn:neo:problem:appeal.open-already")
    assert (taken.status_code, taken.json()["type"]) == (409, "urn:neo:problem:appeal.id-taken")
    assert (unscored.status_code, unscored.json()["type"]) == (409, "urn:neo:problem:appeal.not-scored")


async def test_another_persons_and_another_schools_appeal_does_not_exist(stand: Stand) -> None:
    room, _, person = await a_released(stand)
    other = await a_classroom(stand, teachers=1)
    appeal, _ = await disputed(room, person)

    stranger = await room.call("POST", f"/my/appeals/{appeal}/withdraw", by=uuid4())
    elsewhere = await step(other, appeal, "review")

    assert (stranger.status_code, elsewhere.status_code) == (404, 404)


async def test_comments_and_appeals_go_with_an_erased_person(stand: Stand) -> None:
    room, campaign, person = await a_released(stand)
    await disputed(room, person)
    async with room.running.db.transaction(room.school) as tx:
        part = await store.sheets.held_part(tx, campaign, person)
        assert part is not None
        await store.then_tests.save(tx, part, {"M02": 2})
    door = f"/my/comments/{room.cycle}/M02"
    assert (await room.call("PUT", door, by=person, json={"text": "Agreed."})).status_code == 200
    await stand.publish(a_member(room.school, person, revision=2))

    await stand.publish(PersonErased(person_id=person, school_ids=(room.school,), occurred_at=NOW))

    for table in ("appeals", "comments", "then_tests", "profiles"):
        await eventually(lambda table=table: room.running.count(table, room.school), equals=0)  # type: ignore[misc]


async def test_a_comment_is_replaced_and_deleted_and_needs_a_level(stand: Stand) -> None:
    room, _, person = await a_released(stand)
    door = f"/my/comments/{room.cycle}/M02"
    for text in ("First.", " Second. "):
        await room.call("PUT", door, by=person, json={"text": text})
    kept = (await room.profile(person))["M02"]["comment"]

    unscored = await room.call("PUT", f"/my/comments/{room.cycle}/D12", by=person, json={"text": "Nothing."})
    gone = [(await room.call("DELETE", door, by=person)).status_code for _ in range(2)]

    assert kept == "Second."
    assert (unscored.status_code, unscored.json()["type"]) == (409, "urn:neo:problem:comment.not-scored")
    assert gone == [204, 204]
    assert (await room.profile(person))["M02"]["comment"] is None


async def test_profile_speaks_the_language_of_its_reader(stand: Stand) -> None:
    room, _, person = await a_released(stand)

    russian = (await room.profile(person))["M02"]
    english = (await room.call("GET", "/my/profile", by=person, headers={"accept-language": "en"})).json()[0]

    assert "«Пробует»" in russian["words"]
    assert "«Адаптирует»" in russian["words"]
    assert (russian["surer"]["source"], russian["surer"]["count"]) == ("P360", 3)
    assert re.search(r"0,\d\d уровня вместо 0,\d\d", russian["surer"]["words"])
    assert russian["band"]["low10"] < russian["level10"] < russian["band"]["high10"]
    assert english["words"].isascii() or "“" in english["words"]
