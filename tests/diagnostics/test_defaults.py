"""Defaults are data: the numbers of the method stand in the catalogue with a source, and nowhere in code."""

import ast
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from services import diagnostics
from services.diagnostics.domain import AnswerSheet, score
from services.diagnostics.domain.wishes import wish_factor
from services.diagnostics.scoring import SourceKind
from tests.diagnostics.measures import numbers

SERVICE = Path(str(diagnostics.__file__)).parent
HALF = 0.5


def test_no_number_of_the_method_stands_in_code() -> None:
    named = {value for value in asdict(numbers()).values() if isinstance(value, float) and not value.is_integer()}

    found = [
        f"{path.relative_to(SERVICE)}:{line} {value}"
        for path in sorted(SERVICE.rglob("*.py"))
        if path.name != "quantiles.py"
        for line, value in floats_of(ast.parse(path.read_text(encoding="utf-8")))
        if value in named
    ]

    assert found == []


def floats_of(tree: ast.Module) -> Iterator[tuple[int, float]]:
    """Broken numbers of a file, but for the half that rounds."""
    rounding = {
        id(node.right)
        for node in ast.walk(tree)
        if isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Add)
        and isinstance(node.right, ast.Constant)
        and node.right.value == HALF
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float) and id(node) not in rounding:
            yield node.lineno, node.value


@pytest.mark.parametrize(("wish", "factor"), [(1, 1.0), (2, 1.25), (3, 1.5)])
def test_a_wish_is_laid_evenly_up_to_its_limit(wish: int, factor: float) -> None:
    assert wish_factor(wish, numbers()) == factor


def test_another_limit_and_another_scale_of_wishes_are_data() -> None:
    changed = replace(numbers(), wish_limit=2.0, strongest_wish=5)

    assert [wish_factor(wish, changed) for wish in (1, 3, 5)] == [1.0, 1.5, 2.0]


def test_how_many_kinds_of_sources_score_a_profile_is_data() -> None:
    sheets = [AnswerSheet(SourceKind.SA, {"M02": 3})]

    alone = score({"M02": 4}, sheets, wishes={}, parameters=numbers())
    allowed = score({"M02": 4}, sheets, wishes={}, parameters=replace(numbers(), scored_sources=1))

    assert (list(alone), list(allowed)) == ([], ["M02"])
