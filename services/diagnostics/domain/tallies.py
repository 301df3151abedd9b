"""Sums per domain at the close of a campaign: all that leaves without a release, and only from five people on."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from services.diagnostics.domain.catalogue import Catalogue
from services.diagnostics.scoring import (
    Assessment,
    Change,
    GainTally,
    Reading,
    SourceKind,
    Tally,
    is_gap_closed,
    reliable_change,
)

Profile = Mapping[str, Assessment | None]
People = Mapping[UUID, Profile]


def tally_profiles(catalogue: Catalogue, people: People) -> dict[str, Tally]:
    """The sums of scored profiles by letter of domain; `None` is a competency of the form without data."""
    tallies: dict[str, Tally] = {}
    for profile in people.values():
        for letter, assessments in _by_domain(catalogue, profile).items():
            tallies[letter] = tallies.get(letter, Tally()).with_person(assessments.values())
    return {letter: tally for letter, tally in sorted(tallies.items()) if tally.may_leave(catalogue.parameters)}


def tally_gains(catalogue: Catalogue, *, before: People, after: People) -> dict[str, GainTally]:
    """The sums of changes by letter of domain, of the people who were scored in both waves."""
    tallies: dict[str, GainTally] = {}
    for person_id in sorted(before.keys() & after.keys()):
        for letter, assessments in _by_domain(catalogue, after[person_id]).items():
            changes = [_change(catalogue, before[person_id].get(code), now) for code, now in assessments.items()]
            tallies[letter] = tallies.get(letter, GainTally()).with_person(changes)
    return {letter: tally for letter, tally in sorted(tallies.items()) if tally.may_leave(catalogue.parameters)}


def closed_gaps(
    catalogue: Catalogue, *, before: Profile, after: Profile, artefacts: Mapping[str, Sequence[Reading]]
) -> tuple[str, ...]:
    """The competencies of one person whose gap the second measurement closes; `artefacts` are of that measurement."""
    pairs = ((code, before.get(code), now) for code, now in sorted(after.items()))
    return tuple(
        code
        for code, then, now in pairs
        if then is not None
        and now is not None
        and is_gap_closed(
            then,
            now,
            parameters=catalogue.parameters,
            has_accepted_artefact=shows_target(artefacts.get(code, ()), then.target),
        )
    )


def shows_target(readings: Iterable[Reading], target: float) -> bool:
    """Did an expert accept an artefact at the target level? It stands in for a reliable rise (D2.9)."""
    return any(reading.kind is SourceKind.ART and (reading.level or 0) >= target for reading in readings)


def _by_domain(catalogue: Catalogue, profile: Profile) -> dict[str, Profile]:
    letters = {code: catalogue.competency(code).domain for code in profile}
    return {
        letter: {code: profile[code] for code in profile if letters[code] == letter}
        for letter in sorted(set(letters.values()))
    }


def _change(catalogue: Catalogue, before: Assessment | None, after: Assessment | None) -> Change | None:
    if before is None or after is None:
        return None
    return reliable_change(before, after, catalogue.parameters)
