"""The document about a service's doors takes long to make; nobody else waits for that, and it is made once."""

import asyncio
import threading
from typing import Any

import httpx
from fastapi import FastAPI

from chassis.description import describe, open_description


def a_service(made_in: list[int]) -> FastAPI:
    """A service whose description notes in which thread it was made."""
    app = FastAPI(openapi_url=None)

    @app.get("/v1/papers")
    async def list_papers() -> list[str]:
        """All papers."""
        return []

    told = app.openapi

    def noting() -> dict[str, Any]:
        made_in.append(threading.get_ident())
        return told()

    app.openapi = noting  # type: ignore[method-assign]
    describe(app)
    open_description(app)
    return app


async def test_description_is_made_beside_the_loop_and_only_once_for_many_who_ask() -> None:
    made_in: list[int] = []
    transport = httpx.ASGITransport(app=a_service(made_in))

    async with httpx.AsyncClient(transport=transport, base_url="http://service.test") as client:
        answers = await asyncio.gather(*(client.get("/openapi.json") for _ in range(3)))
        answers.append(await client.get("/openapi.json"))

    assert len(made_in) == 1
    assert made_in[0] != threading.get_ident()
    assert [answer.json()["paths"]["/v1/papers"]["get"]["summary"] for answer in answers] == ["All papers"] * 4
    assert {answer.headers["content-type"] for answer in answers} == {"application/json"}
