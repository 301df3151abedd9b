"""What suppression works on: places, counters, columns; and what it hands back: cells, shown or hidden.

A published cell says whose reports it is the sum of (`made_of`: school and edition of its accepted report).
A school that sent nothing new enters a later table with its old edition, and a correction brings a new one:
so one leaf, (school, edition, counter), is the same unknown in every table in which it is counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from chassis.refusals import Invalid
from services.reporting.domain.passports import Catalogue, Passport, Relation, Threshold

Leaf = tuple[str, str, str]
Slot = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Hidden:
    """A cell that is not shown.

    `protected` tells a primary cell from a complementary one on purpose to nobody: «<5» would be a bound.
    `merged`: the place is so small that it is shown only within «прочие».
    """

    reason: Literal["protected", "merged", "small-denominator"] = "protected"


@dataclass(frozen=True, slots=True)
class Coded:
    """A share shown only as a bound: at most, or at least, `bound`."""

    side: Literal["at-most", "at-least"]
    bound: float


@dataclass(frozen=True, slots=True)
class Rules:
    """The thresholds, as parameters: no Russian norm fixes numbers for school data.

    Cells of fewer than `staff_threshold` persons (`sensitive_threshold`, zero included, for surveys and
    pupils) are hidden; shares need `share_minimum` in the denominator; schools of fewer than `small_place`
    in the counter `headcount` are merged; shares of fewer than `coded_below` are coded near the ends.
    `mean_span` is the largest change of one person that a mean averages: four steps between five levels.
    """

    staff_threshold: int = 5
    sensitive_threshold: int = 10
    share_minimum: int = 10
    coded_below: int = 20
    coded_edge: float = 0.05
    small_place: int = 10
    headcount: str = "staff"
    mean_span: float = 4.0

    def threshold(self, rule: Threshold) -> int:
        """The smallest number of persons that may be shown."""
        return self.sensitive_threshold if rule == "sensitive" else self.staff_threshold


@dataclass(frozen=True, slots=True)
class Column:
    """An indicator as suppression sees it: which counter over which, and how strictly it is guarded.

    `companions` are counters that say nothing alone and are shown exactly where the numerator is.
    """

    indicator: str
    numerator: str
    denominator: str | None = None
    unit: Literal["share", "mean", "count"] = "share"
    threshold: Threshold = "staff"
    companions: tuple[str, ...] = ()
    is_complement_open: bool = False

    @property
    def counters(self) -> tuple[str, ...]:
        """The counters whose cells are guarded."""
        return (self.numerator,) if self.denominator is None else (self.numerator, self.denominator)


@dataclass(frozen=True, slots=True)
class Scheme:
    """The columns of a table and the relations between counters that any reader knows."""

    columns: tuple[Column, ...]
    relations: tuple[Relation, ...] = ()

    def counters(self) -> tuple[str, ...]:
        """Every guarded counter, sorted."""
        return tuple(sorted({counter for column in self.columns for counter in column.counters}))

    def companions(self) -> tuple[str, ...]:
        """Every counter that is shown only where its numerator is, sorted."""
        return tuple(sorted({counter for column in self.columns for counter in column.companions}))

    def signed(self) -> frozenset[str]:
        """Counters that are sums of changes and may be negative."""
        return frozenset(column.numerator for column in self.columns if column.unit == "mean")

    def sensitive(self) -> frozenset[str]:
        """Counters that stand in a sensitive column; the stricter rule wins wherever they are used."""
        strict = (column for column in self.columns if column.threshold == "sensitive")
        return frozenset(counter for column in strict for counter in column.counters) - self.signed()


def scheme_of(catalogue: Catalogue) -> Scheme:
    """All passports of a catalogue as columns, with what stands beside them."""
    columns = [column for passport in catalogue.passports.values() for column in _columns(passport)]
    return Scheme(columns=tuple(columns), relations=catalogue.relations)


def _columns(passport: Passport) -> list[Column]:
    main = Column(
        indicator=passport.code,
        numerator=passport.numerator,
        denominator=passport.denominator,
        unit=passport.unit,
        threshold=passport.threshold,
        companions=() if passport.squares is None else (passport.squares,),
    )
    beside = [
        Column(
            indicator=f"{passport.code}.{one.code}",
            numerator=one.numerator,
            denominator=one.denominator,
            unit=one.unit,
            threshold=passport.threshold,
            is_complement_open=one.is_complement_open,
        )
        for one in passport.beside
    ]
    return [main, *beside]


@dataclass(frozen=True, slots=True)
class Table:
    """True counts of the schools for one as-of date; totals are their sums and are never given.

    `parents` is the tree of places as of that date, the root with None; places without children are schools.
    `editions` names the accepted report behind each school's counts (by default the as-of date), `revision`
    counts the publications of this as-of date.
    """

    as_of: date
    parents: Mapping[str, str | None]
    counts: Mapping[Slot, float]
    scheme: Scheme
    editions: Mapping[str, str] = field(default_factory=dict)
    revision: int = 1

    def edition(self, school: str) -> str:
        """The accepted report behind the counts of a school."""
        return self.editions.get(school, self.as_of.isoformat())


@dataclass(frozen=True, slots=True)
class PublishedCell:
    """One counter of one place in one publication, shown or hidden; nothing recoverable stands in it."""

    place: str
    counter: str
    as_of: date
    revision: int
    made_of: tuple[tuple[str, str], ...]
    shown: float | Hidden

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """The unknowns whose sum the cell is."""
        return tuple((school, edition, self.counter) for school, edition in self.made_of)


@dataclass(frozen=True, slots=True)
class Figure:
    """An indicator at a place as it may be shown; a mean stands in `share` as well."""

    n_num: float | Hidden
    n_den: float | Hidden | None
    share: float | Hidden | Coded | None


@dataclass(frozen=True, slots=True)
class ProtectedTable:
    """What may be published. `given_away` names cells that earlier tables had disclosed already."""

    cells: tuple[PublishedCell, ...]
    scheme: Scheme
    given_away: tuple[Slot, ...] = ()

    def shown(self, place: str, counter: str) -> float | Hidden:
        """The cell; Invalid when the table has none such."""
        for cell in self.cells:
            if cell.place == place and cell.counter == counter:
                return cell.shown
        raise Invalid("disclosure.no-such-cell", place=place, counter=counter)

    def figure(self, place: str, indicator: str, rules: Rules) -> Figure:
        """One indicator of one place with top and bottom coding for small denominators."""
        column = next((one for one in self.scheme.columns if one.indicator == indicator), None)
        if column is None:
            raise Invalid("disclosure.no-such-column", indicator=indicator)
        shown = {(place, counter): self.shown(place, counter) for counter in column.counters}
        return _figure(shown, place, column=column, rules=rules)

    def figures(self, rules: Rules) -> dict[tuple[str, str], Figure]:
        """Every indicator of every place, by place and indicator."""
        shown = {(cell.place, cell.counter): cell.shown for cell in self.cells}
        places = dict.fromkeys(cell.place for cell in self.cells)
        return {
            (place, column.indicator): _figure(shown, place, column=column, rules=rules)
            for place in places
            for column in self.scheme.columns
        }


def _figure(shown: Mapping[Slot, float | Hidden], place: str, *, column: Column, rules: Rules) -> Figure:
    n_num = shown[place, column.numerator]
    if column.denominator is None:
        return Figure(n_num, None, None)
    n_den = shown[place, column.denominator]
    return Figure(n_num, n_den, _share(n_num, n_den, unit=column.unit, rules=rules))


def _share(n_num: float | Hidden, n_den: float | Hidden, *, unit: str, rules: Rules) -> float | Hidden | Coded | None:
    if isinstance(n_den, Hidden):
        return n_den
    if 0 < n_den < rules.share_minimum:
        return Hidden("small-denominator")
    if isinstance(n_num, Hidden):
        return n_num
    if n_den == 0:
        return None
    share = n_num / n_den
    if unit == "mean" or n_den >= rules.coded_below:
        return share
    if share <= rules.coded_edge:
        return Coded("at-most", rules.coded_edge)
    return Coded("at-least", 1 - rules.coded_edge) if share >= 1 - rules.coded_edge else share


def check(table: Table) -> None:
    """Invalid when the tree is broken, a count is missing or negative, a part exceeds its whole, a relation fails."""
    for place, parent in table.parents.items():
        if parent is not None and parent not in table.parents:
            raise Invalid("disclosure.no-such-place", place=place)
    _check_depth(table.parents)
    for school in schools(table.parents):
        for counter in table.scheme.counters():
            _check_count(table, school, counter)
        for column in table.scheme.columns:
            _check_part(table, school, column)
        for relation in table.scheme.relations:
            _check_relation(table, school, relation)


def schools(parents: Mapping[str, str | None]) -> Sequence[str]:
    """The places without children, sorted."""
    return sorted(set(parents) - set(parents.values()))


def _check_depth(parents: Mapping[str, str | None]) -> None:
    for place in parents:
        above, steps = parents[place], 0
        while above is not None:
            above, steps = parents[above], steps + 1
            if steps > len(parents):
                raise Invalid("disclosure.tree-has-a-ring", place=place)


def _check_count(table: Table, school: str, counter: str) -> None:
    count = table.counts.get((school, counter))
    if count is None:
        raise Invalid("disclosure.count-missing", place=school, counter=counter)
    if count < 0 and counter not in table.scheme.signed():
        raise Invalid("disclosure.count-negative", place=school, counter=counter)


def _check_part(table: Table, school: str, column: Column) -> None:
    if column.unit != "share" or column.denominator is None:
        return
    if table.counts[school, column.numerator] > table.counts[school, column.denominator]:
        raise Invalid("disclosure.part-over-whole", place=school, indicator=column.indicator)


def _check_relation(table: Table, school: str, relation: Relation) -> None:
    left = sum(factor * table.counts.get((school, counter), 0) for counter, factor in relation.terms)
    if left > 0 or (relation.is_exact and left != 0):
        raise Invalid("disclosure.relation-broken", place=school, counters=[name for name, _ in relation.terms])
