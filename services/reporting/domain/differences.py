"""What a report says otherwise than the one before it: number by number, and whether chance explains it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.reporting.domain.indicators import Change, Value, compare
from services.reporting.domain.passports import UNITS

Cell = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Difference:
    """An indicator that changed: what stood there before (None where it is new) and what stands there now."""

    indicator: str
    before: Cell | None
    after: Cell | None
    change: Change | None


def differences(before: Iterable[Cell], after: Iterable[Cell]) -> list[Difference]:
    """The indicators whose numbers differ, in the order of the newer report, then those that it has no more."""
    old, new = _by_indicator(before), _by_indicator(after)
    codes = [*new, *(code for code in old if code not in new)]
    return [
        Difference(code, old.get(code), new.get(code), _change(old.get(code), new.get(code)))
        for code in codes
        if _numbers(old.get(code)) != _numbers(new.get(code))
    ]


def _by_indicator(cells: Iterable[Cell]) -> dict[str, Cell]:
    return {str(cell["indicator"]): cell for cell in cells}


def _numbers(cell: Cell | None) -> tuple[object, ...] | None:
    return tuple(cell[name] for name in ("n_num", "n_den", "value")) if cell else None


def _change(before: Cell | None, after: Cell | None) -> Change | None:
    """None where the two cannot be compared: one is missing, or the definition is another."""
    if before is None or after is None or before["definition_version"] != after["definition_version"]:
        return None
    first, second = _value(before), _value(after)
    return compare(first, second) if first and second else None


def _value(cell: Cell) -> Value | None:
    unit = next((one for one in UNITS if one == cell["unit"]), None)
    n_num, value = _number(cell["n_num"]), _number(cell["value"])
    if unit is None or n_num is None or value is None:
        return None
    return Value(unit, n_num, _number(cell["n_den"]), value, _number(cell["ci_low"]), _number(cell["ci_high"]))


def _number(told: object) -> float | None:
    return float(told) if isinstance(told, int | float) else None
