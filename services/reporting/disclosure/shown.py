"""Figures as readers get them: what may be shown of an indicator at a place, in reading order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.reporting.disclosure.primary import OTHERS
from services.reporting.disclosure.table import Coded, Column, Figure, Hidden, ProtectedTable, Rules, Slot
from services.reporting.domain.intervals import Interval, mean_interval, wilson
from services.reporting.domain.tree import CITY, DISTRICT, SCHOOL
from services.reporting.domain.tree import OTHERS as SMALL_SCHOOLS

ORDER = (CITY, DISTRICT, SCHOOL, SMALL_SCHOOLS)


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """One indicator at one place; None stands for what is not shown. `bound` is the end of a coded share."""

    place: str
    kind: str
    district: str | None
    indicator: str
    n_num: float | None
    n_den: float | None
    value: float | None
    ci_low: float | None
    ci_high: float | None
    is_hidden: bool
    reason: str | None
    bound: float | None


def shown_figures(table: ProtectedTable, parents: Mapping[str, str | None], rules: Rules) -> tuple[ShownFigure, ...]:
    """The city first, then districts, then schools, and the indicators in the order of the catalogue."""
    columns = {column.indicator: column for column in table.scheme.columns}
    cells = {(cell.place, cell.counter): cell.shown for cell in table.cells}
    shown = [
        _shown((place, columns[indicator]), figure, _kind(parents, place), cells)
        for (place, indicator), figure in table.figures(rules).items()
    ]
    ranks = {indicator: rank for rank, indicator in enumerate(columns)}
    return tuple(
        sorted(shown, key=lambda one: (ORDER.index(one.kind), one.district or "", one.place, ranks[one.indicator]))
    )


def _kind(parents: Mapping[str, str | None], place: str) -> tuple[str, str | None]:
    """What a row stands for, and in which district."""
    if place not in parents:
        return SMALL_SCHOOLS, place.removesuffix(f"/{OTHERS}")
    parent = parents[place]
    if parent is None:
        return CITY, None
    return (DISTRICT, place) if parents[parent] is None else (SCHOOL, parent)


def _shown(
    spot: tuple[str, Column], figure: Figure, kind: tuple[str, str | None], cells: Mapping[Slot, float | Hidden]
) -> ShownFigure:
    place, column = spot
    main = figure.n_num if column.denominator is None else figure.share
    interval = _interval(spot, figure, cells) if isinstance(main, float) and column.denominator else None
    return ShownFigure(
        place=place,
        kind=kind[0],
        district=kind[1],
        indicator=column.indicator,
        n_num=_plain(figure.n_num),
        n_den=_plain(figure.n_den),
        value=_plain(main),
        ci_low=interval.low if interval else None,
        ci_high=interval.high if interval else None,
        is_hidden=isinstance(main, Hidden),
        reason=_reason(main),
        bound=main.bound if isinstance(main, Coded) else None,
    )


def _plain(shown: float | Hidden | Coded | None) -> float | None:
    return None if isinstance(shown, Hidden | Coded) else shown


def _reason(shown: float | Hidden | Coded | None) -> str | None:
    if isinstance(shown, Hidden):
        return shown.reason
    return shown.side if isinstance(shown, Coded) else None


def _interval(spot: tuple[str, Column], figure: Figure, cells: Mapping[Slot, float | Hidden]) -> Interval | None:
    """The interval of a figure that is shown, from shown numbers alone."""
    place, column = spot
    numbers = [_plain(figure.n_num), _plain(figure.n_den)]
    if column.unit == "mean":
        numbers += [_plain(cells.get((place, companion))) for companion in column.companions]
    known = [number for number in numbers if number is not None]
    if len(known) < len(numbers) or len(numbers) < 2:
        return None
    if column.unit == "share":
        return wilson(known[0], known[1])
    return mean_interval(known[1], known[0], known[2]) if len(known) > 2 else None


def hidden_figures(figures: Iterable[ShownFigure]) -> int:
    """How many figures are not shown."""
    return sum(figure.is_hidden for figure in figures)
