"""Reading a JSON document field by field; what is wrong is named with its place and how to mend it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chassis.refusals import Invalid
from services.matching.engine.table import Integers, Truths

_LARGEST = 2**40


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a document; every refusal is `Invalid` with the `place` of what is wrong."""

    document: dict[str, object]

    def column(self, name: str, size: int, *, default: int | None = None) -> Integers:
        """One whole number from 0 up for each of so many people."""
        value = self.document.get(name)
        if value is None and default is not None:
            return np.full(size, default, dtype=np.int64)
        if not isinstance(value, list):
            raise Invalid("match.no-list", place=name)
        if len(value) != size:
            raise Invalid("match.wrong-length", place=name, length=len(value), expected=size)
        return numbers(value, name)

    def rows(self, name: str, width: int) -> Integers:
        """Rows of so many whole numbers from 0 up; an absent field is no row."""
        value = self.document.get(name)
        if value is None:
            return np.zeros((0, width), dtype=np.int64)
        if not isinstance(value, list):
            raise Invalid("match.no-list", place=name)
        for place, row in enumerate(value):
            if not isinstance(row, list) or len(row) != width:
                raise Invalid("match.wrong-row", place=f"{name}[{place}]", width=width)
        flat = numbers([one for row in value for one in row], name, width=width)
        return flat.reshape(-1, width)

    def number(self, name: str, *, default: int | None = None) -> int:
        """A whole number from 0 up."""
        value = self.document.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _LARGEST:
            raise Invalid("match.no-number", place=name)
        return value


def numbers(values: Sequence[object], name: str, *, width: int = 0) -> Integers:
    """Whole numbers from 0 up; `width` tells how many stand in a row, so that a wrong one can be named."""
    try:
        found = np.array(values)
    except ValueError:
        found = np.array(["ragged"])
    if not len(values) or (found.dtype.kind == "i" and found.min() >= 0 and found.max() < _LARGEST):
        return found.astype(np.int64)
    wrong = (place for place, one in enumerate(values) if type(one) is not int or not 0 <= one < _LARGEST)
    raise Invalid("match.no-number", place=_place(name, next(wrong, 0), width))


def _place(name: str, place: int, width: int) -> str:
    return f"{name}[{place // width}][{place % width}]" if width else f"{name}[{place}]"


def first_wrong(wrong: Truths, name: str, *, at: int | None = None) -> str | None:
    """The place of the first row in which something is wrong, if there is one."""
    if not wrong.any():
        return None
    place = int(np.argmax(wrong))
    return f"{name}[{place}]" if at is None else f"{name}[{place}][{at}]"


def first_repeat(keys: Integers, name: str) -> str | None:
    """The place of the first row whose key an earlier row has already."""
    repeated = np.ones(len(keys), dtype=bool)
    repeated[np.unique(keys, return_index=True)[1]] = False
    return first_wrong(repeated, name)
