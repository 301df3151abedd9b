"""Paging: a page says where the next one begins, and the last one says nothing."""

from uuid import UUID, uuid4

import pytest

from chassis.paging import NOBODY, Page, after_id, after_number, page_of
from chassis.refusals import Invalid
from tests.stand import Stand, a_school


def page(rows: list[int], limit: int) -> Page[str]:
    return page_of(rows, limit, key=lambda row: row, item=lambda row: f"row {row}")


def test_page_with_more_behind_it_names_its_last_row() -> None:
    assert page([1, 2, 3], 2) == Page[str](items=["row 1", "row 2"], next="2")


@pytest.mark.parametrize("rows", [[], [1], [1, 2]])
def test_last_page_names_no_next_one(rows: list[int]) -> None:
    assert page(rows, 2).next is None
    assert len(page(rows, 2).items) == len(rows)


def test_cursor_is_what_a_page_gave_out() -> None:
    given = uuid4()

    assert after_id(str(given)) == given
    assert after_id("") == NOBODY == UUID(int=0)
    assert (after_number("17"), after_number("")) == (17, 0)


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", "²", " 1", "2147483648", "9" * 200, "1; drop table papers"])
def test_cursor_that_no_page_gave_out_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        after_number(cursor)
    with pytest.raises(Invalid):
        after_id(cursor)


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "after=x", "after=" + "a" * 201])
async def test_page_that_cannot_be_is_422(stand: Stand, query: str) -> None:
    documents = await stand.service("documents")
    school = a_school()

    answer = await documents.call(
        "GET", f"/schools/{school}/papers?{query}", by=uuid4(), groups=[f"/schools/{school}/curator"]
    )

    assert answer.status_code == 422
