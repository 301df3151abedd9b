"""Every refusal of a service is told by a door that may answer it, or it is said who says it otherwise."""

import pytest

from chassis.description import problems_of
from chassis.reached import slugs_reached
from chassis.slugs import AT_ANY_DOOR, slugs_of
from services.matching.api.review import make_edit
from services.registry.api.cycles import end_cycle, list_cycles
from services.registry.api.roadmap import decide_stage
from tests.architecture.house import services
from tests.architecture.test_doors import routes_of

# What no door says: (service, beginning of the slug): who says it.
ELSEWHERE = {
    ("diagnostics", "catalogue.file-"): "a catalogue that is broken stops the service at its start",
    ("diagnostics", "catalogue.indicators-missing"): "the same",
    ("diagnostics", "items."): "the same, for the bank of questions",
    ("diagnostics", "questions."): "the commands that look through and take in questions",
    ("matching", "match."): "the command that matches an open file",
    ("matching", "matching.pin-impossible"): "the same command, of one more pin",
    ("reporting", "report.catalogue-unreadable"): "definitions that are broken stop the service at its start",
    ("reporting", "report.indicator-twice"): "the same",
    ("reporting", "report.passport-wrong"): "the same",
    ("reporting", "report.unknown-catalogue"): "a frozen report whose definitions the house has lost",
    ("reporting", "disclosure."): "the worker that protects numbers, about its own input",
    ("reporting", "publication."): "the worker that publishes; the order shows it as its reason",
}
KNOWN = frozenset(slug for name in ("registry", "matching") for slug in problems_of("chassis", f"services.{name}"))


def told_by_doors(service: str) -> set[str]:
    known = slugs_of(f"services.{service}").keys() - AT_ANY_DOOR
    doors = [route.endpoint for route in routes_of(service) if route.endpoint is not None]
    reached = {slug for door in doors for slug in slugs_reached(door, known)}
    words = "\n".join(str(door.__doc__) for door in doors)
    return reached | {slug for slug in known if f"`{slug}`" in words}


@pytest.mark.parametrize("service", services())
def test_every_refusal_is_told_by_a_door_or_it_is_known_who_says_it(service: str) -> None:
    silent = slugs_of(f"services.{service}").keys() - AT_ANY_DOOR - told_by_doors(service)
    explained = {
        slug for slug in silent for name, begins in ELSEWHERE if (name, slug[: len(begins)]) == (service, begins)
    }

    assert silent - explained == set()


def test_rule_behind_a_use_case_is_reached() -> None:
    assert {"cycle.reason-not-now", "cycle.head-only", "cycle.unknown", "state.moved-on"} <= set(
        slugs_reached(end_cycle, KNOWN)
    )
    assert {"roadmap.owner-unknown", "cycle.over"} <= set(slugs_reached(decide_stage, KNOWN))


def test_what_is_sent_is_looked_through_too() -> None:
    assert "edit.swap-same" in slugs_reached(make_edit, KNOWN)


def test_door_tells_nothing_of_what_it_does_not_reach() -> None:
    assert slugs_reached(list_cycles, KNOWN) == ["page.bad-cursor", "school.unknown"]
