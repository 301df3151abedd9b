"""What the city answered to the demo, call by call; one that was interrupted is told it again and goes on from there.

The demo is a program whose every choice follows from its seed and from what the city answered. Run again with the same
answers it comes to the same place without asking; the first call that nobody answered goes to the city.
"""

import hashlib
import json
from collections import defaultdict, deque
from contextvars import ContextVar
from pathlib import Path
from typing import Any

# Was the last answer that this task got one from the journal? Then there is nothing to wait for before the next look.
is_remembered: ContextVar[bool] = ContextVar("is_remembered", default=False)
SENT, REFUSED, ANSWERED, THE_SAME, NOTED = "sent", "refused", "answered", "same", "noted"


def key_of(username: str, method: str, path: str, body: Any) -> str:
    """By what a call is known again: who calls, where, and with what; never by a token."""
    content = hashlib.blake2b(json.dumps(body, sort_keys=True).encode(), digest_size=8).hexdigest()
    return f"{username} {method} {path} {content}"


class Journal:
    """The answers of one demo, in a file beside its city, or in no file for a demo that nobody wants to go on.

    A line is written after each answer and, for a step that can be taken once only, also before it: whoever reads the
    file after a kill knows which steps were under way. The last line may be cut off.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.answers: defaultdict[str, deque[str]] = defaultdict(deque)
        self.under_way: set[str] = set()
        self.notes: dict[str, Any] = {}
        self.last: dict[str, str] = {}
        if path is not None and path.exists():
            self._read(path)
        self.file = path.open("a", encoding="utf-8") if path is not None else None

    def close(self) -> None:
        """Write no more."""
        if self.file is not None:
            self.file.close()
            self.file = None

    def recall(self, key: str) -> str | None:
        """The next answer to this call, as text, or None when the city has to be asked."""
        kept = self.answers.get(key)
        is_remembered.set(bool(kept))
        return kept.popleft() if kept else None

    def was_under_way(self, key: str) -> bool:
        """Was this step asked for in the run before, and its answer never heard? It is told once."""
        if key not in self.under_way:
            return False
        self.under_way.remove(key)
        return True

    def send(self, key: str) -> None:
        """Keep that a step is being asked for."""
        self._write(SENT, key)

    def refuse(self, key: str) -> None:
        """Keep that the step was not taken."""
        self._write(REFUSED, key)

    def answer(self, key: str, text: str) -> None:
        """Keep what was answered; the same answer to the same question is kept as a word."""
        if self.file is None:
            return
        if self.last.get(key) == text:
            self._write(THE_SAME, key)
        else:
            self.last[key] = text
            self._write(ANSWERED, key, text)

    def note(self, name: str, found: Any) -> None:
        """Keep what cannot be had a second time: how long a step took, how many events it made."""
        self.notes[name] = found
        self._write(NOTED, name, found)

    def _write(self, *line: Any) -> None:
        if self.file is not None:
            self.file.write(json.dumps(line, ensure_ascii=False) + "\n")
            self.file.flush()

    def _read(self, path: Path) -> None:
        with path.open("rb+") as file:
            whole = 0
            for line in file:
                if not line.endswith(b"\n"):
                    break
                whole += len(line)
                self._take(*json.loads(line))
            # What comes next begins on a line of its own.
            file.truncate(whole)

    def _take(self, kind: str, key: str, found: Any = None) -> None:
        if kind == NOTED:
            self.notes[key] = found
        elif kind == SENT:
            self.under_way.add(key)
        elif kind == REFUSED:
            self.under_way.discard(key)
        else:
            self.last[key] = self.last[key] if kind == THE_SAME else found
            self.answers[key].append(self.last[key])
            self.under_way.discard(key)
