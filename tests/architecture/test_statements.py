"""What reads is compiled once for all names of values; that holds as long as the names change nothing in it."""

import importlib

import pytest

from chassis.statements import _compile, reading_in
from tests.architecture.house import services


@pytest.mark.parametrize("service", services())
def test_statement_that_reads_is_the_same_whatever_values_it_is_given(service: str) -> None:
    importlib.import_module(f"services.{service}.app")

    for statement in reading_in(f"services.{service}.store"):
        bare = _compile(statement, ())
        named = _compile(statement, tuple(bind.bound.key for bind in bare.binds))

        assert named.compiler.string == bare.compiler.string
        assert [bind.name for bind in named.binds] == [bind.name for bind in bare.binds]
