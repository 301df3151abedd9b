"""The report's states, its canonical form, and the signature under it."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.refusals import Conflict, Forbidden, Invalid
from services.reporting.domain import (
    Report,
    Signature,
    Signing,
    State,
    canonical,
    digest,
    legal_steps,
    sign,
    step,
    verify,
)

NOW = datetime(2027, 6, 15, 9, 0, tzinfo=UTC)
CONTENT: dict[str, object] = {"school": "spb-693", "cells": [{"code": "E_ENG_ANY", "n_num": 43, "n_den": 77}]}
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def a_report(state: State = State.COMPUTED, version: int = 1) -> Report:
    return Report(school="spb-693", as_of=date(2027, 6, 15), version=version, state=state)


def a_signing(*, minutes_ago: float = 1) -> Signing:
    return Signing("p-1", "head", authenticated_at=NOW - timedelta(minutes=minutes_ago))


def test_report_walks_from_computed_to_published() -> None:
    report = a_report()

    for state in ("REVIEWED", "SIGNED", "SUBMITTED", "ACCEPTED", "PUBLISHED"):
        report = step(report, State(state))

    assert report == a_report(State.PUBLISHED, version=1)


@pytest.mark.parametrize("state", [State.RETURNED, State.PUBLISHED])
def test_returned_and_corrected_reports_begin_a_new_version(state: State) -> None:
    assert step(a_report(state, version=2), State.COMPUTED) == a_report(State.COMPUTED, version=3)


def test_every_illegal_step_names_the_legal_ones() -> None:
    for state in State:
        for to in set(State) - set(legal_steps(state)):
            with pytest.raises(Conflict) as refused:
                step(a_report(state), to)
            assert refused.value.slug == "report.illegal-step"
            assert refused.value.facts["legal"] == [one.value for one in legal_steps(state)]


def test_signature_verifies_its_own_content() -> None:
    signature = sign(CONTENT, a_signing(), now=NOW)

    verify(signature, CONTENT)
    assert signature == Signature("p-1", "head", NOW, digest(CONTENT), kind="ПЭП")


def test_changed_content_no_longer_carries_the_signature() -> None:
    signature = sign(CONTENT, a_signing(), now=NOW)

    with pytest.raises(Conflict, match=r"report\.content-changed"):
        verify(signature, CONTENT | {"cells": [{"code": "E_ENG_ANY", "n_num": 44, "n_den": 77}]})


@pytest.mark.parametrize("minutes", [5.01, 600, -2])
def test_stale_or_impossible_authentication_does_not_sign(minutes: float) -> None:
    with pytest.raises(Forbidden, match=r"report\.authenticate-again"):
        sign(CONTENT, a_signing(minutes_ago=minutes), now=NOW)


@pytest.mark.parametrize("minutes", [0, 5, -0.5])
def test_fresh_authentication_signs(minutes: float) -> None:
    assert sign(CONTENT, a_signing(minutes_ago=minutes), now=NOW).at == NOW


def test_canonical_form_does_not_depend_on_order_or_spelling() -> None:
    one = {"b": 2.0, "a": Decimal("0.50"), "day": date(2027, 6, 15), "rows": (1, None, True)}
    other = {"rows": [1, None, True], "day": "2027-06-15", "a": "0.5", "b": 2}

    assert canonical(one) == canonical(other) == b'{"a":"0.5","b":2,"day":"2027-06-15","rows":[1,null,true]}'


def test_canonical_form_keeps_cyrillic_and_forgets_float_dust() -> None:
    assert canonical({"имя": 0.1 + 0.2, "z": -0.0}) == '{"z":0,"имя":0.3}'.encode()
    assert canonical({"d": Decimal("-0.0"), "e": Decimal("1E+3")}) == b'{"d":"0","e":"1000"}'
    assert canonical({"id": UUID(int=0), "at": NOW}).startswith(b'{"at":"2027-06-15T09:00:00+00:00"')


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), Decimal("NaN"), b"bytes", object(), {1: 2}])
def test_what_has_no_canonical_form_is_refused(wrong: object) -> None:
    with pytest.raises(Invalid, match=r"report\.not-canonical"):
        canonical({"x": wrong})


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(), JSON_VALUES, max_size=4))
def test_content_read_back_from_its_canonical_form_has_the_same_digest(content: dict[str, object]) -> None:
    assert digest(json.loads(canonical(content))) == digest(content)
