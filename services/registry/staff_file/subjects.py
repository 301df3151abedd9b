"""School subjects: the words of a staff list and the codes of the platform."""

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from services.registry.staff_file.wording import key

# Both the name of the subject and the form in which it stands in a title («учитель …»).
_CODES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "RUS": ("русский язык", "русского языка", "русский", "русск яз", "рус яз", "родной русский язык"),
        "LIT": ("литература", "литературы", "литературное чтение", "родная литература"),
        "MAT": (
            "математика",
            "математики",
            "алгебра",
            "алгебры",
            "геометрия",
            "геометрии",
            "вероятность и статистика",
        ),
        "INF": ("информатика", "информатики", "информатика и икт", "информатики и икт", "икт"),
        "PHY": ("физика", "физики"),
        "CHE": ("химия", "химии"),
        "BIO": ("биология", "биологии"),
        "GEO": ("география", "географии"),
        "HIS": (
            "история",
            "истории",
            "история россии",
            "всеобщая история",
            "история и культура санкт петербурга",
            "история и культура спб",
        ),
        "SOC": ("обществознание", "обществознания", "право"),
        "ENG": (
            "английский язык",
            "английского языка",
            "английский",
            "англ яз",
            "иностранный язык английский",
            "иностранного языка английского",
            "иностранного языка английский",
        ),
        "TEC": ("технология", "технологии", "труд", "труда", "труд технология", "труда технологии"),
        "OBZ": (
            "обзр",
            "обж",
            "основы безопасности и защиты родины",
            "основ безопасности и защиты родины",
            "основы безопасности жизнедеятельности",
            "основ безопасности жизнедеятельности",
        ),
        "PE": (
            "физическая культура",
            "физической культуры",
            "физкультура",
            "физкультуры",
            "физ культура",
            "физра",
        ),
        "MUS": ("музыка", "музыки"),
        "ART": ("изобразительное искусство", "изобразительного искусства", "изо"),
        "PRI": ("начальные классы", "начальных классов", "начальная школа", "начальной школы"),
    }
)
_BETWEEN_SUBJECTS: Final = re.compile(r"[,;/+\n](?![^()]*\))")
_BRACKETS: Final = re.compile(r"\([^)]*\)")
_TEACHER_OF: Final = re.compile(r"^(старший )?(учитель|преподаватель)( организатор)? ")


def subject_codes(text: str) -> tuple[tuple[str, ...], bool]:
    """The codes named in a cell, in its order, and whether everything in the cell was understood."""
    codes: list[str] = []
    is_clear = True
    for part in filter(None, map(str.strip, _BETWEEN_SUBJECTS.split(text))):
        for code in _codes_of_part(part):
            is_clear = is_clear and code is not None
            if code and code not in codes:
                codes.append(code)
    return tuple(codes), is_clear


def subjects_in_title(title: str) -> tuple[str, ...]:
    """«Учитель русского языка и литературы» names its subjects itself."""
    wanted = key(title)
    subject = _TEACHER_OF.sub("", wanted)
    return () if subject == wanted else subject_codes(subject)[0]


def _codes_of_part(part: str) -> list[str | None]:
    whole = _code(part) or _code(_BRACKETS.sub(" ", part))
    if whole:
        return [whole]
    return [_code(word) for word in _BRACKETS.sub(" ", part).split(" и ")]


def _code(words: str) -> str | None:
    wanted = key(words)
    if wanted.upper() in _CODES:
        return wanted.upper()
    return _codes_by_word().get(wanted)


@cache
def _codes_by_word() -> Mapping[str, str]:
    return MappingProxyType({word: code for code, words in _CODES.items() for word in words})
