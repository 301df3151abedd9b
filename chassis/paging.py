"""Keyset paging: every list is read in pages, and a page says where the next one begins."""

from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel

T = TypeVar("T")
Row = TypeVar("Row")

DEFAULT = 50
LARGEST = 500

After = Annotated[str, Query(max_length=200, description="`next` of the page before; empty for the first page")]
Limit = Annotated[int, Query(ge=1, le=LARGEST, description="how many at the most")]


class Page(BaseModel, Generic[T]):
    """One page of a list; `next` is the `after` of the following page, or null at the end."""

    items: list[T]
    next: str | None = None


def page_of(rows: Sequence[Row], limit: int, *, key: Callable[[Row], object], item: Callable[[Row], T]) -> Page[T]:
    """Cut a page from rows that were read with `limit + 1`."""
    shown = rows[:limit]
    following = str(key(shown[-1])) if len(rows) > limit else None
    return Page[T](items=[item(row) for row in shown], next=following)
