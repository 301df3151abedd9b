"""What competencies are called; the catalogue is large and seldom changes, so it is kept for some minutes."""

import time
from dataclasses import dataclass, field

from gateway.portal.reader import FRESH_SECONDS, Reader
from gateway.portal.teacher.catalogue import Catalogue, read_catalogue


@dataclass(slots=True)
class Competencies:
    """The catalogue by language, each with the moment until which it is fresh."""

    known: dict[str, tuple[float, Catalogue]] = field(default_factory=dict)

    async def names(self, reader: Reader) -> Catalogue:
        """The catalogue in the reader's language."""
        until, catalogue = self.known.get(reader.language, (0.0, None))
        if catalogue is None or time.monotonic() >= until:
            catalogue = read_catalogue(await reader.talk.get("/api/diagnostics/v1/catalogue"), reader.language)
            self.known[reader.language] = (time.monotonic() + FRESH_SECONDS, catalogue)
        return catalogue


def in_words(catalogue: Catalogue | None, code: str) -> str:
    """A competency by its name, one with a subject together with it; by its code without a catalogue."""
    return catalogue.name(code) if catalogue else code
