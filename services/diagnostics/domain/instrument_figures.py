"""How good the instruments are over many schools: answers gathered under no name, and the figures made of them.

What is gathered holds numbers alone: no person, no school, no order in which anybody answered. A scale of
self-rating is the competencies of one domain that the same people were asked about, for forms differ by role; a
test is one form of one competency; ratings by colleagues are read one competency at a time, everyone having raters
of one's own (ICC(1)). Nothing is told of fewer people than the catalogue says (D2.8).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from chassis.refusals import Conflict
from services.diagnostics.domain.catalogue import LEVELS, Catalogue
from services.diagnostics.domain.items import ItemBank
from services.diagnostics.scoring import Parameters, SourceKind
from services.diagnostics.scoring.psychometrics import (
    Model,
    Reliability,
    agreement,
    complete,
    cronbach_alpha,
    item_properties,
    mcdonald_omega,
)

FEWEST_OF_SCALE, FEWEST_OF_FACTOR = 2, 3
SPAN_OF_LEVELS = float(LEVELS[0]), float(LEVELS[-1])
SPAN_OF_TASKS = 0.0, 1.0
# A level is never 0: the mark of an item that was left out.
LEFT_OUT = 0

Rows = list[bytes]
Levels = Mapping[str, int | None]


class OrderState(StrEnum):
    """ORDERED by an analyst, COLLECTING school by school, COMPUTING figure by figure; the rest are ends."""

    ORDERED = "ORDERED"
    COLLECTING = "COLLECTING"
    COMPUTING = "COMPUTING"
    DONE = "DONE"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"

    @property
    def legal_steps(self) -> tuple["OrderState", ...]:
        """The states that may follow."""
        return _STEPS.get(self, ())


_STEPS = {
    OrderState.ORDERED: (OrderState.COLLECTING, OrderState.CANCELLED, OrderState.FAILED),
    OrderState.COLLECTING: (OrderState.COMPUTING, OrderState.CANCELLED, OrderState.FAILED),
    OrderState.COMPUTING: (OrderState.DONE, OrderState.CANCELLED, OrderState.FAILED),
}
OPEN_ORDERS = tuple(state for state in OrderState if state.legal_steps)


def check_cancelling(state: OrderState) -> None:
    """An order may be cancelled before its end; refused as `psychometrics.step-not-legal` with the legal steps."""
    if OrderState.CANCELLED not in state.legal_steps:
        raise Conflict("psychometrics.step-not-legal", field="state", state=state.value, legal=[])


@dataclass(frozen=True, slots=True)
class Scale:
    """What makes up one table of answers: the instrument, the domain or competency, the form, and the items."""

    instrument: SourceKind
    about: str
    form: str | None
    items: tuple[str, ...]


@dataclass(slots=True)
class Gathered:
    """Tables of numbers that grow school by school; a row is somebody, nobody can say who."""

    scales: dict[Scale, Rows] = field(default_factory=dict)
    ratings: dict[str, Rows] = field(default_factory=dict)

    def add_own(self, catalogue: Catalogue, codes: Sequence[str], answers: Levels) -> None:
        """Add one self-rating; a subject is left out of a code, for the items are the same for all of them."""
        by_domain: dict[str, dict[str, int]] = {}
        for code in codes:
            competency = catalogue.competency(code)
            by_domain.setdefault(competency.domain, {})[competency.code] = answers.get(code) or LEFT_OUT
        for letter, marks in by_domain.items():
            items = tuple(sorted(marks))
            if len(items) >= FEWEST_OF_SCALE:
                scale = Scale(SourceKind.SA, letter, None, items)
                self.scales.setdefault(scale, []).append(bytes(marks[item] for item in items))

    def add_colleagues(self, sheets: Sequence[Levels]) -> None:
        """Add what colleagues said of one person."""
        marks: dict[str, list[int]] = {}
        for answers in sheets:
            for code, level in answers.items():
                if level:
                    marks.setdefault(code.partition(".")[0], []).append(level)
        for code, levels in marks.items():
            self.ratings.setdefault(code, []).append(bytes(sorted(levels)))

    def add_test(self, bank: ItemBank, place: tuple[str, str], right: Mapping[str, bool]) -> None:
        """Add one finished test, by competency and form; tasks that no longer stand on the form are left out."""
        form = bank.forms.get(place)
        if form is None:
            return
        items = tuple(item.id for item in form.items)
        if all(item in right for item in items):
            scale = Scale(SourceKind.TST, place[0], place[1], items)
            self.scales.setdefault(scale, []).append(bytes(right[item] for item in items))

    @property
    def parts(self) -> int:
        """How many tables there are."""
        return len(self.scales) + len(self.ratings)


def figures_of(gathered: Gathered, parameters: Parameters, *, seed: int) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """The figures one after the other, with the list each belongs to; `None` for one that has to stay hidden.

    Rows are sorted first: then the same answers give the same figures, whatever order they came in.
    """
    for scale in sorted(gathered.scales, key=lambda each: (each.instrument, each.about, each.form or "", each.items)):
        yield "scales", _scale(scale, sorted(gathered.scales[scale]), parameters, seed=seed)
    for code in sorted(gathered.ratings):
        yield "raters", _raters(code, sorted(gathered.ratings[code]), parameters)


def _scale(scale: Scale, rows: Rows, parameters: Parameters, *, seed: int) -> dict[str, Any] | None:
    is_test = scale.instrument is SourceKind.TST
    answers = complete([[mark if mark or is_test else None for mark in row] for row in rows])
    if answers.are_hidden(parameters):
        return None
    span = SPAN_OF_TASKS if is_test else SPAN_OF_LEVELS
    has_factor = answers.items >= FEWEST_OF_FACTOR
    return {
        "instrument": scale.instrument.value,
        "about": scale.about,
        "form": scale.form,
        "alpha": _told(cronbach_alpha(answers, parameters)),
        "omega": _told(mcdonald_omega(answers, parameters, seed=seed)) if has_factor else None,
        "items": [
            {"item": item, **asdict(found)}
            for item, found in zip(scale.items, item_properties(answers, parameters, span=span) or (), strict=True)
        ],
    }


def _raters(code: str, rows: Rows, parameters: Parameters) -> dict[str, Any] | None:
    single = agreement(rows, Model.ONE_WAY, parameters)
    joint = agreement(rows, Model.ONE_WAY_MEAN, parameters)
    if single is None or joint is None:
        return None
    return {"competency": code, "single": _told(single), "joint": _told(joint)}


def _told(found: Reliability | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        **asdict(found.estimate),
        "model": found.model,
        "n": found.n,
        "missing": found.missing,
        "parts": found.parts,
    }
