"""A teacher's tests in words: how far each has come, its tasks, what was chosen, what was right afterwards. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.portal.catalogue import Catalogue
from gateway.portal.teacher.wording import Wording

UNKNOWN, ORDER, SEVERAL = "none", "ORDER", "SEVERAL"


@dataclass(frozen=True, slots=True)
class Line:
    """A test in the list."""

    code: str
    name: str
    state: str
    told: str
    is_finished: bool


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a task; `place` is where the reader put it in an order, from 1 on."""

    letter: str
    text: str
    is_chosen: bool
    place: int


@dataclass(frozen=True, slots=True)
class Task:
    """A task as it stands on the page; after the finish with the right answer and why."""

    item: str
    kind: str
    question: str
    options: Sequence[Option]
    is_unknown: bool
    is_right: bool | None
    key: str
    explanation: str
    basis: str


def lines_of(tests: Sequence[Mapping[str, Any]], words: Wording, catalogue: Catalogue) -> Sequence[Line]:
    """The tests of a campaign, those that wait first."""
    ordered = sorted(tests, key=lambda one: (one["state"] == "FINISHED", one["state"] != "BEGUN", one["competency"]))
    return [
        Line(
            one["competency"],
            catalogue.name(one["competency"]),
            one["state"],
            _told(one, words),
            one["state"] == "FINISHED",
        )
        for one in ordered
    ]


def _told(one: Mapping[str, Any], words: Wording) -> str:
    if one["state"] == "FINISHED":
        return words.say("test.finished")
    tasks = words.say("test.tasks", count=one["tasks"])
    left = words.say("teacher.minutes", count=one["minutes_left"])
    if one["state"] == "BEGUN":
        return words.say("test.begun", answered=one["answered"], tasks=tasks, left=left)
    return f"{tasks}, {left}"


def tasks_of(test: Mapping[str, Any], language: str) -> Sequence[Task]:
    """The tasks in the order in which the reader meets them."""
    return [_task(one, language) for one in test["items"]]


def _task(one: Mapping[str, Any], language: str) -> Task:
    chosen: Sequence[str] = one["chosen"] or ()
    options = [
        Option(
            each["option"],
            each[language],
            each["option"] in chosen,
            list(chosen).index(each["option"]) + 1 if each["option"] in chosen else 0,
        )
        for each in one["options"]
    ]
    texts = {each["option"]: each[language] for each in one["options"]}
    joint = " → " if one["kind"] == ORDER else "; "
    return Task(
        item=one["item"],
        kind=one["kind"],
        question=one[language],
        options=options,
        is_unknown=one["chosen"] == [],
        is_right=one["is_right"],
        key=joint.join(texts[letter] for letter in one["key"] or ()),
        explanation=one[f"explanation_{language}"] or "",
        basis=one["basis"] or "",
    )


def chosen_in(form: Mapping[str, Sequence[str]], tasks: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """What a sent form says of the tasks that it speaks to; an order counts once every place is given."""
    told = {one["item"]: _letters(one, form) for one in tasks}
    return {item: letters for item, letters in told.items() if letters is not None}


def _letters(task: Mapping[str, Any], form: Mapping[str, Sequence[str]]) -> list[str] | None:
    item = task["item"]
    given = list(form.get(f"task-{item}", ()))
    if UNKNOWN in given:
        return []
    if task["kind"] != ORDER:
        return given or None
    letters = [each["option"] for each in task["options"]]
    places = {letter: (list(form.get(f"place-{item}-{letter}", ())) or [""])[0] for letter in letters}
    if sorted(places.values()) != [str(place) for place in range(1, len(letters) + 1)]:
        return None
    return sorted(letters, key=lambda letter: int(places[letter]))
