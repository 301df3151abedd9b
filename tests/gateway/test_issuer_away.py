"""An issuer that is slow or silent: nobody looks at an empty page, everybody is told and may try again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from gateway.issuer import READING
from tests.gateway.town import Town

SOON = aiohttp.ClientTimeout(total=0.3)
ISSUER_AWAY = "Сервер входа не отвечает"


@asynccontextmanager
async def slow_issuer(town: Town, *, first: bytes = b"") -> AsyncIterator[None]:
    """In the issuer's place a server that takes every call, says `first`, and then says nothing more."""
    is_over, issuer = asyncio.Event(), town.sessions.issuer

    async def listen(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        await is_over.wait()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    inside, issuer.inside = issuer.inside, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/realms/neo"
    issuer.known_until, issuer.reading = 0.0, SOON
    try:
        yield
    finally:
        issuer.inside, issuer.reading = inside, READING
        is_over.set()
        server.close()
        await server.wait_closed()


async def test_silent_issuer_is_a_page_with_a_way_to_try_again_that_works_later(town: Town) -> None:
    async with town.a_browser() as browser:
        async with slow_issuer(town):
            away = await browser.go_to_issuer("/me?lang=en")
        again = await browser.open("/sign-in?return_to=/me%3Flang%3Den")

    assert (away.status_code, away.headers["retry-after"]) == (503, "10")
    assert ISSUER_AWAY in away.text
    assert 'href="/sign-in?return_to=/me%3Flang%3Den"' in away.text
    assert again.status_code == 303


async def test_issuer_that_begins_to_answer_and_stops_is_silent_too(town: Town) -> None:
    begun = b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{"issuer":'

    async with slow_issuer(town, first=begun), town.a_browser() as browser:
        away = await browser.go_to_issuer()

    assert away.status_code == 503


async def test_a_program_is_told_the_same_as_a_problem(town: Town) -> None:
    async with slow_issuer(town), town.a_browser() as browser:
        away = await browser.open("/sign-in", params={"return_to": "/me"}, headers={"accept": "application/json"})

    said = away.json()
    assert (away.status_code, said["type"]) == (503, "urn:neo:problem:sign-in.issuer-away")
    assert (away.headers["retry-after"], said["return_to"]) == ("10", "/me")


async def test_issuer_that_falls_silent_on_the_way_back_leads_to_a_new_sign_in(town: Town) -> None:
    person = town.a_person()

    async with town.a_browser() as browser:
        address = await browser.answer_of_issuer(await browser.go_to_issuer("/me"), person)
        async with slow_issuer(town):
            away = await browser.open(address)

    # The answer that it came with counts once only: the same address would lead nowhere.
    assert (away.status_code, 'href="/sign-in?return_to=/me"' in away.text) == (503, True)
