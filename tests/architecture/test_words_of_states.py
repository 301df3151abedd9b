"""A refusal says states, steps and roles in words: the code of each has a text in both languages."""

from collections.abc import Collection

import pytest

from chassis.identity import EVERYONE_AT_SCHOOL
from chassis.texts import LANGUAGES, Texts
from services.diagnostics.domain.appeals import AppealState
from services.diagnostics.domain.campaign import CampaignState
from services.registry.domain.cycles import STAGES, Reason
from services.registry.domain.people import OFFICES, giveable_by
from services.registry.domain.role_profiles import PROFILES
from services.tracking.domain import bases
from services.tracking.domain.assignments import LEGAL, State
from services.tracking.domain.meetings import OPEN_MEETINGS, MeetingState
from services.tracking.domain.programme import OBSTACLES, SIGNS

SAID: dict[tuple[str, str], Collection[str]] = {
    ("chassis", "identity"): {*EVERYONE_AT_SCHOOL, *(role for roles in OFFICES.values() for role in roles)},
    ("services.diagnostics", "cycle"): STAGES,
    ("services.diagnostics", "campaign"): {*CampaignState, *PROFILES},
    ("services.diagnostics", "appeal"): {*AppealState},
    ("services.registry", "cycle"): {*STAGES, *Reason},
    ("services.registry", "officer"): {role for roles in OFFICES.values() for role in roles},
    ("services.registry", "place"): OFFICES,
    ("services.registry", "roles"): giveable_by(["head"]),
    ("services.registry", "role-profile"): PROFILES,
    ("services.tracking", "assignment"): {*State, *(step for steps in LEGAL.values() for step in steps)},
    ("services.tracking", "meeting"): set(MeetingState) - set(OPEN_MEETINGS),
    ("services.tracking", "goal"): SIGNS,
    ("services.tracking", "reflection"): OBSTACLES,
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("package", "thing"), SAID)
def test_every_code_that_a_refusal_says_has_words(package: str, thing: str, language: str) -> None:
    texts = Texts.load(package)

    assert [code for code in SAID[package, thing] if not texts.knows(f"{thing}.{code}", language)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_a_pair_waits_for_has_words(language: str) -> None:
    texts = Texts.load("services.tracking")
    codes = {code for basis in bases.BASES for code in bases.requirements(basis)}

    assert [code for code in codes if not texts.knows(f"assignment.{code}", language)] == []
