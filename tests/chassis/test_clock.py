"""Clocks: business time goes on from where it was moved to, for everybody who shares it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chassis.clock import LocalClock, RealClock, SharedClock, clock_of
from tests.stand import Stand, a_school

NEXT_SPRING = datetime(2027, 4, 1, 9, tzinfo=UTC)
A_MOMENT = timedelta(minutes=1)


def test_local_clock_is_real_until_it_is_moved() -> None:
    assert abs(LocalClock().now() - RealClock().now()) < A_MOMENT


def test_moved_clock_goes_on_from_there() -> None:
    clock = LocalClock()

    clock.move_to(NEXT_SPRING)
    first, second = clock.now(), clock.now()

    assert NEXT_SPRING <= first <= second < NEXT_SPRING + A_MOMENT


def test_clock_may_be_moved_back() -> None:
    clock = LocalClock(timedelta(days=400))

    clock.move_to(NEXT_SPRING)

    assert abs(clock.now() - NEXT_SPRING) < A_MOMENT


def test_clocks_that_share_a_file_say_the_same_and_the_next_run_goes_on(tmp_path: Path) -> None:
    mine, theirs = SharedClock(tmp_path / "clock"), SharedClock(tmp_path / "clock")
    assert abs(theirs.now() - RealClock().now()) < A_MOMENT

    mine.move_to(NEXT_SPRING)

    assert abs(theirs.now() - NEXT_SPRING) < A_MOMENT
    assert abs(SharedClock(tmp_path / "clock").now() - NEXT_SPRING) < A_MOMENT


@pytest.mark.parametrize(("mode", "path"), [("production", "clock"), ("production", None), ("local", None)])
def test_clock_can_be_moved_in_local_mode_only(mode: str, path: str | None) -> None:
    assert isinstance(clock_of(mode, path), RealClock)


async def test_transaction_happens_in_business_time(stand: Stand) -> None:
    stand.clock.move_to(NEXT_SPRING)
    documents = await stand.service("documents")

    async with documents.db.transaction(a_school()) as tx:
        assert abs(tx.now - NEXT_SPRING) < A_MOMENT
