"""Pure rules of notices: their days, their hours, their age."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.texts import LANGUAGES, Texts
from services.tracking import domain
from services.tracking.domain import Notice, Quiet

OPENED = datetime(2026, 9, 14, 9, tzinfo=UTC)
CAMPAIGN = domain.Campaign(
    "spb-693", UUID(int=1), wave=1, opened_at=OPENED, closes_on=date(2026, 9, 30), is_closed=False
)
TEACHER = domain.Recipient(UUID(int=2))
MOMENTS = st.timedeltas(timedelta(), timedelta(days=365)).map(lambda gap: OPENED + gap)
MINUTES = st.integers(0, 24 * 60 - 1)


@pytest.mark.parametrize(
    ("now", "kinds"),
    [
        (OPENED - timedelta(seconds=1), ()),
        (OPENED, (Notice.DIAGNOSTIC_OPENED,)),
        (OPENED + timedelta(days=2, seconds=-1), (Notice.DIAGNOSTIC_OPENED,)),
        (OPENED + timedelta(days=2), ()),
        (datetime(2026, 9, 25, 4, 59, tzinfo=UTC), ()),
        (datetime(2026, 9, 25, 5, tzinfo=UTC), (Notice.DIAGNOSTIC_CLOSES_SOON,)),
        (datetime(2026, 9, 27, 5, tzinfo=UTC), ()),
        (datetime(2026, 9, 30, 5, tzinfo=UTC), (Notice.DIAGNOSTIC_LAST_DAY,)),
        (datetime(2026, 9, 30, 21, tzinfo=UTC), ()),
    ],
)
def test_each_notice_has_its_days_in_the_time_of_the_place(now: datetime, kinds: tuple[Notice, ...]) -> None:
    assert domain.due_kinds(CAMPAIGN, now) == kinds


def test_closed_campaign_gives_no_notice() -> None:
    assert domain.due_kinds(replace(CAMPAIGN, is_closed=True), OPENED) == ()


def test_campaign_whose_last_day_nobody_told_is_only_said_to_be_open() -> None:
    untold = replace(CAMPAIGN, closes_on=None)
    hours = [OPENED + timedelta(hours=hour) for hour in range(24 * 30)]

    assert {kind for hour in hours for kind in domain.due_kinds(untold, hour)} == {Notice.DIAGNOSTIC_OPENED}


def test_three_working_days_before_a_close_skip_weekend_and_public_holidays() -> None:
    after_holidays = replace(CAMPAIGN, closes_on=date(2027, 1, 12))

    span = domain.span_of(Notice.DIAGNOSTIC_CLOSES_SOON, after_holidays)

    assert span is not None
    assert span.starts_at == datetime(2026, 12, 30, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "due"),
    [
        (datetime(2026, 9, 14, 17, 59, tzinfo=UTC), datetime(2026, 9, 14, 17, 59, tzinfo=UTC)),
        (datetime(2026, 9, 14, 18, tzinfo=UTC), datetime(2026, 9, 15, 5, tzinfo=UTC)),
        (datetime(2026, 9, 14, 22, 30, tzinfo=UTC), datetime(2026, 9, 15, 5, tzinfo=UTC)),
        (datetime(2026, 9, 15, 4, 59, tzinfo=UTC), datetime(2026, 9, 15, 5, tzinfo=UTC)),
        (datetime(2026, 9, 15, 5, tzinfo=UTC), datetime(2026, 9, 15, 5, tzinfo=UTC)),
    ],
)
def test_evening_and_night_wait_for_eight_in_the_morning(moment: datetime, due: datetime) -> None:
    assert domain.due_at(moment, Quiet()) == due


def test_quiet_hours_are_those_of_the_place() -> None:
    evening = datetime(2026, 9, 14, 17, tzinfo=UTC)

    due = domain.due_at(evening, Quiet(), time_zone="Asia/Yekaterinburg")

    assert due == datetime(2026, 9, 15, 3, tzinfo=UTC)


@given(moment=MOMENTS, starts=MINUTES, ends=MINUTES)
def test_nothing_is_told_in_quiet_hours_nor_before_its_moment_nor_a_day_late(
    moment: datetime, starts: int, ends: int
) -> None:
    quiet = Quiet(starts, ends)

    due = domain.due_at(moment, quiet)

    assert moment <= due <= moment + timedelta(days=1)
    assert domain.due_at(due, quiet) == due


def test_muted_kind_is_not_made() -> None:
    muting = domain.Recipient(TEACHER.person_id, domain.Settings(muted=(Notice.DIAGNOSTIC_OPENED,)))

    assert domain.notify(Notice.DIAGNOSTIC_OPENED, CAMPAIGN, muting, OPENED) is None
    assert domain.notify(Notice.DIAGNOSTIC_OPENED, CAMPAIGN, TEACHER, OPENED) is not None


def test_last_day_is_not_told_the_morning_after() -> None:
    evening = datetime(2026, 9, 30, 18, 30, tzinfo=UTC)

    assert domain.due_kinds(CAMPAIGN, evening) == (Notice.DIAGNOSTIC_LAST_DAY,)
    assert domain.notify(Notice.DIAGNOSTIC_LAST_DAY, CAMPAIGN, TEACHER, evening) is None


def test_same_notice_made_again_has_the_same_id_and_another_kind_another() -> None:
    morning = datetime(2026, 9, 30, 8, tzinfo=UTC)
    ids = {
        made.notification_id
        for kind in (Notice.DIAGNOSTIC_OPENED, Notice.DIAGNOSTIC_LAST_DAY)
        for now in (morning, morning + timedelta(hours=1))
        if (made := domain.notify(kind, CAMPAIGN, TEACHER, now))
    }

    assert len(ids) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_its_words(language: str) -> None:
    texts = Texts.load("services.tracking")

    assert [kind for kind in Notice if not texts.knows(f"notification.{kind}", language)] == []
