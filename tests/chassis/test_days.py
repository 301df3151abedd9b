"""A day is what looks like one."""

from datetime import date

import pytest
from pydantic import TypeAdapter, ValidationError

from chassis.days import PlainDay

DAY = TypeAdapter(PlainDay)


def test_day_is_read_as_it_is_written() -> None:
    assert DAY.validate_python("2026-10-05") == date(2026, 10, 5)
    assert DAY.validate_python(date(2026, 10, 5)) == date(2026, 10, 5)
    assert DAY.json_schema() == {"type": "string", "format": "date"}


@pytest.mark.parametrize(
    "value", [0, 1790000000, 0.0, True, "0", "1790000000", "2026-10-05T00:00:00", "20261005", "", "2026-02-30"]
)
def test_nothing_else_is_a_day(value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        DAY.validate_python(value)

    assert refused.value.errors()[0]["type"].startswith("date")
