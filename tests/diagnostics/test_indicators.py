"""Observable indicators: every level of every competency is described, in words that a teacher would use."""

import re
import shutil
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest

from chassis.refusals import Invalid
from chassis.texts import LANGUAGES, Texts
from services import diagnostics
from services.diagnostics.domain import Catalogue, Indicator, load_catalogue

SHIPPED = Path(str(diagnostics.__file__)).parent / "catalogue" / "2026.1"
DOMAINS = "DMSPIN"
# Beginnings of words that nobody says in a staff room.
JARGON = (
    "реализ", "осуществ", "внедр", "инновац", "компетен", "парадигм", "актуализ", "трансл", "метапредмет", "рефлекс",
    "фасилит", "модер", "скаффолд", "эффективн", "оптимал", "потенциал", "обеспечив", "способству", "технологическ",
    "деятельностн", "целеполаг", "синерг", "аспект", "данного", "посредством", "в рамках", "с целью", "в процессе",
    "на основе", "на высоком уровне",
)  # fmt: skip
WITHOUT_YO = re.compile(
    r"\b(еще|ее|мое|моем|свое|своем|дает|ведет|ждет|берет|идет|придет|найдет|поймет|подойдет|ребенок|ребенк\w+|"
    r"прием(а|у|ом|е|ы|ов|ам|ами|ах)?|(у|от|за|рас)чет\w*|объем\w*|тренажер\w*|партнер\w*|четк\w*|причем)\b"
)
FIRST_PERSON = re.compile(r"\w*([аеоуя]ю|[лнр]ю|[жшчщд]у|беру|юсь|усь)|мо(й|я|ё|и|его|ему|ей|их|им|ими)|мною")
KNOWING = re.compile(r"(знаю|понимаю|осознаю|догадываюсь|признаю)\b")
# Share of common stems from which two wordings are one.
ALIKE = 0.7


@cache
def shipped() -> Catalogue:
    return load_catalogue(SHIPPED)


def indicators_of(letter: str) -> Iterator[Indicator]:
    for each in shipped().indicators.values():
        yield from (one for one in each if one.competency.startswith(letter))


def sinners(letter: str, *, russian: str = "", english: str = "") -> list[str]:
    """Wordings of a domain in which one of the patterns is found."""
    return [
        f"{one.competency} {one.level}: {text}"
        for one in indicators_of(letter)
        for pattern, text in ((russian, one.words.ru), (english, one.words.en))
        if pattern and re.search(pattern, text)
    ]


@pytest.mark.parametrize("letter", DOMAINS)
def test_every_level_of_every_competency_is_described(letter: str) -> None:
    assert [cell for cell in shipped().cells_without_indicators() if cell[0].startswith(letter)] == []


@pytest.mark.parametrize("letter", DOMAINS)
def test_the_russian_words_speak_of_me_and_the_english_ones_of_a_teacher(letter: str) -> None:
    silent = [
        f"{one.competency} {one.level}: {one.words.ru}"
        for one in indicators_of(letter)
        if not any(FIRST_PERSON.fullmatch(word) for word in re.findall(r"\w+", one.words.ru))
    ]

    assert silent == []
    assert sinners(letter, english=r"(?i)\b(I|my|me|mine)\b") == []


@pytest.mark.parametrize("letter", DOMAINS)
def test_no_wording_tells_a_man_from_a_woman(letter: str) -> None:
    past = r"\w+([аяиеёу]ла?|лся|лась)\b"

    assert sinners(letter, russian=rf"^{past}|\bя {past}|\b(сама|готова|должна|рада)\b") == []
    assert sinners(letter, english=r"(?i)\b(he|his|him|she|her|hers)\b") == []


@pytest.mark.parametrize("letter", DOMAINS)
def test_wordings_hold_no_jargon(letter: str) -> None:
    assert sinners(letter, russian="(?i)" + "|".join(rf"\b{each}" for each in JARGON)) == []


@pytest.mark.parametrize("letter", DOMAINS)
def test_knowing_alone_is_only_the_first_level(letter: str) -> None:
    knowing = [
        f"{one.competency} {one.level}: {one.words.ru}"
        for one in indicators_of(letter)
        if one.level > 1 and (KNOWING.match(one.words.ru) or one.words.en.startswith(("knows", "understands")))
    ]

    assert knowing == []


@pytest.mark.parametrize("letter", DOMAINS)
def test_wordings_are_set_as_a_russian_book_is(letter: str) -> None:
    odd = r"[\"“”„']| - |--|  |^\s|\s$|^[А-ЯЁ](?![А-ЯЁ])|[A-Za-z][А-Яа-яЁё]|[А-Яа-яЁё][A-Za-z]"

    assert sinners(letter, russian=odd) == []
    assert sinners(letter, russian=WITHOUT_YO.pattern) == []
    assert sinners(letter, english=r"[А-Яа-яЁё«»\"]| - |  |^\s|\s$|^[A-Z][a-z]") == []


@pytest.mark.parametrize("letter", DOMAINS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_level_repeats_another_in_other_words(letter: str, language: str) -> None:
    stems = [
        (one, {word[:5] for word in re.findall(r"\w{4,}", getattr(one.words, language).lower())})
        for one in indicators_of(letter)
    ]

    alike = [
        (first.competency, first.level, second.competency, second.level)
        for (first, left), (second, right) in combinations(stems, 2)
        if (first.competency, first.level) != (second.competency, second.level)
        and len(left & right) >= ALIKE * len(left | right)
    ]

    assert alike == []


@pytest.mark.parametrize(
    ("was", "becomes", "slug", "place"),
    [
        ("рабочие листы к своим урокам", "", "catalogue.indicator-length", "ru"),
        ("к своим урокам", "к своим урокам " + "и занятиям " * 6, "catalogue.indicator-length", "ru"),
        ("for own lessons on the computer", "", "catalogue.indicator-length", "en"),
        ("к своим урокам", "к урокам. Печатаю их сразу", "catalogue.indicator-not-one-phrase", "ru"),
        ("on the computer", "on the computer.", "catalogue.indicator-not-one-phrase", "en"),
        ("делаю на компьютере рабочие листы к своим урокам", " ", "catalogue.field-wrong", "ru"),
        ("makes worksheets for own lessons on the computer", "", "catalogue.field-wrong", "en"),
        (
            "делаю на компьютере рабочие листы к своим урокам",
            "Называю «Мою школу» и еще один ресурс с материалами к урокам",
            "catalogue.indicator-twice",
            "ru",
        ),
    ],
)  # fmt: skip
def test_a_broken_wording_is_refused_with_its_place(
    tmp_path: Path, was: str, becomes: str, slug: str, place: str
) -> None:
    folder = a_catalogue(tmp_path)
    rewrite(folder / "indicators" / "D.toml", was, becomes)

    with pytest.raises(Invalid) as refused:
        load_catalogue(folder)

    assert (refused.value.slug, refused.value.facts["file"]) == (slug, "D.toml")
    assert str(refused.value.facts["place"]).endswith(f".{place}")


def a_catalogue(folder: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, folder / "catalogue"))


def rewrite(file: Path, was: str, becomes: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert was in text
    file.write_text(text.replace(was, becomes, 1), encoding="utf-8")


def test_an_undescribed_level_is_refused_with_its_cell(tmp_path: Path) -> None:
    folder = a_catalogue(tmp_path)
    (folder / "indicators" / "N.toml").write_text("indicator = []", encoding="utf-8")

    with pytest.raises(Invalid) as refused:
        load_catalogue(folder)

    assert refused.value.slug == "catalogue.indicators-missing"
    assert str(refused.value.facts["cells"]).startswith("N01 1, N01 2, ")
    assert str(refused.value.facts["cells"]).endswith(", N07 5")


def test_a_level_with_three_indicators_is_refused(tmp_path: Path) -> None:
    folder = a_catalogue(tmp_path)
    row = '[[indicator]]\ncompetency = "D01"\nlevel = 3\nru = "{}"\nen = "{}"\n'
    words = row.format(
        "показываю родителям, где искать домашнее задание", "shows parents where to look for the homework"
    )
    rewrite(
        folder / "indicators" / "D.toml",
        '[[indicator]]\ncompetency = "D02"',
        f'{words}\n[[indicator]]\ncompetency = "D02"',
    )

    with pytest.raises(Invalid) as refused:
        load_catalogue(folder)

    assert refused.value.slug == "catalogue.indicators-too-many"
    assert (refused.value.facts["code"], refused.value.facts["level"]) == ("D01", 3)


@pytest.mark.parametrize("language", LANGUAGES)
def test_refusals_of_indicators_have_words(language: str) -> None:
    texts = Texts.load("services.diagnostics")
    kinds = (
        "indicator-length",
        "indicator-not-one-phrase",
        "indicator-twice",
        "indicators-too-many",
        "indicators-missing",
    )

    assert [kind for kind in kinds if not texts.knows(f"catalogue.{kind}", language)] == []
