"""Consumers that write the same rows take them in one order, so that none waits for another for ever."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import text

from chassis.testing import eventually
from contracts.diagnostics import (
    NeedDeclared,
    NeedWithdrawn,
    ProfileReleased,
    ProfileReleaseWithdrawn,
    StrengthConfirmed,
)
from contracts.event import Event
from services.matching.consumers import subscriptions
from tests.matching.school import School, a_running_school
from tests.stand import Stand

FIRST, LAST = UUID(int=1), UUID(int=2)
RELEASES, NEEDS = (ProfileReleased, StrengthConfirmed, ProfileReleaseWithdrawn), (NeedDeclared, NeedWithdrawn)
WAITS = text(
    "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    " and query ~ '(releases|needs)'"
)


def a_fact(school: School, kind: type[Event], person: UUID) -> Event:
    if kind is ProfileReleased:
        return school.released(person, level10=40)
    more = {"priority1000": 1000} if kind is NeedDeclared else {}
    return kind.model_validate({**school.about(person, revision=2), **more})


async def take_in(school: School, facts: Sequence[Event]) -> None:
    """One fold of a consumer, as the intake does it."""
    (subscription,) = [one for one in subscriptions() if one.event is type(facts[0])]
    async with school.matching.db.transaction(school.id) as tx:
        await subscription.handler(tx, facts)


@pytest.mark.parametrize(
    ("one", "other"),
    [(ProfileReleased, StrengthConfirmed), (StrengthConfirmed, ProfileReleaseWithdrawn), (NeedDeclared, NeedWithdrawn)],
)
async def test_a_fold_that_waits_for_a_row_holds_no_later_one(
    stand: Stand, one: type[Event], other: type[Event]
) -> None:
    school = await a_running_school(stand)

    async def waiting() -> int:
        async with school.matching.db.transaction() as tx:
            return int(await tx.value(WAITS))

    async with school.matching.db.transaction(school.id) as tx:
        (first,) = [fold for fold in subscriptions() if fold.event is one]
        await first.handler(tx, [a_fact(school, one, FIRST)])
        second = asyncio.create_task(take_in(school, [a_fact(school, other, LAST), a_fact(school, other, FIRST)]))
        await eventually(waiting, equals=1)
        await first.handler(tx, [a_fact(school, one, LAST)])

    await second
    assert await school.matching.count("releases" if one in RELEASES else "needs", school.id) == 2
