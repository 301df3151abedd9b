"""Pages of whole places: what the head, the coordinator and the analyst see, and that nobody else does."""

import csv
import html
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from starlette.datastructures import QueryParams

from chassis.relay import connect_plain
from chassis.testing import TokenFactory, eventually
from deploy.databases import database_of
from deploy.local.infrastructure import Infrastructure
from gateway.portal.city import Cell
from gateway.portal.places.asking import SETS, Asking
from gateway.portal.places.definitions import Meaning, matching
from gateway.portal.places.desk import is_fresh
from gateway.portal.places.reports import verdict_of
from gateway.portal.places.roadmap import name_of
from gateway.portal.places.sheet import MARK, harmless
from gateway.portal.places.table import against
from gateway.portal.places.trend import verdict_of as trend_verdict
from gateway.portal.places.view import named_apart, rows_for
from tests.gateway.house import Setting, a_gateway, visiting
from tests.registry.cycle import a_draft
from tests.registry.town import a_school as a_registered_school
from tests.reporting.test_publications import publish
from tests.reporting.year import AS_OF, Year, a_school_year, accepted
from tests.stand import Running, Stand

KNOWN = ("E_ENG_ANY", "E_DUAL", "GAPS_D", "GAPS_M", "P_CSAT", "P_CSAT.response_rate")
ANALYST = "/city/analyst"


def asked(query: str) -> Asking:
    return Asking.read(QueryParams(query), KNOWN)


def a_cell(low: float | None, high: float | None) -> Cell:
    return Cell(place="a", indicator="E_ENG_ANY", value=0.5, ci_low=low, ci_high=high)


def test_view_without_wishes_shows_the_first_set() -> None:
    assert asked("").indicators == SETS[0].of(KNOWN) == ("E_ENG_ANY", "E_DUAL")


def test_what_no_page_has_written_into_an_address_is_passed_over() -> None:
    view = asked("indicator=NOBODY&by=NOBODY&order=sideways&kind=person&wanted=%20 693%20")

    assert (view.indicators, view.by, view.order, view.kind, view.wanted) == (
        SETS[0].of(KNOWN),
        "",
        "name",
        "district",
        "693",
    )


def test_view_is_read_back_from_its_own_address() -> None:
    view = asked("indicator=GAPS_M&indicator=GAPS_D&by=GAPS_D&order=up&kind=school&district=nevsky&wanted=a%26b")

    address = view.address("/city")

    assert Asking.read(QueryParams(address.partition("?")[2]), KNOWN) == view


def test_changed_view_begins_at_its_first_row() -> None:
    view = asked("indicator=GAPS_D&after=50")

    assert "after" not in view.address("/city", wanted="693")
    assert "after=100" in view.address("/city", after="100")


def test_column_is_sorted_down_then_up_then_not_at_all() -> None:
    first = asked("indicator=GAPS_D").sorted_by("GAPS_D")
    second = asked("indicator=GAPS_D&by=GAPS_D&order=down").sorted_by("GAPS_D")
    third = asked("indicator=GAPS_D&by=GAPS_D&order=up").sorted_by("GAPS_D")

    assert [first["order"], second["order"], third["order"]] == ["down", "up", "name"]


def test_set_by_domain_leaves_out_what_stands_beside_an_indicator() -> None:
    by_name = {one.name: one for one in SETS}

    assert by_name["gaps"].of(KNOWN) == ("GAPS_D", "GAPS_M")
    assert by_name["effect"].of(KNOWN) == ("P_CSAT",)


@pytest.mark.parametrize(
    ("low", "high", "median", "said"),
    [
        (0.6, 0.8, 0.5, "above"),
        (0.2, 0.4, 0.5, "below"),
        (0.4, 0.6, 0.5, ""),
        (None, None, 0.5, ""),
        (0.6, 0.8, None, ""),
    ],
)
def test_place_is_above_the_median_only_with_its_whole_interval(
    low: float | None, high: float | None, median: float | None, said: str
) -> None:
    assert against(a_cell(low, high), median) == said


@pytest.mark.parametrize("text", ["=1+1", "+7", "-1", "@sum", "\tx"])
def test_spreadsheet_is_given_no_formula(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert harmless("ГБОУ школа № 1") == "ГБОУ школа № 1"


def test_sign_in_of_the_last_minutes_is_fresh_while_there_is_time_to_read() -> None:
    assert is_fresh(1000, now=1100)
    assert not is_fresh(1000, now=1290)


@pytest.mark.parametrize(
    ("is_distinguishable", "difference", "said"),
    [(None, None, "not-comparable"), (False, 0.1, "by-chance"), (True, 0.1, "grown"), (True, -0.1, "fallen")],
)
def test_difference_is_judged_in_words(is_distinguishable: bool | None, difference: float | None, said: str) -> None:
    assert verdict_of({"is_distinguishable": is_distinguishable, "difference": difference}) == said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (None, "not-comparable"),
        ({"difference": 0, "is_distinguishable": False}, "same"),
        ({"difference": 0.1, "is_distinguishable": False}, "grown-by-chance"),
        ({"difference": -0.1, "is_distinguishable": True}, "fallen"),
    ],
)
def test_point_of_a_trend_is_judged_against_the_one_before(change: Any, said: str) -> None:
    assert trend_verdict({"change": change}, is_first=False) == said
    assert trend_verdict({"change": change}, is_first=True) == "first"


def a_meaning(name: str, numerator: str = "") -> Meaning:
    return Meaning("P_X", name, "", "", numerator, "", "", "")


def test_definitions_are_found_by_all_words_in_any_order() -> None:
    found = [a_meaning("Реверсивность"), a_meaning("Подтверждённые дефициты", "область: цифровые")]

    assert list(matching(found, "ЦИФРОВЫЕ дефициты")) == [found[1]]
    assert list(matching(found, "p_x")) == found
    assert list(matching(found, "нет такого")) == []


def test_figure_beside_an_indicator_is_called_with_the_indicator_in_front() -> None:
    told = [{"code": "P_CSAT", "name": {"ru": "Удовлетворённость"}}, {"code": "P_CSAT.rate", "name": {"ru": "доля"}}]

    assert [one["name"]["ru"] for one in named_apart(told).values()] == [
        "Удовлетворённость",
        "Удовлетворённость · доля",
    ]


@pytest.mark.parametrize(("columns", "rows"), [(1, 40), (5, 40), (12, 16), (42, 15)])
def test_wide_table_has_fewer_rows_on_a_page(columns: int, rows: int) -> None:
    assert rows_for(Asking(tuple(f"X{number}" for number in range(columns)))) == rows


def test_person_without_a_patronymic_is_named_without_it() -> None:
    assert name_of({"family_name": "Ким", "given_name": "Ли", "patronymic": None}) == "Ким Ли"


class Visitor:
    """Somebody who looks at pages of a gateway over real services."""

    def __init__(self, client: httpx.AsyncClient, tokens: TokenFactory, groups: Sequence[str], **claims: Any) -> None:
        self.client = client
        self.headers = {**tokens.headers(uuid4(), *groups, **claims), "accept": "text/html", "accept-language": "ru"}

    async def open(self, path: str) -> httpx.Response:
        return await self.client.get(path, headers=self.headers)

    async def post(self, path: str, **form: Any) -> httpx.Response:
        return await self.client.post(path, headers=self.headers, data=form)


def headings(page: httpx.Response) -> list[str]:
    return [html.unescape(one) for one in re.findall(r"<h1[^>]*>(.*?)</h1>", page.text)]


@dataclass(frozen=True)
class House:
    """A gateway over real services."""

    app: FastAPI
    reporting: Running
    registry: Running


async def a_portal(stand: Stand, tokens: TokenFactory, *more: str) -> House:
    reporting = await stand.service("reporting", published_url=stand.infrastructure.published_url)
    registry = await stand.service("registry")
    upstreams: Any = {"reporting": reporting.app, "registry": registry.app}
    upstreams |= {name: (await stand.service(name)).app for name in more}
    return House(a_gateway(upstreams, Setting(verifier=tokens.verifier())), reporting, registry)


@pytest_asyncio.fixture
async def empty_city(infrastructure: Infrastructure) -> None:
    """A publication takes the reports of the whole city: begin with none."""
    connection = await connect_plain(infrastructure.postgres.url(database_of("reporting"), "postgres"))
    try:
        await connection.execute("truncate facts.reports, published.publications cascade")
    finally:
        await connection.close()


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


async def a_reviewed_report(reporting: Running, year: Year) -> str:
    """The page of a report that waits for the head."""
    report, groups = str(uuid4()), year.groups["curator"]
    door, wanted = f"/schools/{year.school}/reports/{report}", {"cycle_id": str(year.cycle), "as_of": AS_OF}
    await reporting.call("PUT", door, by=uuid4(), groups=groups, json=wanted)
    await reporting.call("POST", f"{door}/review", by=uuid4(), groups=groups)
    return f"/schools/{year.school}/desk/reports/{report}"


async def test_head_signs_with_a_fresh_sign_in_and_sends_the_report_up(stand: Stand, tokens: TokenFactory) -> None:
    house = await a_portal(stand, tokens)
    year = await a_school_year(stand, house.reporting, staff=12, engaged=4)
    path = await a_reviewed_report(house.reporting, year)

    async with visiting(house.app) as client:
        stale = Visitor(client, tokens, year.groups["head"], auth_time=int(time.time()) - 3600)
        head = Visitor(client, tokens, year.groups["head"])
        before = await stale.open(path)
        refused = await stale.post(path, step="sign")
        desk = await head.open(f"/schools/{year.school}/desk")
        signed = await head.post(path, step="sign")
        sent = await head.post(path, step="submit")
        after = await head.open(path)
        twice = await head.post(path, step="submit")
        strange = await Visitor(client, tokens, year.groups["curator"]).open(path)

    assert "anew=true" in before.text
    assert "Подписать отчёт</button>" not in before.text
    assert refused.headers["location"] == f"/sign-in?return_to={path}&anew=true"
    assert path in desk.text
    assert headings(desk) == ["Ждёт вашей подписи"]
    assert (signed.headers["location"], sent.headers["location"]) == (
        f"{path}?said=report-signed",
        f"{path}?said=report-submitted",
    )
    assert headings(after) == ["Отчёт на 15 июня 2027"]
    assert "отправлен, ждёт района" in after.text
    assert (twice.status_code, strange.status_code) == (409, 403)


async def test_head_approves_a_cycle_and_decides_on_a_stage(stand: Stand, tokens: TokenFactory) -> None:
    house = await a_portal(stand, tokens)
    school = await a_registered_school(house.registry)
    cycle = await a_draft(school)
    path = f"/schools/{school.school_id}"

    async with visiting(house.app) as client:
        head = Visitor(client, tokens, [f"{path}/head"])
        desk = await head.open(f"{path}/desk")
        approved = await head.post(f"{path}/desk/cycle", cycle_id=str(cycle))
        decided = await head.post(f"{path}/roadmap/1", cycle=str(cycle), due_on="2026-09-20")
        wrong = await head.post(f"{path}/roadmap/1", cycle=str(cycle), due_on="2026-09-20", owner_ids=[str(uuid4())])
        roadmap = await head.open(f"{path}/roadmap")
        totals = await head.open(f"{path}/totals")

    assert str(cycle) in desk.text
    assert approved.headers["location"] == f"{path}/desk?said=cycle-approved"
    assert decided.headers["location"].startswith(f"{path}/roadmap?said=stage-decided")
    assert wrong.status_code == 422
    assert 'role="alert"' in wrong.text
    assert headings(roadmap) == ["Дорожная карта"]
    assert "20 сентября 2026" in roadmap.text
    assert headings(totals) == ["Итоги школы"]


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

    assert headings(waiting) == ["Отчёты школ"]
    assert f"{queue}/{report}" in waiting.text
    assert "100 % (1 из 1)" in waiting.text
    assert silent.status_code == 422
    assert returned.headers["location"] == f"{queue}?said=report-returned"
    assert "проверьте штат" in listed.text
    assert late.status_code == 409


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


@pytest.mark.usefixtures("empty_city")
async def test_analyst_orders_a_publication_and_is_told_of_a_wrong_day(stand: Stand, tokens: TokenFactory) -> None:
    house = await a_portal(stand, tokens)

    async with visiting(house.app) as client:
        analyst = Visitor(client, tokens, [ANALYST])
        wrong = await analyst.post("/city/publications", title="2026/27", as_of="2999-01-01")
        ordered = await analyst.post("/city/publications", title="2026/27", as_of="2020-06-15")
        one = await analyst.open(ordered.headers["location"])
        empty = await analyst.open("/city")
        found = await analyst.open("/city/definitions?wanted=реверсивность")

    assert wrong.status_code == 422
    assert 'id="wrong-as_of"' in wrong.text
    assert "2999-01-01" in wrong.text
    assert headings(one) == ["2026/27"]
    assert headings(empty) == ["Районы города"]
    assert "Город ещё ничего не опубликовал" in empty.text
    assert "E_DUAL" in found.text
    assert "E_ENG_MENTOR" not in found.text
