"""How a problem is told: where it is, what is wrong, how to mend it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from chassis.refusals import Fact
from services.registry.staff_file.people import Problem


class Say(Protocol):
    """Gives the text of a slug with its facts, in one language."""

    def __call__(self, slug: str, **facts: Fact) -> str:
        """The text."""


@dataclass(frozen=True, slots=True)
class Told:
    """A problem in words; none of them quotes a cell."""

    where: str
    what: str
    mend: str

    @property
    def sentence(self) -> str:
        """All of it in one line."""
        return f"{self.where}: {self.what} {self.mend}"


def tell(problem: Problem, say: Say) -> Told:
    """A problem in the words of a language."""
    facts = sayable(problem.facts)
    where = "staff-file.where-cell" if problem.column else "staff-file.where-row"
    return Told(
        where=say(where, row=problem.row, column=problem.column),
        what=say(problem.slug, **facts),
        mend=say(f"{problem.slug}.mend", **facts),
    )


def sayable(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    """Facts as they stand in a sentence: a list becomes its words."""
    return {name: ", ".join(map(str, fact)) if isinstance(fact, list) else fact for name, fact in facts.items()}
