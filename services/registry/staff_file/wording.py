"""How a word from a file is made comparable: case, ё and е, spaces and punctuation do not matter."""

import re
import unicodedata
from typing import Final

_NOT_WORD: Final = re.compile(r"[^\w]+|_+")
_NUMBER_SIGN: Final = re.compile(r"№|\bno\b|\bn\b")
_DASHES: Final = frozenset("-‐‑‒–—―")


def clean(text: str) -> str:
    """One line with single spaces and nothing unseen; a cell that holds only dashes is an empty cell."""
    line = " ".join(text.split())
    if not line.isprintable():
        line = " ".join("".join(sign for sign in line if sign.isprintable()).split())
    if not line.isascii():
        line = unicodedata.normalize("NFC", line)
    return "" if line[:1] in _DASHES and set(line) <= _DASHES else line


def key(text: str) -> str:
    """Letters and digits in lower case, ё as е, № and N as one word: spellings of one thing are equal."""
    return _key_of_clean(clean(text))


def name_key(*parts: str | None) -> tuple[str, ...]:
    """A name as it is compared between two exports."""
    return tuple(key(part or "") for part in parts)


def number_key(staff_number: str) -> str:
    """Excel drops the zeros in front of a staff number, a CSV keeps them; both are one number."""
    plain = clean(staff_number).casefold().replace(" ", "")
    return plain.lstrip("0") or plain


def _key_of_clean(line: str) -> str:
    lowered = line.casefold().replace("ё", "е")
    if lowered.isalpha() and not lowered.isascii():
        return lowered
    return _NOT_WORD.sub(" ", _NUMBER_SIGN.sub(" номер ", lowered)).strip()
