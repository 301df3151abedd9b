"""What first visits need is got ready after the start: piece by piece, told when it fails, ended with the service."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from types import ModuleType

import pytest
from sqlalchemy import column, insert, select, table

from chassis.ahead import Piece, get_ready
from chassis.service import AT_HAND, first_needs
from chassis.statements import ahead_in, is_known, reading_in
from tests.chassis.small_service import NAME, small_service
from tests.stand import Stand

PAPERS = table("papers", column("id"), column("title"))


def a_store(monkeypatch: pytest.MonkeyPatch, package: str = "small.store") -> ModuleType:
    """A room of a service's store, with two statements that read and one that writes."""
    store = ModuleType(f"{package}.orders")
    vars(store)["_ALL"] = select(PAPERS.c.id)
    vars(store)["_BY"] = {"title": select(PAPERS.c.id).where(PAPERS.c.title == "order")}
    vars(store)["_ADD"] = insert(PAPERS)
    monkeypatch.setitem(sys.modules, store.__name__, store)
    return store


def noting(done: list[str], name: str) -> Callable[[], Awaitable[None]]:
    async def note() -> None:
        done.append(name)

    return note


async def test_piece_that_fails_is_told_and_the_others_are_done(caplog: pytest.LogCaptureFixture) -> None:
    done: list[str] = []

    async def fail() -> None:
        raise OSError("a name that nobody may read")

    pieces = [Piece("first", noting(done, "first"), 0), Piece("keys", fail, 0), Piece("last", noting(done, "last"), 0)]
    await get_ready(pieces, after=0)

    assert done == ["first", "last"]
    (line,) = [one for one in caplog.records if one.name == "neo.ahead"]
    assert (vars(line)["piece"], vars(line)["reason"]) == ("keys", "OSError")
    assert "nobody may read" not in caplog.text


async def test_first_page_goes_before_all_pieces() -> None:
    done: list[str] = []
    task = asyncio.create_task(get_ready([Piece("piece", noting(done, "piece"))], after=3600))

    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert (done, task.cancelled()) == ([], True)


async def test_who_ends_it_ends_it_between_two_pieces() -> None:
    done: list[str] = []

    async def end() -> None:
        task.cancel()

    task = asyncio.create_task(get_ready([Piece("end", end), Piece("next", noting(done, "next"))], after=0))
    await asyncio.gather(task, return_exceptions=True)

    assert (done, task.cancelled()) == ([], True)


async def test_statements_that_read_are_compiled_before_their_first_use(monkeypatch: pytest.MonkeyPatch) -> None:
    store = a_store(monkeypatch)
    reading = [store._ALL, store._BY["title"]]
    assert [is_known(one) for one in reading] == [False, False]

    await get_ready(ahead_in("small.store"), after=0)

    assert [is_known(one) for one in reading] == [True, True]
    assert not is_known(store._ADD)


def test_what_is_known_already_is_not_compiled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    a_store(monkeypatch)
    assert len(list(reading_in("small.store"))) == 2
    assert len(list(ahead_in("small.store"))) == 2

    asyncio.run(get_ready(ahead_in("small"), after=0))

    assert list(ahead_in("small.store")) == []


async def test_service_has_connections_and_its_statements_at_hand(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = a_store(monkeypatch, f"services.{NAME}.store")
    async with small_service(stand) as running:
        await get_ready(first_needs(running.app), after=0)

        assert running.app.state.db.connections.places >= AT_HAND
    assert is_known(store._ALL)


async def test_what_is_got_ready_ends_with_the_service(stand: Stand) -> None:
    async with small_service(stand):
        during = getting_ready()
    assert (len(during), getting_ready()) == (1, set())


def getting_ready() -> set[asyncio.Task[object]]:
    return {task for task in asyncio.all_tasks() if task.get_coro().__qualname__ == get_ready.__qualname__}  # type: ignore[union-attr]
