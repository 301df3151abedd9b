"""Every refusal and every reason of matching can be said in both languages."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import services.matching
from chassis.texts import LANGUAGES, Texts
from services.matching.engine.rules import Block

REFUSALS = {"Conflict", "Forbidden", "Invalid", "Missing"}


def slugs_in_code() -> Iterator[str]:
    for file in Path(services.matching.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in REFUSALS:
                yield ast.literal_eval(node.args[0])


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_slug_is_without_words(language: str) -> None:
    texts = Texts.load("chassis", "services.matching")
    slugs = {*slugs_in_code(), *(f"unmet.{rule}" for rule in Block)}

    assert sorted(slug for slug in slugs if not texts.knows(slug, language)) == []
