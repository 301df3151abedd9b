"""An erased person in matching: the registry hears of it, and a token that outlives its account enters nothing."""

from uuid import uuid4

from contracts.matching import AvailabilityErased
from contracts.registry import PersonErased
from tests.matching.school import NOW, School
from tests.stand import Stand


async def test_erasure_is_confirmed_and_no_free_times_are_entered_afterwards(stand: Stand) -> None:
    matching = await stand.service("matching")
    school, person = School(stand, matching), uuid4()
    times = {"slots": ["mon-1"]}
    before = await school.teach(person, "PUT", "/my/availability", json=times)

    await school.hear(PersonErased(person_id=person, school_ids=(school.id,), revision=3, occurred_at=NOW))
    after = await school.teach(person, "PUT", "/my/availability", json=times)

    assert before.status_code == 200
    assert (after.status_code, after.json()["type"]) == (403, "urn:neo:problem:identity.erased")
    assert await matching.count("availability", school.id) == 0
    (fact,) = await matching.bodies("availability.erased", str(person))
    told = AvailabilityErased.model_validate_json(fact)
    assert (told.person_id, told.schools, told.revision) == (person, (school.id,), 3)
