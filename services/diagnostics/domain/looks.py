"""What of a person others can look at here: the words of the access log. They are kept for years and never change."""

from enum import StrEnum


class What(StrEnum):
    """Kinds of things of a person; none says what stood in it."""

    RELEASED = "diagnostics.released"
    DUE = "diagnostics.due"
    OBSERVERS = "diagnostics.observers"
    LESSONS = "diagnostics.lessons"
    NOTES = "diagnostics.lesson-notes"
    ARTEFACTS = "diagnostics.artefacts"
    APPEALS = "diagnostics.appeals"
    LOOKS = "diagnostics.looks"
