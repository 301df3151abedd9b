"""A day as a program writes it: `2026-10-05` and nothing else.

Pydantic alone would also take a number for the seconds since 1970, which nobody means by a day.
"""

import re
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

_WRITTEN = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _as_written(value: object) -> object:
    if (isinstance(value, str) and not _WRITTEN.fullmatch(value)) or isinstance(value, int | float):
        raise PydanticCustomError("date_parsing", "a day is written as 2026-10-05")
    return value


PlainDay = Annotated[date, BeforeValidator(_as_written)]
