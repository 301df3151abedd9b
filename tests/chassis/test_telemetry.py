"""Telemetry: what the runbook promises is measured, by route and never by school or person."""

import json
import logging
import re
from pathlib import Path
from uuid import uuid4

import pytest

from chassis.intake import on
from chassis.telemetry import JsonLines
from chassis.testing import eventually
from chassis.trace import child_of, continue_trace, new_traceparent
from contracts.registry import CycleOpened
from tests.chassis.small_service import HEARD, a_cycle, small_service
from tests.chassis.test_intake import Diary
from tests.stand import Running, Stand, a_school

RUNBOOK = Path(__file__).parents[2] / "docs" / "runbook.md"


def promised() -> set[str]:
    """The metrics in the runbook's table of signals; `up` is Prometheus' own."""
    table = RUNBOOK.read_text(encoding="utf-8").partition("## The signals")[2].partition("\n##")[0]
    return set(re.findall(r"^\| `([a-z_]+)` \|", table, re.MULTILINE)) - {"up"}


async def metrics(running: Running) -> str:
    return (await running.client.get("http://service.test/metrics")).text


async def test_everything_in_the_runbook_is_measured(stand: Stand) -> None:
    async with small_service(stand, on(CycleOpened, Diary().take)) as running:
        found = await metrics(running)

    measured = set(re.findall(r"^# TYPE (\S+)", found, re.MULTILINE))
    assert len(promised()) >= 9
    assert promised() - measured == set()
    for gauge in ("consumer_pending", "consumer_ack_pending", "consumer_redelivered"):
        assert f'{gauge}{{consumer="{HEARD}"}}' in found


async def test_requests_are_counted_by_the_template_of_their_route(stand: Stand) -> None:
    documents = await stand.service("documents")
    school = a_school()

    await documents.call("GET", f"/schools/{school}/papers", by=uuid4(), groups=[f"/schools/{school}/curator"])
    await documents.client.get(f"/schools/{school}/nowhere")
    found = await metrics(documents)

    assert 'method="GET",route="/v1/schools/{school}/papers",status="200"' in found
    assert 'route="unmatched",status="404"' in found
    assert school not in found


async def test_dead_letters_and_retries_are_counted(hasty: Stand) -> None:
    fact = a_cycle(a_school())

    async def fail(tx: object, event: CycleOpened) -> None:
        if event.event_id == fact.event_id:
            raise LookupError

    async def counted(running: Running) -> bool:
        found = await metrics(running)
        return f'dead_letters_total{{consumer="{HEARD}",reason="LookupError"}} 1.0' in found

    async with small_service(hasty, on(CycleOpened, fail)) as running:
        await hasty.publish(fact)
        await eventually(lambda: counted(running), equals=True)
        assert f'retries_total{{consumer="{HEARD}"}} 4.0' in await metrics(running)


async def test_two_services_in_one_process_count_for_themselves(stand: Stand) -> None:
    async with small_service(stand) as first, small_service(stand) as second:
        await first.client.get("/nowhere")

        assert 'status="404"' in await metrics(first)
        assert 'status="404"' not in await metrics(second)


def line_of(record: logging.LogRecord) -> dict[str, object]:
    found: dict[str, object] = json.loads(JsonLines().format(record))
    return found


def test_log_line_is_json_with_its_extras_and_the_trace() -> None:
    trace = continue_trace(new_traceparent())
    record = logging.makeLogRecord({"name": "neo.bus", "levelname": "INFO", "msg": "dead letter", "sequence": 7})

    line = line_of(record)

    assert (line["message"], line["sequence"], line["logger"]) == ("dead letter", 7, "neo.bus")
    assert line["trace"] == trace.split("-")[1]


@pytest.mark.parametrize(
    "quoted",
    [
        "duplicate key\nDETAIL:  Key (family_name)=(Ivanova) already exists.",
        "null value\nDETAIL:  Failing row contains (1, Ivanova\nAnna, null).\n[SQL: insert into people]",
        "(Error) invalid input for query argument $3: 'Ivanova' (expected int)\n[SQL: select $3]",
        'invalid input syntax for type double precision: "Ivanova"',
    ],
)
def test_values_that_the_database_quotes_do_not_reach_the_log(quoted: str) -> None:
    try:
        raise ValueError(quoted)
    except ValueError as error:
        told = (type(error), error, error.__traceback__)
    line = line_of(logging.makeLogRecord({"msg": "x", "exc_info": told}))

    assert "Ivanova" not in str(line)
    assert "Anna" not in str(line)
    assert ("[SQL: " in str(line)) is ("[SQL: " in quoted)


@pytest.mark.parametrize("given", [None, "", "nonsense", "00-short-00f067aa0ba902b7-01", "ff-" + "0" * 32 + "-1-1"])
def test_trace_that_is_not_well_formed_begins_anew(given: str | None) -> None:
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", child_of(given))


def test_span_changes_and_trace_stays() -> None:
    parent = new_traceparent()

    child = child_of(parent)

    assert child.split("-")[1] == parent.split("-")[1]
    assert child.split("-")[2] != parent.split("-")[2]
