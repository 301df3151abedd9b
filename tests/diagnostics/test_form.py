"""Forms and answers, the steps of a campaign, what may be released, and the words for every refusal."""

import re
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest

from chassis.refusals import Conflict, Invalid
from chassis.texts import Texts
from services import diagnostics
from services.diagnostics.domain import (
    CampaignState,
    Catalogue,
    advance_campaign,
    check_answers,
    check_release,
    form_for,
    is_colleagues_mark_shown,
    load_catalogue,
    must_be_open,
    target_for,
)
from services.diagnostics.scoring import Assessment, Reading, SourceKind, assess

SERVICE = Path(str(diagnostics.__file__)).parent


@cache
def shipped() -> Catalogue:
    return load_catalogue(SERVICE / "catalogue" / "2026.1")


def combined_profiles() -> list[tuple[str, ...]]:
    codes = list(shipped().profiles)
    sets = [chosen for size in range(1, len(codes) + 1) for chosen in combinations(codes, size)]
    return [chosen for chosen in sets if chosen != ("CLASS_TEACHER",)]


def an_assessment(*readings: Reading, target: float = 4) -> Assessment:
    found = assess(readings, target=target, parameters=shipped().parameters)
    assert found is not None
    return found


def test_every_mix_of_profiles_gets_fifteen_to_twenty_two_codes_from_every_domain() -> None:
    for profiles in combined_profiles():
        form = form_for(shipped(), profiles, subjects=("CHE",))

        asks_subject = any("S" in shipped().profiles[code].by_domain for code in profiles)
        assert 15 <= len(form) <= 22, profiles
        assert {code[0] for code in form} == set("DMSPIN" if asks_subject else "DMPIN"), profiles
        assert all(target_for(shipped(), code, profiles=profiles) for code in form), profiles


def test_every_subject_gives_a_full_form() -> None:
    for subject in shipped().subjects:
        form = form_for(shipped(), {"SUBJECT_TEACHER"}, subjects=(subject,))

        assert len(form) == 20
        assert any(code.endswith(f".{subject}") for code in form)


def test_the_first_subject_alone_parametrises_the_form() -> None:
    form = form_for(shipped(), {"SUBJECT_TEACHER"}, subjects=("CHE", "BIO"))

    assert "S01.CHE" in form
    assert not any(code.endswith(".BIO") for code in form)


def test_a_person_without_a_subject_still_has_a_full_form() -> None:
    form = form_for(shipped(), {"SUBJECT_TEACHER"})

    assert len(form) == 20
    assert not any(code.startswith("S") for code in form)


def test_a_primary_teacher_without_a_stated_subject_is_asked_about_primary_school() -> None:
    assert "S01.PRI" in form_for(shipped(), {"PRIMARY_TEACHER"})


def test_nobody_is_asked_about_experiments_in_a_subject_without_them() -> None:
    assert "S04.CHE" in form_for(shipped(), {"SUBJECT_TEACHER"}, subjects=("CHE",))
    assert "S04.RUS" not in form_for(shipped(), {"SUBJECT_TEACHER"}, subjects=("RUS",))


def test_a_class_teacher_is_always_asked_about_the_class() -> None:
    for profile in shipped().profiles.values():
        if not profile.is_overlay:
            form = form_for(shipped(), {profile.code, "CLASS_TEACHER"}, subjects=("CHE",))
            assert {"M09", "M11", "P04", "P05", "P06"} <= set(form)


def test_the_form_does_not_depend_on_the_order_of_the_profiles() -> None:
    one = form_for(shipped(), ["METHODIST", "SUBJECT_TEACHER"], subjects=("CHE",))

    assert form_for(shipped(), ["SUBJECT_TEACHER", "METHODIST"], subjects=("CHE",)) == one


@pytest.mark.parametrize(
    ("profiles", "subjects", "slug"),
    [
        ((), (), "form.no-profile"),
        (("CLASS_TEACHER",), (), "form.no-profile"),
        (("JANITOR",), (), "catalogue.unknown-profile"),
        (("SUBJECT_TEACHER",), ("XX",), "catalogue.unknown-subject"),
    ],
)
def test_a_form_that_cannot_be_made_is_refused(profiles: tuple[str, ...], subjects: tuple[str, ...], slug: str) -> None:
    with pytest.raises(Invalid) as refused:
        form_for(shipped(), profiles, subjects=subjects)

    assert refused.value.slug == slug


def test_not_applicable_is_an_answer_without_a_level() -> None:
    assert check_answers(("D01", "D02", "D03"), {"D01": 3, "D02": 0, "D03": None}, is_final=True) == {"D01": 3}


def test_an_unfinished_form_may_be_kept_but_not_sent() -> None:
    assert check_answers(("D01", "D02"), {"D01": 3}) == {"D01": 3}

    with pytest.raises(Invalid) as refused:
        check_answers(("D01", "D02"), {"D01": 3}, is_final=True)

    assert refused.value.slug == "answers.unanswered"
    assert refused.value.facts == {"codes": ["D02"], "count": 1}


@pytest.mark.parametrize(
    ("answers", "slug", "field"),
    [
        ({"D09": 3}, "answers.not-on-form", "answers.D09"),
        ({"D01": 6}, "answers.not-a-level", "answers.D01"),
        ({"D01": -1}, "answers.not-a-level", "answers.D01"),
        ({"D01": True}, "answers.not-a-level", "answers.D01"),
    ],
)
def test_a_wrong_answer_is_refused_at_its_field(answers: dict[str, int | None], slug: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_answers(("D01", "D02"), answers)

    assert (refused.value.slug, refused.value.field) == (slug, field)


def test_a_campaign_closes_once() -> None:
    assert advance_campaign(CampaignState.OPEN, CampaignState.CLOSED) is CampaignState.CLOSED

    for to in CampaignState:
        with pytest.raises(Conflict) as refused:
            advance_campaign(CampaignState.CLOSED, to)
        assert refused.value.facts == {"state": "CLOSED", "legal": []}


def test_answers_come_only_while_the_campaign_is_open() -> None:
    must_be_open(CampaignState.OPEN)

    with pytest.raises(Conflict) as refused:
        must_be_open(CampaignState.CLOSED)

    assert refused.value.slug == "campaign.closed"


def test_only_what_is_scored_settled_and_not_uncertain_may_be_released() -> None:
    confirmed = an_assessment(Reading(SourceKind.OBS, 2, 2), Reading(SourceKind.ART, 2))
    uncertain = an_assessment(Reading(SourceKind.OBS, 2, 2))

    assert check_release(confirmed) is confirmed
    for assessment, is_under_appeal, slug in (
        (None, False, "release.not-scored"),
        (confirmed, True, "release.under-appeal"),
        (uncertain, False, "release.uncertain"),
    ):
        with pytest.raises(Conflict) as refused:
            check_release(assessment, is_under_appeal=is_under_appeal)
        assert refused.value.slug == slug


def test_the_mark_of_colleagues_is_shown_from_three_of_them_on() -> None:
    assert not is_colleagues_mark_shown(2, shipped().parameters)
    assert is_colleagues_mark_shown(3, shipped().parameters)


def test_every_refusal_of_the_rules_has_words_in_both_languages() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (SERVICE / "domain").glob("*.py"))
    slugs = set(re.findall(r'"((?:catalogue|form|answers|raters|observers|campaign|release)\.[a-z-]+)"', code))
    texts = Texts.load("services.diagnostics")

    assert len(slugs) > 25
    assert [slug for slug in sorted(slugs) for tongue in ("ru", "en") if not texts.knows(slug, tongue)] == []
    assert texts.say("answers.unanswered", "ru", count=3) == "Осталось 3 вопроса без ответа."
