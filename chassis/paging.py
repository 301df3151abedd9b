"""Keyset paging: every list is read in pages, and a page says where the next one begins."""

from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from chassis.refusals import Invalid

T = TypeVar("T")
Row = TypeVar("Row")

DEFAULT = 50
LARGEST = 500
# Of an integer column; the driver refuses more as a fault of ours.
LARGEST_NUMBER = 2**31 - 1

After = Annotated[str, Query(max_length=200, description="`next` of the page before; empty for the first page")]
Limit = Annotated[int, Query(ge=1, le=LARGEST, description="how many at the most")]


NOBODY = UUID(int=0)


def after_id(after: str) -> UUID:
    """Where a page of a list by ids begins; Invalid for what no page has given out."""
    try:
        return UUID(after) if after else NOBODY
    except ValueError as error:
        raise Invalid("page.bad-cursor", field="after") from error


def after_number(after: str) -> int:
    """Where a page of a numbered list begins; Invalid for what no page has given out."""
    if after and not (after.isascii() and after.isdecimal() and int(after) <= LARGEST_NUMBER):
        raise Invalid("page.bad-cursor", field="after")
    return int(after or 0)


class Page(BaseModel, Generic[T]):
    """One page of a list; `next` is the `after` of the following page, or null at the end."""

    items: list[T]
    next: str | None = Field(default=None, examples=["8f14e45f-ceea-467f-9b1d-3a5f0c2e8d11"])


def page_of(rows: Sequence[Row], limit: int, *, key: Callable[[Row], object], item: Callable[[Row], T]) -> Page[T]:
    """Cut a page from rows that were read with `limit + 1`."""
    shown = rows[:limit]
    following = str(key(shown[-1])) if len(rows) > limit else None
    return Page[T](items=[item(row) for row in shown], next=following)
