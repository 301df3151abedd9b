"""One number for a request: the answer says it, and each log line about it in the gateway and in the service."""

import json
import logging
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from io import StringIO
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis.doors import doors
from chassis.refusals import Conflict, Forbidden
from chassis.telemetry import json_lines
from chassis.testing import TokenFactory, eventually
from gateway.proxy import Proxy
from tests.chassis.small_service import small_service
from tests.gateway.house import Setting, a_gateway, serving, visiting
from tests.stand import Stand

NUMBER = re.compile(r"[0-9a-f]{32}")
ACCESS = "uvicorn.access"
# As in a container: lines of the server go where all others go.
TELLING = {"log_level": "info", "log_config": None}
TRACE = f"00-{'ab' * 16}-{'cd' * 8}-01"
ROOT = "/api/documents/v1"
# Each would be a second id, an order to a terminal, a line of its own, or no end of letters.
HOSTILE = [
    "forged",
    "0" * 32,
    f"00-{'0' * 32}-{'cd' * 8}-01",
    f"00-{'ab' * 16}-{'0' * 16}-01",
    f"00-{'AB' * 16}-{'cd' * 8}-01",
    f"{TRACE}-more",
    f"{TRACE}, {TRACE}",
    "a" * 7000,
    '{"level": "error"}',
    "%0d%0aX: y",
]


@dataclass(frozen=True, slots=True)
class House:
    """A gateway before a service, each behind a server of its own, and what all of them write."""

    client: httpx.AsyncClient
    tokens: TokenFactory
    text: StringIO

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask as a teacher."""
        return await self.client.get(path, headers={**self.tokens.headers(uuid4(), "/schools/x/teacher"), **headers})

    def lines(self) -> list[dict[str, Any]]:
        """What was written so far."""
        return [json.loads(line) for line in self.text.getvalue().splitlines()]


@contextmanager
def written() -> Iterator[StringIO]:
    """Lines of ours and of the servers, as JSON."""
    text, loggers = StringIO(), [logging.getLogger(name) for name in ("neo", ACCESS)]
    handler = json_lines(text)
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    try:
        yield text
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)


@asynccontextmanager
async def a_house(stand: Stand) -> AsyncIterator[House]:
    router = doors()

    @router.get("/fine")
    async def fine() -> str:
        return "fine"

    @router.get("/refused")
    async def refused() -> None:
        raise Forbidden("identity.role-needed", place="x", roles=["curator"])

    @router.get("/conflict")
    async def conflict() -> None:
        raise Conflict("state.moved-on")

    @router.get("/surprise")
    async def surprise() -> None:
        raise LookupError("inside")

    with written() as text:
        async with (
            small_service(stand, router=router) as service,
            serving(service.app, lifespan="off", **TELLING) as address,
            serving(_gateway(stand, address), **TELLING) as door,
            httpx.AsyncClient(base_url=door) as client,
        ):
            yield House(client, stand.tokens, text)


def _gateway(stand: Stand, address: str) -> Any:
    return a_gateway({"documents": Proxy("documents", address)}, Setting(verifier=stand.tokens.verifier()))


async def test_every_line_about_a_request_has_the_number_of_its_answer(stand: Stand) -> None:
    paths = {"fine": 200, "refused": 403, "conflict": 409, "surprise": 500, "nowhere": 404}
    async with a_house(stand) as house:
        answers = {path: await house.get(f"{ROOT}/{path}") for path in paths}

        async def accesses() -> int:
            return len([line for line in house.lines() if line["logger"] == ACCESS])

        await eventually(accesses, equals=2 * len(paths))
        lines = house.lines()

    assert {path: answer.status_code for path, answer in answers.items()} == paths
    numbers = {path: answer.headers["x-request-id"] for path, answer in answers.items()}
    assert len(set(numbers.values())) == len(paths)
    for path, number in numbers.items():
        accessed = [line for line in lines if line["logger"] == ACCESS and f"/{path} " in line["message"]]
        # The service's server and the gateway's.
        assert [line["trace"] for line in accessed] == [number] * 2
        assert answers[path].is_success or answers[path].json()["trace"] == number
    assert said_of(numbers["refused"], lines) == ["refused", "refused"]
    assert said_of(numbers["surprise"], lines)[0] == "unexpected error"


def said_of(number: str, lines: Sequence[dict[str, Any]]) -> list[str]:
    """What services and gateway themselves said of a request."""
    return [line["message"] for line in lines if line.get("trace") == number and line["logger"].startswith("neo")]


async def test_caller_goes_on_in_a_trace_of_its_own(stand: Stand) -> None:
    async with a_house(stand) as house:
        answer = await house.get(f"{ROOT}/conflict", traceparent=TRACE)

    assert answer.headers["x-request-id"] == answer.json()["trace"] == TRACE.split("-")[1]


async def test_number_that_a_caller_makes_up_is_nowhere(tokens: TokenFactory) -> None:
    numbers = []
    with written() as text:
        async with visiting(a_gateway({}, Setting(verifier=tokens.verifier()))) as client:
            for made_up in HOSTILE:
                headers = {"traceparent": made_up, "x-request-id": made_up}
                answer = await client.get("/api/nobody/v1/x", headers=headers)
                numbers.append(answer.headers.get_list("x-request-id"))

    assert all(len(told) == 1 and NUMBER.fullmatch(told[0]) for told in numbers)
    assert len({told[0] for told in numbers}) == len(HOSTILE)
    assert [one for one in HOSTILE if one in text.getvalue() or [one] in numbers] == []
    assert "ab" * 16 not in text.getvalue() + str(numbers)


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
async def test_failure_of_the_gateway_itself_has_a_number_and_careful_headers(
    tokens: TokenFactory, accept: str
) -> None:
    app = a_gateway({}, Setting(verifier=tokens.verifier()))

    @app.get("/broken")
    async def broken() -> None:
        raise LookupError("inside")

    # Before the door, which takes what no page takes.
    app.router.routes.insert(0, app.router.routes.pop())
    with written() as text:
        async with visiting(app) as client:
            answer = await client.get("/broken", headers={"accept": accept})
    (told,) = [line for line in map(json.loads, text.getvalue().splitlines()) if line["level"] == "error"]

    assert answer.status_code == 500
    assert answer.headers.get_list("x-request-id") == [told["trace"]]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "inside" not in answer.text
