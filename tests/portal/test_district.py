"""Pages of a district's coordinator: the matrix and its file, the queue of reports, the board."""

import csv
import re
from io import StringIO
from uuid import uuid4

import pytest

from chassis.testing import TokenFactory, eventually
from gateway.portal.places.sheet import MARK
from tests.gateway.house import visiting
from tests.portal.places import ANALYST, Visitor, a_portal, a_reviewed_report, headings
from tests.registry.town import a_school as a_registered_school
from tests.reporting.test_publications import publish
from tests.reporting.year import Year, a_school_year, accepted
from tests.stand import Running, Stand


async def a_published_year(stand: Stand, reporting: Running) -> Year:
    year = await a_school_year(stand, reporting, staff=40, engaged=12)
    await accepted(reporting, year)
    await publish(reporting, uuid4())
    return year


@pytest.mark.usefixtures("empty_city")
async def test_matrix_shows_published_numbers_and_hands_out_the_same(stand: Stand, tokens: TokenFactory) -> None:
    house = await a_portal(stand, tokens)
    year = await a_published_year(stand, house.reporting)
    path = f"/districts/{year.district}/matrix"

    async with visiting(house.app) as client:
        coordinator = Visitor(client, tokens, year.groups["coordinator"])
        page = await coordinator.open(f"{path}?indicator=E_ENG_ANY&indicator=P_CSAT&by=E_ENG_ANY&order=down")
        sheet = await coordinator.open(f"{path}.csv?indicator=E_ENG_ANY&indicator=P_CSAT")
        nobody = await coordinator.open(f"{path}?wanted=nosuchschool")
        strange = await coordinator.open("/districts/elsewhere/matrix")
        analyst = Visitor(client, tokens, [ANALYST])
        city = await analyst.open("/city?kind=school")
        trend = await analyst.open("/city/trend?indicator=E_ENG_ANY")
        publications = await analyst.open("/city/publications")
        closed = await coordinator.open("/city")

    assert page.status_code == 200, page.text
    assert headings(page) == ["Школы района"]
    assert "12 из 40" in page.text
    assert 'aria-sort="descending"' in page.text
    assert "hatched" in page.text
    rows = list(csv.reader(StringIO(sheet.text.removeprefix(MARK)), delimiter=";"))
    (own,) = [row for row in rows if row[0] == f"Имя {year.school}"]
    assert own[1:4] == ["0,3", "12", "40"]
    assert own[7:12] == [""] * 5
    assert "nosuchschool" in nobody.text
    assert headings(city) == ["Школы города"]
    assert f"Имя {year.school}" in city.text
    assert "первая публикация, сравнивать не с чем" in trend.text
    assert "школ: 1, районов: 1" in publications.text
    assert (strange.status_code, closed.status_code) == (403, 403)


async def test_coordinator_returns_with_a_reason_and_accepts(stand: Stand, tokens: TokenFactory) -> None:
    house = await a_portal(stand, tokens)
    year = await a_school_year(stand, house.reporting, staff=12, engaged=4)
    desk = await a_reviewed_report(house.reporting, year)
    report, queue = desk.rpartition("/")[2], f"/districts/{year.district}/reports"

    async with visiting(house.app) as client:
        head = Visitor(client, tokens, year.groups["head"])
        coordinator = Visitor(client, tokens, year.groups["coordinator"])
        for step in ("sign", "submit"):
            await head.post(desk, step=step)
        waiting = await coordinator.open(queue)
        silent = await coordinator.post(f"{queue}/{report}", step="return", reason="")
        returned = await coordinator.post(f"{queue}/{report}", step="return", reason="проверьте штат")
        listed = await coordinator.open(f"{queue}?state=RETURNED")
        late = await coordinator.post(f"{queue}/{report}", step="accept")
        twice = await coordinator.post(f"{queue}/{report}", step="return", reason="и ещё раз")

    assert headings(waiting) == ["Отчёты школ"]
    assert f"{queue}/{report}" in waiting.text
    assert "100 % (1 из 1)" in waiting.text
    assert silent.status_code == 422
    assert 'id="wrong-reason"' in silent.text
    assert 'href="#field-reason"' in silent.text
    assert silent.text.count('id="field-reason"') == 1
    assert returned.headers["location"] == f"{queue}?said=report-returned"
    assert "проверьте штат" in listed.text
    assert (late.status_code, 'role="alert"' in late.text) == (409, True)
    assert (twice.status_code, 'role="alert"' in twice.text) == (409, True)
    assert "Ваша причина не отправлена" in twice.text
    assert "и ещё раз" in twice.text


async def test_board_stands_before_any_publication_and_begins_a_run(stand: Stand, tokens: TokenFactory) -> None:
    house = await a_portal(stand, tokens, "matching")
    school = await a_registered_school(house.registry)
    board = f"/districts/{school.district}/board"

    async with visiting(house.app) as client:
        coordinator = Visitor(client, tokens, [f"/districts/{school.district}/coordinator"])
        page = await coordinator.open(board)

        async def begins() -> int:
            return (await coordinator.post(f"{board}/runs")).status_code

        await eventually(begins, equals=303)
        runs = re.findall(rf"{board}/runs/[0-9a-f-]{{36}}", (await coordinator.open(board)).text)
        run = await coordinator.open(runs[0])
        strange = await Visitor(client, tokens, ["/districts/elsewhere/coordinator"]).open(board)

    assert headings(page) == ["Обмен между школами"]
    assert len(runs) == 1
    assert headings(run) == ["Подбор между школами"]
    assert strange.status_code == 403
