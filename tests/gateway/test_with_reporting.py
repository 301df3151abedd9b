"""The start page over the real reporting: what it publishes is what the page can read."""

from chassis.testing import TokenFactory
from gateway.portal.city import OpenCity
from tests.gateway.house import Setting, a_gateway, visiting
from tests.stand import Stand


async def test_public_numbers_need_no_token_and_the_page_understands_them(stand: Stand, tokens: TokenFactory) -> None:
    reporting = await stand.service("reporting")
    app = a_gateway({"reporting": reporting.app}, Setting(verifier=tokens.verifier()))

    async with visiting(app) as client:
        answer = await client.get("/api/reporting/v1/open/city")
        closed = await client.get("/api/reporting/v1/indicators")
        page = await client.get("/?lang=en")

    assert answer.status_code == 200, answer.text
    assert OpenCity.model_validate_json(answer.content).definitions
    assert closed.status_code == 401
    assert "The reporting service does not answer" not in page.text
