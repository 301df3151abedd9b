"""Two at one page: whoever sends what a page showed before somebody else changed it keeps the words and is told."""

import html
import re
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.testing import eventually
from gateway.portal.talk import Refused, as_seen
from tests.documents.test_papers import a_cycle as opened
from tests.portal.office import Office, an_office, words_of
from tests.registry.cycle import a_cycle, a_draft
from tests.stand import Stand

TOLD = "Пока вы смотрели, это изменил кто-то другой"


def seen_in(page: str, action: str) -> str:
    """The tag that the form of an address carries."""
    (form,) = re.findall(rf'<form[^>]*action="[^"]*{re.escape(action)}".*?</form>', page, re.DOTALL)[:1]
    (tag,) = re.findall(r'name="seen" value="([^"]*)"', form)
    return html.unescape(tag)


def test_what_is_no_tag_of_ours_is_nobodys_state() -> None:
    assert as_seen("") == {}
    assert as_seen('"3-5f2a9c01"') == {"if_match": '"3-5f2a9c01"'}
    assert {as_seen(odd)["if_match"] for odd in ('"x\r\ny"', "*", "метка", 'W/"3"', '"' + "a" * 99 + '"')} == {'""'}


@pytest.mark.parametrize("problem", [{"field": "If-Match"}, {}])
def test_refusal_of_an_older_state_points_to_no_field(problem: dict[str, Any]) -> None:
    refused = Refused(412, problem)

    assert (refused.is_moved_on, refused.fields) == (True, {})


async def test_roles_that_were_ticked_stay_ticked_beside_the_card_as_it_is_now(stand: Stand) -> None:
    async with an_office(stand, ("registry",)) as office:
        person = await office.school.add(roles=["teacher"])
        tag = seen_in(await office.see(f"/people/{person}"), f"/people/{person}/roles")
        await office.school.call("head", "PUT", f"/people/{person}/roles", json={"roles": ["teacher", "curator"]})

        late = await office.do(f"/people/{person}/roles", roles=["observer"], seen=tag)
        again = await office.do(
            f"/people/{person}/roles", roles=["observer"], seen=seen_in(late.text, f"/people/{person}/roles")
        )
        (held,) = await office.school.people()

    assert (late.status_code, TOLD in words_of(late.text)) == (412, True)
    assert re.findall(r'name="roles" value="(\w+)" checked', late.text) == ["observer"]
    assert (again.status_code, held["roles"]) == (303, ["observer", "curator"])


async def test_day_of_a_stage_that_was_typed_stays_typed(stand: Stand) -> None:
    async with an_office(stand, ("registry",)) as office:
        cycle = await a_cycle(office.school)
        page = (await office.ask("GET", "/roadmap", role="head")).text
        first = {"cycle": str(cycle), "due_on": "2026-10-05", "seen": seen_in(page, "/roadmap/2")}
        await office.ask("POST", "/roadmap/2", role="head", data=first)

        late = await office.ask("POST", "/roadmap/3", role="head", data={**first, "due_on": "2026-11-06"})

    assert (late.status_code, TOLD in words_of(late.text)) == (412, True)
    assert 'type="date" value="2026-11-06"' in late.text


async def test_draft_that_was_looked_at_is_approved_once(stand: Stand) -> None:
    async with an_office(stand, ("registry", "reporting")) as office:
        cycle = await a_draft(office.school)
        page = (await office.ask("GET", "/desk", role="head")).text
        sent = {"cycle_id": str(cycle), "seen": seen_in(page, "/desk/cycle")}

        answers = [await office.ask("POST", "/desk/cycle", role="head", data=sent) for _ in range(2)]

    assert [one.status_code for one in answers] == [303, 412]


async def test_cycle_is_moved_from_the_stage_that_the_page_showed(stand: Stand) -> None:
    async with an_office(stand) as office:
        cycle = await a_cycle(office.school)
        tag = seen_in(await office.see("/cycle"), f"/cycle/{cycle}/stage")

        answers = [await _step(office, cycle, stage, tag) for stage in ("DIAGNOSTICS_OPEN", "DIAGNOSTICS_CLOSED")]

    assert [one.status_code for one in answers] == [303, 412]
    assert TOLD in words_of(answers[1].text)


async def test_scan_that_came_late_is_not_kept_and_its_sender_is_told(stand: Stand) -> None:
    async with an_office(stand, ("registry", "tracking", "documents")) as office:
        path = f"/papers/{await _a_paper(stand, office)}/scan"
        tag = seen_in(await office.see("/papers"), path)
        first, late = [await _attach(office, path, words, tag) for words in (b"1", b"2")]
        again = await _attach(office, path, b"3", seen_in(late.text, path))
        kept = await office.ask("GET", path)

    assert [one.status_code for one in (first, late, again)] == [303, 412, 303]
    assert "ваш файл не сохранён" in words_of(late.text)
    assert (
        re.findall(r'href="#(field-scan)"', late.text) == re.findall(r'id="(field-scan)"', late.text) == ["field-scan"]
    )
    assert kept.content.endswith(b"3")


async def _a_paper(stand: Stand, office: Office) -> UUID:
    """A registered paper without a scan."""
    cycle, paper, school = opened(office.school.school_id), uuid4(), office.school.school_id
    await stand.publish(cycle)
    await eventually(lambda: office.services["documents"].count("cycles", school), equals=1)
    order = {"kind": "DOC01", "cycle_id": str(cycle.cycle_id), "number": "1", "signed_on": "2026-09-01"}
    assert (await office.call("documents", "PUT", f"/papers/{paper}", json=order)).status_code == 201
    return paper


async def _attach(office: Office, path: str, words: bytes, seen: str) -> Any:
    return await office.ask("POST", path, data={"seen": seen}, files={"scan": b"%PDF-1.7 " + words})


async def _step(office: Office, cycle: object, stage: str, tag: str) -> Any:
    return await office.do(f"/cycle/{cycle}/stage", stage=stage, seen=tag)
