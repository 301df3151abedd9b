"""Sets of competencies for single role profiles, picked from the catalogue without a script. Pure.

All sets travel along in the form; one of them at a time is open as a picker. Every button that does not open the
campaign brings the same form back with what it changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.portal.catalogue import Catalogue
from gateway.portal.curator.person import PROFILES

# What a form may ask about (catalogue, forms.toml): it stays within 25 minutes.
FEWEST, MOST = 15, 22
# A profile that comes on top of another one may be asked about a single competency.
OVERLAY = "CLASS_TEACHER"
# A button that opens the picker of a profile, one that leaves a single domain, one that takes all away, and the end.
OPEN, ONLY, NONE, KEEP = "open:", "only:", "none", "keep"


@dataclass(frozen=True, slots=True)
class Sets:
    """The sets by role profile, and the profile whose picker is open; empty for none."""

    by_profile: dict[str, tuple[str, ...]]
    picking: str = ""

    @classmethod
    def read(cls, sets: Sequence[str], picking: str, ticked: Sequence[str]) -> "Sets":
        """The sets as a form brings them: codes with spaces between, and what is ticked in the open picker."""
        found = {profile: tuple(typed.split()) for profile, typed in zip(PROFILES, sets, strict=False)}
        if picking not in PROFILES:
            return cls(found)
        return cls({**found, picking: tuple(ticked)}, picking)

    def pressed(self, button: str, catalogue: Catalogue) -> "Sets":
        """What a button makes of them; the picker closes on a set that the API takes."""
        if button.startswith(OPEN):
            return Sets(self.by_profile, button.removeprefix(OPEN))
        chosen = _preset(button, self.picking, catalogue)
        if chosen is None or not self.picking:
            return self if button == KEEP and self.picking in self.unfit else Sets(self.by_profile)
        return Sets({**self.by_profile, self.picking: chosen}, self.picking)

    def of(self, profile: str) -> tuple[str, ...]:
        """The set of one profile; none stands for the catalogue's own."""
        return self.by_profile.get(profile, ())

    @property
    def unfit(self) -> list[str]:
        """The profiles whose own set is too small or too large; none chosen is the catalogue's, which fits."""
        return [profile for profile, codes in self.by_profile.items() if codes and not _fits(profile, len(codes))]

    @property
    def typed(self) -> list[str]:
        """The sets as the form carries them."""
        return [" ".join(self.of(profile)) for profile in PROFILES]


def fewest_of(profile: str) -> int:
    """How many competencies a profile is asked about at the least."""
    return 1 if profile == OVERLAY else FEWEST


def _fits(profile: str, count: int) -> bool:
    return fewest_of(profile) <= count <= MOST


def _preset(button: str, profile: str, catalogue: Catalogue) -> tuple[str, ...] | None:
    codes = sorted(code for code in catalogue.names if catalogue.asks(profile, code))
    if button == NONE:
        return ()
    if not button.startswith(ONLY):
        return None
    letter = button.removeprefix(ONLY)
    return tuple(code for code in codes if catalogue.domain(code).letter == letter)


@dataclass(frozen=True, slots=True)
class Box:
    """One competency to tick."""

    code: str
    name: str
    is_ticked: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A domain with its competencies."""

    letter: str
    name: str
    boxes: Sequence[Box]

    @property
    def ticked(self) -> int:
        """How many of them are ticked."""
        return sum(box.is_ticked for box in self.boxes)


def groups_of(sets: Sets, catalogue: Catalogue) -> list[Group]:
    """The picker: the competencies that its profile has a target for by domain, in the catalogue's order.

    Without a target there is nothing to hold an answer against, and the API takes no such set. What is ticked all the
    same, from an older form, stays in sight to be taken away.
    """
    profile, chosen = sets.picking, sets.of(sets.picking)
    offered = [code for code in catalogue.names if code in chosen or catalogue.asks(profile, code)]
    return [
        Group(domain.letter, domain.name, [Box(code, catalogue.name(code), is_ticked=code in chosen) for code in codes])
        for domain, codes in catalogue.by_domain(offered)
    ]


def unasked_of(profile: str, catalogue: Catalogue) -> list[str]:
    """The names of the competencies that a profile has no target for, in the catalogue's order."""
    unasked = [code for code in catalogue.names if not catalogue.asks(profile, code)]
    return [catalogue.name(code) for _, codes in catalogue.by_domain(unasked) for code in codes]
