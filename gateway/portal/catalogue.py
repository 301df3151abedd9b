"""The catalogue of competencies as a page speaks of it: names and sentences of behaviour in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

LEVELS = (1, 2, 3, 4, 5)
_QUOTES = {"ru": ("«", "»"), "en": ("“", "”")}


@dataclass(frozen=True, slots=True)
class Domain:
    """One of the six domains: its letter and its name."""

    letter: str
    name: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One version of the catalogue in one language.

    `behaviour` holds, by competency and level, what can be seen of a person at that level; `levels` the names of the
    five steps; `asked` the role profiles that have a target for a competency.
    """

    domains: Sequence[Domain]
    levels: Mapping[int, str]
    anchors: Mapping[int, str]
    subjects: Mapping[str, str]
    names: Mapping[str, str]
    letters: Mapping[str, str]
    behaviour: Mapping[tuple[str, int], str]
    of_subjects: frozenset[str] = frozenset()
    asked: Mapping[str, frozenset[str]] = field(default_factory=dict)
    language: str = "ru"

    def knows(self, code: str) -> bool:
        """Is there such a competency, with a subject where it needs one?"""
        known, _, subject = code.partition(".")
        return known in self.names and (subject in self.subjects if self.has_subject(known) else not subject)

    def has_subject(self, code: str) -> bool:
        """Is a competency named together with a subject?"""
        return code in self.of_subjects

    def asks(self, profile: str, code: str) -> bool:
        """Has a role profile a target for a competency? It may where nothing is told of the targets."""
        return profile in self.asked.get(code, (profile,))

    def name(self, code: str) -> str:
        """What a competency is called; one with a subject, `S03.CHE`, together with it. An unknown one by its code."""
        known, _, subject = code.partition(".")
        name = self.names.get(known, code)
        return f"{name} ({self._subject(subject)})" if subject else name

    def _subject(self, code: str) -> str:
        # English writes languages with a capital letter, and so all subjects.
        said = self.subjects.get(code, code)
        return said.lower() if self.language == "ru" else said

    def quoted(self, code: str) -> str:
        """A competency's name inside a sentence."""
        return self.name(code).join(_QUOTES[self.language])

    def domain(self, code: str) -> Domain:
        """The domain that a competency belongs to."""
        letter = self.letters.get(code.partition(".")[0], code[:1])
        return next((one for one in self.domains if one.letter == letter), Domain(letter, letter))

    def sentences(self, code: str) -> Sequence[tuple[int, str, str]]:
        """Five sentences of behaviour: level, the step's name, the sentence; the general anchor where none is known."""
        known = code.partition(".")[0]
        return [
            (level, self.levels[level], _sentence(self.behaviour.get((known, level), self.anchors[level])))
            for level in LEVELS
        ]

    def by_domain(self, codes: Sequence[str]) -> Sequence[tuple[Domain, Sequence[str]]]:
        """Competencies by their domains, in the catalogue's order."""
        grouped = [(one, [code for code in codes if self.domain(code).letter == one.letter]) for one in self.domains]
        return [(domain, sorted(found)) for domain, found in grouped if found]


def read_catalogue(content: Mapping[str, Any], language: str) -> Catalogue:
    """The catalogue from what the API tells of it."""
    competencies = content["competencies"]
    behaviour: dict[tuple[str, int], str] = {}
    for one in competencies:
        for seen in one["indicators"]:
            behaviour.setdefault((one["code"], seen["level"]), seen[language])
    return Catalogue(
        domains=[Domain(one["code"], one[language]) for one in content["domains"]],
        levels={one["number"]: one[language] for one in content["levels"]},
        anchors={one["number"]: one[f"anchor_{language}"] for one in content["levels"]},
        subjects={one["code"]: one[language] for one in content["subjects"]},
        names={one["code"]: one[language] for one in competencies},
        letters={one["code"]: one["domain"] for one in competencies},
        behaviour=behaviour,
        of_subjects=frozenset(one["code"] for one in competencies if one["has_subject"]),
        asked={one["code"]: frozenset(one["targets"]) for one in competencies if "targets" in one},
        language=language,
    )


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."
