"""The pages that a stranger sees first: in both languages, without script, without any other host."""

import re
from collections.abc import Sequence
from html.parser import HTMLParser

import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp

from chassis.texts import LANGUAGES
from gateway.portal.assets import Assets
from gateway.portal.city import Wording
from gateway.portal.start import DemoSignIn
from gateway.portal.trouble import wants_page
from tests.gateway.house import LOCAL, Setting, a_gateway, visiting

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
DEFINITION = {
    "code": "E_DUAL",
    "name": {"ru": "Реверсивность", "en": "Reversal"},
    "definition": {"ru": "Сколько людей в обеих ролях.", "en": "How many people hold both roles."},
    "unit": "share",
}
SHOWN = {
    "place": "city",
    "kind": "city",
    "indicator": "E_DUAL",
    "n_num": 348,
    "n_den": 1240,
    "value": 0.28,
    "ci_low": 0.26,
    "ci_high": 0.31,
    "is_hidden": False,
}
HIDDEN = {
    "place": "vyborgsky",
    "place_name": "Выборгский",
    "kind": "district",
    "indicator": "E_DUAL",
    "is_hidden": True,
    "reason": "protected",
}
CODED = {"place": "kalininsky", "kind": "district", "indicator": "E_DUAL", "n_den": 14}
PUBLISHED: dict[str, object] = {
    "publication": {"title": "Учебный год 2026/27", "as_of": "2027-06-01"},
    "cells": [SHOWN, HIDDEN, {**CODED, "reason": "at-most", "bound": 0.05}],
    "definitions": [DEFINITION],
}
SIGN_INS = [
    DemoSignIn(
        who=Wording(ru="Куратор школы", en="Curator of a school"),
        username="curator.693",
        password_note=Wording(ru="любой", en="any"),
        what_to_try=Wording(ru="Запустить подбор", en="Run the matching"),
    )
]


def a_reporting(content: object, status: int = 200) -> dict[str, ASGIApp]:
    service = FastAPI()

    @service.get("/v1/open/city")
    async def open_city() -> JSONResponse:
        return JSONResponse(content, status)

    return {"reporting": service}


class Outline(HTMLParser):
    """What a page consists of, as far as the tests ask."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.texts: dict[str, str] = {}
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        # What has no end tag of its own (meta, link, img) ends with what stands around it.
        while self.open and self.open.pop() != tag:
            continue

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts[self.open[-1]] = self.texts.get(self.open[-1], "") + data

    def values(self, *names: str) -> Sequence[str]:
        return [value for name, value in self.attributes if name in names]


async def page_of(path: str, upstreams: dict[str, ASGIApp], setting: Setting | None = None) -> str:
    async with visiting(a_gateway(upstreams, setting)) as client:
        answer = await client.get(path, headers=BROWSER)
    assert answer.headers["content-type"].startswith("text/html")
    return answer.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/", "/api", "/nowhere"])
@pytest.mark.parametrize("setting", [Setting(), Setting(LOCAL, sign_ins=SIGN_INS)], ids=["production", "local"])
async def test_page_is_whole_calm_and_stays_at_home(path: str, language: str, setting: Setting) -> None:
    text = await page_of(f"{path}?lang={language}", a_reporting(PUBLISHED), setting)

    page = Outline(text)
    assert page.tags.count("h1") == 1
    assert page.texts["title"].startswith(page.texts["h1"])
    assert ("lang", language) == page.attributes[0]
    assert all(address.startswith(("/", "#")) for address in page.values("href", "src"))
    assert "style" not in page.tags
    assert not [name for name, _ in page.attributes if name == "style" or name.startswith("on")]
    assert page.tags.count("script") == len(re.findall(r"<script src=\"/assets/[^>]+></script>", text))
    identities = page.values("id")
    assert len(identities) == len(set(identities))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/", "/api", "/nowhere"])
async def test_no_slug_and_no_gap_is_shown(path: str, language: str) -> None:
    app = a_gateway(a_reporting(PUBLISHED), Setting(LOCAL, sign_ins=SIGN_INS))
    async with visiting(app) as client:
        text = (await client.get(f"{path}?lang={language}", headers=BROWSER)).text

    shown = re.sub(r"<[^>]+>", " ", re.sub(r"<(code|pre)\b.*?</\1>", " ", text, flags=re.DOTALL))
    assert not re.findall(
        r"\b(?:start|city|nav|pulse|sign-ins|programs|api|role|trouble|banner|service)\.[a-z-]+", shown
    )
    assert "{" not in shown


async def test_language_follows_the_link_then_the_browser_then_is_russian() -> None:
    async with visiting(a_gateway({})) as client:
        by_link = await client.get("/?lang=en", headers={"Accept-Language": "ru"})
        by_browser = await client.get("/", headers={"Accept-Language": "en-GB,en;q=0.9"})
        by_default = await client.get("/", headers={"Accept-Language": "fi"})

    assert [one.headers["content-language"] for one in (by_link, by_browser, by_default)] == ["en", "en", "ru"]
    assert 'href="/language/ru?return_to=' in by_link.text
    assert 'href="/api?lang=en"' in by_link.text
    assert 'href="/api"' in by_browser.text


async def test_totals_stand_with_count_interval_and_definition() -> None:
    text = await page_of("/?lang=ru", a_reporting(PUBLISHED))

    for part in (
        "28 %",
        "348 из 1 240",
        "интервал от 26 до 31 %",
        "Сколько людей в обеих ролях.",
    ):
        assert part in text
    assert "Учебный год 2026/27: положение на 1 июня 2027." in text
    assert "не больше 5,0 %" in text


async def test_districts_stand_under_their_names() -> None:
    page = await page_of("/", a_reporting(PUBLISHED))

    assert ">Выборгский</th>" in page
    assert ">kalininsky</th>" in page


async def test_hidden_cell_is_hatched_says_why_and_has_no_number() -> None:
    text = await page_of("/?lang=en", a_reporting(PUBLISHED))

    cells = re.findall(r'<td class="hatched">(.*?)</td>', text, flags=re.DOTALL)
    assert cells == ["<small>hidden: the number could give individuals away</small>"]


@pytest.mark.parametrize("answer", [({}, 404), ({"publication": None, "cells": [], "definitions": []}, 200)])
async def test_before_the_first_publication_the_page_says_what_to_run(answer: tuple[object, int]) -> None:
    local = await page_of("/?lang=ru", a_reporting(*answer), Setting(LOCAL))
    production = await page_of("/?lang=ru", a_reporting(*answer))

    assert "<code>./neo demo</code>" in local
    assert "neo demo" not in production
    assert "Город ещё ничего не опубликовал." in local
    assert "Город ещё ничего не опубликовал." in production


@pytest.mark.parametrize("upstreams", [{}, a_reporting({"cells": "?"}), a_reporting("no", 500)])
async def test_page_stands_without_reporting(upstreams: dict[str, ASGIApp]) -> None:
    text = await page_of("/?lang=ru", upstreams)

    assert "Служба отчётности сейчас не отвечает" in text


async def test_sign_ins_and_the_banner_are_shown_in_local_mode_only() -> None:
    local = await page_of("/?lang=ru", {}, Setting(LOCAL, sign_ins=SIGN_INS))
    production = await page_of("/?lang=ru", {}, Setting(sign_ins=SIGN_INS))

    assert "curator.693" in local
    assert "Учебный вход" in local
    assert "curator.693" not in production
    assert "Учебный вход" not in production


async def test_what_is_not_there_is_a_page_for_people_and_a_problem_for_programs() -> None:
    async with visiting(a_gateway({})) as client:
        page = await client.get("/nowhere", headers=BROWSER)
        problem = await client.get("/nowhere", headers={"Accept": "application/json"})
        by_default = await client.get("/api/nowhere")
        wrong_method = await client.put("/", headers=BROWSER)

    assert (page.status_code, problem.status_code, by_default.status_code) == (404, 404, 404)
    assert "Такой страницы нет" in page.text
    assert problem.headers["content-type"] == by_default.headers["content-type"] == "application/problem+json"
    assert wrong_method.status_code == 405
    assert "<h1>Сюда так не обращаются</h1>" in wrong_method.text


@pytest.mark.parametrize(
    ("accept", "is_page"),
    [
        ("text/html", True),
        (BROWSER["Accept"], True),
        ("application/json, text/html;q=0.5", False),
        ("text/html;q=0.9, application/problem+json;q=0.2", True),
        ("*/*", False),
        ("text/html;q=much", False),
        ("", False),
        (None, False),
    ],
)
def test_page_is_wanted_when_accept_prefers_it(accept: str | None, is_page: bool) -> None:
    assert wants_page(accept) is is_page


async def test_chosen_language_is_kept_and_leads_back_to_the_page() -> None:
    async with visiting(a_gateway({})) as client:
        chosen = await client.get("/language/en", params={"return_to": "/api?lang=ru&x=1"})
        kept = await client.get("/", headers={"Accept-Language": "ru"})
        elsewhere = await client.get("/language/ru", params={"return_to": "//evil.example/"})
        unknown = await client.get("/language/xx")

    assert (chosen.status_code, chosen.headers["location"]) == (303, "/api?x=1")
    assert kept.headers["content-language"] == "en"
    assert elsewhere.headers["location"] == "/"
    assert unknown.status_code == 404


async def test_assets_are_kept_for_ever_under_their_mark() -> None:
    assets = Assets.load()

    async with visiting(a_gateway({})) as client:
        marked = [await client.get(assets.address(name)) for name in assets.by_name]
        old = await client.get("/assets/000000000000/portal.css")
        missing = await client.get("/assets/000000000000/passwords.txt")

    assert {one.headers["cache-control"] for one in marked} == {"public, max-age=31536000, immutable"}
    assert (old.status_code, old.headers["cache-control"]) == (200, "no-cache")
    assert missing.status_code == 404
    styles = [one.text for one in marked if one.headers["content-type"].startswith("text/css")]
    assert not [one for one in styles if re.search(r"https?://|url\((?!\"/assets/)", one)]


async def test_page_answers_head() -> None:
    async with visiting(a_gateway({})) as client:
        answers = [await client.head(path) for path in ("/", "/api")]

    assert [one.status_code for one in answers] == [200, 200]
