"""Forms: saved and returned to, final once, answered only by whom the campaign asked."""

from uuid import uuid4

import pytest

from tests.diagnostics.classroom import a_classroom
from tests.stand import Stand


async def test_saved_answers_wait_for_their_author(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    person = room.teachers[0]
    codes = (await room.form(person, campaign))["self"]["competencies"]
    door = f"/my/forms/{campaign}/self"

    await room.call("PUT", door, by=person, json={"answers": {codes[0]: 3}, "is_final": False})
    kept = await room.call("PUT", door, by=person, json={"answers": {codes[1]: None}, "is_final": False})

    assert (kept.json()["answered"], kept.json()["is_final"]) == (2, False)
    own = (await room.form(person, campaign))["self"]
    assert (own["competencies"], own["answered"], own["is_final"]) == (codes, 2, False)
    assert own["answers"] == {codes[0]: 3, codes[1]: None}


async def test_final_form_needs_every_answer_and_is_final_once(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    person = room.teachers[0]
    codes = (await room.form(person, campaign))["self"]["competencies"]
    door = f"/my/forms/{campaign}/self"

    early = await room.call("PUT", door, by=person, json={"answers": {codes[0]: 3}, "is_final": True})
    final = await room.answer_self(campaign, person, 3)
    again = await room.answer_self(campaign, person, 3)
    changed = await room.answer_self(campaign, person, 4)

    assert early.status_code == 422
    assert early.json()["codes"] == codes[1:]
    assert [answer.status_code for answer in (final, again, changed)] == [200, 200, 409]
    assert changed.json()["type"] == "urn:neo:problem:answers.already-final"


@pytest.mark.parametrize(("answers", "slug"), [({"M02": 6}, "request.invalid"), ({"Z99": 3}, "answers.not-on-form")])
async def test_answer_that_does_not_fit_is_refused(stand: Stand, answers: dict[str, int], slug: str) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    door = f"/my/forms/{campaign}/self"

    answer = await room.call("PUT", door, by=room.teachers[0], json={"answers": answers, "is_final": False})

    assert answer.status_code == 422
    assert answer.json()["type"] == f"urn:neo:problem:{slug}"


async def test_only_assigned_colleagues_and_observers_are_heard(stand: Stand) -> None:
    room = await a_classroom(stand, teachers=6, observers=2)
    campaign = await room.opened()
    person = room.teachers[0]
    raters = await room.raters_of(campaign, person)
    stranger = next(each for each in room.teachers if each != person and each not in raters)
    codes = (await room.form(person, campaign))["self"]["competencies"]
    given = {"answers": dict.fromkeys(codes, 3)}
    colleagues, observations = (f"/my/forms/{campaign}/{kind}/{person}" for kind in ("colleagues", "observations"))

    answers = [
        await room.call("PUT", colleagues, by=stranger, json=given),
        await room.call("PUT", colleagues, by=person, json=given),
        await room.call("PUT", observations, by=stranger, role="observer", json=given),
        await room.call("PUT", f"/my/forms/{uuid4()}/self", by=person, json=given),
        await room.call("PUT", f"/my/forms/{campaign}/self", by=room.observers[0], role="observer", json=given),
    ]

    assert len(raters) == 3
    assert [answer.status_code for answer in answers] == [404] * 5
    assert {answer.json()["type"] for answer in answers} == {"urn:neo:problem:sheet.unknown"}
    assert (await room.rate(campaign, raters[0], person, 3)).status_code == 200
    assert (await room.observe(campaign, person, 3)).status_code == 200


async def test_given_rating_is_done_and_stays_what_it_is(stand: Stand) -> None:
    room = await a_classroom(stand, teachers=4)
    campaign = await room.opened()
    person = room.teachers[0]
    rater = (await room.raters_of(campaign, person))[0]

    first = await room.rate(campaign, rater, person, 3)
    again = await room.rate(campaign, rater, person, 3)
    changed = await room.rate(campaign, rater, person, 5)

    assert [answer.status_code for answer in (first, again, changed)] == [200, 200, 409]
    form = await room.form(rater, campaign)
    assert [each["is_done"] for each in form["colleagues"] if each["person_id"] == str(person)] == [True]


async def test_rating_must_speak_to_every_competency_if_only_to_say_not_seen(stand: Stand) -> None:
    room = await a_classroom(stand, teachers=4)
    campaign = await room.opened()
    person = room.teachers[0]
    rater = (await room.raters_of(campaign, person))[0]
    door = f"/my/forms/{campaign}/colleagues/{person}"

    silent = await room.call("PUT", door, by=rater, json={"answers": {}})
    unseen = await room.rate(campaign, rater, person, {})

    assert silent.status_code == 422
    assert unseen.status_code == 200


async def test_observer_without_a_form_sees_whom_to_observe_and_nothing_else(stand: Stand) -> None:
    room = await a_classroom(stand, teachers=3)
    campaign = await room.opened()

    form = await room.form(room.observers[0], campaign, role="observer")

    assert form["self"] is None
    assert form["colleagues"] == []
    assert {each["person_id"] for each in form["observations"]} == {str(each) for each in room.teachers}


async def test_forms_of_a_closed_campaign_are_gone(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    await room.close(campaign)

    answer = await room.call("GET", "/my/forms", by=room.teachers[0])

    assert answer.json() == []
