"""A matrix as the page lays it out: columns with definitions, rows with numbers in words, and the median between."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from babel.numbers import format_decimal

from gateway.portal.city import KNOWN_REASONS, Cell, CellWords, Shown
from gateway.portal.places.asking import Asking
from gateway.portal.reader import Reader

Json = Mapping[str, Any]
# A middle of two is no middle.
FEWEST = 3
# What a matrix tells of a cell, in the order in which a cell has it; anything newer is passed over.
MEASURED = ("n_num", "n_den", "value", "ci_low", "ci_high", "is_hidden", "reason", "bound")


@dataclass(frozen=True, slots=True)
class Column:
    """An indicator: its name, what it counts, and where its order leads; `sorting` is none, up or down."""

    code: str
    name: str
    definition: str
    unit: str
    sort_address: str
    sorting: str


@dataclass(frozen=True, slots=True)
class Spot:
    """One cell: the number in words, and where it stands beside the median as far as chance allows to say."""

    shown: Shown | None
    cell: Cell | None
    against: str = ""

    @property
    def hidden(self) -> str:
        """The slug of why it is hidden, short as a table needs it; empty where it is shown."""
        if self.cell is None or not self.cell.is_hidden:
            return ""
        return self.cell.reason if self.cell.reason in KNOWN_REASONS else "protected"


@dataclass(frozen=True, slots=True)
class Line:
    """A place with its cells; `address` leads on from it."""

    place: str
    name: str
    spots: Sequence[Spot]
    address: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A matrix in words."""

    columns: Sequence[Column]
    whole: Sequence[Line]
    medians: Sequence[str]
    lines: Sequence[Line]
    total: int
    next: str | None


@dataclass(frozen=True, slots=True)
class Making:
    """What a table is made with: its reader, what was asked, the definitions by code, and where it stands.

    `leads` tells where a row leads: to what it is made of, or to its way through the publications.
    """

    reader: Reader
    asking: Asking
    definitions: Mapping[str, Json]
    path: str
    leads: Callable[[Json], str] = lambda _: ""

    @property
    def words(self) -> CellWords:
        """Cells in the reader's language."""
        return CellWords(self.reader.request.app.state.portal.pages.texts, self.reader.language, "matrix.interval")


def table_of(matrix: Json, making: Making) -> Table:
    """Lay a matrix out."""
    columns = [_column(code, making) for code in making.asking.indicators]
    medians = {one["indicator"]: one["median"] for one in matrix["medians"] if one["places"] >= FEWEST}
    return Table(
        columns=columns,
        whole=[_line(row, columns, making, {}) for row in matrix["above"]],
        medians=[_median(medians.get(column.code), column.unit, making) for column in columns] if medians else [],
        lines=[_line(row, columns, making, medians) for row in matrix["items"]],
        total=int(matrix["total"]),
        next=matrix["next"],
    )


def _column(code: str, making: Making) -> Column:
    one, asking = making.definitions[code], making.asking
    return Column(
        code=code,
        name=str(one["name"][making.reader.language]),
        definition=str(one["definition"][making.reader.language]),
        unit=str(one["unit"]),
        sort_address=asking.address(making.path, **asking.sorted_by(code)),
        sorting=asking.order if asking.by == code else "none",
    )


def _line(
    row: Json,
    columns: Sequence[Column],
    making: Making,
    medians: Mapping[str, float | None],
) -> Line:
    words, cells, spots = making.words, row["cells"], []
    for column in columns:
        told = cells.get(column.code)
        cell = cell_of(row, told, column.code) if told else None
        spots.append(Spot(words.cell(cell, column.unit), cell, against(cell, medians.get(column.code))))
    return Line(str(row["place"]), _name(row, making), spots, making.leads(row))


def cell_of(row: Json, told: Json, code: str) -> Cell:
    """A cell of a matrix as the words know it; it came from our own service and is not checked again."""
    numbers: list[Any] = [told.get(name) for name in MEASURED]
    return Cell(row["place"], row["place_name"], row["kind"], code, *numbers)


def _name(row: Json, making: Making) -> str:
    if row["kind"] in ("others", "city"):
        return making.reader.say(f"matrix.{row['kind']}")
    return str(row["place_name"] or row["place"].rpartition("/")[2])


def against(cell: Cell | None, median: float | None) -> str:
    """`above` or `below` the median where the whole interval lies there; nothing where chance could explain it."""
    if cell is None or median is None or cell.ci_low is None or cell.ci_high is None:
        return ""
    if cell.ci_low > median:
        return "above"
    return "below" if cell.ci_high < median else ""


def shares_of(table: Table) -> Table:
    """The same with only those columns that are shares: they can stand side by side in one picture."""
    chosen = [number for number, column in enumerate(table.columns) if column.unit == "share"]
    return replace(
        table,
        columns=[table.columns[number] for number in chosen],
        lines=[replace(line, spots=[line.spots[number] for number in chosen]) for line in table.lines],
    )


def picture_of(shares: Table) -> dict[str, Any]:
    """The facts of a picture of shares; a hidden cell has no share in it."""
    names = [column.name for column in shares.columns]
    cells = [
        _pictured((row, place), line, spot, names[place])
        for row, line in enumerate(shares.lines)
        for place, spot in enumerate(line.spots)
    ]
    return {"rows": [line.name for line in shares.lines], "columns": names, "cells": cells}


def _pictured(at: tuple[int, int], line: Line, spot: Spot, name: str) -> dict[str, Any]:
    value = spot.cell.value if spot.cell else None
    is_hidden = value is None
    text = "" if spot.shown is None else spot.shown.number
    said = "—" if spot.shown is None else spot.shown.hidden_because or f"{spot.shown.number} · {spot.shown.counted}"
    told = {"row": at[0], "column": at[1], "share": value or 0, "text": text, "hidden": is_hidden}
    return {**told, "label": f"{line.name}, {name}: {said}"}


def _median(value: float | None, unit: str, making: Making) -> str:
    if value is not None and unit == "count":
        return str(format_decimal(value, "#,##0.#", locale=making.reader.language))
    return making.words.measure(value, unit)
