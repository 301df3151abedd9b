"""Two waves side by side: may they be compared, and what did a person or a group of people do in between?"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from statistics import fmean

from chassis.refusals import Conflict
from services.diagnostics.domain.campaign import FIRST_WAVE, CampaignState, day_at_place
from services.diagnostics.domain.catalogue import Catalogue
from services.diagnostics.domain.tallies import People, shows_target
from services.diagnostics.scoring import (
    Assessment,
    Change,
    GroupChange,
    Parameters,
    Reading,
    ResponseShift,
    SourceKind,
    Wave,
    group_change,
    is_gap_closed,
    may_compare,
    reliable_change,
    response_shift,
)

Levels = Mapping[str, int | None]
# Self-ratings of one person by competency: before, the former self as seen afterwards, after.
OwnRatings = tuple[Levels, Levels, Levels]


class Comparison(StrEnum):
    """Whether the two waves of a cycle tell of a change, and if not, why (D2.9)."""

    COMPARABLE = "COMPARABLE"
    NO_SECOND_WAVE = "NO_SECOND_WAVE"
    OTHER_CATALOGUE = "OTHER_CATALOGUE"
    TOO_SOON = "TOO_SOON"


def comparison_of(first: Wave | None, second: Wave | None, parameters: Parameters) -> Comparison:
    """May the waves be compared: both were measured, by one version of the catalogue, months apart?"""
    if first is None or second is None:
        return Comparison.NO_SECOND_WAVE
    if may_compare(first, second, parameters):
        return Comparison.COMPARABLE
    is_same = first.catalogue_version == second.catalogue_version
    return Comparison.TOO_SOON if is_same else Comparison.OTHER_CATALOGUE


def wave_of(catalogue_version: str, opened_at: datetime, *, opens_on: date | None = None) -> Wave:
    """One measurement: it is dated by the first day at the school on which answers came."""
    return Wave(catalogue_version, opens_on or day_at_place(opened_at))


@dataclass(frozen=True, slots=True)
class Measured:
    """What one wave found of one competency: the assessment and the readings behind it."""

    assessment: Assessment
    readings: Sequence[Reading]


@dataclass(frozen=True, slots=True)
class OwnChange:
    """One competency of one person in two waves; `shift` is then minus before of the self-ratings, when known."""

    before: Assessment
    after: Assessment
    change: Change
    is_gap_closed: bool
    shift: int | None

    @property
    def sentence(self) -> str:
        """The sentence on the change itself."""
        if not self.change.is_reliable:
            return "change.within-error"
        return "change.rise" if self.change.is_rise else "change.fall"

    @property
    def shift_sentence(self) -> str | None:
        """The sentence on the yardstick of the self-ratings, a note and no part of the change."""
        if self.shift is None:
            return None
        return "change.shift-none" if self.shift == 0 else f"change.shift-{'stricter' if self.shift < 0 else 'milder'}"


def own_changes(
    before: Mapping[str, Measured], after: Mapping[str, Measured], *, then: Levels, parameters: Parameters
) -> dict[str, OwnChange]:
    """The changes of one person by competency, of what was measured in both waves."""
    return {
        code: _own_change(before[code], now, then=then.get(code), parameters=parameters)
        for code, now in sorted(after.items())
        if code in before
    }


def _own_change(before: Measured, after: Measured, *, then: int | None, parameters: Parameters) -> OwnChange:
    first, second = before.assessment, after.assessment
    former = next((reading.level for reading in before.readings if reading.kind is SourceKind.SA), None)
    return OwnChange(
        before=first,
        after=second,
        change=reliable_change(first, second, parameters),
        is_gap_closed=is_gap_closed(
            first, second, parameters=parameters, has_accepted_artefact=shows_target(after.readings, first.target)
        ),
        shift=None if not then or not former else then - int(former),
    )


def check_group(wave: int, state: CampaignState) -> None:
    """A change of the group is told of a closed second wave only; while answers come, each step would tell of one.

    Refused as `change.not-second-wave` or `change.still-open`.
    """
    if wave == FIRST_WAVE:
        raise Conflict("change.not-second-wave", field="campaign_id")
    if state is not CampaignState.CLOSED:
        legal = [step.value for step in state.legal_steps]
        raise Conflict("change.still-open", field="campaign_id", state=state.value, legal=legal)


def group_changes(catalogue: Catalogue, *, before: People, after: People) -> dict[str, GroupChange | None]:
    """The change of a school by letter of domain, and of all domains under the empty letter; `None` under five people.

    A person counts once: with the mean of the competencies that both waves measured.
    """
    letters = ["", *catalogue.domains]
    found = {}
    for letter in letters:
        pairs = [
            _pair(catalogue, before.get(person, {}), after.get(person, {}), letter=letter)
            for person in sorted(before.keys() | after.keys())
        ]
        change = group_change(pairs, catalogue.parameters)
        found[letter] = change if change.may_leave(catalogue.parameters) else None
    return found


def _pair(
    catalogue: Catalogue,
    before: Mapping[str, Assessment | None],
    after: Mapping[str, Assessment | None],
    *,
    letter: str,
) -> tuple[float | None, float | None]:
    pairs = [
        (then.level, now.level)
        for code, now in after.items()
        if now is not None and (then := before.get(code)) is not None and _is_of(catalogue, code, letter)
    ]
    if not pairs:
        return None, None
    return fmean(then for then, _ in pairs), fmean(now for _, now in pairs)


def _is_of(catalogue: Catalogue, code: str, letter: str) -> bool:
    return not letter or catalogue.competency(code).domain == letter


def group_shift(ratings: Collection[OwnRatings], parameters: Parameters) -> ResponseShift | None:
    """Did the yardstick of the self-ratings move? `None` under five people; each counts once, with a mean."""
    answers = [_joint(*own) for own in ratings]
    found = response_shift(answers, parameters)
    return found if found.n >= parameters.tally_people else None


def _joint(before: Levels, then: Levels, after: Levels) -> tuple[float | None, float | None, float | None]:
    whole = [
        (first, former, last)
        for code in sorted(then)
        if (first := before.get(code)) and (former := then.get(code)) and (last := after.get(code))
    ]
    if not whole:
        return None, None, None
    return fmean(each[0] for each in whole), fmean(each[1] for each in whole), fmean(each[2] for each in whole)


def group_sentence(change: GroupChange) -> str:
    """The sentence on the change of a group: beyond its interval or within it."""
    reach = change.difference
    if reach is None or reach.low <= 0 <= reach.high:
        return "change.group-within-error"
    return "change.group-rise" if reach.value > 0 else "change.group-fall"


def yardstick_sentence(shift: ResponseShift) -> str:
    """The sentence on the yardstick of a group's self-ratings: stricter, milder, or not to be told apart."""
    reach = shift.shift
    if reach is None or reach.low <= 0 <= reach.high:
        return "change.yardstick-same"
    return "change.yardstick-stricter" if reach.value < 0 else "change.yardstick-milder"


def check_then_test(wave: int, *, is_own_form_final: bool) -> None:
    """The former self is asked for in the second wave, once the own form is given, so that it cannot colour that.

    Refused as `then-test.first-wave` or `then-test.own-form-first`.
    """
    if wave == FIRST_WAVE:
        raise Conflict("then-test.first-wave", field="campaign_id")
    if not is_own_form_final:
        raise Conflict("then-test.own-form-first", field="campaign_id")
