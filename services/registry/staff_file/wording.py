"""How a word from a file is made comparable: case, ё and е, spaces and punctuation do not matter."""

import re
import unicodedata
from typing import Final

_SPACES: Final = re.compile(r"[\s\u00a0\u200b\ufeff]+")
_NOT_WORD: Final = re.compile(r"[^\w]+|_+")
_DASHES: Final = frozenset("-‐‑‒–—―")


def clean(text: str) -> str:
    """One line with single spaces; a cell that holds only dashes is an empty cell."""
    line = _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()
    return "" if set(line) <= _DASHES else line


def key(text: str) -> str:
    """Letters and digits in lower case, ё as е, № and N as one word: spellings of one thing are equal."""
    lowered = clean(text).casefold().replace("ё", "е")
    lowered = re.sub(r"№|\bno\b|\bn\b", " номер ", lowered)
    return _NOT_WORD.sub(" ", lowered).strip()


def name_key(*parts: str | None) -> tuple[str, ...]:
    """A name as it is compared between two exports."""
    return tuple(key(part or "") for part in parts)


def number_key(staff_number: str) -> str:
    """Excel drops the zeros in front of a staff number, a CSV keeps them; both are one number."""
    plain = clean(staff_number).casefold().replace(" ", "")
    return plain.lstrip("0") or plain
