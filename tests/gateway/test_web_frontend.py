"""What pages and scripts of the portal may hold: text is put as text, nothing speaks across windows, nothing is old."""

import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.responses import Response

from chassis.testing import ISSUER, TokenFactory
from gateway.cookies import Cookies
from gateway.portal.assets import Assets
from gateway.portal.pages import Pages
from gateway.protection import POLICY, page_policy
from gateway.settings import GatewaySettings
from tests.gateway.house import Setting, a_gateway, visiting

ROOT = Path(__file__).parents[2]
PORTAL = ROOT / "gateway" / "portal"
TEMPLATES = sorted(
    [*PORTAL.rglob("*.html"), *(ROOT / "deploy/local/issuer/templates").rglob("*.html")], key=lambda path: path.name
)
# What others wrote stands in files of its own, as they wrote it (*.min.js).
SCRIPTS = sorted(path for path in (PORTAL / "static").glob("*.js") if ".min." not in path.name)
MARKUP = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|\beval\(|new Function"
)
WINDOWS = re.compile(
    r"postMessage|(?:window|self|parent|top|^)\.?addEventListener\(\s*[\"']message|onmessage", re.MULTILINE
)
OLD = re.compile(r"<(?:object|embed|applet|frame|frameset|marquee)\b", re.IGNORECASE)
EVENTS = (
    "click|dblclick|load|error|submit|change|input|focus|blur|toggle|key[a-z]+|mouse[a-z]+|pointer[a-z]+|touch[a-z]+"
)
RAW = re.compile(rf"\|\s*safe\b|autoescape\s+false|hx-on|\son(?:{EVENTS})=|javascript:", re.IGNORECASE)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_script_puts_text_as_text_and_listens_to_no_other_window(script: Path) -> None:
    written = script.read_text("utf-8")

    assert MARKUP.findall(written) == []
    assert WINDOWS.findall(written) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_template_escapes_everything_and_holds_no_script_of_its_own(template: Path) -> None:
    written = template.read_text("utf-8")

    assert RAW.findall(written) == []
    assert OLD.findall(written) == []
    # Facts for a script are no script.
    assert re.findall(r"<script(?![^>]*\s(?:src=|type=\"application/json\"))", written) == []
    assert re.findall(r"""(?:src|href)=["'](?:https?:)?//""", written) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_form_that_leads_to_the_issuer_is_sent_by_the_browser_itself(template: Path) -> None:
    forms = re.findall(r"<form[^>]*action=\"/(?:sign-out|me/visits/end)\"[^>]*>", template.read_text("utf-8"))

    # A script may not follow to another origin; it would end the session and show nothing.
    assert [form for form in forms if 'hx-boost="false"' not in form] == []


def test_templates_and_scripts_are_looked_at() -> None:
    assert len(TEMPLATES) >= 10
    assert "live.js" in [path.name for path in SCRIPTS]


def test_markup_in_what_people_write_is_shown_as_they_wrote_it() -> None:
    pages = Pages(Assets.load(), GatewaySettings(issuer=ISSUER))
    shown = pages.environment.from_string("{{ word }}").render(word="<script>alert(1)</script>")

    assert "<script" not in shown


async def test_no_first_visit_has_to_read_a_template() -> None:
    pages = Pages(Assets.load(), GatewaySettings(issuer=ISSUER))

    for piece in pages.ahead():
        await piece.do()

    kept = pages.environment.cache
    assert kept is not None
    assert len(kept) == sum(path.is_relative_to(PORTAL) for path in TEMPLATES)


@pytest.mark.parametrize("policy", [POLICY, page_policy(), page_policy("https://sso.test")])
def test_policy_names_what_may_run_and_nothing_else(policy: str) -> None:
    told = dict(one.strip().split(" ", 1) for one in policy.split(";") if " " in one.strip())

    for name in ("default-src", "object-src", "base-uri", "frame-ancestors"):
        assert told[name] == "'none'"
    assert told.get("script-src", "'none'") in ("'none'", "'self'")
    assert "unsafe" not in policy
    assert "*" not in policy


async def test_answer_that_is_no_page_can_do_nothing_as_a_page(tokens: TokenFactory) -> None:
    service = FastAPI()

    @service.get("/v1/data")
    async def data() -> JSONResponse:
        return JSONResponse({"note": "<script>alert(1)</script>"})

    @service.get("/v1/trick")
    async def trick() -> Response:
        return HTMLResponse("<script>alert(1)</script>")

    app = a_gateway({"alpha": service}, Setting(verifier=tokens.verifier()))
    async with visiting(app) as client:
        answers = [
            await client.get(f"/api/alpha/v1/{name}", headers=tokens.headers(None)) for name in ("data", "trick")
        ]

    for answer in answers:
        assert answer.status_code == 200
        assert "; sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answers[0].headers["content-type"] == "application/json"


def test_over_https_every_cookie_is_of_this_host_only() -> None:
    cookies, response = Cookies(is_encrypted=True), Response()
    cookies.choose(response, "en")

    (given,) = response.headers.getlist("set-cookie")

    assert given.startswith("__Host-")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(given.split("; "))
