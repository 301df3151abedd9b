"""The bank of test items: what the shipped one holds, and what a broken one is told."""

import shutil
from collections import Counter
from functools import cache
from pathlib import Path
from statistics import mean

import pytest

from chassis.refusals import Invalid
from chassis.texts import LANGUAGES, Texts
from services import diagnostics
from services.diagnostics.domain import Catalogue, Item, ItemBank, forms_of, load_catalogue, load_items
from services.diagnostics.domain.items import Fault, Kind

SHIPPED = Path(str(diagnostics.__file__)).parent / "catalogue" / "2026.1"
# In a fair bank a guess by place or by length wins no more than chance does: a quarter of four options.
EVEN = (0.2, 0.3)
MOST_LONGEST = 0.35


@cache
def catalogue() -> Catalogue:
    return load_catalogue(SHIPPED)


@cache
def shipped() -> ItemBank:
    return load_items(SHIPPED / "items", catalogue())


def choices() -> list[Item]:
    return [item for item in shipped().items.values() if item.kind is Kind.ONE]


def test_the_shipped_bank_covers_all_domains_and_three_subjects() -> None:
    tested = {competency for competency, _ in shipped().forms}

    assert len(tested) >= 12
    assert {code[0] for code in tested} == set("DMSPIN")
    assert len({code.partition(".")[2] for code in tested if "." in code}) >= 3


@pytest.mark.parametrize("place", sorted(load_items(SHIPPED / "items", load_catalogue(SHIPPED)).forms))
def test_a_form_is_long_enough_and_shares_anchors(place: tuple[str, str]) -> None:
    form = shipped().forms[place]

    assert len(form.items) >= 8
    assert form.anchors >= 0.3
    assert any(not item.is_anchor for item in form.items)


def test_both_forms_of_a_test_are_about_equally_hard() -> None:
    forms = shipped().forms
    hardness = {place: mean(item.level for item in form.items) for place, form in forms.items()}

    uneven = {code for code, _ in forms if abs(hardness[code, "A"] - hardness[code, "B"]) > 0.25}

    assert uneven == set()


def test_single_choice_has_four_options_and_other_kinds_are_used_too() -> None:
    assert {len(item.options) for item in choices()} == {4}
    assert {item.kind for item in shipped().items.values()} == set(Kind)


def test_the_right_option_stands_at_each_place_equally_often() -> None:
    places = Counter(item.key[0] for item in choices())

    shares = [places[place] / len(choices()) for place in range(4)]

    assert EVEN[0] <= min(shares) <= max(shares) <= EVEN[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_longest_option_is_no_hint(language: str) -> None:
    lengths = [[len(getattr(option, language)) for option in item.options] for item in choices()]

    longest = sum(
        length[item.key[0]] > max(length[: item.key[0]] + length[item.key[0] + 1 :])
        for item, length in zip(choices(), lengths, strict=True)
    )

    assert longest / len(choices()) <= MOST_LONGEST


def test_no_option_speaks_of_the_other_options() -> None:
    words = ("все перечислен", "всё перечислен", "ничего из", "верны все", "all of the above", "none of the above")

    found = [
        item.id
        for item in shipped().items.values()
        for option in item.options
        if any(word in f"{option.ru} {option.en}".casefold() for word in words)
    ]

    assert found == []


def test_an_ordering_is_never_shown_in_its_right_order() -> None:
    orders = [item for item in shipped().items.values() if item.kind is Kind.ORDER]

    assert orders
    assert [item.id for item in orders if item.key == tuple(range(len(item.options)))] == []


def test_an_item_about_a_law_names_the_act() -> None:
    legal = ("закон ", "по закону", "тк рф", "распоряжени", "обязательных предмет")

    silent = [
        item.id
        for item in shipped().items.values()
        if item.basis is None and any(word in f"{item.question.ru} {item.explanation.ru}".casefold() for word in legal)
    ]

    assert silent == []


def test_no_item_of_the_starter_bank_claims_a_review() -> None:
    assert {item.review for item in shipped().items.values()} == {"DRAFT"}


@pytest.mark.parametrize(
    ("was", "becomes", "slug", "place"),
    [
        ('id = "I01-02"', 'id = "I01-01"', "items.id-twice", "item.2.id"),
        ('id = "I01-01"', 'id = "I 1"', "items.id-wrong", "item.1.id"),
        ('competency = "I01"', 'competency = "I99"', "items.unknown-competency", "item.1.competency"),
        ('competency = "I01"', 'competency = "S03"', "items.unknown-competency", "item.1.competency"),
        ("level = 2", "level = 6", "items.level-out-of-range", "item.1.level"),
        ('kind = "ONE"', 'kind = "GUESS"', "items.kind-unknown", "item.1.kind"),
        ('forms = ["A", "B"]', 'forms = ["A", "C"]', "items.form-unknown", "item.1.forms"),
        ('forms = ["A", "B"]', "forms = []", "items.form-unknown", "item.1.forms"),
        ('key = ["a"]', "key = []", "items.key-missing", "item.1.key"),
        ('key = ["a"]\n', "", "items.key-missing", "item.1.key"),
        ('key = ["a"]', 'key = ["e"]', "items.key-out-of-range", "item.1.key"),
        ('key = ["a"]', 'key = ["ab"]', "items.key-out-of-range", "item.1.key"),
        ('key = ["a"]', 'key = ["a", "b"]', "items.key-unfit", "item.1.key"),
        ("question_en = ", "question_de = ", "items.language-missing", "item.1.question_en"),
        ("explanation_ru = ", "explanation_de = ", "items.language-missing", "item.1.explanation_ru"),
        ("options_en = ", "options_de = ", "items.language-missing", "item.1.options_en"),
        ("    \"a doctor's note and the teacher's request\",\n", "", "items.language-missing", "item.1.options_en"),
        ('review = "DRAFT"', 'review = "FINE"', "catalogue.field-wrong", "review"),
    ],
)
def test_a_broken_bank_is_refused_with_its_place(tmp_path: Path, was: str, becomes: str, slug: str, place: str) -> None:
    folder = a_bank(tmp_path, was, becomes)

    with pytest.raises(Invalid) as refused:
        load_items(folder, catalogue())

    assert refused.value.slug == slug
    assert (refused.value.facts["file"], refused.value.facts["place"]) == ("I.toml", place)


def a_bank(folder: Path, was: str, becomes: str) -> Path:
    """The shipped items with one replacement in the file of domain I."""
    folder = Path(shutil.copytree(SHIPPED / "items", folder / "items"))
    text = (folder / "I.toml").read_text(encoding="utf-8")
    assert was in text
    (folder / "I.toml").write_text(text.replace(was, becomes, 1), encoding="utf-8")
    return folder


@pytest.mark.parametrize(("kind", "key"), [("SEVERAL", "abcd"), ("ORDER", "ab"), ("ORDER", "abc")])
def test_a_key_must_suit_the_kind(tmp_path: Path, kind: str, key: str) -> None:
    letters = ", ".join(f'"{letter}"' for letter in key)
    folder = a_bank(tmp_path, 'kind = "ONE"', f'kind = "{kind}"')
    text = (folder / "I.toml").read_text(encoding="utf-8")
    (folder / "I.toml").write_text(text.replace('key = ["a"]', f"key = [{letters}]", 1), encoding="utf-8")

    with pytest.raises(Invalid) as refused:
        load_items(folder, catalogue())

    assert refused.value.slug == "items.key-unfit"


def test_a_form_without_anchors_is_refused() -> None:
    items = [item for item in shipped().items.values() if item.competency == "I01"]
    apart = [item for item in items if item.is_anchor][1:] + [item for item in items if not item.is_anchor]
    filler = [item for item in apart if not item.is_anchor]

    with pytest.raises(Invalid) as refused:
        forms_of([*apart, *filler])

    assert refused.value.slug == "items.form-without-anchors"
    assert (refused.value.facts["code"], refused.value.facts["percent"]) == ("I01", 30)


def test_a_short_form_is_refused_and_named() -> None:
    items = [item for item in shipped().items.values() if item.competency == "I01" and item.forms != ("B",)]

    with pytest.raises(Invalid) as refused:
        forms_of(items)

    assert (refused.value.slug, refused.value.facts["form"]) == ("items.form-too-short", "B")


@pytest.mark.parametrize("language", LANGUAGES)
def test_refusals_of_items_have_words(language: str) -> None:
    texts = Texts.load("services.diagnostics")
    slugs = [f"items.{fault}" for fault in Fault] + ["items.form-too-short", "items.form-without-anchors"]

    assert [slug for slug in slugs if not texts.knows(slug, language)] == []
