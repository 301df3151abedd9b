"""Figures on the instruments in words: how surely a scale or colleagues measure, how each task works. Pure.

A figure is judged by its whole interval, never by the number alone, and it is a word about an instrument.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.portal.catalogue import Catalogue
from gateway.portal.words import number, share

# From here on a figure is sure enough to speak of groups (Nunnally and Bernstein, 1994, Psychometric Theory).
SURE_ENOUGH = 0.7
# Below this an item hardly tells people apart (Ebel and Frisbie, 1991, Essentials of Educational Measurement).
TELLS_APART = 0.2
TWO_DIGITS = "0.00"
CHIPS = {"sure": "good", "unclear": "watch", "unsure": "bad"}

Json = Mapping[str, Any]
Say = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Measure:
    """A coefficient as a table shows it."""

    number: str
    interval: str
    counted: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from a coefficient: a word and its chip."""

    word: str
    chip: str


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a scale; `is_weak` when it hardly tells people apart."""

    name: str
    difficulty: str
    discrimination: str
    word: str
    is_weak: bool


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale of self-rating or a form of a test."""

    name: str
    alpha: Measure | None
    omega: Measure | None
    verdict: Verdict
    items: Sequence[Item]


@dataclass(frozen=True, slots=True)
class Raters:
    """How far colleagues see the same in one competency."""

    name: str
    single: Measure
    joint: Measure
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Telling:
    """In which words figures are told."""

    say: Say
    language: str
    catalogue: Catalogue

    def scales(self, told: Iterable[Json], instrument: str) -> list[Scale]:
        """The scales of one instrument (`SA` or `TST`), the least sure first."""
        found = [one for one in told if one["instrument"] == instrument]
        return [self._scale(one) for one in sorted(found, key=lambda one: _lowest(one["omega"] or one["alpha"]))]

    def raters(self, told: Iterable[Json]) -> list[Raters]:
        """What colleagues see, the least sure first."""
        return [
            Raters(
                self.catalogue.name(str(one["competency"])),
                self.measure(one["single"]),
                self.measure(one["joint"]),
                self.verdict(one["joint"]),
            )
            for one in sorted(told, key=lambda one: _lowest(one["joint"]))
        ]

    def measure(self, told: Json) -> Measure:
        """A coefficient with its interval and what it rests on."""
        counted = self.say("psychometrics.counted", count=int(told["n"]))
        if told["missing"]:
            counted = f"{counted}, {self.say('psychometrics.missing', count=int(told['missing']))}"
        return Measure(
            self._two_digits(told["value"]),
            self.say("matrix.interval", low=self._two_digits(told["low"]), high=self._two_digits(told["high"])),
            counted,
        )

    def verdict(self, told: Json | None) -> Verdict:
        """Sure or unsure where the whole interval lies on one side of the border, else not clear yet."""
        slug = judged(told)
        return Verdict(self.say(f"psychometrics.verdict.{slug}"), CHIPS[slug])

    def _scale(self, told: Json) -> Scale:
        is_test = told["instrument"] == "TST"
        alpha, omega = told["alpha"], told["omega"]
        return Scale(
            name=self._test_name(told) if is_test else self._domain_name(told),
            alpha=self.measure(alpha) if alpha else None,
            omega=self.measure(omega) if omega else None,
            verdict=self.verdict(omega or alpha),
            items=[self._item(one, is_test=is_test) for one in told["items"]],
        )

    def _domain_name(self, told: Json) -> str:
        name = self.catalogue.domain(str(told["about"])).name
        return self.say("psychometrics.of-items", name=name, count=len(told["items"]))

    def _test_name(self, told: Json) -> str:
        name = self.catalogue.name(str(told["about"]))
        return self.say("psychometrics.of-tasks", name=name, form=told["form"], count=len(told["items"]))

    def _item(self, told: Json, *, is_test: bool) -> Item:
        code, tells = str(told["item"]), told["discrimination"]
        is_weak = tells is None or tells < TELLS_APART
        return Item(
            name=self.say("psychometrics.task", code=code) if is_test else self.catalogue.name(code),
            difficulty=share(told["difficulty"], 1, self.language),
            discrimination="—" if tells is None else self._two_digits(tells),
            word=self.say("psychometrics.weak" if is_weak else "psychometrics.works"),
            is_weak=is_weak,
        )

    def _two_digits(self, value: float) -> str:
        return number(value, self.language, TWO_DIGITS).replace("-", "\N{MINUS SIGN}")


def judged(told: Json | None) -> str:
    """`sure`, `unsure` or `unclear`: a coefficient against the border, by its whole interval."""
    if told is None:
        return "unclear"
    if told["low"] >= SURE_ENOUGH:
        return "sure"
    return "unsure" if told["high"] < SURE_ENOUGH else "unclear"


def _lowest(told: Json | None) -> float:
    return float(told["low"]) if told else 1.0
