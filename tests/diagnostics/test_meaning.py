"""A profile in words: what an assessment means, how surely it is known, and which source would help most."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from chassis.texts import LANGUAGES, Texts
from services import diagnostics
from services.diagnostics import domain
from services.diagnostics.scoring import (
    CompetencyClass,
    Confidence,
    Offered,
    Reading,
    SourceKind,
    band_of,
    surest_source,
    surest_sources,
)
from tests.diagnostics.measures import ART, OBS, P360, SA, TST, numbers, scored, two_sources

# Words that a teacher would have to look up, or would read as blame.
JARGON = ("se10", "z-", "стандартн", "доверительн", "дефицит", "компетентност", "отстаёт", "слаб", "недостат", "плох")
OFFERED = (Offered(OBS, 2), Offered(P360, 3), Offered(TST, 8), Offered(ART, 1))


@cache
def instruments() -> domain.Instruments:
    folder = Path(str(diagnostics.__file__)).parent / "catalogue" / "2026.1"
    return domain.load_instruments(folder, domain.load_catalogue(folder))


def sentences() -> list[str]:
    assessment = two_sources(3)
    classes = [domain.class_sentence(replace(assessment, competency_class=each, gap=1.0)) for each in CompetencyClass]
    confidences = [domain.confidence_sentence(replace(assessment, confidence=each)) for each in Confidence]
    further = [domain.surer_sentence(each) for each in SourceKind if each is not SA]
    states = [f"appeal.state-{each.value.lower().replace('_', '-')}" for each in domain.AppealState]
    return [*classes, "profile.class-above-target", *confidences, *further, *states]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_class_confidence_source_and_state_has_words(language: str) -> None:
    texts = Texts.load("chassis", "services.diagnostics")

    assert [slug for slug in sentences() if not texts.knows(slug, language)] == []


def test_words_are_warm_and_without_jargon() -> None:
    texts = Texts.load("services.diagnostics")
    said = {slug: texts.say(slug, "ru", count=2) for slug in sentences()}

    assert {slug for slug, text in said.items() if any(word in text.casefold() for word in JARGON)} == set()
    assert {slug for slug, text in said.items() if re.search(r"\b(ты|тебе|твой|твоя|твои)\b", text.casefold())} == set()
    assert {slug for slug, text in said.items() if len(text) > 220} == set()


def test_a_level_above_the_target_that_is_no_strength_yet_has_words_of_its_own() -> None:
    above = scored(Reading(OBS, 3.2, 2), Reading(ART, 3.2), target=2)
    wide = scored(Reading(SA, 1), Reading(TST, 5, 3), target=3)

    assert above.competency_class is wide.competency_class is CompetencyClass.UNCERTAIN
    assert domain.class_sentence(above) == "profile.class-above-target"
    assert domain.class_sentence(replace(wide, gap=0.5)) == "profile.class-uncertain"


def test_band_holds_the_level_and_never_leaves_the_scale() -> None:
    middle, high = two_sources(3), two_sources(4.9, target=4)

    band, edge = band_of(middle, numbers()), band_of(high, numbers())

    assert band.low == pytest.approx(3 - 1.28 * middle.error)
    assert band.high == pytest.approx(3 + 1.28 * middle.error)
    assert edge.high == 5


@pytest.mark.parametrize(
    ("readings", "best"),
    [
        # Alone with an observation: an observation has spoken, of the rest colleagues err least (0.46, 0.5, 0.69).
        ([Reading(OBS, 3, 2)], P360),
        ([Reading(SA, 3)], OBS),
        ([Reading(SA, 3), Reading(OBS, 3, 2), Reading(P360, 3, 3)], ART),
        ([Reading(SA, 3), Reading(OBS, 3, 2), Reading(P360, 3, 3), Reading(ART, 3)], TST),
    ],
)
def test_the_source_that_shrinks_the_error_most_is_named(readings: list[Reading], best: SourceKind) -> None:
    found = surest_source(readings, OFFERED, numbers())

    assert found is not None
    assert found.source.kind is best
    assert found.after < found.before == pytest.approx(scored(*readings).error)
    with_it = scored(*readings, Reading(found.source.kind, scored(*readings).level, found.source.count))
    assert found.after == pytest.approx(with_it.error)


def test_when_every_kind_has_spoken_more_lessons_help() -> None:
    spoken = [Reading(SA, 3), Reading(OBS, 3, 2), Reading(P360, 3, 3), Reading(TST, 3, 8), Reading(ART, 3)]

    found = surest_source(spoken, OFFERED, numbers())

    assert found is not None
    assert found.source.kind is OBS


def test_nothing_is_advised_where_nothing_is_known_or_nothing_is_left() -> None:
    assert surest_source([], OFFERED, numbers()) is None
    assert surest_source([Reading(SA, None)], OFFERED, numbers()) is None
    assert surest_source([Reading(SA, 3)], (), numbers()) is None


def test_a_test_or_a_material_is_advised_only_where_there_is_one() -> None:
    tested, shown, neither = (
        {each.kind for each in domain.offered_for(code, instruments())} for code in ("I01", "M01", "P08")
    )

    assert tested == {OBS, P360, TST}
    assert shown == {OBS, P360, ART}
    assert neither == {OBS, P360}


@pytest.mark.parametrize(("level", "nearest"), [(1.0, 1), (2.49, 2), (2.5, 3), (4.96, 5), (5.0, 5)])
def test_the_nearest_level_is_rounded_half_up(level: float, nearest: int) -> None:
    assert domain.nearest_level(level) == nearest


def test_many_competencies_at_once_are_advised_as_each_by_itself() -> None:
    cases = [
        ([Reading(OBS, 3, 2)], OFFERED),
        ([], OFFERED),
        ([Reading(SA, 3), Reading(OBS, 4, 2), Reading(P360, 2, 3)], OFFERED[:1]),
        ([Reading(SA, 3)], ()),
        ([Reading(SA, 3)], OFFERED),
    ]

    found = surest_sources(cases, numbers())

    assert found == [surest_source(readings, offered, numbers()) for readings, offered in cases]
    assert [one is None for one in found] == [False, True, False, True, False]
