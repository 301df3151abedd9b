"""Pure rules: days that count, notices, health, outcomes of meetings."""

from datetime import UTC, date, datetime, timedelta
from itertools import product
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.refusals import Conflict
from contracts.documents import ConsentPurpose, PaperKind
from contracts.tracking import Basis, TerminationReason
from services.tracking import domain
from services.tracking.domain.assignments import DISMISSED

DAYS = st.dates(date(2026, 9, 1), date(2027, 8, 31))


def test_each_basis_of_the_contract_has_its_demands_in_the_words_of_documents() -> None:
    assert set(domain.BASES) == set(Basis)
    assert set(ConsentPurpose) >= domain.CONSENTS
    assert set(PaperKind) >= domain.PAPERS
    assert DISMISSED in set(TerminationReason)


@pytest.mark.parametrize(
    ("notice", "last_day"),
    [
        (date(2026, 11, 9), date(2026, 11, 12)),
        (date(2026, 11, 13), date(2026, 11, 18)),
        (date(2026, 11, 3), date(2026, 11, 9)),
        (date(2026, 12, 31), date(2027, 1, 13)),
    ],
)
def test_notice_of_three_working_days_skips_weekends_and_public_holidays(notice: date, last_day: date) -> None:
    assert domain.after_working_days(notice, 3) == last_day


@given(today=DAYS, days=st.integers(1, 60))
def test_quiet_since_is_the_latest_day_from_which_so_many_days_count(today: date, days: int) -> None:
    since = domain.quiet_since(today, days)

    assert domain.quiet_days(since, today) >= days
    assert domain.quiet_days(since + timedelta(days=1), today) < days


def test_school_holidays_do_not_count_as_quiet() -> None:
    assert domain.quiet_days(date(2026, 12, 30), date(2027, 1, 10)) == 0
    assert domain.quiet_days(date(2026, 12, 30), date(2027, 1, 11)) == 1


@pytest.mark.parametrize(
    ("signs", "colour"),
    [
        ({}, "green"),
        ({"since": 21}, "green"),
        ({"since": 22}, "amber"),
        ({"since": 41}, "amber"),
        ({"since": 42}, "red"),
        ({"last_usefulness": 2}, "amber"),
        ({"last_usefulness": 3}, "green"),
        ({"has_overdue_goal": True}, "amber"),
        ({"asks_for_help": True}, "red"),
        ({"is_consent_withdrawn": True}, "red"),
    ],
)
def test_colour_of_a_pair(signs: dict[str, int], colour: str) -> None:
    today = date(2026, 12, 25)
    since = today - timedelta(days=signs.pop("since", 1))

    assert domain.colour_of(domain.Signs(since=since, **signs), today) == colour  # type: ignore[arg-type]


def a_meeting() -> domain.Meeting:
    return domain.Meeting(
        meeting_id=uuid4(),
        assignment_id=uuid4(),
        cycle_id=uuid4(),
        giver_school="a",
        taker_school="a",
        giver_id=uuid4(),
        taker_id=uuid4(),
        kind="working",
        starts_at=datetime(2026, 11, 10, 12, tzinfo=UTC),
        minutes=45,
    )


WORDS = st.lists(st.tuples(st.sampled_from([domain.GIVER, domain.TAKER]), st.booleans()), max_size=6)


@given(words=WORDS, days=st.integers(0, 20))
def test_meeting_is_settled_at_most_once_and_as_its_last_words_say(words: list[tuple[str, bool]], days: int) -> None:
    meeting = a_meeting()
    now = meeting.starts_at
    settled = 0
    for side, took_place in words:
        before = meeting
        try:
            meeting = domain.answer(meeting, side, took_place=took_place, now=now)
        except Conflict:
            assert before.state in ("HELD", "NO_SHOW")
        settled += meeting.revision - before.revision
    final = domain.settle_by_silence(meeting, now + timedelta(days=days))
    settled += final.revision - meeting.revision

    said = {word for word in (final.giver_says, final.taker_says) if word is not None}
    assert settled == (final.state in ("HELD", "NO_SHOW"))
    assert final.state != "HELD" or said == {True}
    assert final.state != "NO_SHOW" or said == {False}
    assert final.is_disputed == (len(said) == 2)


def test_legal_steps_are_the_only_steps() -> None:
    steps = {
        "suspend": lambda one: domain.suspend(one, domain.Rest.CURATOR),
        "complete": domain.complete,
        "resume": lambda one: domain.resume(one, {}, date(2026, 11, 9)),
        "terminate": lambda one: domain.end_early(one, domain.Ending("replaced"), date(2026, 11, 9)),
    }
    for state, (name, step) in product(domain.State, steps.items()):
        assignment = domain.Assignment(
            assignment_id=uuid4(),
            pairing_id=uuid4(),
            cycle_id=uuid4(),
            giver_id=uuid4(),
            taker_id=uuid4(),
            giver_school="a",
            taker_school="a",
            competency="D08",
            kind="REVERSE",
            term_from=date(2026, 10, 20),
            term_to=date(2027, 5, 15),
            basis="VOLUNTARY",
            state=state,
        )
        if name in assignment.legal:
            assert step(assignment).revision == assignment.revision + 1
        else:
            with pytest.raises(Conflict) as refused:
                step(assignment)
            assert refused.value.facts["legal"] == assignment.legal


def test_each_cause_is_named_and_the_most_urgent_stands_first() -> None:
    today = date(2026, 11, 9)
    signs = domain.Signs(since=today, has_overdue_goal=True, asks_for_help=True, last_usefulness=1)

    assert domain.causes_of(signs, today) == [domain.Cause.HELP, domain.Cause.GOAL, domain.Cause.ASK]
    assert domain.causes_of(domain.Signs(since=today), today) == []


def test_call_for_help_goes_before_silence_and_longer_silence_before_shorter() -> None:
    quiet, silent, helped = [domain.Cause.QUIET], [domain.Cause.SILENT], [domain.Cause.HELP]
    pairs = [([], 0), (quiet, 25), (quiet, 30), (silent, 50), (helped, 3)]

    ordered = sorted(pairs, key=lambda pair: domain.urgency(*pair))

    assert ordered == [(helped, 3), (silent, 50), (quiet, 30), (quiet, 25), ([], 0)]
