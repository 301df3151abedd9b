"""Sentences about pairs: they read well in both languages, leave gaps for names, and tell each reader no more."""

import re
from dataclasses import replace
from types import SimpleNamespace

import pytest
from fastapi import Request

from chassis.texts import LANGUAGES, Texts
from services.matching.actions.left_out import OwnWhy, Why
from services.matching.actions.reasons import PairReason
from services.matching.actions.steps import Step
from services.matching.api.said import Reader, need_said, reason_said
from services.matching.domain import SLOTS
from services.matching.engine.rules import Block

TUESDAY = PairReason("D08", SLOTS.index("tue-3"), common_times=2)
EVERYTHING = replace(TUESDAY, is_same_subject=True, is_online=True, is_mutual=True, have_met=True)
OWN_STEPS = (Step.ADD_TIME, Step.TAKE_PLACE, Step.ADD_NEED)
READERS: tuple[Reader, ...] = ("curator", "taker", "giver")


def a_request(language: str = "ru") -> Request:
    """A request in a language, at an application that has our texts."""
    app = SimpleNamespace(state=SimpleNamespace(texts=Texts.load("services.matching")))
    return Request({"type": "http", "headers": [(b"accept-language", language.encode())], "app": app})


def test_the_curator_reads_who_shares_what_with_whom_and_when() -> None:
    said = reason_said(a_request(), "curator", TUESDAY)

    assert said.template.format(giver="Анна", taker="Олег") == (
        "Тема D08: Анна может поделиться, Олег хочет усилить; общее свободное время — вторник, 3-й урок."
    )
    assert said.sentence == (
        "Тема D08: один коллега может поделиться, другой коллега хочет усилить; "
        "общее свободное время — вторник, 3-й урок."
    )
    assert (said.day, said.period, said.common_times) == ("tue", 3, 2)


@pytest.mark.parametrize(
    ("reader", "name", "expected"),
    [
        ("taker", "giver", "Вы хотите усилить D08, Анна может этим поделиться."),
        ("giver", "taker", "Анна хочет усилить D08, вы можете этим поделиться."),
    ],
)
def test_each_of_the_two_reads_of_the_other(reader: Reader, name: str, expected: str) -> None:
    said = reason_said(a_request(), reader, PairReason("D08", None))

    assert said.template.format(**{name: "Анна"}) == expected
    assert re.findall(r"{(\w+)}", said.template) == [name]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_has_one_end_a_capital_and_no_gap(reader: Reader, language: str) -> None:
    said = reason_said(a_request(language), reader, EVERYTHING)

    assert said.sentence[0].isupper()
    assert said.sentence.count(".") == 1
    assert said.sentence.endswith(".")
    assert not set("{}…") & set(said.sentence)


@pytest.mark.parametrize("reader", ["taker", "giver"])
def test_mutual_help_and_earlier_pairs_are_told_to_the_curator_alone(reader: Reader) -> None:
    told, curator = reason_said(a_request(), reader, EVERYTHING), reason_said(a_request(), "curator", EVERYTHING)

    assert (curator.is_mutual, curator.have_met) == (True, True)
    assert (told.is_mutual, told.have_met) == (None, None)
    assert "взаимная" in curator.sentence
    assert "взаимная" not in told.sentence + told.template


def test_a_colleague_elsewhere_is_said_to_be_elsewhere() -> None:
    said = reason_said(a_request(), "taker", replace(TUESDAY, is_across_schools=True))

    assert "коллега из другой школы района" in said.sentence


@pytest.mark.parametrize("rule", list(Block))
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unmet_need_is_said_with_and_without_a_name(language: str, rule: Block) -> None:
    sentence, template = need_said(a_request(language), competency="D08", rule=rule)

    assert "D08" in sentence
    assert "{" not in sentence
    assert template.startswith("{person} ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_and_every_step_has_words(language: str) -> None:
    texts = Texts.load("services.matching")
    slugs = [
        *(f"left_out.{why}" for why in Why),
        *(f"left_out.step-{step}" for step in Step),
        *(f"left_out.my-{why}" for why in OwnWhy),
        *(f"left_out.my-step-{step}" for step in OWN_STEPS),
        *(f"left_out.my-{state}" for state in ("no-run", "not-in-run", "published", "no-needs", "sharing")),
    ]

    assert [slug for slug in slugs if not texts.knows(slug, language)] == []


def test_no_russian_text_bends_a_name_or_asks_for_a_gender() -> None:
    texts = Texts.load("services.matching")
    said = [
        texts.say(slug, "ru", giver="{giver}", taker="{taker}", person="{person}", competency="D08", rule="", why="")
        for slug in (
            "reason.to-curator",
            "reason.to-taker",
            "reason.to-giver",
            "reason.need",
            "left_out.step-colleagues-place",
            *(f"left_out.{why}" for why in Why),
        )
    ]
    after_names = [word for text in said for word in re.findall(r"{\w+} (?:пока не |сейчас не )?(\w+)", text)]

    # Verbs in the present or the future, third person: the same for a man and a woman.
    assert len(after_names) >= len(said)
    assert {word for word in after_names if not re.search(r"[еёи]т$", word)} == set()
