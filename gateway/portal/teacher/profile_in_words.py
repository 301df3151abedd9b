"""A teacher's own profile in words: bands, classes, wishes, what became public and for whom. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.portal.catalogue import Catalogue, Domain
from gateway.portal.teacher.wording import Wording

STRONG, WEAK = ("STRENGTH_CONFIRMED", "STRENGTH_OFFERED"), ("DEFICIT_CONFIRMED", "DEFICIT_SELF_DECLARED")
FORMATS = ("meeting", "lesson_visit", "online", "material", "master_class")
# Eight times in ten the level lies within so many standard errors; the margin of the API's own bands.
MARGIN = 1.28
LOWEST, HIGHEST = 1.0, 5.0
# Cycles in these states take no wishes any more, or none yet.
OVER = frozenset({"DRAFT", "CLOSED", "REPORTED", "ARCHIVED"})


@dataclass(frozen=True, slots=True)
class Offer:
    """What the reader offers in a competency."""

    formats: Sequence[str]
    minutes: int
    outside_school: bool


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the reader needs (by how much, 1 to 3) and offers in a cycle, by competency."""

    needs: Mapping[str, int]
    offers: Mapping[str, Offer]


def wishes_of(content: Mapping[str, Any] | None) -> Wishes:
    """The wishes as the API tells them; none without an answer."""
    told = content or {"needs": [], "offers": []}
    return Wishes(
        {one["competency"]: one["wish"] for one in told["needs"]},
        {one["competency"]: Offer(one["formats"], one["minutes"], one["outside_school"]) for one in told["offers"]},
    )


@dataclass(frozen=True, slots=True)
class Measured:
    """One competency of the profile as its page and its line show it.

    `low`, `high`, `value`, `target` and the marks are levels from 1 to 5 for the picture; the words say all of it.
    """

    code: str
    name: str
    domain: Domain
    cycle_id: str
    kind: str
    chip: str
    low: float
    high: float
    value: float
    target: int
    marks: Sequence[tuple[float, str]]
    band_words: str
    words: str
    surer: str
    is_released: bool
    can_release: bool
    privacy: str
    comment: str
    appeal: str
    need: int | None
    offer: Offer | None


@dataclass(frozen=True, slots=True)
class Telling:
    """What a profile is told with."""

    words: Wording
    catalogue: Catalogue
    wishes: Wishes

    def say(self, slug: str, **facts: Any) -> str:
        """A text."""
        return self.words.say(slug, **facts)


def measured(one: Mapping[str, Any], telling: Telling) -> Measured:
    """A competency of the API's profile in words."""
    code, is_released = one["competency"], one["is_released"]
    low, high = one["band"]["low10"], one["band"]["high10"]
    return Measured(
        code=code,
        name=telling.catalogue.name(code),
        domain=telling.catalogue.domain(code),
        cycle_id=str(one["cycle_id"]),
        kind=kind_of_class(one["competency_class"]),
        chip=telling.say(f"profile.class.{one['competency_class']}"),
        low=low / 10,
        high=high / 10,
        value=one["level10"] / 10,
        target=one["target"],
        marks=[(mark["level10"] / 10, telling.say(f"profile.source.{mark['source']}")) for mark in one["marks"]],
        band_words=band_words(low, high, one["target"], telling),
        words=one["words"],
        surer=one["surer"]["words"] if one["surer"] else "",
        is_released=is_released,
        can_release=one["appeal"] is None,
        privacy=release_privacy(one, telling),
        comment=one["comment"] or "",
        appeal=one["appeal"] or "",
        need=telling.wishes.needs.get(code),
        offer=telling.wishes.offers.get(code),
    )


def kind_of_class(competency_class: str) -> str:
    """The colour of a class: what can be given is warm, what is wanted is cool, the rest is plain."""
    return "give" if competency_class in STRONG else "take" if competency_class in WEAK else "plain"


def band_words(low10: int, high10: int, target: int, telling: Telling) -> str:
    """The band without a number: between which steps, and the step that the role asks for."""
    low, high = telling.words.level(low10), telling.words.level(high10)
    wanted = telling.say(f"level.{target}")
    if low == high:
        return telling.say("profile.band-one", level=low, target=wanted)
    return telling.say("profile.band-between", low=low, high=high, target=wanted)


def release_privacy(one: Mapping[str, Any], telling: Telling) -> str:
    """Who learns of this competency by the rules of the release: the curator the class, the matching the level too."""
    if one["appeal"] is not None:
        return telling.say("profile.privacy-appeal")
    if not one["is_released"]:
        return telling.say("profile.privacy-closed")
    return telling.say("profile.privacy-open", shown=telling.say(f"profile.class.{one['competency_class']}"))


def by_domain(found: Sequence[Measured], catalogue: Catalogue) -> Sequence[tuple[Domain, Sequence[Measured]]]:
    """The profile domain by domain, in the catalogue's order."""
    grouped = [(one, [each for each in found if each.domain.letter == one.letter]) for one in catalogue.domains]
    return [(domain, sorted(own, key=lambda each: each.code)) for domain, own in grouped if own]


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one competency between the two diagnoses, in words and as two bands."""

    name: str
    words: str
    note: str
    before: Mapping[str, float]
    after: Mapping[str, float]
    before_words: str
    after_words: str
    is_reliable: bool


def changes_of(content: Mapping[str, Any], words: Wording, catalogue: Catalogue) -> Sequence[Change]:
    """All competencies that were measured twice, what changed for certain first."""
    found = sorted(content["competencies"], key=lambda one: (not one["is_reliable"], -one["z"], one["competency"]))
    return [_change(one, words, catalogue) for one in found]


def _change(one: Mapping[str, Any], words: Wording, catalogue: Catalogue) -> Change:
    before, after = (_band(one[f"{when}10"], one[f"{when}_se10"]) for when in ("before", "after"))
    return Change(
        catalogue.name(one["competency"]),
        one["words"],
        one["note"] or "",
        before,
        after,
        words.level(one["before10"]),
        words.level(one["after10"]),
        is_reliable=one["is_reliable"],
    )


def _band(level10: int, error10: int) -> Mapping[str, float]:
    level, margin = level10 / 10, MARGIN * error10 / 10
    low, high = max(LOWEST, level - margin), min(HIGHEST, level + margin)
    return {"low": round(low, 2), "value": level, "high": round(high, 2)}


def picture_of(changes: Sequence[Change], words: Wording) -> Mapping[str, Any]:
    """The facts of the picture before and after; every word of it stands in the table as well."""
    return {
        "steps": [words.say(f"level.{step}") for step in range(1, 6)],
        "rows": [
            {"name": one.name, "before": dict(one.before), "after": dict(one.after), "label": one.words}
            for one in changes
        ],
    }


def cycle_now(cycles: Sequence[Mapping[str, Any]], today: str) -> str | None:
    """The cycle that wishes belong to now: the newest that has begun being prepared and is not over."""
    living = [one for one in cycles if one["ends_on"] >= today and one["state"] not in OVER]
    newest = max(living, key=lambda one: one["starts_on"], default=None)
    return None if newest is None else str(newest["cycle_id"])
