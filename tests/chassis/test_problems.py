"""Problems: one shape for every error, in the caller's language, and nothing of the inside in it."""

import json
import logging
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, Field
from sqlalchemy import text

from chassis.doors import doors
from chassis.problems import Problem, sayable
from chassis.refusals import Conflict, Forbidden, TooLarge
from chassis.telemetry import JsonLines
from tests.chassis.small_service import small_service
from tests.stand import Running, Stand

SECRET = "a-secret-of-somebody"
_BROKEN = text("select cast(:secret as integer)")
_REFUSED_ROW = text("insert into attempts (consumer, event_id, count) values (:secret, null, 1)")
_KEPT = text("select cast(:secret as text), cast(:count as integer)")


class Wish(BaseModel):
    """Something to get wrong."""

    count: int = Field(ge=1)
    kind: str = Field(min_length=1, max_length=10)


def routes() -> APIRouter:
    """Doors behind which something goes wrong."""
    router = doors()

    @router.post("/wishes")
    async def wish(wish: Wish) -> Wish:
        return wish

    @router.get("/conflict")
    async def conflict() -> None:
        raise Conflict("paper.id-taken", field="paper_id", legal=["withdraw"], state="SIGNED")

    @router.get("/roles")
    async def roles() -> None:
        raise Forbidden("identity.role-needed", roles=["curator", "head", "unheard-of"], place="schools/spb-540")

    @router.get("/too-large")
    async def too_large() -> None:
        raise TooLarge("scan.too-large", field="scan", limit_mib=10)

    @router.get("/teapot")
    async def teapot() -> None:
        raise HTTPException(418, SECRET)

    @router.get("/surprise")
    async def surprise() -> None:
        raise LookupError(SECRET)

    @router.get("/{statement}-statement")
    async def statement(request: Request, statement: str) -> None:
        wanted = _BROKEN if statement == "broken" else _REFUSED_ROW
        async with request.app.state.db.transaction() as tx:
            await tx.run(wanted, {"secret": SECRET})

    _keep_things(router)
    return router


def _keep_things(router: APIRouter) -> None:
    @router.put("/conflict")
    async def settle() -> None:
        return None

    @router.post("/words")
    async def keep(request: Request, wish: Wish) -> None:
        async with request.app.state.db.transaction() as tx:
            await tx.run(_KEPT, {"secret": wish.kind, "count": wish.count})


@pytest_asyncio.fixture
async def running(stand: Stand) -> AsyncIterator[Running]:
    async with small_service(stand, router=routes()) as built:
        yield built


@pytest.mark.parametrize(
    ("method", "path", "status", "slug"),
    [
        ("GET", "/nowhere", 404, "http.not-found"),
        ("DELETE", "/conflict", 405, "http.method-not-allowed"),
        ("GET", "/conflict", 409, "paper.id-taken"),
        ("GET", "/too-large", 413, "scan.too-large"),
        ("POST", "/wishes", 422, "request.invalid"),
        ("GET", "/teapot", 418, "http.refused"),
        ("GET", "/surprise", 500, "http.surprise"),
        ("GET", "/broken-statement", 500, "http.surprise"),
    ],
)
async def test_every_error_is_a_problem_with_a_slug(
    running: Running, method: str, path: str, status: int, slug: str
) -> None:
    answer = await running.client.request(method, path)

    problem = Problem.model_validate_json(answer.content)
    assert answer.status_code == problem.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem.type == f"urn:neo:problem:{slug}"
    assert problem.detail != slug
    assert problem.trace is not None


@pytest.mark.parametrize(
    ("wish", "language", "title"),
    [
        (None, "ru", "Не найдено"),
        ("en", "en", "Not found"),
        ("en-GB,en;q=0.9", "en", "Not found"),
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru", "Не найдено"),
        ("ru;q=0.3,en;q=0.9", "en", "Not found"),
        ("en;q=0,ru;q=0.1", "ru", "Не найдено"),
        ("de, fr;q=0.5", "ru", "Не найдено"),
        ("*", "ru", "Не найдено"),
        (";;;,=,q", "ru", "Не найдено"),
    ],
)
async def test_problem_speaks_the_callers_language(
    running: Running, wish: str | None, language: str, title: str
) -> None:
    answer = await running.client.get("/nowhere", headers={"Accept-Language": wish} if wish else {})

    assert answer.headers["content-language"] == language
    assert answer.json()["title"] == title


async def test_sentence_says_codes_in_words_and_the_answer_keeps_the_codes(running: Running) -> None:
    answer = await running.client.get("/roles", headers={"Accept-Language": "en"})

    assert "curator, head of school, unheard-of" in answer.json()["detail"]
    assert answer.json()["roles"] == ["curator", "head", "unheard-of"]


@pytest.mark.parametrize(
    ("fact", "language", "said"),
    [
        ("2027-10-11", "ru", "11 октября 2027"),
        ("2027-10-11", "en", "11 October 2027"),
        ("2027-02-30", "ru", "2027-02-30"),
        ("2027-10-11T09:00", "ru", "2027-10-11T09:00"),
        ([], "ru", "—"),
    ],
)
def test_sentence_names_the_month_of_a_day(fact: object, language: str, said: str) -> None:
    assert sayable({"day": fact, "count": 3}, language) == {"day": said, "count": 3}


async def test_method_that_is_not_allowed_is_told_which_are(running: Running) -> None:
    answer = await running.client.delete("/conflict")

    assert answer.headers["allow"] == "GET, PUT"


@pytest.mark.parametrize("body", [b"\xff\xfe{", b'{"kind": "\xc3"}'])
async def test_body_that_is_not_even_text_is_refused_like_one_that_is_no_json(running: Running, body: bytes) -> None:
    answer = await running.client.post("/wishes", content=body, headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["type"]) == (422, "urn:neo:problem:request.unreadable")


@pytest.mark.parametrize(("kind", "count"), [("a\x00b", 1), ("plain", 2**40)])
async def test_what_no_column_can_hold_is_refused_and_is_no_fault_of_ours(
    running: Running, kind: str, count: int
) -> None:
    answer = await running.client.post("/words", json={"kind": kind, "count": count})

    assert (answer.status_code, answer.json()["type"]) == (422, "urn:neo:problem:request.unkeepable")


async def test_half_a_character_is_refused(running: Running) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await running.client.post("/words", content=b'{"count": 1, "kind": "\\ud800"}', headers=headers)

    assert answer.status_code == 422


async def test_refusal_carries_its_facts(running: Running) -> None:
    answer = (await running.client.get("/conflict")).json()

    assert (answer["field"], answer["legal"], answer["state"]) == ("paper_id", ["withdraw"], "SIGNED")


async def test_each_wrong_field_is_named_with_what_to_do(running: Running) -> None:
    answer = await running.client.post("/wishes", json={"count": 0}, headers={"Accept-Language": "en"})

    errors = {error["field"]: error for error in answer.json()["errors"]}
    assert {field: error["slug"] for field, error in errors.items()} == {
        "count": "request.not-accepted",
        "kind": "request.missing",
    }
    assert "fill it in" in errors["kind"]["detail"]


@pytest.mark.parametrize(
    ("wish", "detail"),
    [
        ({"kind": "", "count": 1}, "Заполните это поле."),
        ({"kind": "б" * 12, "count": 1}, "Слишком длинно: поместится 10 знаков."),
        ({"kind": "а", "count": 0}, "Нужно число не меньше 1."),
        ({"kind": "а", "count": None}, "Здесь нужно целое число."),
        ({"kind": 7, "count": 1}, "Значение записано не так: проверьте его вид и запись."),
    ],
)
async def test_wrong_field_is_told_what_would_be_right(running: Running, wish: object, detail: str) -> None:
    answer = await running.client.post("/wishes", json=wish, headers={"Accept-Language": "ru"})

    assert [error["detail"] for error in answer.json()["errors"]] == [detail]


async def test_broken_json_is_named_as_the_body(running: Running) -> None:
    answer = await running.client.post(
        "/wishes", content=b'{"count": 1,,', headers={"Content-Type": "application/json"}
    )

    errors = answer.json()["errors"]
    assert [(error["field"], error["slug"]) for error in errors] == [("body", "request.unreadable")]


@pytest.mark.parametrize("path", ["/surprise", "/teapot", "/broken-statement", "/refused-statement"])
async def test_nothing_of_the_inside_is_in_an_answer(running: Running, path: str) -> None:
    answer = await running.client.get(path)

    assert SECRET not in answer.text
    assert "Traceback" not in answer.text
    assert "select" not in answer.text
    assert set(answer.json()) == {"type", "title", "status", "detail", "help", "trace"}


@pytest.mark.parametrize("path", ["/broken-statement", "/refused-statement"])
async def test_values_of_a_refused_statement_are_not_in_the_log(
    running: Running, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="neo"):
        await running.client.get(path)

    lines = [json.loads(JsonLines().format(record)) for record in caplog.records if record.name.startswith("neo")]
    assert any("Traceback" in line.get("error", "") for line in lines)
    assert all(SECRET not in json.dumps(line) for line in lines)


async def test_description_of_the_api_shows_problems_and_not_the_frameworks_own_shape(running: Running) -> None:
    described = (await running.client.get("http://service.test/openapi.json")).json()

    responses = described["paths"]["/v1/wishes"]["post"]["responses"]
    assert "application/problem+json" in responses["422"]["content"]
    assert "HTTPValidationError" not in json.dumps(described)
