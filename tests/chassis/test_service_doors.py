"""A service's doors stand side by side, and each keeps what its room gave it."""

from fastapi import FastAPI
from fastapi.routing import APIRoute

from chassis.doors import doors, together
from chassis.identity import require
from chassis.problems import RESPONSES, install_problems


class Heavy(APIRoute):
    """A kind of route of its own."""


def test_rooms_keep_prefix_guards_and_kind_of_route() -> None:
    guarded = doors("/schools/{school}", guards=[require("curator")], route_class=Heavy)
    plain = doors()

    @guarded.get("/papers")
    async def papers(school: str) -> list[str]:
        return []

    @plain.get("/open")
    async def opened() -> str:
        return ""

    routes = together(plain, guarded).routes

    assert [(route.path, type(route)) for route in routes if isinstance(route, APIRoute)] == [
        ("/v1/open", APIRoute),
        ("/v1/schools/{school}/papers", Heavy),
    ]
    assert [len(route.dependant.dependencies) for route in routes if isinstance(route, APIRoute)] == [0, 1]


def test_errors_are_described_once_and_referred_to_by_each_door() -> None:
    room = doors()

    @room.put("/things/{number}")
    async def put(number: int) -> int:
        return number

    app = FastAPI()
    install_problems(app)
    app.router.routes.extend(room.routes)

    document = app.openapi()

    answers = document["paths"]["/v1/things/{number}"]["put"]["responses"]
    reference = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    assert [answers[str(code)]["content"] for code in RESPONSES] == [reference] * len(RESPONSES)
    assert {"Problem", "FieldProblem"} <= document["components"]["schemas"].keys()
    assert "HTTPValidationError" not in document["components"]["schemas"]
