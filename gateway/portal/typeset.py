"""Russian pages as a typesetter leaves them: a short word stays with the next one, a dash and a unit with the last.

Texts are written with plain spaces (`.po` files, answers of the API); the marks are set once, when a page is ready, so
that nobody has to type what cannot be seen. The rules are those of the Russian handbook of editors (Milchin, 7.2).
"""

import re

APART = "\u00a0"
HYPHEN = "\u2011"
# What a form carries, what a machine reads and what stands in no line stay as they are.
_WORDS = re.compile(r"<(title|textarea|pre|code|script|style)\b.*?</\1(?=>)|>[^<а-яёА-ЯЁ]*[а-яёА-ЯЁ][^<]*", re.DOTALL)
# Each rule stands around one space, so that the search goes from space to space.
_LOOSE = re.compile(
    r" (?:"
    r"(?<=[\s(«>][а-яёА-ЯЁ] )|(?<=[\s(«>][а-яёА-ЯЁ][а-яё] )(?<! ли )(?<! же )(?<! бы )"
    r"|(?<=[\s(«>](?:[Дд]ля|[Бб]ез|[Пп]ри|[Пп]од|[Нн]ад|[Пп]ро) )"
    r"|(?=[—–·]|(?:ли|же|бы)\b)|(?<=\d )(?=%|[а-яё]{3}|[чмг]\b|мс\b|[КМГ]Б\b)|(?<=[№§] )(?=\d)"
    r"|(?<=[\s(«>]ст\. )(?=\d)|(?<=[\s(«>][чп]\. )(?=\d)|(?<=[\s(«>]т\. )(?=[екдпч]\.)"
    r")"
)
_ENDING = re.compile(r"-(?:(?<=\d-)(?=[а-яё]{1,3}\b)|(?=(?:то|либо|нибудь|ка)\b))")


def typeset(page: str) -> str:
    """The same page with spaces and hyphens that do not break where a Russian line must not end."""
    known: dict[str, str] = {}

    def set_once(found: re.Match[str]) -> str:
        # A table says the same words in cell after cell.
        words = found[0]
        if words not in known:
            known[words] = _set(found)
        return known[words]

    return _WORDS.sub(set_once, page)


def _set(found: re.Match[str]) -> str:
    words = found[0]
    return words if found[1] else _ENDING.sub(HYPHEN, _LOOSE.sub(APART, words))
