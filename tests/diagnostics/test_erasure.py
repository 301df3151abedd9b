"""An erased person in diagnostics: the registry hears of it, and nothing more is declared under the id."""

from chassis.testing import eventually
from contracts.diagnostics import AnswersErased
from contracts.registry import PersonErased
from tests.diagnostics.classroom import NOW, a_classroom, a_consent
from tests.stand import Stand


async def test_erasure_is_confirmed_and_nothing_is_declared_or_kept_afterwards(stand: Stand) -> None:
    room = await a_classroom(stand, teachers=1)
    (person,) = room.teachers
    need, wish = f"/my/needs/{room.cycle}/M02", {"wish": 1}
    assert (await room.call("PUT", need, by=person, json=wish)).status_code == 200

    await stand.publish(PersonErased(person_id=person, school_ids=(room.school,), occurred_at=NOW))

    async def confirmed() -> list[str]:
        bodies = await room.running.bodies("answers.erased", str(person))
        return [school for body in bodies for school in AnswersErased.model_validate_json(body).schools]

    await eventually(confirmed, equals=[room.school])
    refused = await room.call("PUT", need, by=person, json=wish)
    late, marker = (
        a_consent(room.school, person, is_given=True),
        a_consent(room.school, room.observers[0], is_given=True),
    )
    await stand.publish(late)
    await stand.publish(marker)
    await eventually(lambda: room.running.count("consents", room.school), equals=1)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:neo:problem:identity.erased")
    assert await room.running.count("needs", room.school) == 0
    assert await room.running.count(f"consents where person_id = '{person}'", room.school) == 0
