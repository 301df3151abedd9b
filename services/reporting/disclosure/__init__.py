"""Statistical disclosure control: which cells of a table of places may be shown, and an attacker to prove it.

Pure: `protect` hides cells of a table jointly with everything published before; `bounds`, `exposures` and
`is_safe` are what a reader of the published cells could do.
"""

from services.reporting.disclosure.attack import Bounds, Quantity, bounds, exposures, is_safe
from services.reporting.disclosure.protect import protect
from services.reporting.disclosure.shown import ShownFigure, hidden_figures, shown_figures
from services.reporting.disclosure.table import (
    Coded,
    Column,
    Figure,
    Hidden,
    ProtectedTable,
    PublishedCell,
    Rules,
    Scheme,
    Table,
    scheme_of,
)

__all__ = [
    "Bounds",
    "Coded",
    "Column",
    "Figure",
    "Hidden",
    "ProtectedTable",
    "PublishedCell",
    "Quantity",
    "Rules",
    "Scheme",
    "ShownFigure",
    "Table",
    "bounds",
    "exposures",
    "hidden_figures",
    "is_safe",
    "protect",
    "scheme_of",
    "shown_figures",
]
