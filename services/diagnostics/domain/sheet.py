"""One table of a catalogue file, read field by field; every doubt names the file and the place in it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chassis.refusals import Invalid


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of TOML with the file and the place it stands in."""

    file: str
    place: str
    values: Mapping[str, object]

    @classmethod
    def read(cls, path: Path) -> "Sheet":
        """Read a whole file; refused as `catalogue.file-missing` or `catalogue.file-unreadable`."""
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as missing:
            raise Invalid("catalogue.file-missing", file=path.name) from missing
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as broken:
            raise Invalid("catalogue.file-unreadable", file=path.name) from broken
        return cls(path.name, "", values)

    def refuse(self, slug: str, key: str, **facts: str | int | float) -> Invalid:
        """A refusal that names this place."""
        place = f"{self.place}{key}"
        return Invalid(slug, field=place, file=self.file, place=place, **facts)

    def text(self, key: str) -> str:
        """A text that is not empty."""
        value = self._value(key)
        if not isinstance(value, str) or not value.strip():
            raise self.refuse("catalogue.field-wrong", key)
        return value

    def optional_text(self, key: str) -> str | None:
        """A text, or nothing."""
        return self.text(key) if key in self.values else None

    def flag(self, key: str) -> bool:
        """Yes or no."""
        value = self._value(key)
        if not isinstance(value, bool):
            raise self.refuse("catalogue.field-wrong", key)
        return value

    def number(self, key: str) -> float:
        """A number, whole or not."""
        value = self._value(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refuse("catalogue.field-wrong", key)
        return value

    def whole(self, key: str) -> int:
        """A whole number."""
        value = self._value(key)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.refuse("catalogue.field-wrong", key)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, each once."""
        value = self._value(key)
        if not isinstance(value, list):
            raise self.refuse("catalogue.field-wrong", key)
        found = tuple(str(item) for item in value if isinstance(item, str))
        if len(found) != len(value) or len(set(found)) != len(found):
            raise self.refuse("catalogue.field-wrong", key)
        return found

    def sheet(self, key: str) -> "Sheet":
        """A table inside this one."""
        return self._inner(self._value(key), key)

    def sheets(self, key: str) -> tuple["Sheet", ...]:
        """An array of tables, counted from 1 in refusals."""
        value = self._value(key)
        if not isinstance(value, list):
            raise self.refuse("catalogue.field-wrong", key)
        return tuple(self._inner(item, f"{key}.{place}") for place, item in enumerate(value, start=1))

    def wholes(self) -> dict[str, int]:
        """All of this table as whole numbers."""
        return {key: self.whole(key) for key in self.values}

    def numbers(self) -> dict[str, float]:
        """All of this table as numbers."""
        return {key: self.number(key) for key in self.values}

    def _value(self, key: str) -> object:
        if key not in self.values:
            raise self.refuse("catalogue.field-missing", key)
        return self.values[key]

    def _inner(self, value: object, key: str) -> "Sheet":
        if not isinstance(value, dict):
            raise self.refuse("catalogue.field-wrong", key)
        return Sheet(self.file, f"{self.place}{key}.", value)
