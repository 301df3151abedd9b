"""Artefacts: what a person may hand in, and what it can show."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.refusals import Invalid


@dataclass(frozen=True, slots=True)
class Artefact:
    """A lesson plan or a material in its owner's words, and the competencies it is meant to show."""

    artefact_id: UUID
    title: str
    link: str | None
    codes: tuple[str, ...]


def shown_codes(form: Iterable[str], *, shown_by_artefacts: frozenset[str]) -> tuple[str, ...]:
    """The competencies of a form that an artefact can show (D2.6)."""
    return tuple(code for code in form if code.partition(".")[0] in shown_by_artefacts)


def check_artefact(artefact: Artefact, form: Iterable[str], *, shown_by_artefacts: frozenset[str]) -> None:
    """An artefact shows competencies of its owner's form; refused as `artefact.cannot-show` with what it may show."""
    able = shown_codes(form, shown_by_artefacts=shown_by_artefacts)
    for code in artefact.codes:
        if code not in able:
            raise Invalid("artefact.cannot-show", field="competencies", code=code, able=list(able))


def reviewed_codes(artefact: Artefact, assigned: Mapping[UUID, Sequence[str]], *, owner: UUID) -> tuple[str, ...]:
    """The competencies of an artefact that an observer was assigned to judge of its owner."""
    mine = assigned.get(owner, ())
    return tuple(code for code in artefact.codes if code in mine)
