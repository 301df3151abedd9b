"""Pages of other origins: none by default, the named ones only, and only the API."""

import pytest

from chassis.testing import ISSUER, TokenFactory
from gateway.origins import is_origin
from gateway.settings import GatewaySettings
from tests.gateway.house import Setting, Witness, a_gateway, visiting

PORTAL, STRANGER = "https://portal.school-693.example", "https://elsewhere.example"
PATH = "/api/registry/v1/schools/spb-693/people"
PREFLIGHT = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}


def a_setting(tokens: TokenFactory, *origins: str) -> Setting:
    return Setting(GatewaySettings(issuer=ISSUER, origins=origins), verifier=tokens.verifier())


async def test_no_other_origin_may_read_by_default(tokens: TokenFactory) -> None:
    async with visiting(a_gateway({"registry": Witness()}, a_setting(tokens))) as client:
        asked = await client.options(PATH, headers={"Origin": STRANGER, **PREFLIGHT})
        answer = await client.get(PATH, headers={"Origin": STRANGER, **tokens.headers(None)})

    assert asked.status_code == 401
    told = [*asked.headers, *answer.headers]
    assert [name for name in told if name.startswith("access-control-")] == []


async def test_named_portal_may_read_the_api_without_cookies(tokens: TokenFactory) -> None:
    async with visiting(a_gateway({"registry": Witness()}, a_setting(tokens, PORTAL))) as client:
        asked = await client.options(PATH, headers={"Origin": PORTAL, **PREFLIGHT})
        answer = await client.get(PATH, headers={"Origin": PORTAL, **tokens.headers(None)})
        page = await client.get("/", headers={"Origin": PORTAL})

    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (200, PORTAL)
    assert "authorization" in asked.headers["access-control-allow-headers"].lower()
    assert answer.headers["access-control-allow-origin"] == PORTAL
    assert "ratelimit" in answer.headers["access-control-expose-headers"].lower()
    assert "access-control-allow-credentials" not in answer.headers
    assert "access-control-allow-origin" not in page.headers


async def test_any_other_origin_stays_outside(tokens: TokenFactory) -> None:
    async with visiting(a_gateway({"registry": Witness()}, a_setting(tokens, PORTAL))) as client:
        asked = await client.options(PATH, headers={"Origin": STRANGER, **PREFLIGHT})
        answer = await client.get(PATH, headers={"Origin": STRANGER, **tokens.headers(None)})

    assert "access-control-allow-origin" not in asked.headers
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("written", ["*", "https://*.example", "http://portal.example", "https://portal.example/", "x"])
def test_origin_must_be_one_that_can_be_trusted(written: str) -> None:
    assert not is_origin(written)
    assert is_origin(PORTAL)
    assert is_origin("http://localhost:3000")
