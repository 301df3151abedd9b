"""The description of the API is asked for again from time to time, but read and joined only when it has changed."""

from dataclasses import replace

from fastapi import FastAPI
from starlette.types import ASGIApp

from gateway.catalogue import Catalogue, MadeOnce
from gateway.everywhere import Document


def a_service(*doors: str) -> FastAPI:
    app = FastAPI()
    for door in doors:
        add_door(app, door)
    return app


def add_door(app: FastAPI, name: str) -> None:
    async def answer() -> str:
        return name

    app.add_api_route(f"/v1/{name}", answer)
    app.openapi_schema = None


def a_catalogue(**services: ASGIApp) -> Catalogue:
    return Catalogue(FastAPI(openapi_url=None), services, head={"info": {"title": "test", "version": "1"}})


def run_out(catalogue: Catalogue) -> None:
    """As if a minute had passed."""
    catalogue.told = {name: replace(one, good_until=0.0) for name, one in catalogue.told.items()}


async def test_service_that_tells_the_same_leaves_the_document_as_it_is() -> None:
    catalogue = a_catalogue(papers=a_service("orders"))

    first = await catalogue.document()
    run_out(catalogue)

    assert await catalogue.document() is first


async def test_service_that_tells_something_new_makes_the_document_anew() -> None:
    service = a_service("orders")
    catalogue = a_catalogue(papers=service)

    first = await catalogue.document()
    add_door(service, "consents")
    run_out(catalogue)
    second = await catalogue.document()

    assert (str(first["paths"]).count("consents"), str(second["paths"]).count("consents") > 0) == (0, True)


async def test_service_that_comes_back_stands_in_the_document_again() -> None:
    upstreams: dict[str, ASGIApp] = {"papers": FastAPI(openapi_url=None)}
    catalogue = Catalogue(FastAPI(openapi_url=None), upstreams, head={})

    away = await catalogue.document()
    upstreams["papers"] = a_service("orders")
    run_out(catalogue)
    back = await catalogue.document()

    assert (away.get("x-services-away"), back.get("x-services-away")) == (["papers"], None)
    assert "/api/papers/v1/orders" in str(back["paths"])


async def test_document_that_was_made_ahead_is_the_one_that_is_shown() -> None:
    catalogue = a_catalogue(papers=a_service("orders"), away=FastAPI(openapi_url=None))

    for piece in catalogue.ahead():
        await piece.do()
    made = catalogue.joined

    assert "/api/papers/v1/orders" in str(made["paths"])
    assert made["x-services-away"] == ["away"]
    assert await catalogue.document() is made


def test_what_is_made_of_a_document_is_made_once_and_anew_for_another() -> None:
    made: list[Document] = []

    def count(document: Document) -> int:
        made.append(document)
        return len(made)

    once = MadeOnce(count)
    first: Document = {"openapi": "3.1.0"}
    second: Document = {"openapi": "3.1.0"}

    assert [once.of(first), once.of(first), once.of(second), once.of(second)] == [1, 1, 2, 2]
