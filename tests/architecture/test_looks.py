"""The access log: who sees, changes or exports something of somebody else is written down, or it is said why not."""

import importlib
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, get_args

import pytest
from fastapi.routing import RouteContext
from pydantic import BaseModel

from chassis import schema
from chassis.look_doors import _watch
from tests.architecture.house import ROOT, services
from tests.architecture.test_doors import routes_of

# Services that show things of one person to another; reporting has numbers and no people.
KEEPERS = ("registry", "diagnostics", "matching", "tracking", "documents")
# Names of fields that tell of whom an answer speaks.
OF_PEOPLE = {"person_id", "person_ids", "giver_id", "taker_id", "partner_id", "observer_id", "owner_ids", "by"}
# Routes that name somebody else and write no look, by the reason.
_PUBLIC = "names of colleagues, and who answers for a stage of the cycle, are known to everybody of a school"
_OFFICE = "an office, of which its holder is told"
_LEDGER = "bare ids of people who are no longer there; the ledger keeps who ordered it"
_NAMELESS = "a colleague's word about a person stays without a name, and so does who was asked for it"
_PAIR = "the two of a pair and their common work"
_PINS = "pins that curators of the school chose; the pairs and their reasons are behind the watched doors"
_HANDS = "which curator took which step of a run: they work on it together, and nobody else reads it"
_CYCLE, _RUN = "/v1/schools/{school}/cycles/{cycle_id}", "/v1/schools/{school}/runs/{run_id}"
_COLLEAGUE = "/v1/schools/{school}/my/forms/{campaign_id}/colleagues/{person_id}"
EXPLAINED = {
    ("registry", "POST", "/v1/schools/{school}/people:resolve"): _PUBLIC,
    ("registry", "POST", "/v1/people:name"): _PUBLIC,
    ("registry", "GET", _CYCLE): _PUBLIC,
    ("registry", "PUT", _CYCLE): _PUBLIC,
    ("registry", "POST", f"{_CYCLE}/approve"): _PUBLIC,
    ("registry", "POST", f"{_CYCLE}/stage"): _PUBLIC,
    ("registry", "POST", f"{_CYCLE}/end"): _PUBLIC,
    ("registry", "GET", f"{_CYCLE}/roadmap"): _PUBLIC,
    ("registry", "PUT", f"{_CYCLE}/roadmap/{{number}}"): _PUBLIC,
    ("registry", "PUT", "/v1/places/{place_id}/officers/{person_id}"): _OFFICE,
    ("registry", "POST", "/v1/places/{place_id}/officers/{person_id}/slip"): _OFFICE,
    ("registry", "GET", "/v1/erasures"): _LEDGER,
    ("registry", "GET", "/v1/erasures/{erasure_id}"): _LEDGER,
    ("registry", "PUT", "/v1/erasures/{erasure_id}"): _LEDGER,
    ("registry", "POST", "/v1/erasures/{erasure_id}/repeat"): _LEDGER,
    ("diagnostics", "GET", "/v1/schools/{school}/my/forms"): _NAMELESS,
    ("diagnostics", "PUT", _COLLEAGUE): _NAMELESS,
    ("diagnostics", "PUT", f"{_COLLEAGUE}/{{competency}}"): _NAMELESS,
    ("matching", "GET", "/v1/schools/{school}/my/proposals"): _PAIR,
    ("matching", "POST", "/v1/schools/{school}/my/proposals/{pairing_id}/accept"): _PAIR,
    ("matching", "POST", "/v1/schools/{school}/my/proposals/{pairing_id}/decline"): _PAIR,
    ("matching", "GET", "/v1/schools/{school}/runs"): _PINS,
    ("matching", "GET", _RUN): _PINS,
    ("matching", "PUT", _RUN): _PINS,
    ("matching", "POST", f"{_RUN}/choose"): _PINS,
    ("matching", "POST", f"{_RUN}/publish"): _PINS,
    ("matching", "POST", f"{_RUN}/cancel"): _PINS,
    ("matching", "GET", f"{_RUN}/changes"): _HANDS,
    ("tracking", "GET", "/v1/schools/{school}/my/assignments"): _PAIR,
    ("tracking", "GET", "/v1/schools/{school}/my/meetings"): _PAIR,
}
# What one is told of oneself.
OWN = tuple(f"/v1/schools/{{school}}/my/{name}" for name in ("person", "attestation", "role-profiles", "looks"))


def whats_of(service: str) -> type[StrEnum]:
    """The words of a service's access log."""
    place = "domain.looks" if (ROOT / "services" / service / "domain").is_dir() else "domain"
    found: type[StrEnum] = importlib.import_module(f"services.{service}.{place}").What
    return found


def models_in(kind: Any) -> Iterator[type[BaseModel]]:
    """The models that an annotation speaks of."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for inner in get_args(kind):
        yield from models_in(inner)


def names_people(kind: Any, seen: frozenset[type] = frozenset()) -> bool:
    """Does an answer name a person anywhere?"""
    return any(
        bool(OF_PEOPLE & model.model_fields.keys())
        or any(names_people(field.annotation, seen | {model}) for field in model.model_fields.values())
        for model in models_in(kind)
        if model not in seen
    )


def is_about_others(route: RouteContext) -> bool:
    """Does a route name somebody, in its path or in its answer, who need not be the caller?"""
    in_path = {param.name for param in route.dependant.path_params} & OF_PEOPLE
    return bool(in_path) or names_people(route.response_model)


def is_watched(route: RouteContext) -> bool:
    """Does a route ask for the access log?"""
    return any(one.call is _watch for one in route.dependant.dependencies)


def unwatched(service: str) -> set[tuple[str, str, str]]:
    return {
        (service, method, str(route.path))
        for route in routes_of(service)
        for method in route.methods or ()
        if is_about_others(route) and not is_watched(route)
    }


@pytest.mark.parametrize("service", services())
def test_every_route_that_names_somebody_keeps_the_access_log_or_is_explained(service: str) -> None:
    found = {one for one in unwatched(service) if one[2] not in OWN}

    assert found - EXPLAINED.keys() == set()


def test_explanations_are_about_routes_that_are_there_and_keep_no_log() -> None:
    found = {one for service in services() for one in unwatched(service)}

    assert EXPLAINED.keys() - found == set()


@pytest.mark.parametrize("service", KEEPERS)
def test_words_of_the_log_carry_the_name_of_their_service_and_are_used(service: str) -> None:
    code = "".join(path.read_text() for path in sorted((ROOT / "services" / service).rglob("*.py")))
    words = whats_of(service)

    assert {word for word in words if not word.startswith(f"{service}.")} == set()
    assert {word.name for word in words if f"What.{word.name}" not in code} == set()


@pytest.mark.parametrize("service", services())
def test_who_has_doors_to_the_log_keeps_one(service: str) -> None:
    doors = {str(route.path) for route in routes_of(service)} & {"/v1/looks", "/v1/schools/{school}/my/looks"}
    tables = schema.metadata_of(service).tables.keys() & {"looks", "look_schools"}

    assert (len(doors), len(tables)) == ((2, 2) if service in KEEPERS else (0, 0))
