"""Read by schemathesis (`SCHEMATHESIS_HOOKS`): who sends each request, and what a refusal must look like.

An operation is mostly called by the roles that its description names, in turn, and now and then by each of the others:
that they are turned away whatever they send is a part of it.
"""

import gc
import json
import os
from itertools import count
from typing import Any

import schemathesis

# Token by role; the empty role has none.
TOKENS: dict[str, str] = json.loads(os.environ.get("NEO_TOKENS", "{}"))
ALL = sorted(TOKENS)
# Every so many-th request is sent by somebody of whom the description does not speak.
STRANGER = 6
_seen: dict[str, "count[int]"] = {}
# The description and what is made of it stay to the end: looking again and again whether they may go is in vain.
gc.set_threshold(50_000, 50, 100)


def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Let the next of the roles send this request."""
    turn = next(_seen.setdefault(case.operation.label, count()))
    told = case.operation.definition.raw
    welcome = [role for role in told.get("x-roles", ()) if role in TOKENS] or [""]
    role = ALL[turn // STRANGER % len(ALL)] if turn % STRANGER == STRANGER - 1 else welcome[turn % len(welcome)]
    if case.method.upper() != case.operation.method.upper():
        # Which methods an address has is told to those who say who they are.
        role = ALL[-1]
    case.headers.pop("Authorization", None)
    if TOKENS.get(role):
        case.headers["Authorization"] = f"Bearer {TOKENS[role]}"


def refused_with_a_problem(ctx: Any, response: Any, case: Any) -> None:
    """Whatever is not done is told in one shape: a slug, the same status, a sentence."""
    if response.status_code < 400:
        return
    kind = response.headers.get("content-type", [""])[0]
    assert kind == "application/problem+json", f"a refusal came as {kind or 'nothing'}"
    told = response.json()
    assert str(told["type"]).startswith("urn:neo:problem:"), told["type"]
    assert told["status"] == response.status_code
    assert told["detail"] != str(told["type"]).removeprefix("urn:neo:problem:"), f"no text for {told['type']}"


schemathesis.hook(before_call)
schemathesis.check(refused_with_a_problem)
