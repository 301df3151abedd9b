"""What the API says no with stands on one page, and each slug on one of its own, where a problem leads."""

import httpx
import pytest

from chassis.slugs import slugs_of
from contracts.topology import SERVICES
from gateway.portal.errors_page import errors_of
from tests.gateway.house import a_gateway, visiting
from tests.gateway.test_description import three_services
from tests.gateway.test_document import the_document


async def look(address: str) -> httpx.Response:
    async with visiting(a_gateway(three_services())) as client:
        return await client.get(address, headers={"Accept": "text/html"})


@pytest.mark.parametrize(
    ("language", "title", "says"),
    [("ru", "Отказы API", "Слишком много запросов"), ("en", "API refusals", "Too many requests")],
)
async def test_page_lists_every_slug_with_what_to_do(language: str, title: str, says: str) -> None:
    page = await look(f"/api/errors?lang={language}")

    assert page.status_code == 200
    assert f"<h1>{title}</h1>" in page.text
    assert 'href="/api/errors/rate.too-many"' in page.text
    assert says in page.text


async def test_problem_leads_to_the_page_of_its_slug() -> None:
    async with visiting(a_gateway(three_services())) as client:
        refused = (await client.get("/api/registry/v1/kinds")).json()
        page = await client.get(refused["help"], headers={"Accept": "text/html"})

    assert refused["help"] == "/api/errors/identity.no-token"
    assert (page.status_code, "urn:neo:problem:identity.no-token" in page.text) == (200, True)


async def test_slug_that_is_not_there_has_no_page() -> None:
    assert (await look("/api/errors/no.such-slug")).status_code == 404


def test_every_refusal_of_every_service_is_told_in_both_languages() -> None:
    packages = ("chassis", *(f"services.{service}" for service in SERVICES))
    # The gateway alone says that an answer was too slow.
    known = {slug for package in packages for slug in slugs_of(package)} - {"http.too-slow"}
    russian, english = (errors_of(the_document(), language) for language in ("ru", "en"))

    assert {one.slug for one in russian} == known
    assert {one.slug for one in (*russian, *english) if not one.says or not one.status} == set()
    assert next(one for one in english if one.slug == "place.end-planned").status == 409


def test_error_knows_the_operations_that_speak_of_it() -> None:
    found = {one.slug: one for one in errors_of(the_document(), "en")}

    assert "PUT /api/registry/v1/places/{place_id}" in found["place.has-places"].operations
