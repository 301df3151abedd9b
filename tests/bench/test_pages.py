"""What is told of pages: which are read by whom, what they cost, and how many calls had to wait for one another."""

import asyncio

import httpx
import pytest
from fastapi import FastAPI

from bench.pages import Timed, p95, pages_of, table_of, verdict_of
from bench.watched import Span, Watch, in_turn


def a_page(path: str, *, p95_ms: float = 2.0, cpu_p95_ms: float = 1.0, first: tuple[float, float] = (5, 4)) -> Timed:
    return Timed("head", path, 200, 1.0, p95_ms, 1.0, cpu_p95_ms, *first, calls=3, in_turn=2, to_bare=4.0)


def test_teacher_and_observer_of_one_school_read_their_own_entries() -> None:
    assert pages_of("spb-112.0001", "teacher-answering")[0] == "/schools/spb-112/my-day"
    assert pages_of("spb-112.0002", "observer")[0] == "/schools/spb-112/visits"


def test_officers_read_the_pages_of_their_district_and_of_the_city() -> None:
    assert pages_of("vyborgsky.coordinator", "coordinator")[0] == "/districts/vyborgsky/matrix"
    assert pages_of("city.operator", "operator") == ["/operations"]
    assert pages_of("city.analyst", "analyst")[0] == "/city"


def test_heavy_pages_are_read_once_beside_the_entries() -> None:
    read = pages_of("spb-112.curator", "curator-answering")

    assert "/schools/spb-112/campaign?due=SELF" in read
    assert len(read) == len(set(read))
    assert "/api" in pages_of("", "nobody")


def test_slowest_page_stands_first_and_one_over_the_limit_has_a_star() -> None:
    table = table_of([a_page("/quick"), a_page("/slow", p95_ms=61.0)])

    assert [line.split()[0] for line in table.splitlines()] == ["page", "/slow", "/quick"]
    assert [line.endswith("*") for line in table.splitlines()] == [False, True, False]


def test_verdict_counts_what_is_over_by_the_clock_and_by_the_processor_alone() -> None:
    rows = [
        a_page("/a", first=(101.0, 99.0)),
        a_page("/b", p95_ms=90.0, first=(300.0, 200.0)),
        a_page("/c", p95_ms=90.0, cpu_p95_ms=70.0),
    ]

    assert verdict_of(rows, 3.5).splitlines() == [
        "3 pages; 2 with a p95 over 60 ms, 1 by processor time alone; load average 3.50 before",
        "first visits: 2 over 100 ms, 1 by processor time alone",
    ]


def test_p95_of_few_visits_is_never_above_the_longest() -> None:
    assert p95([10.0] * 9 + [100.0]) < 100.0


@pytest.mark.parametrize(
    ("spans", "count"),
    [
        ([], 0),
        ([(0, 1), (0, 1), (0, 2)], 1),
        ([(0, 1), (1, 2), (2, 3)], 3),
        ([(0, 5), (0, 1), (1, 2), (5, 6)], 3),
    ],
)
def test_calls_side_by_side_count_once(spans: list[Span], count: int) -> None:
    assert in_turn(spans) == count


async def test_watch_sees_the_calls_behind_a_page_and_forgets_those_of_the_page_before() -> None:
    gateway, service, watch = FastAPI(), FastAPI(), Watch()
    gateway.state.portal = _Portal({"registry": service})
    service.add_api_route("/things", _nothing)

    @gateway.get("/page")
    async def page() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(service), base_url="http://service") as client:
            await client.get("/things")
            await asyncio.gather(client.get("/things"), client.get("/things"))

    gateway.add_api_route("/bare", _nothing)
    watch.begin(gateway)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(gateway), base_url="http://gateway") as client:
        await client.get("/page")
        of_page = watch.last
        await client.get("/bare")

    assert (of_page.calls, watch.last.calls, watch.last.in_turn) == (3, 0, 0)
    assert of_page.wall_ms > 0


class _Portal:
    def __init__(self, upstreams: dict[str, FastAPI]) -> None:
        self.upstreams = upstreams


async def _nothing() -> None:
    pass
