"""Two people change one thing: whoever says which state they saw (`If-Match`, RFC 9110) is told when it has moved on.

A read gives the state's tag in `ETag`. Without `If-Match` a change is made as it always was.
"""

from hashlib import blake2b
from typing import Annotated

from fastapi import Depends, Header, Response

from chassis.refusals import Fact, MovedOn

IF_MATCH = "If-Match"
IfMatch = Annotated[
    str | None,
    Header(
        alias=IF_MATCH,
        max_length=500,
        description="the `ETag` that was read; when the thing has changed since, nothing is done (412)",
        examples=['"3-5f2a9c01"'],
    ),
]


class Change:
    """A change by somebody who may say which state they saw; the answer carries the tag of the new one."""

    def __init__(self, response: Response, seen: IfMatch = None) -> None:
        self.response = response
        self.seen = seen


Changing = Annotated[Change, Depends()]


def tag_of(revision: int, *rest: object) -> str:
    """The tag of a state: its revision, and a digest of what else belongs to it and has none."""
    digest = blake2b(repr(rest).encode(), digest_size=4).hexdigest() if rest else ""
    return f'"{revision}-{digest}"' if digest else f'"{revision}"'


def check_seen(seen: str | None, tag: str, **now: Fact) -> None:
    """Raise MovedOn with what holds now, unless the caller saw this very state or did not say what they saw."""
    if seen is None or seen.strip() == "*":
        return
    if tag not in [one.strip() for one in seen.split(",")]:
        raise MovedOn("state.moved-on", field=IF_MATCH, etag=tag, **now)
