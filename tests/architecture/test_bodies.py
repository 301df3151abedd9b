"""What is sent as JSON is taken at its word: "true" is no truth value, and "7" and 7.0 are no whole number."""

import importlib
import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tests.architecture.house import services
from tests.architecture.test_doors import routes_of

_LAX = re.compile(r"\b(bool|int|float)\b")
FINAL = importlib.import_module("services.diagnostics.api.mine").OwnAnswers


def models_in(kind: Any) -> Iterator[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for inner in get_args(kind):
        yield from models_in(inner)


def bodies_of(service: str) -> set[type[BaseModel]]:
    """The models of all that is sent to a service, those inside them too."""
    waiting = [
        model
        for route in routes_of(service)
        for body in route.dependant.body_params
        for model in models_in(body.field_info.annotation)
    ]
    found: set[type[BaseModel]] = set()
    while waiting:
        model = waiting.pop()
        if model not in found:
            found.add(model)
            waiting += [one for field in model.model_fields.values() for one in models_in(field.annotation)]
    return found


def is_lax(field: FieldInfo) -> bool:
    """Would the field take a truth value or a number in another dress?"""
    is_strict = any(getattr(rule, "strict", None) for rule in field.metadata)
    kind = re.sub(r"Annotated\[\w+, [^\]]*strict=True[^\]]*\]", "", str(field.annotation))
    return not is_strict and _LAX.search(kind) is not None


@pytest.mark.parametrize("service", services())
def test_numbers_and_truth_values_that_are_sent_are_taken_strictly(service: str) -> None:
    lax = {
        f"{model.__module__}.{model.__name__}.{name}"
        for model in bodies_of(service)
        for name, field in model.model_fields.items()
        if is_lax(field)
    }

    assert lax == set()


@pytest.mark.parametrize("sent", ["true", 1, 0, "yes"])
def test_word_is_no_truth_value(sent: object) -> None:
    with pytest.raises(ValueError, match="is_final"):
        FINAL.model_validate({"answers": {}, "is_final": sent})
