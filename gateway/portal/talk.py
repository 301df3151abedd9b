"""How a page talks: it calls the public API with its reader's own token, as a school's own portal would."""

import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from starlette.types import ASGIApp

from chassis.etags import IF_MATCH
from chassis.refusals import Missing
from gateway.upstream import ASKING_SECONDS, Answer, Call, call

PREFIX = "/api/"
MOST_PAGES = 100
JSON = "application/json"
_TAG = re.compile(r'"[0-9a-f-]{1,64}"')

Query = str | int | bool | None | Sequence[str]


class Refused(Exception):
    """The API refused: a problem (RFC 9457) in the reader's language.

    A page shows it at the field and at the top of its form; what it does not catch becomes the page of that error.
    """

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('type', '')}")
        self.status = status
        self.problem = problem

    @property
    def slug(self) -> str:
        """The stable name of what is wrong, such as `pairing.already-formed`."""
        return str(self.problem.get("type", "")).rpartition(":")[2]

    @property
    def detail(self) -> str:
        """What is wrong and how to mend it, in the reader's language."""
        return str(self.problem.get("detail") or self.problem.get("title") or "")

    @property
    def is_moved_on(self) -> bool:
        """Has somebody else changed what the page showed? The API's own words about it are for programs."""
        return self.status == 412

    @property
    def fields(self) -> dict[str, str]:
        """What is wrong with which field: the last part of its name, and the sentence."""
        errors = self.problem.get("errors") or []
        told = {_last(str(one["field"])): str(one["detail"]) for one in errors if one.get("field")}
        if not told and self.problem.get("field") not in (None, IF_MATCH):
            told[_last(str(self.problem["field"]))] = self.detail
        return told


def _last(name: str) -> str:
    """The field itself: what is wrong with one of several is wrong with their field."""
    return next((part for part in reversed(name.split(".")) if not part.isdecimal()), name)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the API answered: the content read from JSON, or the bare bytes of a file; the revision as an ETag."""

    status: int
    content: Any
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def etag(self) -> str | None:
        """The mark of the state that was read, for `If-Match`."""
        return self.headers.get("etag")


@dataclass(frozen=True, slots=True)
class Talk:
    """One reader's way to the API; paths are the public ones, `/api/registry/v1/places`."""

    upstreams: Mapping[str, ASGIApp]
    headers: Mapping[str, str] = field(repr=False)

    async def get(self, path: str, **query: Query) -> Any:
        """What stands there; raises Refused."""
        return (await self.send("GET", path, query=query)).content

    async def find(self, path: str, **query: Query) -> Any | None:
        """What stands there, or None where there is nothing (404) or nothing for this reader (403)."""
        try:
            return await self.get(path, **query)
        except Refused as refused:
            if refused.status in (403, 404):
                return None
            raise

    async def all_of(self, path: str, **query: Query) -> list[Any]:
        """All items of a paged list, page by page; at most a hundred pages."""
        return [item async for item in self._items(path, query)]

    async def put(self, path: str, content: Any = None, **headers: str) -> Any:
        """Put JSON there; raises Refused."""
        return (await self.send("PUT", path, content=content, headers=headers)).content

    async def post(self, path: str, content: Any = None, **headers: str) -> Any:
        """Post JSON there; raises Refused."""
        return (await self.send("POST", path, content=content, headers=headers)).content

    async def delete(self, path: str, **headers: str) -> Any:
        """Take away what stands there; raises Refused."""
        return (await self.send("DELETE", path, headers=headers)).content

    async def send(
        self,
        method: str,
        path: str,
        *,
        content: Any = None,
        body: bytes | None = None,
        query: Mapping[str, Query] | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float = ASKING_SECONDS * 10,
    ) -> Reply:
        """One call with JSON (`content`) or with bare bytes (`body`, its type among the headers); raises Refused.

        Names of headers are written with underscores: `if_match="..."`.
        """
        service, inside = _split(path)
        upstream = self.upstreams.get(service)
        if upstream is None:
            raise Missing("http.not-found")
        named = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        if body is None and content is not None:
            body = json.dumps(content).encode()
            named.setdefault("content-type", JSON)
        asked = Call(method, inside, _query(query or {}), {**self.headers, **named}, body or b"", seconds)
        return _read(await call(service, upstream, asked))

    async def _items(self, path: str, query: Mapping[str, Query]) -> AsyncIterator[Any]:
        after: str | None = None
        for _ in range(MOST_PAGES):
            page = await self.get(path, **{**query, **({"after": after} if after else {})})
            for item in page["items"]:
                yield item
            after = page.get("next")
            if not after:
                return


def _split(path: str) -> tuple[str, str]:
    service, _, rest = path.removeprefix(PREFIX).partition("/")
    return service, f"/{rest}"


def as_seen(tag: str) -> dict[str, str]:
    """The header of a change by somebody to whom the page showed a state; what is no tag of ours is nobody's state."""
    if not tag:
        return {}
    return {"if_match": tag if _TAG.fullmatch(tag) else '""'}


def segment(value: object) -> str:
    """Something that came from outside as one piece of a path."""
    return quote(str(value), safe="")


def _query(query: Mapping[str, Query]) -> str:
    told = {name: str(value).lower() if isinstance(value, bool) else value for name, value in query.items()}
    return urlencode({name: value for name, value in told.items() if value is not None}, doseq=True)


def _read(answer: Answer) -> Reply:
    kind = answer.headers.get("content-type", "")
    is_json = kind.startswith((JSON, "application/problem+json"))
    content = json.loads(answer.body) if is_json and answer.body else None
    if answer.status >= 400:
        raise Refused(answer.status, content if isinstance(content, dict) else {})
    return Reply(answer.status, content, answer.body, answer.headers)
