"""Rules of attestation: terms by the day of the decision, statuses of a day, whom to remind, four shares."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.refusals import Refusal
from services.registry.domain.attestation import (
    Colleague,
    Decision,
    Exemption,
    Ground,
    Kind,
    Status,
    Term,
    check_decision,
    standing_on,
    term_of,
)
from services.registry.domain.attestation_alerts import Cause, alerts_on
from services.registry.domain.attestation_shares import Variant, shares_of

TODAY = date(2026, 9, 20)
LONG_AGO = date(2010, 9, 1)


def decided(kind: Kind, day: date, until: date | None = None, *, guessed: bool = False) -> Decision:
    return Decision(kind, day, Term(until, is_guessed=guessed))


def colleague(*decisions: Decision, since: date = LONG_AGO, **other: Any) -> Colleague:
    return Colleague(since, tuple(decisions), **other)


@pytest.mark.parametrize(
    ("kind", "day", "written", "expected"),
    [
        # A category of the new order has no term.
        (Kind.CAT1, date(2023, 9, 1), None, Term(None)),
        (Kind.CATH, date(2024, 10, 27), None, Term(None)),
        (Kind.MENTOR, date(2024, 10, 27), None, Term(None)),
        # An older one keeps its term, or is guessed to last five years and is to be checked.
        (Kind.CAT1, date(2023, 8, 31), None, Term(date(2028, 8, 31), is_guessed=True)),
        (Kind.CATH, date(2020, 2, 29), None, Term(date(2025, 2, 28), is_guessed=True)),
        (Kind.CATH, date(2022, 3, 1), date(2027, 3, 1), Term(date(2027, 3, 1))),
        # Fitness for the post is shown once in five years, whenever it was.
        (Kind.SZD, date(2024, 3, 1), None, Term(date(2029, 3, 1))),
        (Kind.SZD, date(2022, 3, 1), None, Term(date(2027, 3, 1))),
    ],
)
def test_term_follows_from_kind_and_day(kind: Kind, day: date, written: date | None, expected: Term) -> None:
    assert term_of(kind, day, written) == expected


@pytest.mark.parametrize(
    ("kind", "day", "written", "slug"),
    [
        (Kind.CAT1, date(2023, 9, 1), date(2028, 9, 1), "attestation.without-term"),
        (Kind.CAT1, date(2022, 9, 1), date(2022, 8, 31), "attestation.dates-reversed"),
        (Kind.METHODIST, date(2023, 8, 31), None, "attestation.title-before-its-time"),
    ],
)
def test_term_that_cannot_be_is_refused(kind: Kind, day: date, written: date | None, slug: str) -> None:
    with pytest.raises(Refusal) as refusal:
        term_of(kind, day, written)

    assert refusal.value.slug == slug


@pytest.mark.parametrize(
    ("decision", "known", "slug"),
    [
        (decided(Kind.CAT1, TODAY + timedelta(1)), [], "attestation.not-yet"),
        (decided(Kind.CAT1, TODAY), [decided(Kind.CAT1, TODAY)], "attestation.recorded-already"),
        (decided(Kind.MENTOR, TODAY), [decided(Kind.CAT1, LONG_AGO)], "attestation.needs-highest"),
        (
            decided(Kind.MENTOR, TODAY),
            [decided(Kind.CATH, date(2020, 1, 1), date(2025, 1, 1))],
            "attestation.needs-highest",
        ),
    ],
)
def test_decision_that_cannot_be_is_refused(decision: Decision, known: list[Decision], slug: str) -> None:
    with pytest.raises(Refusal) as refusal:
        check_decision(decision, known, today=TODAY)

    assert refusal.value.slug == slug


@pytest.mark.parametrize(
    ("person", "status"),
    [
        (colleague(decided(Kind.CATH, LONG_AGO), decided(Kind.CAT1, LONG_AGO)), Status.CATEGORY_HIGH),
        (colleague(decided(Kind.CAT1, LONG_AGO), decided(Kind.SZD, LONG_AGO, TODAY)), Status.CATEGORY_FIRST),
        (colleague(decided(Kind.CATH, LONG_AGO, TODAY)), Status.CATEGORY_HIGH),
        (colleague(decided(Kind.CATH, LONG_AGO, TODAY - timedelta(1))), Status.SZD_OVERDUE),
        (colleague(decided(Kind.CATH, TODAY + timedelta(1))), Status.SZD_OVERDUE),
        (colleague(decided(Kind.SZD, date(2022, 3, 1), date(2027, 3, 1))), Status.SZD_VALID),
        (colleague(), Status.SZD_OVERDUE),
        (colleague(since=date(2024, 9, 21)), Status.SZD_EXEMPT),
        (colleague(since=date(2024, 9, 20)), Status.SZD_OVERDUE),
    ],
)
def test_status_of_a_day(person: Colleague, status: Status) -> None:
    assert standing_on(person, TODAY).status is status


def test_titles_count_on_top_of_the_highest_category_only() -> None:
    mentor = decided(Kind.MENTOR, date(2024, 5, 1))
    highest = decided(Kind.CATH, date(2022, 1, 1), date(2026, 6, 1))

    assert standing_on(colleague(mentor, highest), date(2026, 6, 1)).titles == (Kind.MENTOR,)
    assert standing_on(colleague(mentor, highest), TODAY).titles == ()


@pytest.mark.parametrize(
    ("away", "status"),
    [
        # Away, and back for less than a year.
        ((date(2026, 9, 1), None), Status.SZD_EXEMPT),
        ((date(2026, 3, 1), date(2026, 8, 31)), Status.SZD_EXEMPT),
        ((date(2025, 3, 1), date(2025, 9, 20)), Status.SZD_EXEMPT),
        # Back for longer, away for less than four months, or not away yet.
        ((date(2025, 3, 1), date(2025, 9, 19)), Status.SZD_OVERDUE),
        ((date(2026, 5, 1), date(2026, 6, 1)), Status.SZD_OVERDUE),
        ((date(2026, 10, 1), None), Status.SZD_OVERDUE),
    ],
)
def test_long_absence_puts_fitness_off_for_a_year_after_it(away: tuple[date, date | None], status: Status) -> None:
    person = colleague(absent_from=away[0], absent_to=away[1])

    assert standing_on(person, TODAY).status is status


def test_entered_exemption_holds_to_its_last_day_and_says_no_reason() -> None:
    person = colleague(exemptions=(Exemption(date(2026, 1, 1), TODAY),))

    during, after = standing_on(person, TODAY), standing_on(person, TODAY + timedelta(1))

    assert (during.status, during.ground, during.exempt_until) == (Status.SZD_EXEMPT, Ground.ENTERED, TODAY)
    assert (after.status, after.due_on) == (Status.SZD_OVERDUE, TODAY + timedelta(1))


@pytest.mark.parametrize(
    ("days", "since"),
    [(181, None), (180, 180), (91, 180), (90, 90), (31, 90), (30, 30), (0, 30)],
)
def test_category_with_a_term_is_spoken_of_in_three_steps(days: int, since: int | None) -> None:
    last = TODAY + timedelta(days)
    person = colleague(decided(Kind.CATH, date(2022, 1, 1), last))

    found = alerts_on(person, TODAY)

    assert [(one.cause, one.since, one.due_on) for one in found] == (
        [(Cause.CATEGORY_ENDS, last - timedelta(since), last)] if since is not None else []
    )
    assert all(one.told == ("teacher", "curator") for one in found)


def test_category_without_a_term_is_never_spoken_of() -> None:
    renewed = colleague(decided(Kind.CATH, date(2021, 10, 1), date(2026, 10, 1)), decided(Kind.CATH, date(2024, 10, 1)))

    assert alerts_on(renewed, TODAY) == []


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        (colleague(decided(Kind.SZD, date(2022, 1, 1), TODAY + timedelta(200))), []),
        (colleague(decided(Kind.SZD, date(2022, 1, 1), TODAY + timedelta(100))), [(Cause.SZD_DUE, 101)]),
        (colleague(since=date(2024, 12, 1)), [(Cause.SZD_DUE, 72)]),
        (colleague(since=date(2024, 9, 1)), [(Cause.SZD_OVERDUE, -19)]),
        (colleague(decided(Kind.CATH, LONG_AGO, TODAY - timedelta(3))), [(Cause.SZD_OVERDUE, -2)]),
        (colleague(since=date(2024, 12, 1), absent_from=TODAY), []),
    ],
)
def test_fitness_is_spoken_of_half_a_year_before_it_is_due(
    person: Colleague, expected: list[tuple[Cause, int]]
) -> None:
    found = [(one.cause, (one.due_on - TODAY).days) for one in alerts_on(person, TODAY)]

    assert found == expected


def test_guessed_term_is_to_be_checked_by_the_curator() -> None:
    person = colleague(decided(Kind.CAT1, date(2023, 5, 1), date(2028, 5, 1), guessed=True))

    assert [(one.cause, one.told) for one in alerts_on(person, TODAY)] == [(Cause.TERM_TO_CHECK, ("curator",))]


def test_four_shares_differ_by_whom_they_count() -> None:
    staff = [
        colleague(decided(Kind.CATH, LONG_AGO)),
        colleague(decided(Kind.CAT1, LONG_AGO)),
        colleague(decided(Kind.CAT1, LONG_AGO), since=date(2026, 1, 1)),
        colleague(decided(Kind.SZD, date(2024, 1, 1), date(2029, 1, 1))),
        colleague(),
        colleague(since=date(2026, 8, 1)),
        colleague(absent_from=date(2026, 1, 1)),
    ]

    shares = {one.variant: one for one in shares_of([standing_on(one, TODAY) for one in staff])}

    assert {variant: (one.numerator, one.denominator) for variant, one in shares.items()} == {
        Variant.A_CAT: (3, 7),
        Variant.B_CAT_SZD: (4, 7),
        Variant.C_ELIGIBLE: (2, 4),
        Variant.D_HIGH: (1, 7),
    }
    assert shares[Variant.A_CAT].definition == "A_CAT@1"


def test_interval_of_the_seed_is_that_of_the_reference() -> None:
    attested = standing_on(colleague(decided(Kind.CAT1, LONG_AGO)), TODAY)
    others = standing_on(colleague(), TODAY)

    share = shares_of([attested] * 43 + [others] * 34)[0]

    assert (share.numerator, share.denominator) == (43, 77)
    assert [round(100 * value, 1) for value in (share.share or 0, share.low or 0, share.high or 0)] == [
        55.8,
        44.7,
        66.4,
    ]


def test_share_of_nobody_is_no_number() -> None:
    share = shares_of([])[0]

    assert (share.numerator, share.denominator, share.share, share.low) == (0, 0, None, None)


days = st.dates(date(2015, 1, 1), date(2035, 1, 1))
decisions = st.builds(
    lambda kind, day, term: decided(kind, day, day + timedelta(term) if term else None),
    st.sampled_from(list(Kind)),
    days,
    st.one_of(st.none(), st.integers(0, 3000)),
)


@given(st.lists(decisions, max_size=5), days, days)
def test_who_is_not_overdue_today_is_told_before_it_happens(found: list[Decision], since: date, day: date) -> None:
    standing = standing_on(colleague(*found, since=since), day)

    if standing.status is Status.SZD_OVERDUE:
        assert standing.due_on is not None
        assert standing.due_on <= day
    elif standing.due_on is not None:
        assert standing.due_on > day


@given(st.lists(st.tuples(st.lists(decisions, max_size=3), days), max_size=8), days)
def test_shares_are_shares_and_nest(people: list[tuple[list[Decision], date]], day: date) -> None:
    shares = {
        one.variant: one for one in shares_of([standing_on(colleague(*got, since=since), day) for got, since in people])
    }

    assert all(0 <= one.numerator <= one.denominator <= len(people) for one in shares.values())
    a, b, d = (shares[variant].numerator for variant in (Variant.A_CAT, Variant.B_CAT_SZD, Variant.D_HIGH))
    assert d <= a <= b
