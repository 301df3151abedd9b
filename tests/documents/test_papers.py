"""Papers signed on paper: registered by the curator, in force for pairs, announced."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from chassis.testing import eventually
from contracts.matching import MentoringKind, PairingFormed
from contracts.registry import CycleOpened
from tests.stand import Running, Stand, a_school

NOW = datetime(2026, 10, 12, 9, tzinfo=UTC)


def a_cycle(school: str) -> CycleOpened:
    return CycleOpened(
        school_id=school, cycle_id=uuid4(), starts_on=date(2026, 9, 1), ends_on=date(2027, 6, 15), occurred_at=NOW
    )


def a_pairing(school: str, cycle_id: UUID) -> PairingFormed:
    return PairingFormed(
        pairing_id=uuid4(),
        cycle_id=cycle_id,
        giver_school=school,
        taker_school=school,
        giver_id=uuid4(),
        taker_id=uuid4(),
        competency="D08",
        kind=MentoringKind.REVERSE,
        term_from=date(2026, 10, 20),
        term_to=date(2027, 5, 15),
        occurred_at=NOW,
    )


async def a_known_pair(stand: Stand, documents: Running, school: str) -> PairingFormed:
    cycle = a_cycle(school)
    pairing = a_pairing(school, cycle.cycle_id)
    await stand.publish(pairing, cycle)
    await eventually(lambda: documents.count("pairings", school), equals=1)
    await eventually(lambda: documents.count("cycles", school), equals=1)
    return pairing


async def test_registered_order_puts_its_pair_in_force(stand: Stand) -> None:
    documents = await stand.service("documents")
    school = a_school()
    pairing = await a_known_pair(stand, documents, school)
    order = {
        "kind": "DOC08",
        "cycle_id": str(pairing.cycle_id),
        "number": "118-о",
        "signed_on": "2026-10-12",
        "pairing_ids": [str(pairing.pairing_id)],
    }
    door = f"/schools/{school}/papers/{uuid4()}"
    groups = [f"/schools/{school}/curator"]

    first = await documents.call("PUT", door, by=uuid4(), groups=groups, json=order)
    again = await documents.call("PUT", door, by=uuid4(), groups=groups, json=order)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["state"] == "IN_FORCE"
    subjects = await documents.announced("document", school)
    assert subjects == ["neo.documents.document.signed.v1", "neo.documents.document.in_force.v1"]


async def test_same_pairing_five_times_is_one_pairing(stand: Stand) -> None:
    documents = await stand.service("documents")
    school = a_school()
    pairing = a_pairing(school, uuid4())

    await stand.publish(*[pairing] * 5)
    last = a_pairing(school, pairing.cycle_id)
    await stand.publish(last)

    await eventually(lambda: documents.count("pairings", school), equals=2)


async def test_order_about_an_unknown_pair_is_refused_and_nothing_is_written(stand: Stand) -> None:
    documents = await stand.service("documents")
    school = a_school()
    pairing = await a_known_pair(stand, documents, school)
    stray = uuid4()
    order = {
        "kind": "DOC08",
        "cycle_id": str(pairing.cycle_id),
        "number": "119-о",
        "signed_on": "2026-10-12",
        "pairing_ids": [str(stray)],
    }

    answer = await documents.call(
        "PUT", f"/schools/{school}/papers/{uuid4()}", by=uuid4(), groups=[f"/schools/{school}/curator"], json=order
    )

    assert answer.status_code == 422
    assert answer.json()["unknown"] == [str(stray)]
    assert await documents.count("papers", school) == 0


async def test_scan_is_told_by_its_content_and_comes_back_whole(stand: Stand) -> None:
    documents = await stand.service("documents")
    school = a_school()
    pairing = await a_known_pair(stand, documents, school)
    door, curator, groups = f"/schools/{school}/papers/{uuid4()}", uuid4(), [f"/schools/{school}/curator"]
    order = {"kind": "DOC01", "cycle_id": str(pairing.cycle_id), "number": "1", "signed_on": "2026-09-01"}
    await documents.call("PUT", door, by=curator, groups=groups, json=order)

    bad = await documents.call("PUT", f"{door}/scan", by=curator, groups=groups, files={"scan": b"MZ\x90not a scan"})
    good = await documents.call("PUT", f"{door}/scan", by=curator, groups=groups, files={"scan": b"%PDF-1.7 order"})
    back = await documents.call("GET", f"{door}/scan", by=curator, groups=groups)

    assert (bad.status_code, good.status_code) == (422, 200)
    assert back.content == b"%PDF-1.7 order"
    assert back.headers["content-type"] == "application/pdf"


async def test_teacher_may_not_register_papers(stand: Stand) -> None:
    documents = await stand.service("documents")
    school = a_school()

    answer = await documents.call("GET", f"/schools/{school}/papers", by=uuid4(), groups=[f"/schools/{school}/teacher"])

    assert answer.status_code == 403
