"""Texts in the caller's language: Russian first, English second.

Translations are `.po` files beside the package that speaks (`<package>/texts/ru.po`, `en.po`), read at start;
the message id is a stable slug such as `pairing.already-formed` (ADR 0014).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO

from babel.core import UnknownLocaleError, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from chassis.refusals import Fact

LANGUAGES = ("ru", "en")


def choose_language(accept_language: str | None) -> str:
    """The best of our languages for an `Accept-Language` header; Russian when nothing fits."""
    wishes = [part.split(";")[0].strip() for part in (accept_language or "").split(",")]
    try:
        return negotiate_locale([wish for wish in wishes if wish], LANGUAGES, sep="-") or LANGUAGES[0]
    except (UnknownLocaleError, ValueError):
        return LANGUAGES[0]


def _read(package: str, language: str) -> GNUTranslations | None:
    source = files(package) / "texts" / f"{language}.po"
    if not source.is_file():
        return None
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(source.read_bytes()), locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one or several packages; a later package adds to an earlier one."""

    by_language: Mapping[str, NullTranslations]

    @classmethod
    def load(cls, *packages: str) -> "Texts":
        """Read `texts/*.po` of each package; a package without texts is passed over."""
        joined: dict[str, NullTranslations] = {}
        for language in LANGUAGES:
            for package in packages:
                found = _read(package, language)
                if found is None:
                    continue
                if language in joined:
                    found.add_fallback(joined[language])
                joined[language] = found
        return cls(joined)

    def knows(self, slug: str, language: str) -> bool:
        """Is there a text for this slug?"""
        translations = self.by_language.get(language)
        return translations is not None and translations.gettext(slug) != slug

    def say(self, slug: str, language: str, **facts: Fact) -> str:
        """The text of a slug with its facts filled in; `count` among the facts chooses the plural form."""
        translations = self.by_language.get(language) or NullTranslations()
        count = facts.get("count")
        text = translations.ngettext(slug, slug, count) if isinstance(count, int) else translations.gettext(slug)
        return text.format_map(_Gaps(facts))


class _Gaps(dict[str, object]):
    """A fact that a text names and nobody gave shows as an ellipsis, never as a crash."""

    def __missing__(self, key: str) -> str:
        return "…"
