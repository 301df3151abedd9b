"""Long jobs live: events when something changed, an end when the job ends, the rights of the page, and not too many."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse

from chassis.testing import TokenFactory, eventually
from chassis.texts import Texts
from gateway.portal.live.progress import Telling, of_import, of_publication, of_run
from gateway.portal.live.watching import MOST_STREAMS
from gateway.portal.rooms import packages
from tests.gateway.house import Setting, Witness, a_gateway, visiting

SCHOOL, RUN = "spb-693", uuid4()
CURATOR = f"/schools/{SCHOOL}/curator"
WATCH = f"/live/schools/{SCHOOL}/runs/{RUN}"


def a_run(state: str, step: str = "dual-first:solve", share: float = 0.2) -> dict[str, Any]:
    return {"state": state, "is_searching": False, "progress": {"step": step, "share": share}}


def an_import(state: str, step: str = "waiting", share: float = 0.0) -> dict[str, Any]:
    progress = {"step": step, "share": share} if state == "APPLYING" else None
    return {"state": state, "progress": progress}


def answering(answers: Iterator[JSONResponse]) -> FastAPI:
    service = FastAPI()

    @service.get("/v1/schools/{school}/runs/{run_id}")
    async def run() -> JSONResponse:
        return next(answers)

    return service


def for_ever(content: dict[str, Any]) -> Iterator[JSONResponse]:
    while True:
        yield JSONResponse(content)


@asynccontextmanager
async def a_house(answers: Iterator[JSONResponse], tokens: TokenFactory) -> AsyncIterator[httpx.AsyncClient]:
    named = Witness(JSONResponse({"name": "Школа 693"}))
    app = a_gateway({"matching": answering(answers), "registry": named}, Setting(verifier=tokens.verifier()))
    async with visiting(app) as client:
        yield client
        app.state.farewell.say()


def told(answer: httpx.Response) -> list[dict[str, Any]]:
    lines = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in lines]


async def test_a_run_is_told_when_it_changes_and_the_stream_ends_with_it(tokens: TokenFactory) -> None:
    said = iter(JSONResponse(run) for run in (a_run("SOLVING"), a_run("SOLVING"), a_run("REVIEW")))

    async with a_house(said, tokens) as client:
        answer = await client.get(WATCH, headers={**tokens.headers(uuid4(), CURATOR), "accept-language": "en"})

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert [(one["words"], one["share"], one["is_over"]) for one in told(answer)] == [
        ("Both roles first: looking for the best network", 0.2, False),
        ("Done: you can look at the network", 1.0, True),
    ]


async def test_a_stream_ends_with_the_rights_to_its_job(tokens: TokenFactory) -> None:
    said = iter([JSONResponse(a_run("SOLVING")), JSONResponse({"type": "urn:identity.expired"}, 401)])

    async with a_house(said, tokens) as client:
        answer = await client.get(WATCH, headers=tokens.headers(uuid4(), CURATOR))

    assert [one["is_over"] for one in told(answer)] == [False]


async def test_a_job_is_watched_with_the_rights_of_its_page(tokens: TokenFactory) -> None:
    missing = iter([JSONResponse({"type": "urn:run.unknown", "detail": "no such run"}, 404)])

    async with a_house(missing, tokens) as client:
        stranger = await client.get(WATCH)
        teacher = await client.get(WATCH, headers=tokens.headers(uuid4(), f"/schools/{SCHOOL}/teacher"))
        elsewhere = await client.get(WATCH, headers=tokens.headers(uuid4(), "/schools/spb-1/curator"))
        unknown = await client.get(WATCH, headers=tokens.headers(uuid4(), CURATOR))

    assert [one.status_code for one in (stranger, teacher, elsewhere, unknown)] == [401, 403, 403, 404]


async def test_a_reader_has_a_handful_of_streams_and_they_end_at_the_farewell(tokens: TokenFactory) -> None:
    headers = tokens.headers(uuid4(), CURATOR)

    async with a_house(for_ever(a_run("SOLVING")), tokens) as client:
        streams = [asyncio.create_task(client.get(WATCH, headers=headers)) for _ in range(MOST_STREAMS)]
        await eventually(lambda: _status(client, headers), equals=429)
    answers = await asyncio.gather(*streams)

    assert [one.status_code for one in answers] == [200] * MOST_STREAMS


async def _status(client: httpx.AsyncClient, headers: dict[str, str]) -> int:
    """Of one more stream, which is left at once where it begins."""
    asking = asyncio.create_task(client.get(WATCH, headers=headers))
    done, _ = await asyncio.wait([asking], timeout=0.2)
    if not done:
        asking.cancel()
        return 200
    return asking.result().status_code


def say(slug: str, **facts: Any) -> str:
    return Texts.load(*packages()).say(slug, "en", **facts)


@pytest.mark.parametrize(
    ("run", "words", "is_over"),
    [
        (a_run("SOLVING", "waiting"), "waiting in the queue", False),
        (a_run("SOLVING", "coverage-first:reach"), "Reach first: looking at how many can be reached", False),
        (a_run("SOLVING", "a-step-of-tomorrow"), "looking for the best network", False),
        (a_run("PUBLISHED") | {"is_searching": True}, "Looking for the next best pair after a no", False),
        (a_run("CANCELLED"), "Cancelled", True),
    ],
)
def test_each_step_of_a_run_has_words(run: dict[str, Any], words: str, is_over: bool) -> None:
    telling = of_run(run, say)

    assert (telling.words, telling.is_over) == (words, is_over)


@pytest.mark.parametrize(
    ("found", "words", "share", "is_over"),
    [
        (an_import("APPLYING"), "Waiting in the queue", None, False),
        (an_import("APPLYING", "comparing"), "Comparing the file with the people at the school", None, False),
        (an_import("APPLYING", "writing", 0.5), "Saving people, roles and accounts", 0.5, False),
        (an_import("APPLIED"), "The file is applied", 1.0, True),
        (an_import("CHECKED"), "The file is checked and waiting to be applied", 1.0, True),
        (an_import("FAILED"), "The file was not applied, nothing has changed", 1.0, True),
    ],
)
def test_an_import_is_over_unless_it_is_being_applied(
    found: dict[str, Any], words: str, share: float | None, is_over: bool
) -> None:
    assert of_import(found, say) == Telling(words, share, is_over)


def test_a_publication_is_over_when_it_stands_or_failed() -> None:
    told = [of_publication({"state": state}, say).is_over for state in ("COMPUTING", "PUBLISHED", "FAILED")]

    assert told == [False, True, True]
