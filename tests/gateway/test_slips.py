"""The pages of the first sign-in: the form without script, its troubles, and the sheet on paper."""

import json
import re
from typing import Any
from uuid import uuid4

import httpx
import pytest
import segno
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp

from chassis.testing import TokenFactory
from chassis.texts import LANGUAGES
from tests.gateway.house import Setting, a_gateway, visiting
from tests.gateway.test_pages import BROWSER, Outline

CODE, PASSWORD = "ABCDE-FGHJK-MNPQR", "a long enough password"
SHEET = "/schools/spb-693/slips/sheet"


def a_registry(answer: JSONResponse, heard: list[dict[str, Any]]) -> dict[str, ASGIApp]:
    """A registry that answers always the same, and remembers what it was asked."""
    service = FastAPI()

    @service.post("/v1/slips:redeem")
    @service.post("/v1/schools/{school}/slips")
    async def take(request: Request) -> JSONResponse:
        heard.append({"body": await request.json(), "headers": dict(request.headers), "path": request.url.path})
        return answer

    return {"registry": service}


async def post(upstreams: dict[str, ASGIApp], path: str = "/welcome?lang=ru", **request: Any) -> httpx.Response:
    async with visiting(a_gateway(upstreams, request.pop("setting", None))) as client:
        return await client.post(path, headers={**BROWSER, **request.pop("headers", {})}, **request)


def a_form(**other: str) -> dict[str, str]:
    return {"code": CODE, "password": PASSWORD, "again": PASSWORD, **other}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_page_of_the_first_sign_in_is_whole_and_stays_at_home(language: str) -> None:
    async with visiting(a_gateway({})) as client:
        text = (await client.get(f"/welcome?lang={language}", headers=BROWSER)).text

    page = Outline(text)
    labelled = list(page.values("for"))
    assert page.tags.count("h1") == 1
    assert page.texts["title"].startswith(page.texts["h1"])
    assert labelled == ["code", "password", "again"]
    assert set(labelled) <= set(page.values("id"))
    assert all(address.startswith(("/", "#")) for address in page.values("href", "src", "action"))
    assert not re.findall(r"\bwelcome\.[a-z-]+", re.sub(r"<[^>]+>", " ", text))


async def test_chosen_password_is_passed_on_and_the_username_is_shown() -> None:
    heard: list[dict[str, Any]] = []

    answer = await post(a_registry(JSONResponse({"username": "spb-693.0042"}), heard), data=a_form())

    assert answer.status_code == 200
    assert "<h1>Пароль сохранён</h1>" in answer.text
    assert "<code>spb-693.0042</code>" in answer.text
    assert PASSWORD not in answer.text
    (asked,) = heard
    assert asked["body"] == {"code": CODE, "new_password": PASSWORD}
    assert asked["headers"]["x-forwarded-for"] == "127.0.0.1"


async def test_trouble_is_shown_in_words_and_the_code_need_not_be_typed_again() -> None:
    problem = {"type": "urn:neo:problem:password.too-short", "detail": "Нужно <12> знаков.", "field": "new_password"}

    answer = await post(a_registry(JSONResponse(problem, 422), []), data=a_form())

    page = Outline(answer.text)
    assert answer.status_code == 422
    assert "Нужно &lt;12&gt; знаков." in answer.text
    assert CODE in page.values("value")
    assert page.values("aria-invalid") == ["true"]
    assert PASSWORD not in answer.text
    assert answer.headers["cache-control"] == "no-store"


async def test_two_different_passwords_are_told_before_anything_is_asked() -> None:
    heard: list[dict[str, Any]] = []

    answer = await post(a_registry(JSONResponse({"username": "x"}), heard), data=a_form(again="another"))

    assert (answer.status_code, heard) == (422, [])
    assert "Пароли не совпали" in answer.text


@pytest.mark.parametrize("upstreams", [{}, a_registry(JSONResponse("?", 500), [])])
async def test_registry_that_is_away_is_said_calmly(upstreams: dict[str, ASGIApp]) -> None:
    answer = await post(upstreams, data=a_form())

    assert answer.status_code in (500, 503)
    assert "талон остаётся в силе" in answer.text


def a_sheet(*slips: dict[str, Any], **other: Any) -> JSONResponse:
    return JSONResponse({"slips": list(slips), "left_out": [], "is_more": False, **other}, 201)


def a_slip(**other: Any) -> dict[str, Any]:
    picture = segno.make(f"http://neo.test/welcome#{CODE}", error="m", micro=False)
    return {
        "slip_id": str(uuid4()),
        "person_id": str(uuid4()),
        "full_name": "Орлова Анна Ильинична",
        "username": "spb-693.0042",
        "code": CODE,
        "qr": picture.svg_inline(border=2, omitsize=True, svgclass=None, lineclass=None),
        "expires_at": "2026-12-09T10:00:00Z",
        **other,
    }


async def test_sheet_shows_each_slip_with_name_code_picture_and_where_to_go(tokens: TokenFactory) -> None:
    heard: list[dict[str, Any]] = []
    upstreams = a_registry(a_sheet(*(a_slip() for _ in range(9)), left_out=[{"reason": "x"}], is_more=True), heard)
    token = tokens.headers(uuid4(), "/schools/spb-693/curator")

    answer = await post(
        upstreams, f"{SHEET}?lang=ru", headers=token, setting=Setting(verifier=tokens.verifier()), data={}
    )

    page = Outline(answer.text)
    assert answer.status_code == 200
    assert page.tags.count("h1") == 1
    drawings = page.tags.count("svg") - answer.text.count('class="icon"')
    assert (drawings, answer.text.count(CODE), page.tags.count("li")) == (9, 9, 9)
    for part in (
        "Орлова Анна Ильинична",
        "spb-693.0042",
        "neo.test/welcome",
        "до 9 декабря 2026",
        "На листе 9 талонов",
    ):
        assert part in answer.text
    assert "Ещё для 1 человека талона на этом листе нет" in answer.text
    (asked,) = heard
    assert asked["headers"]["authorization"] == token["Authorization"]
    assert asked["body"] == {"welcome": "http://neo.test/welcome", "person_ids": None}


async def test_sheet_for_named_people_asks_for_them(tokens: TokenFactory) -> None:
    heard: list[dict[str, Any]] = []
    people = [str(uuid4()), str(uuid4())]

    await post(
        a_registry(a_sheet(), heard),
        SHEET,
        headers=tokens.headers(uuid4()),
        setting=Setting(verifier=tokens.verifier()),
        data={"person_ids": people},
    )

    assert heard[0]["body"]["person_ids"] == people


async def test_sheet_takes_no_markup_but_the_one_drawing(tokens: TokenFactory) -> None:
    evil = a_slip(full_name="<b>x</b>", qr='<svg viewBox="0 0 1 1"><script>alert(1)</script></svg>')

    answer = await post(
        a_registry(a_sheet(evil), []),
        SHEET,
        headers=tokens.headers(uuid4()),
        setting=Setting(verifier=tokens.verifier()),
    )

    assert "&lt;b&gt;x&lt;/b&gt;" in answer.text
    assert "alert(1)" not in answer.text


async def test_sheet_needs_a_token_and_passes_the_refusal_on(tokens: TokenFactory) -> None:
    heard: list[dict[str, Any]] = []
    refusal = JSONResponse({"type": "urn:neo:problem:identity.role-needed", "status": 403}, 403)
    upstreams, setting = a_registry(refusal, heard), Setting(verifier=tokens.verifier())

    without = await post(upstreams, SHEET, setting=setting)
    json_only = {"Accept": "application/json", **tokens.headers(uuid4())}
    refused = await post(upstreams, SHEET, headers=json_only, setting=setting)
    page = await post(upstreams, SHEET, headers=tokens.headers(uuid4()), setting=setting)

    assert (without.status_code, len(heard)) == (401, 2)
    assert refused.status_code == 403
    assert refused.headers["content-type"] == "application/problem+json"
    assert json.loads(refused.content)["type"].endswith("role-needed")
    assert page.status_code == 403
    assert page.text.count("<h1") == 1


async def test_address_that_a_caller_invents_is_replaced_by_the_real_one(tokens: TokenFactory) -> None:
    heard: list[dict[str, Any]] = []
    headers = {"x-forwarded-for": "10.9.8.7", "content-type": "application/json"}

    await post(
        a_registry(JSONResponse({"username": "x"}), heard),
        "/api/registry/v1/slips:redeem",
        headers=headers,
        content=json.dumps({"code": CODE, "new_password": PASSWORD}),
    )

    assert heard[0]["headers"]["x-forwarded-for"] == "127.0.0.1"


def test_eight_slips_stand_on_a_page_of_paper() -> None:
    from gateway.portal.assets import Assets

    style = Assets.load().by_name["slips.css"].content.decode()

    assert ".slip:nth-child(8n):not(:last-child) { break-after: page; }" in style
    height = int(re.findall(r"height: (\d+)mm", style)[0])
    assert 4 * height <= 297 - 2 * 10


async def test_page_before_the_sheet_has_a_button_for_a_curator_and_a_reason_for_others(tokens: TokenFactory) -> None:
    heard: list[dict[str, Any]] = []
    setting = Setting(verifier=tokens.verifier())
    curator, teacher = (tokens.headers(uuid4(), f"/schools/spb-693/{role}") for role in ("curator", "teacher"))

    async with visiting(a_gateway(a_registry(a_sheet(), heard), setting)) as client:
        page = await client.get("/schools/spb-693/slips", headers={**BROWSER, **curator})
        refused = await client.get("/schools/spb-693/slips", headers={**BROWSER, **teacher})

    assert page.status_code == 200
    assert f'action="{SHEET}"' in page.text
    assert refused.status_code == 403
    assert "Нужна одна из ролей: куратор (место: spb-693)" in refused.text
    assert heard == []
