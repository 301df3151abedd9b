"""An erased person in tracking: the pair ends, nobody writes under the id any more, and the registry hears of it."""

from datetime import timedelta
from uuid import uuid4

from chassis.testing import eventually
from contracts.registry import MembershipChanged, PersonErased
from contracts.tracking import TextsErased
from tests.stand import Stand
from tests.tracking.pairs import NOW, Pair, a_consent, a_held_meeting, a_working_pair


def an_erasure(pair: Pair, *, revision: int = 1) -> PersonErased:
    return PersonErased(person_id=pair.formed.taker_id, school_ids=(pair.school,), revision=revision, occurred_at=NOW)


def a_membership(pair: Pair) -> MembershipChanged:
    return MembershipChanged(
        school_id=pair.school,
        person_id=pair.formed.taker_id,
        roles=("teacher",),
        role_profiles=(),
        subjects=(),
        counts_in_staff=True,
        joined_on=NOW.date(),
        revision=7,
        occurred_at=NOW,
    )


async def test_pair_of_an_erased_person_ends_and_late_news_does_not_bring_the_person_back(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)

    await stand.publish(an_erasure(pair))
    await eventually(pair.state, equals="TERMINATED")
    await stand.publish(a_membership(pair), a_consent(pair.school, pair.formed.taker_id, revision=9))
    await stand.publish(an_erasure(pair, revision=2))

    async def confirmed() -> list[int]:
        bodies = await tracking.bodies("texts.erased", str(pair.formed.taker_id))
        return [TextsErased.model_validate_json(body).revision for body in bodies]

    await eventually(confirmed, equals=[1, 2])
    person = f"person_id = '{pair.formed.taker_id}'"
    assert await tracking.count(f"members where is_member and {person}", pair.school) == 0
    assert await tracking.count(f"consents where {person}", pair.school) == 0


async def test_token_that_outlives_its_account_writes_nothing(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)
    meeting = await a_held_meeting(stand, pair, NOW + timedelta(days=1))
    await stand.publish(an_erasure(pair))
    await eventually(pair.state, equals="TERMINATED")

    answers = [
        await pair.taker("PUT", f"meetings/{meeting}/reflection", json={"text": "мысль", "usefulness": 4}),
        await pair.taker("POST", f"assignments/{pair.id}/help"),
        await pair.taker(
            "PUT",
            f"assignments/{pair.id}/goals/{uuid4()}",
            json={"text": "К марту я провожу урок", "due_on": "2027-03-01", "sign": "lesson_held"},
        ),
    ]

    assert [answer.json()["type"] for answer in answers] == ["urn:neo:problem:identity.erased"] * 3
    assert await tracking.count("reflections where text is not null", pair.school) == 0
