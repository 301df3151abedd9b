"""Which competencies a person is asked about, and whether the answers fit the form."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, zip_longest

from chassis.refusals import Invalid
from services.diagnostics.domain.catalogue import LEVELS, Catalogue, Profile


def form_for(catalogue: Catalogue, profiles: Iterable[str], *, subjects: Sequence[str] = ()) -> tuple[str, ...]:
    """The codes a person is assessed on, in catalogue order; S-codes carry the person's first subject.

    A single profile gives its own list. Several profiles take turns, up to the largest form. An overlay's
    codes always stand on the form, then one code of every domain that has a target, then the rest by rank.
    Refused as `form.no-profile` when a person has none but an overlay, and as `catalogue.unknown-*`.
    """
    mine = catalogue.profiles_of(profiles)
    own = [profile for profile in mine if not profile.is_overlay]
    if not own:
        raise Invalid("form.no-profile", field="profiles")
    subject = _subject_of(catalogue, own, subjects)
    added = _suited(catalogue, _in_turns(catalogue, mine, is_overlay=True), subject=subject)
    ranked = _suited(catalogue, _in_turns(catalogue, mine, is_overlay=False), subject=subject)
    first_of_domain = list({catalogue.competencies[code].domain: code for code in reversed(ranked)}.values())
    chosen = dict.fromkeys(added)
    limit = _size(catalogue, own, added=added)
    for code in chain(_by_rank(first_of_domain, ranked), ranked):
        if len(chosen) < limit:
            chosen[code] = None
    return tuple(_full(catalogue, code, subject) for code in catalogue.competencies if code in chosen)


def check_answers(form: Iterable[str], answers: Mapping[str, int | None], *, is_final: bool = False) -> dict[str, int]:
    """The answers that are levels, checked against the form; 0 and `None` ("not applicable") are left out.

    An unfinished form may be kept. Refused as `answers.not-on-form`, `answers.not-a-level` or, for a final
    form, `answers.unanswered` with the codes that nobody spoke to.
    """
    asked = tuple(form)
    for code, level in answers.items():
        if code not in asked:
            raise Invalid("answers.not-on-form", field=f"answers.{code}", code=code)
        if level is not None and (isinstance(level, bool) or level not in (0, *LEVELS)):
            raise Invalid("answers.not-a-level", field=f"answers.{code}", code=code)
    left = [code for code in asked if code not in answers]
    if is_final and left:
        raise Invalid("answers.unanswered", field="answers", codes=left, count=len(left))
    return {code: level for code, level in answers.items() if level}


def _subject_of(catalogue: Catalogue, own: Sequence[Profile], subjects: Sequence[str]) -> str | None:
    forms = (catalogue.forms.by_profile[profile.code] for profile in own)
    defaults = (form.default_subject for form in forms if form.default_subject is not None)
    subject = next(chain(subjects, defaults), None)
    if subject is not None and subject not in catalogue.subjects:
        raise Invalid("catalogue.unknown-subject", field="subjects", subject=subject)
    return subject


def _in_turns(catalogue: Catalogue, mine: Sequence[Profile], *, is_overlay: bool) -> list[str]:
    """The lists of the profiles merged: the first of each, then the second of each, every code once."""
    forms = (catalogue.forms.by_profile[profile.code] for profile in mine if profile.is_overlay == is_overlay)
    turns = zip_longest(*(form.codes for form in forms))
    return list(dict.fromkeys(code for turn in turns for code in turn if code is not None))


def _suited(catalogue: Catalogue, codes: Iterable[str], *, subject: str | None) -> list[str]:
    """Without a subject there are no S-codes; with one, only those that make sense for it."""
    unsuited = catalogue.forms.unsuited
    return [
        code
        for code in codes
        if not catalogue.competencies[code].has_subject
        or (subject is not None and subject not in unsuited.get(code, frozenset()))
    ]


def _size(catalogue: Catalogue, own: Sequence[Profile], *, added: Sequence[str]) -> int:
    forms = catalogue.forms
    if len(own) > 1:
        return forms.most
    form = forms.by_profile[own[0].code]
    news = sum(code not in form.codes[: form.size] for code in added)
    return min(forms.most, form.size + news)


def _by_rank(codes: Iterable[str], ranked: Sequence[str]) -> list[str]:
    return sorted(codes, key=ranked.index)


def _full(catalogue: Catalogue, code: str, subject: str | None) -> str:
    return f"{code}.{subject}" if catalogue.competencies[code].has_subject else code
