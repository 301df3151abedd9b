"""Suppression against its attacker: what is hidden cannot be had back from everything published."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.refusals import Conflict, Invalid
from services.reporting.disclosure import (
    Coded,
    Column,
    Hidden,
    ProtectedTable,
    PublishedCell,
    Rules,
    Scheme,
    Table,
    bounds,
    exposures,
    is_safe,
    protect,
    scheme_of,
)
from services.reporting.domain import load_catalogue
from services.reporting.domain.passports import Relation

RULES = Rules()
SEPTEMBER, FEBRUARY = date(2026, 9, 20), date(2027, 2, 1)
ENGAGED = Scheme((Column("E_ENG_ANY", "engaged", "staff"),))
TREE: Mapping[str, str | None] = {"city": None, "north": "city", "south": "city"} | {
    f"{district}-{number}": district for district in ("north", "south") for number in (1, 2, 3)
}
Pairs = Mapping[str, tuple[int, int]]
WELL: Pairs = {
    "north-1": (20, 40), "north-2": (15, 30), "north-3": (25, 50),
    "south-1": (18, 36), "south-2": (22, 45), "south-3": (30, 60),
}  # fmt: skip


def a_table(pairs: Pairs, **other: object) -> Table:
    counts = {(school, "engaged"): float(part) for school, (part, _) in pairs.items()}
    counts |= {(school, "staff"): float(whole) for school, (_, whole) in pairs.items()}
    return replace(Table(SEPTEMBER, TREE, counts, ENGAGED), **other)  # type: ignore[arg-type]  # any field


def hidden_places(table: ProtectedTable, counter: str = "engaged") -> set[str]:
    return {cell.place for cell in table.cells if cell.counter == counter and isinstance(cell.shown, Hidden)}


def attacker_fails(*tables: ProtectedTable, rules: Rules = RULES) -> bool:
    cells = [cell for table in tables for cell in table.cells]
    return not any(one.is_exposed for one in bounds(cells, tables[0].scheme, rules))


def a_cell(place: str, shown: float | Hidden, *schools: str, counter: str = "engaged") -> PublishedCell:
    return PublishedCell(place, counter, SEPTEMBER, 1, tuple((school, "1") for school in schools), shown)


def test_nothing_is_hidden_where_every_number_is_large() -> None:
    table = protect(a_table(WELL), rules=RULES)

    assert hidden_places(table) == hidden_places(table, "staff") == set()
    assert table.shown("north", "engaged") == 60
    assert table.shown("city", "staff") == 261


def test_small_count_is_hidden_together_with_a_neighbour() -> None:
    table = protect(a_table({**WELL, "north-1": (3, 40)}), rules=RULES)

    assert hidden_places(table) == {"north-1", "north-2"}
    assert table.shown("north", "engaged") == 43
    assert attacker_fails(table)


def test_small_complement_hides_the_numerator_like_a_small_count() -> None:
    table = protect(a_table({**WELL, "north-1": (38, 40)}), rules=RULES)

    assert "north-1" in hidden_places(table)
    assert table.shown("north-1", "staff") == 40
    assert attacker_fails(table)


def test_zero_and_everybody_are_shown_among_teachers() -> None:
    table = protect(a_table({**WELL, "north-1": (0, 40), "north-2": (30, 30)}), rules=RULES)

    assert hidden_places(table) == set()


def test_zero_is_not_shown_in_a_sensitive_column() -> None:
    scheme = Scheme((replace(ENGAGED.columns[0], threshold="sensitive"),))
    table = protect(a_table({**WELL, "north-1": (0, 40)}, scheme=scheme), rules=RULES)

    assert "north-1" in hidden_places(table)
    assert attacker_fails(table)


def test_share_of_fewer_than_ten_is_hidden_with_its_numerator() -> None:
    table = protect(a_table({**WELL, "north-1": (8, 8)}), rules=replace(RULES, small_place=0))

    figure = table.figure("north-1", "E_ENG_ANY", RULES)
    assert (figure.n_num, figure.n_den) == (Hidden(), 8)
    assert figure.share == Hidden("small-denominator")


def test_shares_of_small_schools_are_coded_at_the_ends() -> None:
    table = protect(a_table({**WELL, "north-1": (0, 19), "north-2": (19, 19), "north-3": (0, 20)}), rules=RULES)

    assert table.figure("north-1", "E_ENG_ANY", RULES).share == Coded("at-most", 0.05)
    assert table.figure("north-2", "E_ENG_ANY", RULES).share == Coded("at-least", 0.95)
    assert table.figure("north-3", "E_ENG_ANY", RULES).share == 0.0


def test_small_schools_of_a_district_are_shown_as_others() -> None:
    pairs = {**WELL, "north-1": (5, 7), "north-2": (4, 8)}
    table = protect(a_table(pairs), rules=RULES)

    assert table.shown("north-1", "staff") == Hidden("merged")
    assert table.shown("north/others", "staff") == 15
    assert attacker_fails(table)


def test_others_are_hidden_when_their_sum_tells_each_school() -> None:
    table = protect(a_table({**WELL, "north-1": (9, 9), "north-2": (9, 9)}), rules=RULES)

    assert table.shown("north/others", "staff") == Hidden()
    assert attacker_fails(table)


def test_city_is_not_the_way_back_to_a_district_of_one_school() -> None:
    tree: Mapping[str, str | None] = {"city": None, "north": "city", "south": "city", "north-1": "north"}
    tree = {**tree, "south-1": "south", "south-2": "south"}
    pairs = {"north-1": (3, 40), "south-1": (18, 36), "south-2": (22, 45)}
    table = protect(a_table(pairs, parents=tree), rules=RULES)

    assert {"north-1", "north"} < hidden_places(table)
    assert attacker_fails(table)


def test_hidden_cell_tells_neither_its_number_nor_why_it_is_hidden() -> None:
    table = protect(a_table({**WELL, "north-1": (3, 40)}), rules=RULES)

    assert table.shown("north-1", "engaged") == table.shown("north-2", "engaged") == Hidden()


def test_attacker_finds_a_lone_hidden_cell_exactly() -> None:
    cells = [a_cell("a", Hidden(), "a"), a_cell("b", 20, "b"), a_cell("both", 23, "a", "b")]

    (found,) = exposures(cells, ENGAGED, RULES)

    assert (found.quantity.place, found.low, found.high) == ("a", 3, 3)


def test_attacker_sees_that_two_hidden_cells_are_both_small() -> None:
    cells = [a_cell("a", Hidden(), "a"), a_cell("b", Hidden(), "b"), a_cell("both", 4, "a", "b")]

    assert {(one.low, one.high) for one in bounds(cells, ENGAGED, RULES)} == {(0, 4)}
    assert not is_safe(cells, ENGAGED, RULES)


def test_published_tables_that_contradict_each_other_are_refused() -> None:
    cells = [a_cell("a", Hidden(), "a"), a_cell("b", 20, "b"), a_cell("both", 13, "a", "b")]

    with pytest.raises(Invalid, match=r"disclosure\.contradiction"):
        bounds(cells, ENGAGED, RULES)
    with pytest.raises(Invalid, match=r"disclosure\.contradiction"):
        exposures([*cells[:2], a_cell("b", 21, "b")], ENGAGED, RULES)


def test_second_publication_hides_no_other_neighbour() -> None:
    first = protect(a_table({**WELL, "north-1": (3, 40)}), rules=RULES)
    again = {**WELL, "north-1": (3, 40), "north-3": (8, 50)}
    corrected = a_table(again, revision=2, editions={"north-3": "2026-09-20.v2"})

    alone = protect(corrected, rules=RULES)
    jointly = protect(corrected, rules=RULES, already_published=first.cells)

    assert hidden_places(first) == {"north-1", "north-2"}
    assert hidden_places(alone) == {"north-1", "north-3"}
    assert not attacker_fails(first, alone)
    assert hidden_places(jointly) >= hidden_places(first)
    assert attacker_fails(first, jointly)


def test_same_revision_is_not_published_twice() -> None:
    first = protect(a_table(WELL), rules=RULES)

    with pytest.raises(Conflict, match=r"disclosure\.revision-used"):
        protect(a_table(WELL), rules=RULES, already_published=first.cells)


def test_correction_of_a_neighbour_does_not_uncover_by_difference() -> None:
    first = protect(a_table({**WELL, "north-1": (3, 40), "north-2": (6, 30)}), rules=RULES)
    later = {**WELL, "north-1": (3, 40), "north-2": (26, 30)}
    corrected = a_table(later, revision=2, editions={"north-2": "2026-09-20.v2"})

    table = protect(corrected, rules=RULES, already_published=first.cells)

    assert {"north-1", "north-2"} <= hidden_places(table)
    assert attacker_fails(first, table)


def test_silent_school_is_the_same_unknown_at_the_next_date() -> None:
    first = protect(a_table({**WELL, "north-1": (3, 40), "north-2": (6, 30)}), rules=RULES)
    editions = dict.fromkeys(WELL, "2027-02-01") | {"north-1": "2026-09-20"}
    moved = {**WELL, "north-1": (3, 40), "north-2": (15, 30), "north-3": (25, 50)}

    table = protect(a_table(moved, as_of=FEBRUARY, editions=editions), rules=RULES, already_published=first.cells)

    assert "north-1" in hidden_places(table)
    assert attacker_fails(first, table)


def test_what_was_given_away_before_is_named_and_does_not_stop_the_city() -> None:
    gone = [
        PublishedCell("north-1", "engaged", SEPTEMBER, 1, (("north-1", "2026-09-20"),), 3),
        PublishedCell("north-1", "staff", SEPTEMBER, 1, (("north-1", "2026-09-20"),), 40),
    ]

    table = protect(a_table({**WELL, "north-1": (3, 40)}, revision=2), rules=RULES, already_published=gone)

    assert ("north-1", "engaged") in table.given_away
    assert table.shown("city", "engaged") == 113


def test_relation_between_roles_is_known_to_the_attacker() -> None:
    columns = tuple(Column(f"E_{role}", role, "staff") for role in ("any", "mentor", "mentee", "dual"))
    roles = Relation((("any", 1), ("mentor", -1), ("mentee", -1), ("dual", 1)), is_exact=True)
    cells = [a_cell("a", shown, "a", counter=role) for role, shown in
             (("any", 20), ("mentor", 15), ("mentee", 8), ("dual", Hidden()), ("staff", 40))]  # fmt: skip

    assert is_safe(cells, Scheme(columns), RULES)
    found = {one.quantity.counter: (one.low, one.high) for one in exposures(cells, Scheme(columns, (roles,)), RULES)}
    assert found["dual"] == (3, 3)


def test_mean_of_few_is_hidden_and_not_the_rest_of_the_district_mean() -> None:
    scheme = Scheme((Column("P_GAIN_D", "sum", "count", unit="mean", companions=("squares",)),))
    counts = {(school, "count"): 20.0 for school in WELL} | {(school, "sum"): 8.0 for school in WELL}
    counts |= {(school, "squares"): 9.0 for school in WELL} | {("north-1", "count"): 7.0}
    table = protect(Table(SEPTEMBER, TREE, counts, scheme), rules=RULES)

    hidden = hidden_places(table, "sum")
    assert "north-1" in hidden
    assert len(hidden) > 1
    assert hidden_places(table, "squares") == hidden
    assert table.figure("city", "P_GAIN_D", RULES).share == pytest.approx(48 / 107)
    assert table.figures(RULES)["city", "P_GAIN_D"] == table.figure("city", "P_GAIN_D", RULES)
    assert attacker_fails(table)


def test_shipped_catalogue_can_be_protected() -> None:
    scheme = scheme_of(load_catalogue())
    wholes = {column.denominator for column in scheme.columns} | {"csat_invited"}
    counts = {
        (school, counter): 60.0 if counter in wholes else 20.0 for school in WELL for counter in scheme.counters()
    }
    counts |= {(school, "engaged_any"): 30.0 for school in WELL} | {("south-2", "engaged_dual"): 2.0}
    counts |= {("south-2", "engaged_any"): 38.0}
    counts |= {(school, "engaged_dual"): 10.0 for school in WELL if school != "south-2"}
    table = protect(Table(SEPTEMBER, TREE, counts, scheme), rules=RULES)

    assert "south-2" in hidden_places(table, "engaged_dual")
    assert table.figure("south-2", "E_DUAL", RULES).share == Hidden()
    assert attacker_fails(table)


@pytest.mark.parametrize(
    ("slug", "other"),
    [
        ("no-such-place", {"parents": {**TREE, "x": "nowhere"}}),
        ("tree-has-a-ring", {"parents": {**TREE, "city": "north"}}),
        ("count-missing", {"counts": {}}),
        ("count-negative", {"counts": a_table({**WELL, "north-1": (-1, 40)}).counts}),
        ("relation-broken", {"scheme": Scheme(ENGAGED.columns, (Relation((("engaged", 1),), is_exact=True),))}),
        ("part-over-whole", {"counts": a_table({**WELL, "north-1": (41, 40)}).counts}),
    ],
)
def test_broken_table_is_refused(slug: str, other: Mapping[str, object]) -> None:
    with pytest.raises(Invalid, match=rf"disclosure\.{slug}"):
        protect(a_table(WELL, **other), rules=RULES)


def test_unknown_cell_and_column_are_refused() -> None:
    table = protect(a_table(WELL), rules=RULES)

    with pytest.raises(Invalid, match=r"disclosure\.no-such-cell"):
        table.shown("east", "engaged")
    with pytest.raises(Invalid, match=r"disclosure\.no-such-column"):
        table.figure("north", "E_NOTHING", RULES)


PART_OF_WHOLE = st.integers(0, 30).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole)))
CITY = st.fixed_dictionaries(dict.fromkeys(WELL, PART_OF_WHOLE))


@settings(max_examples=40, deadline=None)
@given(CITY)
def test_attacker_never_wins_against_one_table(pairs: Pairs) -> None:
    table = protect(a_table(pairs), rules=RULES)

    assert attacker_fails(table)
    assert table == protect(a_table(dict(sorted(pairs.items(), reverse=True))), rules=RULES)


@settings(max_examples=25, deadline=None)
@given(CITY, CITY, st.sets(st.sampled_from(sorted(WELL))), st.booleans())
def test_attacker_never_wins_against_a_correction_or_a_later_date(
    pairs: Pairs, changed: Pairs, renewed: set[str], is_correction: bool
) -> None:
    first = protect(a_table(pairs), rules=RULES)
    merged = {school: changed[school] if school in renewed else pairs[school] for school in pairs}
    editions = {school: "new" if school in renewed else SEPTEMBER.isoformat() for school in pairs}
    as_of, revision = (SEPTEMBER, 2) if is_correction else (FEBRUARY, 1)

    second = protect(
        a_table(merged, as_of=as_of, revision=revision, editions=editions),
        rules=RULES,
        already_published=first.cells,
    )

    assert second.given_away == ()
    assert attacker_fails(first, second)
    if is_correction:
        assert hidden_places(second) >= {place for place in hidden_places(first) if place in _places(second)}


def _places(table: ProtectedTable) -> set[str]:
    return {cell.place for cell in table.cells}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=3), st.data())
def test_bounds_are_what_trying_every_table_gives(rows: list[tuple[int, int]], data: st.DataObject) -> None:
    schools = {f"s{number}": (min(row), max(row)) for number, row in enumerate(rows)}
    cells: list[PublishedCell] = []
    for counter, side in (("engaged", 0), ("staff", 1)):
        total = sum(pair[side] for pair in schools.values())
        cells.append(a_cell("all", total, *schools, counter=counter))
        for school, pair in schools.items():
            is_shown = data.draw(st.booleans())
            cells.append(a_cell(school, pair[side] if is_shown else Hidden(), school, counter=counter))

    found = bounds(cells, ENGAGED, RULES)

    for one in found:
        values = [
            sum(factor * world[leaf[0], leaf[2]] for leaf, factor in one.quantity.terms)
            for world in _worlds(cells, sorted(schools))
        ]
        assert (one.low, one.high) == (min(values), max(values))


def _worlds(cells: list[PublishedCell], schools: list[str]) -> list[dict[tuple[str, str], int]]:
    known = {(cell.place, cell.counter): cell.shown for cell in cells if not isinstance(cell.shown, Hidden)}
    sides = []
    for counter in ("engaged", "staff"):
        names = [(school, counter) for school in schools]
        choices = [[int(known[name])] if name in known else list(range(7)) for name in names]
        sums = (values for values in product(*choices) if sum(values) == known["all", counter])
        sides.append([dict(zip(names, values, strict=True)) for values in sums])
    worlds = [engaged | staff for engaged, staff in product(*sides)]
    return [world for world in worlds if all(world[one, "engaged"] <= world[one, "staff"] for one in schools)]
