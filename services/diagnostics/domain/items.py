"""Test items and the forms A and B made of them: one rule for the shipped bank and for imported questions."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest
from pathlib import Path

from chassis.refusals import Invalid
from services.diagnostics.domain.catalogue import LEVELS, Bilingual, Catalogue
from services.diagnostics.domain.sheet import Sheet

FORMS = ("A", "B")
LETTERS = "abcdefgh"
FEWEST_OPTIONS = 3
# Two measurements of one person are comparable when the forms share at least this much (equating by anchors).
FEWEST_ANCHORS = 0.3
FEWEST_ITEMS = 8
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,39}")


class Kind(StrEnum):
    """How an item is answered: one right option, several of them, or all of them in the right order."""

    ONE = "ONE"
    SEVERAL = "SEVERAL"
    ORDER = "ORDER"


class Review(StrEnum):
    """Whether a methodist has read the item."""

    DRAFT = "DRAFT"
    REVIEWED = "REVIEWED"


@dataclass(frozen=True, slots=True)
class Item:
    """One question of a test.

    `key` holds positions of options from 0: the right ones, or for ORDER all of them in the right order.
    `level` is the author's guess at the level that the item aims at; `basis` is the act behind a fact of law.
    """

    id: str
    competency: str
    level: int
    kind: Kind
    forms: tuple[str, ...]
    question: Bilingual
    options: tuple[Bilingual, ...]
    key: tuple[int, ...]
    explanation: Bilingual
    basis: str | None
    author: str
    review: Review

    @property
    def is_anchor(self) -> bool:
        """Whether the item stands in both forms, so that they can be compared."""
        return set(FORMS) <= set(self.forms)


@dataclass(frozen=True, slots=True)
class TestForm:
    """One of the two forms of a test of one competency."""

    competency: str
    letter: str
    items: tuple[Item, ...]

    @property
    def anchors(self) -> float:
        """The share of items that stand in the other form too."""
        return sum(item.is_anchor for item in self.items) / len(self.items)


@dataclass(frozen=True, slots=True)
class ItemBank:
    """The items of a version by id, and the forms by competency and letter."""

    items: Mapping[str, Item]
    forms: Mapping[tuple[str, str], TestForm]


class Fault(StrEnum):
    """What can be wrong with an item; the second half of a slug."""

    ID_WRONG = "id-wrong"
    ID_TWICE = "id-twice"
    UNKNOWN_COMPETENCY = "unknown-competency"
    LEVEL_OUT_OF_RANGE = "level-out-of-range"
    KIND_UNKNOWN = "kind-unknown"
    FORM_UNKNOWN = "form-unknown"
    OPTIONS_UNFIT = "options-unfit"
    OPTION_TWICE = "option-twice"
    LANGUAGE_MISSING = "language-missing"
    KEY_MISSING = "key-missing"
    KEY_OUT_OF_RANGE = "key-out-of-range"
    KEY_UNFIT = "key-unfit"


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault and the field that holds it; `option` is the position of the option where it lies in one."""

    fault: Fault
    field: str
    option: int | None = None


def load_items(folder: Path, catalogue: Catalogue) -> ItemBank:
    """Read the items of a version, one file per domain; refused as `items.*` with the file and the field."""
    items: dict[str, Item] = {}
    for path in sorted(folder.glob("*.toml")):
        sheet = Sheet.read(path)
        for row in sheet.sheets("item"):
            item = _item(row, sheet)
            found = next(findings_of(item, catalogue), None)
            if found is None and item.id in items:
                found = Finding(Fault.ID_TWICE, "id")
            if found is not None:
                raise row.refuse(f"items.{found.fault}", found.field, item=item.id)
            items[item.id] = item
    return ItemBank(items, forms_of(items.values()))


def forms_of(items: Iterable[Item]) -> dict[tuple[str, str], TestForm]:
    """The forms that the items make up.

    Refused as `items.form-too-short` under eight items and as `items.form-without-anchors` where fewer than
    30 % stand in both forms.
    """
    together: dict[tuple[str, str], tuple[Item, ...]] = {}
    for item in items:
        for letter in FORMS:
            mine = (item,) if letter in item.forms else ()
            together[item.competency, letter] = (*together.get((item.competency, letter), ()), *mine)
    forms = {place: TestForm(*place, items=found) for place, found in together.items()}
    for form in forms.values():
        _must_compare(form)
    return forms


def _must_compare(form: TestForm) -> None:
    facts = {"code": form.competency, "form": form.letter}
    if len(form.items) < FEWEST_ITEMS:
        raise Invalid("items.form-too-short", field="forms", **facts, fewest=FEWEST_ITEMS)
    if form.anchors < FEWEST_ANCHORS:
        raise Invalid("items.form-without-anchors", field="forms", **facts, percent=round(FEWEST_ANCHORS * 100))


def findings_of(item: Item, catalogue: Catalogue) -> Iterator[Finding]:
    """What is wrong with an item, the weightiest first; nothing for an item that may be asked."""
    if not _ID.fullmatch(item.id):
        yield Finding(Fault.ID_WRONG, "id")
    if not _is_known(item.competency, catalogue):
        yield Finding(Fault.UNKNOWN_COMPETENCY, "competency")
    if item.level not in LEVELS:
        yield Finding(Fault.LEVEL_OUT_OF_RANGE, "level")
    if not item.forms or not set(FORMS) >= set(item.forms):
        yield Finding(Fault.FORM_UNKNOWN, "forms")
    yield from _findings_of_words(item)
    yield from _findings_of_options(item)
    yield from _findings_of_key(item)


def positions_of(letters: Iterable[str]) -> tuple[int, ...]:
    """Letters of a key as positions from 0; −1 for a letter that no option can have."""
    return tuple(LETTERS.find(letter) if len(letter) == 1 else -1 for letter in letters)


def _is_known(code: str, catalogue: Catalogue) -> bool:
    try:
        catalogue.competency(code)
    except Invalid:
        return False
    return True


def _findings_of_words(item: Item) -> Iterator[Finding]:
    for name, words in (("question", item.question), ("explanation", item.explanation)):
        for language in ("ru", "en"):
            if not getattr(words, language).strip():
                yield Finding(Fault.LANGUAGE_MISSING, f"{name}_{language}")
    for place, option in enumerate(item.options):
        for language in ("ru", "en"):
            if not getattr(option, language).strip():
                yield Finding(Fault.LANGUAGE_MISSING, f"options_{language}", place)


def _findings_of_options(item: Item) -> Iterator[Finding]:
    if not FEWEST_OPTIONS <= len(item.options) <= len(LETTERS):
        yield Finding(Fault.OPTIONS_UNFIT, "options_ru")
    for language in ("ru", "en"):
        texts = [getattr(option, language).strip().casefold() for option in item.options]
        twice = next((place for place, text in enumerate(texts) if text and text in texts[:place]), None)
        if twice is not None:
            yield Finding(Fault.OPTION_TWICE, f"options_{language}", twice)


def _findings_of_key(item: Item) -> Iterator[Finding]:
    if not item.key:
        yield Finding(Fault.KEY_MISSING, "key")
    elif not set(item.key) <= set(range(len(item.options))):
        yield Finding(Fault.KEY_OUT_OF_RANGE, "key")
    elif not _does_key_suit(item):
        yield Finding(Fault.KEY_UNFIT, "key")


def _does_key_suit(item: Item) -> bool:
    if len(set(item.key)) != len(item.key):
        return False
    if item.kind is Kind.ONE:
        return len(item.key) == 1
    if item.kind is Kind.ORDER:
        return len(item.key) == len(item.options)
    # With all options right nothing is asked.
    return len(item.key) < len(item.options)


def _item(row: Sheet, sheet: Sheet) -> Item:
    kind, review = row.text("kind"), sheet.text("review")
    if kind not in set(Kind):
        raise row.refuse(f"items.{Fault.KIND_UNKNOWN}", "kind", item=row.text("id"))
    if review not in set(Review):
        raise sheet.refuse("catalogue.field-wrong", "review")
    return Item(
        id=row.text("id"),
        competency=row.text("competency"),
        level=row.whole("level"),
        kind=Kind(kind),
        forms=row.texts("forms"),
        question=_words(row, "question"),
        options=tuple(
            Bilingual(russian, english)
            for russian, english in zip_longest(row.texts("options_ru"), _texts(row, "options_en"), fillvalue="")
        ),
        key=positions_of(_texts(row, "key")),
        explanation=_words(row, "explanation"),
        basis=row.optional_text("basis"),
        author=sheet.text("author"),
        review=Review(review),
    )


def _words(row: Sheet, name: str) -> Bilingual:
    return Bilingual(row.optional_text(f"{name}_ru") or "", row.optional_text(f"{name}_en") or "")


def _texts(row: Sheet, key: str) -> tuple[str, ...]:
    return row.texts(key) if key in row.values else ()
