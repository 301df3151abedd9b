"""A scan takes the place of what was looked at, a scan or none, not of one that somebody else has just attached."""

import asyncio
from uuid import UUID, uuid4

import httpx

from chassis.testing import eventually
from tests.documents.test_archive import SCAN, a_paper
from tests.documents.test_papers import a_cycle, a_known_pair
from tests.stand import Running, Stand, a_school


async def attach(documents: Running, school: str, paper: UUID, words: bytes, seen: str) -> httpx.Response:
    groups, door = [f"/schools/{school}/head"], f"/schools/{school}/papers/{paper}/scan"
    files, headers = {"scan": SCAN + words}, {"If-Match": seen}
    return await documents.call("PUT", door, by=uuid4(), groups=groups, files=files, headers=headers)


async def a_bare_paper(stand: Stand, documents: Running, school: str) -> tuple[UUID, str]:
    """A registered paper without a scan, and the tag that its registration answered with."""
    cycle, paper = a_cycle(school), uuid4()
    await stand.publish(cycle)
    await eventually(lambda: documents.count("cycles", school), equals=1)
    order = {"kind": "DOC01", "cycle_id": str(cycle.cycle_id), "number": "1", "signed_on": "2026-09-01"}
    groups, door = [f"/schools/{school}/curator"], f"/schools/{school}/papers/{paper}"
    registered = await documents.call("PUT", door, by=uuid4(), groups=groups, json=order)
    return paper, registered.json()["etag"]


async def listed(documents: Running, school: str) -> str:
    answer = await documents.call("GET", f"/schools/{school}/papers", by=uuid4(), groups=[f"/schools/{school}/curator"])
    (paper,) = answer.json()["items"]
    return str(paper["etag"])


async def test_scan_is_replaced_as_it_was_seen(stand: Stand) -> None:
    documents = await stand.service("documents")
    school = a_school()
    paper = await a_paper(documents, school, await a_known_pair(stand, documents, school))
    groups = [f"/schools/{school}/curator"]
    read = await documents.call("GET", f"/schools/{school}/papers/{paper}/scan", by=uuid4(), groups=groups)

    first = await attach(documents, school, paper, b"1", read.headers["etag"])
    second = await attach(documents, school, paper, b"2", read.headers["etag"])
    now = await documents.call("GET", f"/schools/{school}/papers/{paper}/scan", by=uuid4(), groups=groups)

    assert (first.status_code, second.status_code) == (200, 412)
    assert now.content.endswith(b"1")
    assert first.headers["etag"] == second.json()["etag"] == now.headers["etag"] == await listed(documents, school)


async def test_of_two_who_attach_the_first_scan_at_once_one_is_told(stand: Stand) -> None:
    documents = await stand.service("documents")
    school = a_school()
    paper, tag = await a_bare_paper(stand, documents, school)
    assert tag == await listed(documents, school)

    both = await asyncio.gather(*(attach(documents, school, paper, words, tag) for words in (b"1", b"2")))

    assert sorted(one.status_code for one in both) == [200, 412]
    (kept,) = (one for one in both if one.status_code == 200)
    assert kept.headers["etag"] == await listed(documents, school)


async def test_star_asks_for_a_scan_that_is_there(stand: Stand) -> None:
    documents = await stand.service("documents")
    school = a_school()
    paper, tag = await a_bare_paper(stand, documents, school)

    early = await attach(documents, school, paper, b"1", "*")
    await attach(documents, school, paper, b"1", tag)
    late = await attach(documents, school, paper, b"2", "*")

    assert (early.status_code, early.json()["etag"], late.status_code) == (412, tag, 200)
