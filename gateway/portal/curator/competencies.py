"""What competencies are called; the catalogue is large and seldom changes, so its names are kept for some minutes."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.portal.reader import FRESH_SECONDS, Reader


@dataclass(slots=True)
class Competencies:
    """The names of competencies by language, each with the moment until which it is fresh."""

    known: dict[str, tuple[float, Mapping[str, str]]] = field(default_factory=dict)

    async def names(self, reader: Reader) -> Mapping[str, str]:
        """The names in the reader's language, by code."""
        until, names = self.known.get(reader.language, (0.0, {}))
        if time.monotonic() >= until:
            catalogue = await reader.talk.get("/api/diagnostics/v1/catalogue")
            names = {one["code"]: one[reader.language] for one in catalogue["competencies"]}
            self.known[reader.language] = (time.monotonic() + FRESH_SECONDS, names)
        return names


def in_words(names: Mapping[str, str], code: str) -> str:
    """A competency with its code; the subject that may stand behind the code stays there."""
    base, _, _ = code.partition(":")
    name = names.get(code) or names.get(base)
    return f"{name} ({code})" if name else code
