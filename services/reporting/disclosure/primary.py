"""The places that a table shows, and the cells that are hidden for their own sake."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.reporting.disclosure.table import Column, Hidden, PublishedCell, Rules, Slot, Table, schools

OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Spot:
    """A row of the table: a school, a total, or the small schools of one total taken together («прочие»).

    `height` is 0 for schools; totals count the levels below them.
    """

    place: str
    height: int
    made_of: tuple[tuple[str, str], ...]
    is_merged: bool = False


def lay_out(table: Table, rules: Rules) -> tuple[Spot, ...]:
    """The rows: schools, the groups of small schools, and totals."""
    leaves = schools(table.parents)
    small = {school for school in leaves if _is_small(table, school, rules)}
    below: dict[str, list[str]] = {}
    heights = dict.fromkeys(leaves, 0)
    for school in leaves:
        for height, place in enumerate(_above(table.parents, school), start=1):
            below.setdefault(place, []).append(school)
            heights[place] = max(height, heights.get(place, 0))
    rows = [Spot(school, 0, _signed_by(table, [school]), is_merged=school in small) for school in leaves]
    rows += [Spot(place, heights[place], _signed_by(table, below[place])) for place in sorted(below)]
    return (*rows, *_groups(table, small))


def primary(table: Table, spots: Sequence[Spot], rules: Rules) -> dict[Slot, Hidden]:
    """Cells that are hidden whatever stands beside them.

    A counter of 1 to 4 persons; a numerator whose complement has 1 to 4 (who is not in it is known too) or whose
    denominator is too small for a share; in sensitive columns everything below the threshold, zero
    included; every cell of a merged school.
    """
    hidden: dict[Slot, Hidden] = {}
    for spot in spots:
        if spot.is_merged:
            hidden.update({(spot.place, counter): Hidden("merged") for counter in table.scheme.counters()})
            continue
        for column in table.scheme.columns:
            for counter in _too_telling(table, spot, column=column, rules=rules):
                hidden[spot.place, counter] = Hidden()
    return hidden


def sticky(table: Table, spots: Sequence[Spot], earlier: Sequence[PublishedCell]) -> dict[Slot, Hidden]:
    """Cells that were hidden before: for the same as-of date, or as the same sum of the same reports."""
    before = [cell for cell in earlier if isinstance(cell.shown, Hidden)]
    dated = {(cell.place, cell.counter) for cell in before if cell.as_of == table.as_of}
    summed = {(cell.made_of, cell.counter) for cell in before}
    return {
        (spot.place, counter): Hidden("merged" if spot.is_merged else "protected")
        for spot in spots
        for counter in table.scheme.counters()
        if (spot.place, counter) in dated or (spot.made_of, counter) in summed
    }


def render(
    table: Table, spots: Sequence[Spot], *, hidden: Mapping[Slot, Hidden], counters: Iterable[str]
) -> tuple[PublishedCell, ...]:
    """The cells of some counters as they would be published."""
    return tuple(
        PublishedCell(
            place=spot.place,
            counter=counter,
            as_of=table.as_of,
            revision=table.revision,
            made_of=spot.made_of,
            shown=hidden.get((spot.place, counter)) or total(table, spot, counter),
        )
        for spot in spots
        for counter in sorted(counters)
    )


def follow(table: Table, spots: Sequence[Spot], hidden: Mapping[Slot, Hidden]) -> dict[Slot, Hidden]:
    """Hide companions where their numerator is hidden."""
    return {
        (spot.place, companion): hidden[spot.place, column.numerator]
        for spot in spots
        for column in table.scheme.columns
        for companion in column.companions
        if (spot.place, column.numerator) in hidden
    }


def total(table: Table, spot: Spot, counter: str) -> float:
    """The true sum of a counter over the schools of a row."""
    return sum(table.counts.get((school, counter), 0) for school, _ in spot.made_of)


def _is_small(table: Table, school: str, rules: Rules) -> bool:
    if rules.headcount not in table.scheme.counters():
        return False
    return table.counts[school, rules.headcount] < rules.small_place


def _above(parents: Mapping[str, str | None], place: str) -> Iterable[str]:
    above = parents[place]
    while above is not None:
        yield above
        above = parents[above]


def _signed_by(table: Table, places: Sequence[str]) -> tuple[tuple[str, str], ...]:
    return tuple((school, table.edition(school)) for school in sorted(places))


def _groups(table: Table, small: set[str]) -> Iterable[Spot]:
    """One row per total with two small schools or more; a single one would only be renamed."""
    below: dict[str, list[str]] = {}
    for school in sorted(small):
        below.setdefault(table.parents[school] or "", []).append(school)
    for place, members in sorted(below.items()):
        if place and len(members) > 1:
            yield Spot(f"{place}/{OTHERS}", 1, _signed_by(table, members))


def _too_telling(table: Table, spot: Spot, *, column: Column, rules: Rules) -> Iterable[str]:
    sensitive = table.scheme.sensitive()
    counts = {counter: total(table, spot, counter) for counter in column.counters}
    for counter, count in counts.items():
        is_sum = counter in table.scheme.signed()
        if not is_sum and _is_few(count, rules=rules, is_sensitive=counter in sensitive):
            yield counter
    if column.denominator is None:
        return
    part, whole = counts[column.numerator], counts[column.denominator]
    is_guarded = column.unit == "share" and not column.is_complement_open
    if is_guarded and _is_few(whole - part, rules=rules, is_sensitive=column.threshold == "sensitive"):
        yield column.numerator
    if 0 < whole < rules.share_minimum:
        yield column.numerator


def _is_few(count: float, *, rules: Rules, is_sensitive: bool) -> bool:
    """Are these so few persons that they would be told? Zero persons are told only in sensitive columns."""
    if is_sensitive:
        return count < rules.sensitive_threshold
    return 0 < count < rules.staff_threshold
