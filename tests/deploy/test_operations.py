"""What the person on call does: dead letters listed and redriven, outboxes looked at, facts said again."""

from datetime import UTC, date, datetime
from uuid import uuid4

from chassis.testing import eventually
from contracts.registry import CycleOpened
from contracts.topology import STREAM
from deploy.databases import database_of
from deploy.operations.dead import DeadLetter, letters, redrive
from deploy.operations.facts import replay, waiting
from tests.stand import Stand, a_school

CONSUMER = "documents-cycle-opened"


def a_cycle(school: str) -> CycleOpened:
    return CycleOpened(
        school_id=school,
        cycle_id=uuid4(),
        starts_on=date(2026, 9, 1),
        ends_on=date(2027, 6, 15),
        occurred_at=datetime(2026, 9, 1, tzinfo=UTC),
    )


async def dead(stand: Stand) -> list[DeadLetter]:
    return [letter async for letter in letters(stand.client, consumer=CONSUMER)]


async def test_dead_letter_is_listed_without_content_and_redriven_to_its_subject(stand: Stand) -> None:
    documents = await stand.service("documents")
    before = len(await dead(stand))
    headers = {"Nats-Msg-Id": str(uuid4())}
    await stand.js.publish(CycleOpened.subject, b'{"cycle_id": "broken', stream=STREAM, headers=headers)

    async def count() -> int:
        return len(await dead(stand))

    await eventually(count, equals=before + 1)
    letter = (await dead(stand))[-1]
    assert (letter.reason, letter.subject) == ("unreadable", CycleOpened.subject)
    assert documents.app

    await redrive(stand.client, letter)

    async def has_come_back() -> bool:
        return any(one.number > letter.number for one in await dead(stand))

    # It is as unreadable as before, and comes back as one letter with a new number.
    await eventually(has_come_back, equals=True)
    assert await count() == before + 1


async def test_replayed_facts_keep_their_ids_and_change_nothing(stand: Stand) -> None:
    documents = await stand.service("documents")
    school, teacher = a_school(), uuid4()
    door, groups = f"/schools/{school}/my/consents/PD_PLATFORM", [f"/schools/{school}/teacher"]
    await documents.call("PUT", door, by=teacher, groups=groups)
    url = stand.infrastructure.postgres.url(database_of("documents"), "postgres")

    async def rows() -> int:
        return (await waiting(url, "documents")).rows

    await eventually(rows, equals=0)
    since = datetime.now(UTC)
    await documents.call("DELETE", door, by=teacher, groups=groups)
    await eventually(rows, equals=0)

    sent = await replay(stand.client, url, since=since)

    assert sent == 1
    info = await stand.js.get_last_msg(STREAM, "neo.documents.consent.withdrawn.v1")
    assert info.headers is not None
    assert info.headers["neo-replayed"] == "true"
    assert info.headers["event-id"] in (info.data or b"").decode()
    assert await documents.count("consents", school) == 1


async def test_twice_redriven_letter_has_one_effect(stand: Stand) -> None:
    documents = await stand.service("documents")
    school = a_school()
    event = a_cycle(school)
    await stand.publish(event)
    await eventually(lambda: documents.count("cycles", school), equals=1)
    headers = {
        "Nats-Msg-Id": str(uuid4()),
        "event-id": str(event.event_id),
        "dead-consumer": CONSUMER,
        "dead-reason": "planted",
        "dead-subject": event.subject,
        "dead-sequence": "1",
    }
    for _ in range(2):
        headers["Nats-Msg-Id"] = str(uuid4())
        await stand.js.publish(f"dead.documents.{CONSUMER}", event.model_dump_json().encode(), headers=headers)

    planted = [letter for letter in await dead(stand) if letter.reason == "planted"]
    for letter in planted:
        await redrive(stand.client, letter)

    marker = a_cycle(school)
    await stand.publish(marker)
    await eventually(lambda: documents.count("cycles", school), equals=2)
    assert len(planted) == 2
