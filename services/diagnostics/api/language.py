"""The language of an answer: texts, names of the catalogue and numbers as the caller reads them."""

from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from babel.numbers import format_decimal
from fastapi import Request

from chassis.refusals import Fact
from chassis.texts import Texts, choose_language
from services.diagnostics.domain import Bilingual


@dataclass(frozen=True, slots=True)
class Language:
    """The caller's language, with all that can be said in it."""

    code: str
    texts: Texts

    def say(self, slug: str, **facts: Fact) -> str:
        """The text of a slug with its facts."""
        return self.texts.say(slug, self.code, **facts)

    def of(self, words: Bilingual) -> str:
        """One of two languages."""
        return words.ru if self.code == "ru" else words.en

    def number(self, value: float) -> str:
        """A number to two places, written as the language writes it."""
        return _written(value, self.code)


@lru_cache(maxsize=2000)
def _written(value: float, language: str) -> str:
    return str(format_decimal(value, format="0.00", locale=language))


def language_of(request: Request) -> Language:
    """The language that the caller asks for, Russian first."""
    return Language(choose_language(request.headers.get("accept-language")), cast(Texts, request.app.state.texts))
