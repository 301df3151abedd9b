"""Free notes of observers: the observer's own until given, then the observed person's too, and never the curator's."""

from typing import Any
from uuid import UUID

import httpx

from chassis.testing import eventually
from contracts.registry import PersonErased
from tests.diagnostics.classroom import NOW, Classroom, a_classroom
from tests.diagnostics.test_observers import SEEN, mark, release
from tests.stand import Stand

WORDS = "Вопрос класса записан на доске."


async def note(
    room: Classroom, campaign: UUID, person: UUID, *, by: UUID, text: str = WORDS, given: bool = False
) -> httpx.Response:
    door = f"/my/observations/{campaign}/{person}/lessons/1/notes"
    return await room.call("PUT", door, by=by, role="observer", json={"text": text, "is_given": given})


async def noted(room: Classroom, campaign: UUID, person: UUID, *, by: UUID) -> list[Any]:
    answer = await room.call("GET", f"/my/observations/{campaign}/{person}", by=by, role="observer")
    return [(one["text"], one["given_at"] is not None) for one in answer.json()["notes"]]


async def read(room: Classroom, person: UUID) -> list[str]:
    return [one["text"] for one in (await room.call("GET", "/my/lesson-notes", by=person)).json()]


async def a_visit(stand: Stand) -> tuple[Classroom, UUID, UUID, UUID]:
    room = await a_classroom(stand, teachers=2)
    return room, await room.opened(), room.teachers[0], room.observers[0]


async def test_notes_are_the_observers_alone_until_they_are_given(stand: Stand) -> None:
    room, campaign, person, observer = await a_visit(stand)

    kept = await note(room, campaign, person, by=observer)
    before = await read(room, person)
    given = await note(room, campaign, person, by=observer, given=True)
    again = await note(room, campaign, person, by=observer, given=True)
    changed = await note(room, campaign, person, by=observer, text="Другое.")

    assert (kept.status_code, kept.json()["given_at"], before) == (200, None, [])
    assert (given.status_code, again.json()) == (200, given.json())
    assert (changed.status_code, changed.json()["type"]) == (409, "urn:neo:problem:notes.already-given")
    assert await read(room, person) == [WORDS]
    assert await read(room, room.teachers[1]) == []
    assert await noted(room, campaign, person, by=observer) == [(WORDS, True)]


async def test_empty_notes_are_deleted_and_cannot_be_given(stand: Stand) -> None:
    room, campaign, person, observer = await a_visit(stand)
    await note(room, campaign, person, by=observer)

    nothing = await note(room, campaign, person, by=observer, text=" ", given=True)
    emptied = await note(room, campaign, person, by=observer, text="")

    assert (nothing.status_code, nothing.json()["type"]) == (422, "urn:neo:problem:notes.empty")
    assert (emptied.status_code, await noted(room, campaign, person, by=observer)) == (200, [])


async def test_only_whoever_was_assigned_may_note_and_notes_are_no_answer(stand: Stand) -> None:
    room, campaign, person, observer = await a_visit(stand)

    stranger = await note(room, campaign, room.teachers[1], by=room.teachers[0])
    await note(room, campaign, person, by=observer)
    released = await release(room, campaign, person, observer)

    assert stranger.status_code == 404
    assert released.status_code == 204
    assert await room.running.count("lesson_notes", room.school) == 0


async def test_given_notes_are_a_word_that_an_assignment_cannot_take_back(stand: Stand) -> None:
    room, campaign, person, observer = await a_visit(stand)
    await note(room, campaign, person, by=observer, given=True)

    released = await release(room, campaign, person, observer)

    assert (released.status_code, released.json()["type"]) == (409, "urn:neo:problem:observer.has-spoken")


async def test_notes_may_be_finished_after_the_campaign(stand: Stand) -> None:
    room, campaign, person, observer = await a_visit(stand)
    await mark(room, campaign, person, 1, by=observer, M03=SEEN)
    await room.close(campaign)

    given = await note(room, campaign, person, by=observer, given=True)

    assert (given.status_code, await read(room, person)) == (200, [WORDS])


async def test_notes_go_with_the_person_observed_and_with_whoever_wrote_them(stand: Stand) -> None:
    room, campaign, person, observer = await a_visit(stand)
    other = room.teachers[1]
    await note(room, campaign, person, by=observer, given=True)
    await note(room, campaign, other, by=observer)

    async def kept() -> int:
        return await room.running.count("lesson_notes", room.school)

    await stand.publish(PersonErased(person_id=person, school_ids=(room.school,), occurred_at=NOW))
    await eventually(kept, equals=1)
    await stand.publish(PersonErased(person_id=observer, school_ids=(room.school,), occurred_at=NOW))
    await eventually(kept, equals=0)
