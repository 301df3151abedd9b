"""Icons of one set (Lucide, ISC) as inline pictures; a word always stands beside them, so they say nothing aloud."""

import re
from functools import cache
from importlib.resources import files

from markupsafe import Markup

_INSIDE = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_OPEN = '<svg class="icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">'
_BLANK = re.compile(r"\s+")


@cache
def icon(name: str) -> Markup:
    """The picture with this name of the set, one line high, in the colour of its text; KeyError for an unknown one."""
    source = files(__package__).joinpath("icons", f"{name}.svg")
    found = _INSIDE.search(source.read_text("utf-8")) if source.is_file() else None
    if found is None:
        raise KeyError(name)
    inside = _BLANK.sub(" ", found[1]).strip()
    # A file of this package, not what somebody sent.
    return Markup(f"{_OPEN}{inside}</svg>")  # noqa: S704
