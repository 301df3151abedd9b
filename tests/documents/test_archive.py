"""The restricted archive: scans of signed papers about erased people, listed and opened by the auditor alone."""

import asyncio
from collections.abc import Sequence
from datetime import date
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from chassis.testing import eventually
from contracts.documents import ConsentsErased
from contracts.matching import PairingFormed
from contracts.registry import MembershipChanged, PersonErased
from services.documents.domain import retain_until
from services.documents.store import papers
from tests.documents.test_papers import NOW, a_cycle, a_pairing
from tests.stand import Running, Stand, a_school

SCAN = b"%PDF-1.7 signed by somebody with a name"
WAITING = "pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
ROLES = ("teacher", "observer", "curator", "head", "coordinator", "analyst", "operator")


async def a_pair(stand: Stand, documents: Running, school: str, giver_school: str) -> PairingFormed:
    cycle = a_cycle(school)
    pairing = a_pairing(school, cycle.cycle_id).model_copy(update={"giver_school": giver_school})
    await stand.publish(pairing, cycle)
    await eventually(lambda: documents.count("pairings", school), equals=1)
    await eventually(lambda: documents.count("cycles", school), equals=1)
    return pairing


async def a_paper(documents: Running, school: str, pairing: PairingFormed, kind: str = "DOC08") -> UUID:
    """A registered paper about a pair, with its scan."""
    paper = await a_bare_paper(documents, school, pairing, kind)
    assert (await scan(documents, school, paper)).status_code == 200
    return paper


async def a_bare_paper(documents: Running, school: str, pairing: PairingFormed, kind: str = "DOC08") -> UUID:
    """A registered paper about a pair, without a scan."""
    paper, groups = uuid4(), [f"/schools/{school}/curator"]
    order = {
        "kind": kind,
        "cycle_id": str(pairing.cycle_id),
        "number": "118-о",
        "signed_on": "2026-10-12",
        "pairing_ids": [str(pairing.pairing_id)],
    }
    door = f"/schools/{school}/papers/{paper}"
    assert (await documents.call("PUT", door, by=uuid4(), groups=groups, json=order)).status_code == 201
    return paper


async def scan(documents: Running, school: str, paper: UUID) -> httpx.Response:
    groups, door = [f"/schools/{school}/curator"], f"/schools/{school}/papers/{paper}/scan"
    return await documents.call("PUT", door, by=uuid4(), groups=groups, files={"scan": SCAN})


async def read(documents: Running, path: str, *groups: str) -> httpx.Response:
    return await documents.call("GET", path, by=uuid4(), groups=groups)


async def erase(stand: Stand, documents: Running, person: UUID, *schools: str) -> None:
    await stand.publish(PersonErased(person_id=person, school_ids=schools, occurred_at=NOW))

    async def confirmed() -> int:
        return len(await documents.bodies("consents.erased", str(person)))

    await eventually(confirmed, equals=1)


async def test_scan_moves_to_the_archive_that_the_auditor_alone_lists(stand: Stand) -> None:
    documents, school = await stand.service("documents"), a_school()
    pairing = await a_pair(stand, documents, school, school)
    paper, other = await a_paper(documents, school, pairing), uuid4()

    await erase(stand, documents, pairing.taker_id, school)

    curator = f"/schools/{school}/curator"
    (line,) = (await read(documents, f"/schools/{school}/papers", curator)).json()["items"]
    assert (line["number"], line["has_scan"], line["is_restricted"]) == ("118-о", False, True)
    assert (await read(documents, f"/schools/{school}/papers/{paper}/scan", curator)).status_code == 404
    (kept,) = (await read(documents, f"/archive?school={school}", "/city/auditor")).json()["items"]
    assert (kept["paper_id"], kept["kind"], kept["retain_until"]) == (str(paper), "DOC08", "2076-12-31")
    opened = await read(documents, f"/archive/{paper}/scan?school={school}", "/city/auditor")
    assert (opened.content, opened.headers["content-type"]) == (SCAN, "application/pdf")
    assert (await read(documents, f"/archive/{other}/scan?school={school}", "/city/auditor")).status_code == 404
    (fact,) = await documents.bodies("consents.erased", str(pairing.taker_id))
    assert ConsentsErased.model_validate_json(fact).schools == (school,)


@pytest.mark.parametrize("path", ["/archive?school={}", "/archive/7f8f3a52-58a6-4f0e-9d0b-0a8d6a2f1c11/scan?school={}"])
async def test_archive_opens_to_the_auditor_of_the_city_or_of_the_school(stand: Stand, path: str) -> None:
    documents, school = await stand.service("documents"), a_school()
    door = path.format(school)
    everybody: Sequence[str] = [f"/{place}/{role}" for place in (f"schools/{school}", "city") for role in ROLES]

    refused = [await read(documents, door, *everybody), await read(documents, door, "/schools/other/auditor")]
    entered = [await read(documents, door, group) for group in ("/city/auditor", f"/schools/{school}/auditor")]

    assert (await documents.client.get(door)).status_code == 401
    assert [answer.status_code for answer in refused] == [403, 403]
    assert {answer.status_code for answer in entered} <= {200, 404}


async def test_paper_in_the_partners_school_moves_too_and_takes_no_new_scan(stand: Stand) -> None:
    documents, school, elsewhere = await stand.service("documents"), a_school(), a_school()
    pairing = await a_pair(stand, documents, school, elsewhere)
    paper = await a_paper(documents, school, pairing)

    await erase(stand, documents, pairing.giver_id, elsewhere)

    assert await documents.count("scans", school) == 0
    assert await documents.count("archived_scans", school) == 1
    again = await scan(documents, school, paper)
    assert (again.status_code, again.json()["type"]) == (409, "urn:neo:problem:scan.restricted")


async def test_scan_that_is_being_attached_while_the_person_is_erased_ends_in_the_archive(stand: Stand) -> None:
    documents, school = await stand.service("documents"), a_school()
    pairing = await a_pair(stand, documents, school, school)
    paper = await a_bare_paper(documents, school, pairing)

    async with documents.db.transaction(school) as tx:
        await papers.save_scan(tx, school, paper, media_type="image/png", sha256="0" * 64, content=b"")
        attaching = asyncio.create_task(scan(documents, school, paper))
        await eventually(lambda: documents.count(WAITING), equals=1)
        erasing = asyncio.create_task(erase(stand, documents, pairing.taker_id, school))
        # Time enough to overtake it, for an erasure that would not wait.
        await asyncio.wait({erasing}, timeout=1.0)
        await tx.run(text("delete from scans"))
    await asyncio.gather(attaching, erasing)

    assert await documents.count("scans", school) == 0
    assert await documents.count("archived_scans", school) == 1


async def test_papers_about_other_pairs_stay_where_they_are(stand: Stand) -> None:
    documents, school = await stand.service("documents"), a_school()
    pairing = await a_pair(stand, documents, school, school)
    await a_paper(documents, school, pairing)

    await erase(stand, documents, uuid4(), school)

    assert await documents.count("scans", school) == 1
    assert await documents.count("archived_scans", school) == 0


async def test_erased_person_gives_no_consent_and_late_news_does_not_bring_the_person_back(stand: Stand) -> None:
    documents, school, person = await stand.service("documents"), a_school(), uuid4()
    door, groups = f"/schools/{school}/my/consents/PD_PLATFORM", [f"/schools/{school}/teacher"]
    await documents.call("PUT", door, by=person, groups=groups)
    await erase(stand, documents, person, school)

    again = await documents.call("PUT", door, by=person, groups=groups)
    await stand.publish(a_membership(school, person))
    last = a_membership(school, uuid4())
    await stand.publish(last)
    await eventually(lambda: documents.count("members where is_member", school), equals=1)

    assert (again.status_code, again.json()["type"]) == (403, "urn:neo:problem:identity.erased")
    assert await documents.count("consents", school) == 0


def a_membership(school: str, person: UUID) -> MembershipChanged:
    return MembershipChanged(
        school_id=school,
        person_id=person,
        roles=("teacher",),
        role_profiles=(),
        subjects=(),
        counts_in_staff=True,
        joined_on=NOW.date(),
        occurred_at=NOW,
    )


def test_papers_are_kept_as_long_as_the_list_of_the_archive_agency_says() -> None:
    signed = date(2026, 10, 12)

    until = {kind: retain_until(kind, signed) for kind in ("DOC01", "DOC07", "DOC17", "DOC09")}

    assert until == {
        "DOC01": None,
        "DOC07": date(2076, 12, 31),
        "DOC17": date(2029, 12, 31),
        "DOC09": date(2031, 12, 31),
    }
