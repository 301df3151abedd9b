"""What a command says: in Russian or English by the machine's language, from the translation files."""

import os
import sys
from typing import TextIO

from chassis.refusals import Fact
from chassis.texts import LANGUAGES, Texts


def machine_language() -> str:
    """`NEO_LANG`, else the locale; Russian first."""
    wish = os.environ.get("NEO_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return next((language for language in LANGUAGES if wish.lower().startswith(language)), LANGUAGES[0])


class Voice:
    """Says texts by their slugs; plain lines when piped."""

    def __init__(self, *, to: TextIO | None = None) -> None:
        self.texts = Texts.load("deploy")
        self.language = machine_language()
        self.to = to or sys.stdout

    def text(self, slug: str, **facts: Fact) -> str:
        """The text of a slug."""
        return self.texts.say(slug, self.language, **facts)

    def say(self, slug: str, **facts: Fact) -> None:
        """Print the text of a slug."""
        print(self.text(slug, **facts), file=self.to, flush=True)

    def overwrite(self, slug: str, **facts: Fact) -> None:
        """Show the text of a slug in the terminal's current line, over what stands there."""
        print(f"\r\x1b[K{self.text(slug, **facts)}", end="", file=self.to, flush=True)

    def erase(self) -> None:
        """Empty the terminal's current line."""
        print("\r\x1b[K", end="", file=self.to, flush=True)

    def trouble(self, slug: str, **facts: Fact) -> None:
        """Print on the error stream what went wrong, and the way out."""
        print(self.text(slug, **facts), file=sys.stderr, flush=True)
