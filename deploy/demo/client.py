"""People of the demo at the public door: each signs in with an own token and calls what anyone may call."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import aiohttp

from deploy.demo.journal import Journal, is_remembered, key_of

T = TypeVar("T")
PATIENCE = 90.0
AT_ONCE = 24
PASSWORD = "neo"  # noqa: S105  the development issuer's, which says so on each of its pages
NOT_YET = (404, 409, 503)
OVERLOADED = (503,)
# Asked once more, these change nothing more; any other step answers so when it has been taken before.
REPEATABLE = ("GET", "PUT")
DONE_BEFORE = (404, 409)


class DemoFailed(Exception):
    """The city did not do what the demo asked; the message says what it answered."""


class Refused(DemoFailed):
    """The city answered with a problem."""

    def __init__(self, call: str, status: int, problem: dict[str, Any]) -> None:
        self.status = status
        self.slug = str(problem.get("type", "")).rpartition(":")[2]
        super().__init__(f"{call}: {status} {self.slug} {problem.get('detail', '')} {problem.get('errors', '')}")


@dataclass(slots=True)
class Door:
    """The one address of the city, and what it answered before."""

    url: str
    session: aiohttp.ClientSession
    journal: Journal = field(default_factory=Journal)
    calls: int = 0
    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def send(self, method: str, path: str, headers: dict[str, str], **request: Any) -> Any:
        """One call; raises Refused with the problem, DemoFailed when there is no answer."""
        self.calls += 1
        try:
            async with self.places, self.session.request(method, self.url + path, headers=headers, **request) as answer:
                body = await answer.json(content_type=None) if answer.content_length != 0 else None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise DemoFailed(f"{method} {path}: {type(error).__name__}") from error
        if answer.status >= 400:
            raise Refused(f"{method} {path}", answer.status, body if isinstance(body, dict) else {})
        return body

    async def events(self) -> int:
        """How many events the city has seen."""
        return int((await self.send("GET", "/api/pulse", {}))["events"])

    async def move_clock(self, moment: str) -> None:
        """Let the city's business time go on from a moment (local mode only); one that is past has been here before."""
        now = (await self.send("GET", "/api/dev/clock", {}))["now"]
        if datetime.fromisoformat(now) < datetime.fromisoformat(moment):
            await self.send("PUT", "/api/dev/clock", {}, json={"now": moment})


class Person:
    """Somebody who signs in by name and calls the API with an own token."""

    def __init__(self, door: Door, username: str, person_id: str = "") -> None:
        self.door = door
        self.username = username
        self.person_id = person_id
        self.token = ""
        self.ends_at = 0.0

    async def sign_in(self) -> None:
        """Get a token; an account that is only being made is waited for."""
        form = {"grant_type": "password", "client_id": "demo", "username": self.username, "password": PASSWORD}

        async def ask() -> Any:
            return await self.door.send("POST", "/realms/neo/protocol/openid-connect/token", {}, data=form)

        answer = await patiently(ask, statuses=(400, 401))
        self.token = answer["access_token"]
        self.ends_at = time.monotonic() + float(answer["expires_in"]) - 30

    async def call(self, method: str, path: str, **request: Any) -> Any:
        """Call `/api` + path, or hear again what was answered in the run that was interrupted."""
        journal, key = self.door.journal, key_of(self.username, method, path, request.get("json"))
        known = journal.recall(key)
        if known is not None:
            self.door.calls += 1
            return json.loads(known)
        if method in REPEATABLE:
            found = await self._ask(method, path, **request)
        elif journal.was_under_way(key):
            found = await self._ask_again(method, path, **request)
        else:
            found = await self._step(key, method, path, **request)
        journal.answer(key, json.dumps(found, ensure_ascii=False))
        return found

    async def _step(self, key: str, method: str, path: str, **request: Any) -> Any:
        """What may be done once only: the journal knows of it before the city does."""
        self.door.journal.send(key)
        try:
            return await self._ask(method, path, **request)
        except Refused:
            self.door.journal.refuse(key)
            raise

    async def _ask_again(self, method: str, path: str, **request: Any) -> Any:
        """A step whose answer was lost: taken now, or found as it was taken then."""
        try:
            return await self._ask(method, path, **request)
        except Refused as refused:
            if refused.status not in DONE_BEFORE:
                raise
        thing, _, _ = path.rpartition("/")
        try:
            return await self._ask("GET", thing)
        except Refused:
            return None

    async def _ask(self, method: str, path: str, **request: Any) -> Any:
        if time.monotonic() > self.ends_at:
            await self.sign_in()
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Language": "en"}
        # A busy service may miss its time and says that nothing was half-written; a form can be read once only.
        return await patiently(
            lambda: self.door.send(method, "/api" + path, headers, **request),
            statuses=() if "data" in request else OVERLOADED,
        )

    async def get(self, path: str) -> Any:
        """Read."""
        return await self.call("GET", path)

    async def put(self, path: str, body: Any = None) -> Any:
        """Write under an id of one's own."""
        return await self.call("PUT", path, json=body)

    async def post(self, path: str, body: Any = None) -> Any:
        """Do a step."""
        return await self.call("POST", path, json=body)

    async def every(self, path: str) -> list[Any]:
        """All pages of a list."""
        found: list[Any] = []
        after = ""
        joint = "&" if "?" in path else "?"
        while True:
            page = await self.get(f"{path}{joint}limit=500&after={after}")
            found += page["items"]
            if not page["next"]:
                return found
            after = page["next"]


async def patiently(work: Callable[[], Awaitable[T]], *, statuses: tuple[int, ...] = NOT_YET) -> T:
    """Repeat a call that came before its event did: the services agree a moment later."""
    until = time.monotonic() + PATIENCE
    pause = 0.02
    while True:
        try:
            return await work()
        except Refused as refused:
            if refused.status not in statuses or time.monotonic() > until:
                raise
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, 0.5)


async def until(look: Callable[[], Awaitable[T]], is_enough: Callable[[T], bool], what: str) -> T:
    """Look again until it is enough; raises DemoFailed with what was seen last."""
    deadline = time.monotonic() + PATIENCE
    pause = 0.02
    while True:
        is_remembered.set(False)
        seen = await look()
        if is_enough(seen):
            return seen
        if time.monotonic() > deadline:
            raise DemoFailed(f"{what}: {seen}")
        if is_remembered.get():
            continue
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, 0.5)


async def together(work: Iterable[Awaitable[T]]) -> list[T]:
    """All at once, as far as the door lets in; the first failure ends it."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
