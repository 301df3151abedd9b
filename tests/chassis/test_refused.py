"""Refused requests are told and counted: when, what, who, from where; without a token, an address or any content."""

import json
import logging
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from chassis.doors import doors
from chassis.identity import TokenVerifier
from chassis.refusals import Unavailable
from chassis.refused import PASSED_ON, Notes, Watch, notes_of, origin_of
from chassis.telemetry import JsonLines, json_lines, log_as_json
from chassis.testing import AUDIENCE, ISSUER
from tests.chassis.small_service import small_service
from tests.stand import Stand, a_school


@contextmanager
def written() -> Iterator[StringIO]:
    """What the process writes to its log meanwhile, as JSON lines."""
    text, ours = StringIO(), logging.getLogger("neo")
    handler, level = json_lines(text), ours.level
    ours.addHandler(handler)
    ours.setLevel(logging.INFO)
    try:
        yield text
    finally:
        ours.removeHandler(handler)
        ours.setLevel(level)


def refused(text: StringIO) -> list[dict[str, object]]:
    lines = [json.loads(line) for line in text.getvalue().splitlines()]
    return [line for line in lines if line["logger"] == "neo.refused"]


async def test_request_without_the_right_is_told_with_time_rule_person_and_place_of_origin(stand: Stand) -> None:
    person, school = uuid4(), a_school()
    documents = await stand.service("documents")

    with written() as text:
        await documents.call("GET", f"/schools/{school}/papers", by=person, groups=[f"/schools/{school}/teacher"])
    (line,) = refused(text)

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", str(line["at"]))
    assert (line["slug"], line["status"], line["method"]) == ("identity.role-needed", 403, "GET")
    assert (line["caller"], line["route"]) == (str(person), "/v1/schools/{school}/papers")
    assert line["from_class"] in ("this-machine", "unknown", "inside")
    assert len(str(line["trace"])) == 32
    assert school not in json.dumps(line)


async def test_bad_token_is_told_without_the_token(stand: Stand) -> None:
    documents = await stand.service("documents")

    with written() as text:
        await documents.client.get("/schools/x/papers", headers={"Authorization": "Bearer secret.of.somebody"})
    (line,) = refused(text)

    assert (line["slug"], line["status"], line["caller"]) == ("identity.bad-token", 401, None)
    assert "secret.of.somebody" not in text.getvalue()


async def test_refused_content_is_told_by_its_rule_and_never_repeated(stand: Stand) -> None:
    documents, school = await stand.service("documents"), a_school()

    with written() as text:
        await documents.call(
            "GET", f"/schools/{school}/papers?after=Ivanova", by=uuid4(), groups=[f"/schools/{school}/curator"]
        )
        told = refused(text)

    assert [line["status"] for line in told] == [422]
    assert "Ivanova" not in text.getvalue()


async def test_refusals_are_counted_by_slug(stand: Stand) -> None:
    documents, school = await stand.service("documents"), a_school()

    await documents.call("GET", f"/schools/{school}/papers", by=uuid4(), groups=[])
    found = (await documents.client.get("http://service.test/metrics")).text

    assert 'refusals_total{slug="identity.role-needed",status="403"}' in found


async def test_unexpected_error_is_told_and_the_caller_learns_nothing_of_it(stand: Stand) -> None:
    router = doors()

    @router.get("/surprise")
    async def surprise() -> None:
        raise LookupError("inside")

    with written() as text:
        async with small_service(stand, router=router) as running:
            answer = await running.client.get("/surprise")
    lines = [json.loads(line) for line in text.getvalue().splitlines()]
    (told,) = [line for line in lines if line["message"] == "unexpected error"]

    assert answer.status_code == 500
    assert "inside" not in answer.text
    assert "LookupError" in told["error"]
    assert told["trace"] == answer.json()["trace"]


async def test_keys_that_cannot_be_fetched_are_told() -> None:
    async def fetch() -> dict[str, Any]:
        raise ssl.SSLCertVerificationError

    with written() as text, pytest.raises(Unavailable):
        await TokenVerifier(issuer=ISSUER, audience=AUDIENCE, fetch_keys=fetch).verify("x.y.z")
    (line,) = [json.loads(one) for one in text.getvalue().splitlines()]

    assert (line["logger"], line["reason"], line["level"]) == ("neo.identity", "SSLCertVerificationError", "warning")


def test_line_break_in_what_is_logged_makes_no_line_of_its_own() -> None:
    forged = 'x\n{"at": "2026-01-01", "level": "info", "message": "signed in"}\r\n\x1b[31m\x9b\u2028\u202e'
    record = logging.makeLogRecord({"name": forged, "msg": forged, "slug": forged, "levelname": "INFO"})

    written_line = JsonLines().format(record)

    assert len(written_line.splitlines()) == 1
    assert written_line.isprintable()
    assert json.loads(written_line)["slug"] == forged


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("127.0.0.1", "this-machine"),
        ("10.1.2.3", "inside"),
        ("8.8.8.8", "outside"),
        ("2a00:1450::1", "outside"),
        ("", "unknown"),
    ],
)
def test_origin_is_a_class_and_a_mark_and_no_address(host: str, kind: str) -> None:
    one, other = origin_of({"client": (host, 1)}), origin_of({"client": ("203.0.113.9", 1)})

    assert one["from_class"] == kind
    assert one == origin_of({"client": (host, 2)})
    assert one["from_mark"] != other["from_mark"]
    assert not host or host not in str(one)


def test_copies_of_a_request_share_its_notes() -> None:
    scope: dict[str, object] = {}
    notes_of(scope).caller = "somebody"
    copied = {**scope}
    notes_of(copied).slug = "form.not-signed"

    assert scope["neo.notes"] == Notes("somebody", "form.not-signed")


def test_answer_that_was_passed_on_is_told_and_not_counted_twice() -> None:
    registry = CollectorRegistry()
    with written() as text:
        Watch(registry).look({"method": "GET", "client": None}, "/api/{service}/v1/{path:path}", 403)
        Watch(CollectorRegistry()).look({"method": "GET", "client": None}, "/", 404)

    assert [line["slug"] for line in refused(text)] == [PASSED_ON]
    assert b"refusals_total{" not in generate_latest(registry)


def test_client_of_keycloak_does_not_write_the_addresses_that_it_calls() -> None:
    root, client = logging.getLogger(), logging.getLogger("httpx")
    before = (list(root.handlers), root.level, client.level)
    try:
        log_as_json()
        is_told = client.isEnabledFor(logging.INFO)
    finally:
        root.handlers[:], root.level, client.level = before

    assert not is_told


def test_server_writes_json_like_everybody_else(capsys: pytest.CaptureFixture[str]) -> None:
    root, server = logging.getLogger(), logging.getLogger("uvicorn.error")
    before = (list(root.handlers), root.level, list(server.handlers), server.propagate)
    server.addHandler(logging.StreamHandler())
    try:
        log_as_json()
        server.warning("Invalid HTTP request received.")
    finally:
        root.handlers[:], root.level, server.handlers[:], server.propagate = before

    assert json.loads(capsys.readouterr().err)["logger"] == "uvicorn.error"
