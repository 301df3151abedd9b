"""The observer's rubric: marks go into a form and come back as they were, and half of a mark is none."""

from gateway.portal.catalogue import Catalogue, Domain
from gateway.portal.observer.rubric import marks_in, parts_of, unmarked
from gateway.portal.observer.visits import ShownLesson, next_lesson

CATALOGUE = Catalogue(
    domains=[Domain("D", "Цифровые"), Domain("M", "Методические")],
    levels={},
    anchors={},
    subjects={},
    names={"D08": "Оценивание", "M03": "Критерии"},
    letters={"D08": "D", "M03": "M"},
    behaviour={},
)
RUBRICS = [
    {"competency": "D08", "highest": 3, "criteria": [{"ru": "видно", "en": "seen"}, {"ru": "слышно", "en": "heard"}]},
    {"competency": "M03", "highest": 3, "criteria": [{"ru": "есть", "en": "there"}]},
]


def test_marks_of_a_form_are_those_that_were_given() -> None:
    form = {"mark-D08-0": "3", "mark-D08-1": "0", "none-M03": "yes", "csrf_token": "x"}

    assert marks_in(form, RUBRICS) == {"D08": [3, 0], "M03": None}


def test_competency_that_nobody_touched_is_left_out() -> None:
    assert marks_in({"mark-M03-0": "1"}, RUBRICS) == {"M03": [1]}


def test_mark_outside_the_rubric_counts_as_no_mark() -> None:
    marks = marks_in({"mark-D08-0": "9", "mark-D08-1": "²"}, RUBRICS)

    assert marks == {"D08": [None, None]}
    assert unmarked(marks) == ["D08"]


def test_rubric_shows_what_was_marked_and_what_had_no_occasion() -> None:
    parts = parts_of(RUBRICS, {"D08": [2, None], "M03": None}, CATALOGUE, "en")

    assert [(one.name, one.letter, one.has_no_occasion, one.is_marked) for one in parts] == [
        ("Оценивание", "D", False, False),
        ("Критерии", "M", True, True),
    ]
    assert [(sign.words, sign.mark) for sign in parts[0].signs] == [("seen", 2), ("heard", None)]


def test_lesson_that_was_begun_is_gone_on_with_before_a_new_one() -> None:
    given, begun = ShownLesson(1, True, "/1"), ShownLesson(2, False, "/2")

    assert next_lesson([given, begun]) == 2
    assert next_lesson([given]) == 2
    assert next_lesson([]) == 1
    assert next_lesson([ShownLesson(number, True, "") for number in range(1, 6)]) is None
