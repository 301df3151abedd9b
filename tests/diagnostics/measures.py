"""Readings, assessments and numbers for tests of the scoring, and the public data with other packages' figures."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from services import diagnostics
from services.diagnostics.domain import load_catalogue
from services.diagnostics.scoring import Assessment, Parameters, Reading, SourceKind, Wish, assess

SA, P360, OBS, TST, ART = SourceKind


@cache
def numbers() -> Parameters:
    """The numbers of the shipped catalogue."""
    return load_catalogue(Path(str(diagnostics.__file__)).parent / "catalogue" / "2026.1").parameters


@cache
def references() -> dict[str, Any]:
    """Public data sets with their sources, and what independent packages and papers found in them."""
    return tomllib.loads((Path(__file__).parent / "data" / "references.toml").read_text(encoding="utf-8"))


def scored(*readings: Reading, target: float = 4, wish: Wish | None = None) -> Assessment:
    """What these readings come to; there has to be one that says something."""
    found = assess(readings, target=target, parameters=numbers(), wish=wish)
    assert found is not None
    return found


def two_sources(level: float, *, target: float = 4) -> Assessment:
    """An observation of two lessons and an artefact that agree."""
    return scored(Reading(OBS, level, 2), Reading(ART, level), target=target)
