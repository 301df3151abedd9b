"""Answers about what was published, kept for whoever asks the same next.

A publication never changes (a correction is a publication of its own), so an answer about one stays right as long as
it is kept. Who may ask is decided before, at each request.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field

MOST_ANSWERS = 64
# In bytes; larger ones are files for machines that ask once.
LONGEST = 200_000


@dataclass(slots=True)
class Kept:
    """The answers that were asked for last, by all that they depend on."""

    answers: OrderedDict[Hashable, bytes] = field(default_factory=OrderedDict)

    def find(self, asked: Hashable) -> bytes | None:
        """The answer to exactly this, if somebody asked for it lately."""
        found = self.answers.get(asked)
        if found is not None:
            self.answers.move_to_end(asked)
        return found

    def keep(self, asked: Hashable, answer: bytes) -> None:
        """Remember an answer; the one that was asked for longest ago goes."""
        if len(answer) > LONGEST:
            return
        self.answers[asked] = answer
        self.answers.move_to_end(asked)
        if len(self.answers) > MOST_ANSWERS:
            self.answers.popitem(last=False)
