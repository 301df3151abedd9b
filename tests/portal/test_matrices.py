"""Matrices of places: a view is an address, a table has its limits, a difference is judged in words."""

from typing import Any

import pytest
from starlette.datastructures import QueryParams

from chassis.texts import Texts
from gateway.portal.city import Cell, CellWords
from gateway.portal.places.asking import SETS, Asking
from gateway.portal.places.sheet import harmless
from gateway.portal.places.table import Spot, against
from gateway.portal.places.trend import verdict_of as trend_verdict
from gateway.portal.places.view import named_apart, rows_for

KNOWN = ("E_ENG_ANY", "E_DUAL", "GAPS_D", "GAPS_M", "P_CSAT", "P_CSAT.response_rate")


def asked(query: str) -> Asking:
    return Asking.read(QueryParams(query), KNOWN)


def a_cell(low: float | None, high: float | None) -> Cell:
    return Cell(place="a", indicator="E_ENG_ANY", value=0.5, ci_low=low, ci_high=high)


def test_view_without_wishes_shows_the_first_set() -> None:
    assert asked("").indicators == SETS[0].of(KNOWN) == ("E_ENG_ANY", "E_DUAL")


def test_what_no_page_has_written_into_an_address_is_passed_over() -> None:
    view = asked("indicator=NOBODY&by=NOBODY&order=sideways&kind=person&wanted=%20 693%20")

    assert (view.indicators, view.by, view.order, view.kind, view.wanted) == (
        SETS[0].of(KNOWN),
        "",
        "name",
        "district",
        "693",
    )


def test_view_is_read_back_from_its_own_address() -> None:
    view = asked("indicator=GAPS_M&indicator=GAPS_D&by=GAPS_D&order=up&kind=school&district=nevsky&wanted=a%26b")

    address = view.address("/city")

    assert Asking.read(QueryParams(address.partition("?")[2]), KNOWN) == view


def test_changed_view_begins_at_its_first_row() -> None:
    view = asked("indicator=GAPS_D&after=50")

    assert "after" not in view.address("/city", wanted="693")
    assert "after=100" in view.address("/city", after="100")


def test_column_is_sorted_down_then_up_then_not_at_all() -> None:
    first = asked("indicator=GAPS_D").sorted_by("GAPS_D")
    second = asked("indicator=GAPS_D&by=GAPS_D&order=down").sorted_by("GAPS_D")
    third = asked("indicator=GAPS_D&by=GAPS_D&order=up").sorted_by("GAPS_D")

    assert [first["order"], second["order"], third["order"]] == ["down", "up", "name"]


def test_set_by_domain_leaves_out_what_stands_beside_an_indicator() -> None:
    by_name = {one.name: one for one in SETS}

    assert by_name["gaps"].of(KNOWN) == ("GAPS_D", "GAPS_M")
    assert by_name["effect"].of(KNOWN) == ("P_CSAT",)


@pytest.mark.parametrize(
    ("low", "high", "median", "said"),
    [
        (0.6, 0.8, 0.5, "above"),
        (0.2, 0.4, 0.5, "below"),
        (0.4, 0.6, 0.5, ""),
        (None, None, 0.5, ""),
        (0.6, 0.8, None, ""),
    ],
)
def test_place_is_above_the_median_only_with_its_whole_interval(
    low: float | None, high: float | None, median: float | None, said: str
) -> None:
    assert against(a_cell(low, high), median) == said


def test_number_below_zero_has_a_minus_and_no_hyphen() -> None:
    assert CellWords(Texts.load("gateway.portal"), "ru").measure(-0.05, "mean") == "\N{MINUS SIGN}0,05"


@pytest.mark.parametrize(
    ("is_hidden", "reason", "said"),
    [
        (True, "merged", "merged"),
        (True, "small-denominator", "small-denominator"),
        (True, "of-tomorrow", "protected"),
        (True, None, "protected"),
        (False, None, ""),
    ],
)
def test_hidden_cell_says_in_a_word_why(is_hidden: bool, reason: str | None, said: str) -> None:
    cell = Cell(place="a", indicator="E_ENG_ANY", is_hidden=is_hidden, reason=reason)

    assert Spot(None, cell).hidden == said


@pytest.mark.parametrize("text", ["=1+1", "+7", "-1", "@sum", "\tx"])
def test_spreadsheet_is_given_no_formula(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert harmless("ГБОУ школа № 1") == "ГБОУ школа № 1"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (None, "not-comparable"),
        ({"difference": 0, "is_distinguishable": False}, "same"),
        ({"difference": 0.1, "is_distinguishable": False}, "grown-by-chance"),
        ({"difference": -0.1, "is_distinguishable": True}, "fallen"),
    ],
)
def test_point_of_a_trend_is_judged_against_the_one_before(change: Any, said: str) -> None:
    assert trend_verdict({"change": change}, is_first=False) == said
    assert trend_verdict({"change": change}, is_first=True) == "first"


def test_figure_beside_an_indicator_is_called_with_the_indicator_in_front() -> None:
    told = [{"code": "P_CSAT", "name": {"ru": "Удовлетворённость"}}, {"code": "P_CSAT.rate", "name": {"ru": "доля"}}]

    assert [one["name"]["ru"] for one in named_apart(told).values()] == [
        "Удовлетворённость",
        "Удовлетворённость · доля",
    ]


@pytest.mark.parametrize(("columns", "rows"), [(1, 40), (5, 40), (12, 16), (42, 15)])
def test_wide_table_has_fewer_rows_on_a_page(columns: int, rows: int) -> None:
    assert rows_for(Asking(tuple(f"X{number}" for number in range(columns)))) == rows
