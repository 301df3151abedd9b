"""A better scan takes the place of the one that was looked at, not of one that somebody else has just attached."""

from uuid import UUID, uuid4

import httpx

from tests.documents.test_archive import SCAN, a_paper
from tests.documents.test_papers import a_known_pair
from tests.stand import Running, Stand, a_school


async def attach(documents: Running, school: str, paper: UUID, words: bytes, seen: str) -> httpx.Response:
    groups, door = [f"/schools/{school}/head"], f"/schools/{school}/papers/{paper}/scan"
    files, headers = {"scan": SCAN + words}, {"If-Match": seen}
    return await documents.call("PUT", door, by=uuid4(), groups=groups, files=files, headers=headers)


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
    assert first.headers["etag"] == second.json()["etag"] == now.headers["etag"]
