"""Observers: assigned by the curator, seeing that person and those competencies, marking lessons and artefacts."""

from typing import Any
from uuid import UUID, uuid4

import httpx

from chassis.testing import eventually
from contracts.registry import PersonErased
from tests.diagnostics.classroom import NOW, Classroom, a_classroom
from tests.stand import Stand, a_school

SEEN = [3, 3, 2, 0]


async def assign(room: Classroom, campaign: UUID, person: UUID, observer: UUID, *codes: str) -> httpx.Response:
    door = f"/campaigns/{campaign}/observers/{observer}/people/{person}"
    return await room.call("PUT", door, by=room.curator, role="curator", json={"competencies": codes})


async def release(room: Classroom, campaign: UUID, person: UUID, observer: UUID) -> httpx.Response:
    door = f"/campaigns/{campaign}/observers/{observer}/people/{person}"
    return await room.call("DELETE", door, by=room.curator, role="curator")


async def mark(
    room: Classroom, campaign: UUID, person: UUID, lesson: int, *, by: UUID, final: bool = True, **marks: Any
) -> httpx.Response:
    door = f"/my/observations/{campaign}/{person}/lessons/{lesson}"
    return await room.call("PUT", door, by=by, role="observer", json={"marks": marks, "is_final": final})


async def hand_in(room: Classroom, campaign: UUID, *codes: str, by: UUID, **given: Any) -> tuple[UUID, httpx.Response]:
    artefact = given.pop("artefact", None) or uuid4()
    words = {"title": "План урока о кислотах", "link": "https://example.org/plan", "competencies": codes, **given}
    return artefact, await room.call("PUT", f"/my/artefacts/{campaign}/{artefact}", by=by, json=words)


async def rate(room: Classroom, campaign: UUID, artefact: UUID, *, by: UUID, **marks: Any) -> httpx.Response:
    door = f"/my/reviews/{campaign}/{artefact}"
    return await room.call("PUT", door, by=by, role="observer", json={"marks": marks})


async def test_observer_sees_what_the_curator_assigned_and_nothing_else(stand: Stand) -> None:
    room = await a_classroom(stand, observers=2)
    campaign = await room.opened()
    person, other = room.teachers[:2]
    first, second = room.observers
    for observer in (first, second):
        await release(room, campaign, person, observer)

    await assign(room, campaign, person, first, "M03", "M04")
    assigned = await assign(room, campaign, person, first, "M03", "M04")
    seen = await room.call("GET", f"/my/observations/{campaign}/{person}", by=first, role="observer")
    hidden = await room.call("GET", f"/my/observations/{campaign}/{person}", by=second, role="observer")
    form = await room.form(first, campaign, role="observer")
    beyond = await mark(room, campaign, person, 1, by=first, M02=SEEN)
    listed = await room.call("GET", f"/campaigns/{campaign}/observers", by=room.curator, role="curator")

    assert assigned.status_code == 200
    assert [each["competency"] for each in seen.json()["rubrics"]] == ["M03", "M04"]
    assert all(len(each["criteria"]) == 4 and each["highest"] == 3 for each in seen.json()["rubrics"])
    assert (seen.json()["minutes"], seen.json()["lessons"]) == (2, [])
    assert hidden.status_code == 404
    assert {each["person_id"]: each["competencies"] for each in form["observations"]}[str(person)] == ["M03", "M04"]
    assert (beyond.status_code, beyond.json()["type"]) == (422, "urn:neo:problem:rubric.not-assigned")
    mine = [each for each in listed.json()["items"] if each["person_id"] == str(person)]
    assert [(each["observer_id"], each["competencies"]) for each in mine] == [(str(first), ["M03", "M04"])]
    assert str(other) in listed.text


async def test_observer_reads_page_by_page_whom_to_see_and_how_far_it_is(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    (observer,) = room.observers
    first, *others = sorted(room.teachers)
    await assign(room, campaign, first, observer, "M03", "M04")
    await mark(room, campaign, first, 1, by=observer, M03=SEEN)
    await mark(room, campaign, first, 2, by=observer, M03=SEEN, final=False)

    door = f"/my/observations/{campaign}"
    page = await room.call("GET", f"{door}?limit=1", by=observer, role="observer")
    rest = await room.call("GET", f"{door}?after={first}", by=observer, role="observer")
    stranger = await room.call("GET", door, by=uuid4(), role="observer")

    steps = [{"lesson": 1, "is_final": True}, {"lesson": 2, "is_final": False}]
    known = {"person_id": str(first), "competencies": ["M03", "M04"], "minutes": 2, "lessons": steps}
    assert page.json() == {"items": [known], "next": str(first)}
    assert [one["person_id"] for one in rest.json()["items"]] == [str(one) for one in others]
    assert rest.json()["next"] is None
    assert stranger.json() == {"items": [], "next": None}


async def test_lessons_count_from_two_on_and_only_when_they_are_final(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    person, (observer,) = room.teachers[0], room.observers
    await room.answer_self(campaign, person, 3)

    await mark(room, campaign, person, 1, by=observer, M03=SEEN, M04=None)
    await mark(room, campaign, person, 2, by=observer, M03=SEEN, final=False)
    draft = await room.profile(person)
    kept = await mark(room, campaign, person, 2, by=observer, M04=[1, 0, 0, 0])
    repeated = await mark(room, campaign, person, 2, by=observer, M04=[1, 0, 0, 0])
    changed = await mark(room, campaign, person, 2, by=observer, M04=[2, 0, 0, 0])
    page = await room.call("GET", f"/my/observations/{campaign}/{person}", by=observer, role="observer")

    assert draft == {}
    assert kept.json() == repeated.json() == page.json()["lessons"][1]
    assert kept.json() == {"lesson": 2, "is_final": True, "marks": {"M03": SEEN, "M04": [1, 0, 0, 0]}}
    assert (changed.status_code, changed.json()["type"]) == (409, "urn:neo:problem:answers.already-final")
    profile = await room.profile(person)
    assert {"source": "OBS", "level10": 40, "count": 2} in profile["M03"]["marks"]
    assert profile["M04"]["sources"] == ["SA"]
    assert len(await room.running.bodies("diagnostic.completed", str(person))) == 1


async def test_assignment_cannot_be_taken_from_marks_that_were_given(stand: Stand) -> None:
    room = await a_classroom(stand, observers=2)
    campaign = await room.opened()
    person, teacher = room.teachers[:2]
    observer = room.observers[0]
    await assign(room, campaign, person, observer, "M03")
    await mark(room, campaign, person, 1, by=observer, M03=SEEN)

    refused = [
        await release(room, campaign, person, observer),
        await assign(room, campaign, person, observer, "M04"),
        await assign(room, campaign, person, teacher, "M03"),
        await assign(room, campaign, person, person, "M03"),
        await assign(room, campaign, person, observer, "M03", "S03.PHY"),
        await assign(room, campaign, uuid4(), observer, "M03"),
    ]
    more = await assign(room, campaign, person, observer, "M03", "M04")

    assert [answer.json()["type"].rpartition(":")[2] for answer in refused] == [
        "observer.has-spoken",
        "observer.has-spoken",
        "observer.not-observer",
        "observer.oneself",
        "answers.not-on-form",
        "sheet.unknown",
    ]
    assert more.status_code == 200


async def test_artefact_is_handed_in_rated_and_becomes_evidence(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign = await room.opened()
    person, other, (observer,) = room.teachers[0], room.teachers[1], room.observers
    await room.answer_self(campaign, person, 3)
    mine = await room.call("GET", f"/my/artefacts/{campaign}", by=person)

    artefact, handed = await hand_in(room, campaign, "M03", by=person)
    _, wrong = await hand_in(room, campaign, "P02", by=person)
    _, stolen = await hand_in(room, campaign, "M03", by=other, artefact=artefact)
    reviews = await room.call("GET", f"/my/reviews/{campaign}", by=observer, role="observer")
    rated = await rate(room, campaign, artefact, by=observer, M03=[2, 2, 1, 0])
    _, changed = await hand_in(room, campaign, "M02", by=person, artefact=artefact)

    assert mine.json() == {"can_show": ["M02", "M03"], "items": []}
    assert (handed.status_code, handed.json()["is_rated"]) == (200, False)
    assert (wrong.status_code, stolen.status_code, changed.status_code) == (422, 409, 409)
    (review,) = reviews.json()
    assert (review["artefact_id"], review["title"], review["marks"]) == (str(artefact), "План урока о кислотах", {})
    assert review["rubrics"][0]["highest"] == 2
    assert rated.json() == {"marks": {"M03": [2, 2, 1, 0]}}
    assert {"source": "ART", "level10": 30, "count": 1} in (await room.profile(person))["M03"]["marks"]


async def test_owner_takes_the_words_back_and_the_rating_stays(stand: Stand) -> None:
    room = await a_classroom(stand, observers=2)
    campaign = await room.opened()
    person = room.teachers[0]
    for each in room.observers:
        await release(room, campaign, person, each)
    await assign(room, campaign, person, room.observers[0], "M03")
    artefact, _ = await hand_in(room, campaign, "M02", "M03", by=person)
    unrated, _ = await hand_in(room, campaign, "M02", by=person)

    stranger = await rate(room, campaign, artefact, by=room.observers[1], M03=[2, 2, 0, 0])
    beyond = await rate(room, campaign, artefact, by=room.observers[0], M02=[2, 2, 0, 0])
    await rate(room, campaign, artefact, by=room.observers[0], M03=[2, 2, 0, 0])
    for each in (artefact, unrated, unrated):
        await room.call("DELETE", f"/my/artefacts/{campaign}/{each}", by=person)

    assert (stranger.status_code, beyond.status_code) == (404, 422)
    items = (await room.call("GET", f"/my/artefacts/{campaign}", by=person)).json()["items"]
    assert [(each["artefact_id"], each["title"], each["link"]) for each in items] == [(str(artefact), "", None)]
    assert await room.running.count("artefact_ratings", room.school) == 1


async def test_erased_person_leaves_no_test_no_lesson_and_no_words(stand: Stand) -> None:
    room = await a_classroom(stand, observers=2)
    campaign = await room.opened()
    person, other = room.teachers[:2]
    observer = room.observers[0]
    for each in (person, other):
        await assign(room, campaign, each, observer, "M03")
        await mark(room, campaign, each, 1, by=observer, M03=SEEN)
        await room.call("PUT", f"/my/tests/{campaign}/I01", by=each, json={})
        artefact, _ = await hand_in(room, campaign, "M03", by=each)
        await rate(room, campaign, artefact, by=observer, M03=[2, 0, 0, 0])
    tables = ("test_sittings", "observed_lessons", "artefacts", "artefact_ratings")

    async def left() -> list[int]:
        return [await room.running.count(table, room.school) for table in tables]

    assert await left() == [2, 2, 2, 2]
    await stand.publish(PersonErased(person_id=person, school_ids=(room.school,), occurred_at=NOW))
    await eventually(left, equals=[1, 1, 1, 1])
    await stand.publish(PersonErased(person_id=observer, school_ids=(room.school,), occurred_at=NOW))
    await eventually(left, equals=[1, 0, 1, 0])


async def test_other_school_sees_and_touches_nothing_of_the_instruments(stand: Stand) -> None:
    room = await a_classroom(stand)
    campaign, person, (observer,) = await room.opened(), room.teachers[0], room.observers
    artefact, _ = await hand_in(room, campaign, "M03", by=person)
    elsewhere = a_school()
    plan: dict[str, Any] = {"title": "План", "competencies": ["M03"]}
    reads = (
        (f"/my/tests/{campaign}", person, "teacher"),
        (f"/my/artefacts/{campaign}", person, "teacher"),
        (f"/my/observations/{campaign}/{person}", observer, "observer"),
        (f"/campaigns/{campaign}/completion", room.curator, "curator"),
        (f"/campaigns/{campaign}/due", room.curator, "curator"),
    )
    writes: tuple[tuple[str, UUID, str, dict[str, Any]], ...] = (
        (f"/my/tests/{campaign}/I01", person, "teacher", {}),
        (f"/my/artefacts/{campaign}/{artefact}", person, "teacher", plan),
        (f"/my/observations/{campaign}/{person}/lessons/1", observer, "observer", {"marks": {"M03": SEEN}}),
        (f"/my/reviews/{campaign}/{artefact}", observer, "observer", {"marks": {"M03": [2, 2, 0, 0]}}),
        (f"/campaigns/{campaign}/observers/{observer}/people/{person}", room.curator, "curator", plan),
    )

    async def knock(method: str, path: str, by: UUID, role: str, **request: Any) -> httpx.Response:
        groups = [f"/schools/{elsewhere}/{role}"]
        return await room.running.call(method, f"/schools/{elsewhere}{path}", by=by, groups=groups, **request)

    answers = [await knock("GET", *each) for each in reads]
    answers += [await knock("PUT", path, by, role, json=given) for path, by, role, given in writes]
    lists = [
        await knock("GET", f"/my/reviews/{campaign}", observer, "observer"),
        await knock("GET", f"/campaigns/{campaign}/observers", room.curator, "curator"),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert [answer.json() for answer in lists] == [[], {"items": [], "next": None}]
