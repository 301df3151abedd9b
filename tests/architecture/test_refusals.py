"""Refusals and their texts: slugs that never change, facts that texts know, and the same facts in both languages."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from chassis import refusals
from chassis.problems import HTTP_SLUGS, Problem
from chassis.refusals import Refusal
from chassis.texts import LANGUAGES, Texts
from tests.architecture.house import CODE, ROOT, files_of, name_of, services, tree_of

KINDS = {kind.__name__ for kind in vars(refusals).values() if isinstance(kind, type) and issubclass(kind, Refusal)}
SLUG = re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9-]+)+")
# A fact under one of these names would be taken for a member of the problem itself.
RESERVED = (set(Problem.model_fields) - {"field"}) | {"request", "slug", "language", "self"}
SPEAKERS = ["chassis", *(f"services/{name}" for name in services()), "gateway"]


@dataclass(frozen=True, slots=True)
class Raised:
    """One place where a rule says no."""

    place: str
    slug: str | None
    facts: frozenset[str]
    is_open: bool  # facts are passed on with `**`, so that their names are not known here


def raised_in(folder: str) -> Iterator[Raised]:
    for path in files_of(folder):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS:
                yield _raised(path, node)


def _raised(path: Path, node: ast.Call) -> Raised:
    first = node.args[0] if node.args else None
    slug = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
    facts = frozenset(keyword.arg for keyword in node.keywords if keyword.arg)
    return Raised(f"{name_of(path)}:{node.lineno}", slug, facts, any(keyword.arg is None for keyword in node.keywords))


@pytest.mark.parametrize("folder", SPEAKERS)
def test_slugs_are_words_with_hyphens_and_dots(folder: str) -> None:
    odd = {one.slug for one in raised_in(folder) if one.slug is not None and not SLUG.fullmatch(one.slug)}

    assert odd == set()


@pytest.mark.parametrize("folder", SPEAKERS)
def test_no_fact_takes_the_name_of_a_member_of_the_problem(folder: str) -> None:
    clashes = {one.place: one.facts & RESERVED for one in raised_in(folder) if one.facts & RESERVED}

    assert clashes == {}


@pytest.mark.parametrize("folder", SPEAKERS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_speak_only_of_facts_that_are_given(folder: str, language: str) -> None:
    texts = Texts.load("chassis", folder.replace("/", "."))
    # A refusal that is caught and raised anew under its own slug gets these on the way.
    added = {fact for one in raised_in(folder) if one.slug is None for fact in one.facts}

    silent = {
        one.place: f"{one.slug}: {', '.join(sorted(wanted))}"
        for one in raised_in(folder)
        if one.slug is not None and not one.is_open
        if (wanted := placeholders(texts.by_language[language].gettext(one.slug)) - one.facts - added)
    }

    assert silent == {}


def placeholders(text: str) -> set[str]:
    return {name.partition(".")[0].partition("[")[0] for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize(
    "path", [path for folder in CODE for path in sorted((ROOT / folder).rglob("texts/ru.po"))], ids=name_of
)
def test_both_languages_speak_of_the_same_facts(path: Path) -> None:
    russian, english = facts_by_slug(path, "ru"), facts_by_slug(path.with_name("en.po"), "en")

    assert {slug: facts for slug, facts in russian.items() if english.get(slug) != facts} == {}


def facts_by_slug(path: Path, language: str) -> dict[str, set[str]]:
    with path.open("rb") as source:
        catalogue = read_po(source, locale=language)
    said = {}
    for message in catalogue:
        forms = message.string if isinstance(message.string, (list, tuple)) else [message.string]
        slug = message.id if isinstance(message.id, str) else message.id[0]
        if slug:
            said[slug] = {fact for form in forms for fact in placeholders(str(form))}
    return said


@pytest.mark.parametrize("language", LANGUAGES)
def test_chassis_has_a_text_for_everything_that_it_says(language: str) -> None:
    texts = Texts.load("chassis")
    statuses = {vars(refusals)[kind].status for kind in KINDS} | set(HTTP_SLUGS) | {500}
    requests = {"request.invalid", "request.missing", "request.wrong-kind", "request.not-accepted"}
    requests |= {"request.unreadable", "request.unkeepable"}
    said = {f"problem.{status}" for status in statuses} | set(HTTP_SLUGS.values()) | requests
    said |= {"http.refused", "http.surprise", "http.unavailable"}
    said |= {one.slug for one in raised_in("chassis") if one.slug is not None}

    assert {slug for slug in said if not texts.knows(slug, language)} == set()
