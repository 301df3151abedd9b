"""Two people change one thing: whoever says which state they saw (`If-Match`, RFC 9110 §13.1.1) is told of a later one.

A read gives the state's tag in `ETag`. The tag names what can be changed and is compared strongly; the caller's
language and the progress of a job do not touch it. Without `If-Match` a change is made as it always was: rules of the
domain still refuse what the state does not allow (docs/door.md).
"""

from hashlib import blake2b
from typing import Annotated

from fastapi import Depends, Header, Response

from chassis.refusals import Fact, MovedOn

ETAG, IF_MATCH = "ETag", "If-Match"
IfMatch = Annotated[
    str | None,
    Header(
        alias=IF_MATCH,
        max_length=500,
        description="the `ETag` that was read; when the thing has changed since, nothing is done (412)",
        examples=['"3-5f2a9c01"'],
    ),
]


class Reading:
    """A read of what two may change; the answer carries the tag of the state that it shows."""

    def __init__(self, response: Response) -> None:
        self.response = response

    def tell(self, tag: str) -> None:
        """Let the answer say which state it shows."""
        self.response.headers[ETAG] = tag


class Change(Reading):
    """A change by somebody who may say which state they saw; the answer carries the tag of the new one."""

    def __init__(self, response: Response, seen: IfMatch = None) -> None:
        super().__init__(response)
        self.seen = seen


Tagged = Annotated[Reading, Depends()]
Changing = Annotated[Change, Depends()]


def tag_of(revision: int, *rest: object) -> str:
    """The tag of a state: its revision, and a digest of what else belongs to it and has none."""
    digest = blake2b(repr(rest).encode(), digest_size=4).hexdigest() if rest else ""
    return f'"{revision}-{digest}"' if digest else f'"{revision}"'


def tags_in(seen: str) -> list[str]:
    """The tags that an `If-Match` names, in their quotes."""
    return [one.strip() for one in seen.split(",")]


def check_seen(seen: str | None, tag: str | None, *, is_there: bool = True, **now: Fact) -> None:
    """Raise MovedOn with what holds now, unless the caller saw this very state or did not say what they saw.

    Without a tag there is no such thing yet (or any more): whoever saw one is told so, `*` included. Where its place
    has a tag while it is still empty, `is_there` is false: `*` asks for a thing, not for a place.
    """
    if seen is None or (tag is not None and (tag in tags_in(seen) or (is_there and seen.strip() == "*"))):
        return
    raise MovedOn("state.moved-on", field=IF_MATCH, etag=tag, **now)
