"""Texts: Russian first, English second, plural forms, and no crash over what nobody gave."""

from pathlib import Path

import pytest

from chassis.texts import Texts, choose_language

_HEAD = """msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: {forms}\\n"

"""
_RUSSIAN = """msgid "letters.came"
msgid_plural "letters.came"
msgstr[0] "{count} письмо"
msgstr[1] "{count} письма"
msgstr[2] "{count} писем"

msgid "letters.list"
msgstr "Всего {count}: {names}"
"""
_ENGLISH = """msgid "letters.came"
msgid_plural "letters.came"
msgstr[0] "{count} letter"
msgstr[1] "{count} letters"

msgid "letters.list"
msgstr "{count} in all: {names}"
"""
_RUSSIAN_FORMS = (
    "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);"
)


@pytest.fixture
def texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Texts:
    """Texts of a package of our own, on top of those of the chassis."""
    folder = tmp_path / "post_office" / "texts"
    folder.mkdir(parents=True)
    (tmp_path / "post_office" / "__init__.py").touch()
    russian = _HEAD.format(language="ru", forms=_RUSSIAN_FORMS) + _RUSSIAN
    english = _HEAD.format(language="en", forms="nplurals=2; plural=(n != 1);") + _ENGLISH
    (folder / "ru.po").write_text(russian, encoding="utf-8")
    (folder / "en.po").write_text(english, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return Texts.load("chassis", "post_office")


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        ("ru", 1, "1 письмо"),
        ("ru", 2, "2 письма"),
        ("ru", 5, "5 писем"),
        ("ru", 11, "11 писем"),
        ("ru", 21, "21 письмо"),
        ("ru", 0, "0 писем"),
        ("en", 1, "1 letter"),
        ("en", 2, "2 letters"),
        ("en", 0, "0 letters"),
    ],
)
def test_count_chooses_the_plural_form(texts: Texts, language: str, count: int, said: str) -> None:
    assert texts.say("letters.came", language, count=count) == said


def test_text_without_plural_forms_may_speak_of_a_count(texts: Texts) -> None:
    assert texts.say("letters.list", "en", count=2, names="A, B") == "2 in all: A, B"


def test_missing_fact_is_an_ellipsis(texts: Texts) -> None:
    assert texts.say("letters.list", "ru", count=2) == "Всего 2: …"


def test_unknown_slug_is_said_as_it_is(texts: Texts) -> None:
    assert texts.say("letters.lost", "ru") == "letters.lost"


def test_later_package_adds_to_an_earlier_one(texts: Texts) -> None:
    assert texts.say("problem.404", "en") == "Not found"
    assert all(texts.knows(slug, language) for slug in ("problem.404", "letters.came") for language in ("ru", "en"))
    assert not texts.knows("letters.lost", "ru")
    assert not texts.knows("letters.came", "de")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "ru"),
        ("", "ru"),
        ("en", "en"),
        ("EN-us", "en"),
        ("ru;q=0.1, en;q=0.2", "en"),
        ("fr, en;q=0.1", "en"),
        ("en;q=0", "ru"),
        ("en;q=nonsense", "en"),
        ("x" * 5000, "ru"),
        ("..,--,__", "ru"),
    ],
)
def test_language_is_the_best_of_ours(header: str | None, language: str) -> None:
    assert choose_language(header) == language
