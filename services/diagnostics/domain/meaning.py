"""A profile in words: which sentences say what an assessment means, and what would make it surer."""

from math import floor

from services.diagnostics.domain.catalogue import LEVELS
from services.diagnostics.domain.instruments import Instruments
from services.diagnostics.domain.items import FORMS
from services.diagnostics.scoring import Assessment, CompetencyClass, Offered, Parameters, SourceKind

ABOVE_TARGET = "profile.class-above-target"


def class_sentence(assessment: Assessment) -> str:
    """The sentence on the class. Above the target and yet no strength is an open question of another kind."""
    is_open = assessment.competency_class is CompetencyClass.UNCERTAIN
    if is_open and assessment.gap < 0 and not assessment.is_self_rated_only:
        return ABOVE_TARGET
    return f"profile.class-{_words(assessment.competency_class)}"


def confidence_sentence(assessment: Assessment) -> str:
    """The sentence on how far the level may be relied on."""
    return f"profile.confidence-{_words(assessment.confidence)}"


def surer_sentence(source: SourceKind) -> str:
    """The sentence on what one more source would add."""
    return f"profile.surer-{_words(source)}"


def nearest_level(level: float) -> int:
    """The behavioural level that is nearest to a measured one, half up."""
    return min(max(floor(level + 0.5), LEVELS[0]), LEVELS[-1])


def strong_level(parameters: Parameters) -> int:
    """The behavioural level at which a strength begins."""
    return nearest_level(parameters.strength_level)


def offered_for(code: str, instruments: Instruments) -> tuple[Offered, ...]:
    """The sources that can speak of a competency, each as large as it usually is."""
    parameters = instruments.catalogue.parameters
    offered = [
        Offered(SourceKind.OBS, parameters.stated_lessons),
        Offered(SourceKind.P360, parameters.visible_raters),
    ]
    test = instruments.bank.forms.get((code, FORMS[0]))
    if test is not None:
        offered.append(Offered(SourceKind.TST, len(test.items)))
    if code.partition(".")[0] in instruments.shown_by_artefacts:
        offered.append(Offered(SourceKind.ART, 1))
    return tuple(offered)


def _words(name: str) -> str:
    return name.lower().replace("_", "-")
