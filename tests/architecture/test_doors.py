"""Default deny, one handler per heard event, one text per slug."""

import ast
import importlib
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from fastapi.routing import RouteContext, iter_route_contexts

from chassis.identity import Require
from chassis.texts import LANGUAGES
from contracts.topology import HEARS
from tests.architecture.house import ROOT, files_of, name_of, services, tree_of

PUBLIC = {("reporting", "GET", "/v1/open/city"), ("registry", "POST", "/v1/slips:redeem")}
REFUSALS = {"Invalid", "Missing", "Forbidden", "Conflict", "TooLarge", "Unavailable", "Unauthenticated"}
SPEAKERS = ["chassis", "gateway", "gateway/portal", "deploy", "deploy/local/issuer", "deploy/operations/desk"]


def routes_of(service: str) -> list[RouteContext]:
    """The routes of a service, those of the routers inside its router too."""
    router = importlib.import_module(f"services.{service}.api").router
    return list(iter_route_contexts(router.routes))


def guards_of(route: RouteContext) -> list[Require]:
    """The guards that stand before a route."""
    found = []
    waiting = list(route.dependant.dependencies)
    while waiting:
        one = waiting.pop()
        waiting += one.dependencies
        if isinstance(one.call, Require):
            found.append(one.call)
    return found


@pytest.mark.parametrize("service", services())
def test_every_route_is_guarded_or_stands_in_the_short_public_list(service: str) -> None:
    open_doors = {
        (service, method, route.path)
        for route in routes_of(service)
        for method in route.methods or ()
        if not guards_of(route)
    }

    assert routes_of(service)
    assert open_doors - PUBLIC == set()


@pytest.mark.parametrize("service", services())
def test_every_heard_event_has_exactly_one_handler(service: str) -> None:
    subscriptions = importlib.import_module(f"services.{service}.consumers").subscriptions()

    heard = sorted(subscription.event.__name__ for subscription in subscriptions)

    assert heard == sorted(event.__name__ for event in HEARS[service])


@pytest.mark.parametrize("service", services())
def test_handlers_are_named_after_their_events(service: str) -> None:
    subscriptions = importlib.import_module(f"services.{service}.consumers").subscriptions()

    wrong = {
        subscription.handler.__name__
        for subscription in subscriptions
        if subscription.handler.__name__.removeprefix("on_").replace("_", "") != subscription.event.__name__.lower()
    }

    assert wrong == set()


def slugs_raised_in(folder: str) -> dict[str, str]:
    """Slugs of refusals by the file that raises them."""
    return {
        str(node.args[0].value): name_of(path)
        for path in files_of(folder)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in REFUSALS
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


def texts_of(folder: str, language: str) -> set[str]:
    """The slugs that have a text."""
    path = ROOT / folder / "texts" / f"{language}.po"
    if not path.exists():
        return set()
    with path.open("rb") as source:
        catalogue = read_po(source, locale=language)
    return {one.id if isinstance(one.id, str) else one.id[0] for one in catalogue if one.id and one.string}


@pytest.mark.parametrize("folder", [*(f"services/{name}" for name in services()), "gateway"])
def test_every_slug_has_a_text_in_both_languages(folder: str) -> None:
    raised = slugs_raised_in(folder)

    missing = {
        f"{slug} ({language}, {path})"
        for language in LANGUAGES
        for slug, path in raised.items()
        if slug not in texts_of(folder, language) | texts_of("chassis", language)
    }

    assert missing == set()


@pytest.mark.parametrize("folder", [*(f"services/{name}" for name in services()), *SPEAKERS])
def test_both_languages_say_the_same_things(folder: str) -> None:
    russian, english = (texts_of(folder, language) for language in LANGUAGES)

    assert russian ^ english == set()


def test_no_text_for_people_stands_in_code() -> None:
    # The demo's people, synonyms of columns in staff files, two words that a law writes in these letters, and the short
    # words that a typesetter does not leave at the end of a line.
    exempt = (
        "deploy/demo/",
        "services/registry/staff_file/",
        "services/reporting/domain/report.py",
        "services/tracking/domain/bases.py",
        "gateway/portal/typeset.py",
    )
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in files_of("chassis", "contracts", "services", "gateway", "deploy")
        if not name_of(path).startswith(exempt)
        for node in cyrillic_strings(path)
    ]

    assert found == []


def cyrillic_strings(path: Path) -> list[ast.Constant]:
    """String constants with Cyrillic letters that are neither docstrings nor examples of the API description."""
    tree = tree_of(path)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    examples = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg == "examples"
        for inner in ast.walk(node)
    }
    docstrings = examples | {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in docstrings
        and any("а" <= letter.lower() <= "я" for letter in node.value)
    ]
