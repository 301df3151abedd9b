"""LimeSurvey exports become test items; what its format cannot carry is told, and unsafe XML is refused."""

import pytest

from chassis.refusals import Invalid
from services.diagnostics.domain import read_questions
from services.diagnostics.domain.items import Kind
from services.diagnostics.domain.lime_survey import plain
from tests.diagnostics.question_samples import SAMPLES, SILENT, TOLD, a_survey, catalogue, sample, told


def test_a_survey_becomes_items_in_the_order_of_its_groups() -> None:
    file = sample("survey.lss", TOLD)

    assert [(item.id, item.competency, item.level, item.forms, item.kind) for item in file.items] == [
        ("I01A1", "I01", 2, ("A", "B"), Kind.ONE),
        ("I01A2", "I01", 2, ("A", "B"), Kind.SEVERAL),
        ("I01A3", "I01", 2, ("A", "B"), Kind.ORDER),
        ("M04B1", "M04", 3, ("B",), Kind.ONE),
    ]
    assert file.errors == ()


def test_words_of_a_survey_lose_their_markup() -> None:
    question = sample("survey.lss", TOLD).items[0]

    assert question.question.ru == "Чьё согласие нужно, чтобы учить ребёнка по адаптированной программе?"
    assert question.explanation.en == "Without the parents' consent the school does not start."


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("10<sup>6</sup> Па и H<sub>2</sub>O", "10⁶ Па и H₂O"),
        ("x<sup>n</sup> + a<SUB>i</SUB>", "x^n + a_i"),
        ("<p>если a < b,</p><p>то <b>а</b>&nbsp;&lt; 5<br/>да</p>", "если a < b, то а < 5 да"),
        ("до<!-- 2 > 1 --> <script>var a = 1 < 2;</script>после", "до после"),
        ("<b", "<b"),
    ],
)
def test_markup_becomes_the_words_that_a_reader_sees(markup: str, words: str) -> None:
    assert plain(markup) == words


@pytest.mark.parametrize(
    ("place", "right"),
    [
        (0, ["родителей"]),
        (1, ["время", "шрифт"]),
        (2, ["цель задания", "помеха", "опора", "вывод"]),
        (3, ["«Проверь знак»"]),
    ],
)
def test_the_key_of_a_survey_comes_from_values_codes_and_order(place: int, right: list[str]) -> None:
    item = sample("survey.lss", TOLD).items[place]

    assert [item.options[position].ru for position in item.key] == right


def test_a_ranking_does_not_show_its_right_order() -> None:
    ranking = sample("survey.lss", TOLD).items[2]

    assert [option.ru for option in ranking.options] == ["вывод", "опора", "помеха", "цель задания"]


def test_what_a_survey_loses_on_the_way_is_told() -> None:
    file = sample("survey.lss", TOLD)

    assert told(file) == [
        (4, "kind", "questions.type-skipped"),
        (5, "key", "questions.other-dropped"),
        (5, "question_ru", "questions.condition-dropped"),
    ]
    assert file.problems[0].facts == {"question": "SAY1", "type": "T"}


def test_a_survey_of_an_older_version_is_read_too() -> None:
    file = sample("survey-before-4.lss", TOLD)

    assert told(file) == []
    item = file.items[0]
    assert (item.id, item.competency, item.key) == ("OHM1", "S01.PHY", (0,))
    assert [(option.ru, option.en) for option in item.options] == [("2 Ом", "2 Ω"), ("9 Ом", "9 Ω"), ("18 Ом", "18 Ω")]


@pytest.mark.parametrize(
    ("was", "becomes", "row", "column", "slug"),
    [
        ("Какая запись помогает", 'Какая <img src="a.png"> помогает', 5, "question_ru", "questions.picture-lost"),
        ("Which note helps", "Which note helps {NAME}", 5, "question_en", "questions.expression"),
        ("<![CDATA[KEY]]>", "<![CDATA[A3]]>", 5, "key", "questions.key-missing"),
        ("Помогает следующий шаг.", "", 5, "explanation_ru", "questions.language-missing"),
        ("Время и шрифт не меняют содержания.", "<style>p</style>", 2, "explanation_ru", "questions.language-missing"),
        ("<![CDATA[M04B1]]>", "<![CDATA[I01A1]]>", 5, "id", "questions.id-twice"),
    ],
)  # fmt: skip
def test_a_wrong_question_of_a_survey_is_told_by_number_and_field(
    was: str, becomes: str, row: int, column: str, slug: str
) -> None:
    file = read_questions(a_survey(was, becomes), catalogue(), TOLD)

    assert [(problem.row, problem.column, problem.slug) for problem in file.errors] == [(row, column, slug)]
    assert len(file.items) == 3


@pytest.mark.parametrize(
    ("name", "marks"),
    [
        ("I01 AB 2 ·", ("I01", ("A", "B"), 2)),
        ("I01 —", ("I01", ("B",), 3)),
        ("I01. A 4:", ("I01", ("A",), 4)),
        ("М03, В, 1;", ("M03", ("B",), 1)),
        ("S03.CHE 5", ("S03.CHE", ("B",), 5)),
        ("Про", ("M04", ("B",), 3)),
    ],
)
def test_the_name_of_a_group_says_competency_forms_and_level(
    name: str, marks: tuple[str, tuple[str, ...], int]
) -> None:
    item = read_questions(a_survey("I01 AB 2 ·", name), catalogue(), TOLD).items[0]

    assert (item.competency, item.forms, item.level) == marks


def test_a_group_that_names_an_unknown_competency_keeps_its_questions_out() -> None:
    file = read_questions(a_survey("I01 AB 2 ·", "J99"), catalogue(), TOLD)

    assert [problem.row for problem in file.errors if problem.slug == "questions.unknown-competency"] == [1, 2, 3]
    assert [item.id for item in file.items] == ["M04B1"]


def test_a_survey_with_more_than_eight_options_is_not_cut_short_in_silence() -> None:
    text = (SAMPLES / "survey-before-4.lss").read_text(encoding="utf-8")
    row = text[text.index("   <row>", text.index("<answers>")) : text.index("</row>") + len("</row>\n")]
    many = "".join(row.replace("[A1]", f"[B{number}]").replace("2 Ом", f"{number} кОм") for number in range(6))

    file = read_questions(text.replace(row, row + many).encode(), catalogue(), TOLD)

    assert (1, "a_ru", "questions.options-unfit") in told(file)
    assert file.items == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE d SYSTEM "http://example.org/d.dtd">',
        "<!DOCTYPE d>",
    ],
)
def test_a_document_type_is_refused_before_an_entity_is_read(declared: str, encoding: str) -> None:
    content = f"<?xml version='1.0'?>{declared}<document><a>&b;</a></document>".encode(encoding)

    with pytest.raises(Invalid) as refused:
        read_questions(content, catalogue(), SILENT)

    assert refused.value.slug == "questions.document-type"
