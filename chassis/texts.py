"""Texts in the caller's language: Russian first, English second.

Translations are `.po` files beside the package that speaks (`<package>/texts/ru.po`, `en.po`), read at start;
the message id is a stable slug such as `pairing.already-formed` (ADR 0014).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO

from babel.core import UnknownLocaleError, negotiate_locale
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

from chassis.refusals import Fact

LANGUAGES = ("ru", "en")
# Browsers wish for the same languages at each request; what is longer comes from nobody's browser.
LONGEST_KEPT = 200
_WEIGHT = re.compile(r"q=([01](?:\.\d{0,3})?)")


def _wish(part: str) -> tuple[float, str]:
    language, _, weight = part.partition(";")
    found = _WEIGHT.fullmatch(weight.strip())
    return float(found[1]) if found else 1.0, language.strip()


def choose_language(accept_language: str | None) -> str:
    """The best of our languages for an `Accept-Language` header; Russian when nothing fits."""
    wished = accept_language or ""
    return _chosen(wished) if len(wished) <= LONGEST_KEPT else _chosen.__wrapped__(wished)


@lru_cache(maxsize=500)
def _chosen(wished: str) -> str:
    wishes = [_wish(part) for part in wished.split(",")]
    wanted = [language for weight, language in sorted(wishes, key=lambda wish: -wish[0]) if weight and language]
    try:
        return (negotiate_locale(wanted, LANGUAGES, sep="-") or LANGUAGES[0]).lower()
    except (UnknownLocaleError, ValueError):
        return LANGUAGES[0]


@cache
def _compiled(package: str, language: str) -> bytes | None:
    """The texts of a package in gettext's own form; the chassis' are wanted by every service of a process."""
    source = files(package) / "texts" / f"{language}.po"
    if not source.is_file():
        return None
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(source.read_bytes()), locale=language))
    return compiled.getvalue()


@cache
def _read(packages: tuple[str, ...], language: str) -> GNUTranslations | None:
    """The texts of all packages as one: a chain of them would be walked to its end for each text of the first."""
    known = [found for package in reversed(packages) if (found := _compiled(package, language)) is not None]
    if len(known) < 2:
        return GNUTranslations(BytesIO(known[0])) if known else None
    joined, *earlier = (read_mo(BytesIO(one)) for one in known)
    for catalog in earlier:
        for message in catalog:
            if message.id and message.id not in joined:
                joined[message.id] = message
    compiled = BytesIO()
    write_mo(compiled, joined)
    compiled.seek(0)
    return GNUTranslations(compiled)


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """The texts of one or several packages; a later package adds to an earlier one."""

    by_language: Mapping[str, NullTranslations]
    # A page says the same words many times. What depends on a count, and a slug that nobody knows, is not kept.
    found: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, *packages: str) -> "Texts":
        """Read `texts/*.po` of each package; a package without texts is passed over."""
        read = {language: _read(packages, language) for language in LANGUAGES}
        return cls({language: found for language, found in read.items() if found is not None})

    def knows(self, slug: str, language: str) -> bool:
        """Is there a text for this slug?"""
        return self._find(slug, language) != slug

    def say(self, slug: str, language: str, **facts: Fact) -> str:
        """The text of a slug with its facts filled in; `count` among the facts chooses the plural form."""
        said = self._without_count(slug, language) if "count" not in facts else self._counted(slug, language, facts)
        return said.format_map(_Gaps(facts)) if "{" in said or "}" in said else said

    def _without_count(self, slug: str, language: str) -> str:
        known = self.found.get((slug, language))
        if known is None:
            known = self._find(slug, language)
            if known != slug:
                self.found[slug, language] = known
        return known

    def _counted(self, slug: str, language: str, facts: Mapping[str, Fact]) -> str:
        count = facts["count"]
        return self._find(slug, language, count if isinstance(count, int) else None)

    def _find(self, slug: str, language: str, count: int | None = None) -> str:
        translations = self.by_language.get(language) or NullTranslations()
        plural = slug if count is None else translations.ngettext(slug, slug, count)
        # A text without plural forms may well speak of a count.
        return translations.gettext(slug) if plural == slug else plural


class _Gaps(dict[str, object]):
    """A fact that a text names and nobody gave shows as an ellipsis, never as a crash."""

    def __missing__(self, key: str) -> str:
        return "…"
