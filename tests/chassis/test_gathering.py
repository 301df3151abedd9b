"""Facts that are gathered into one statement: each once, whatever else has arrived, and a bad one alone."""

from collections.abc import Sequence
from uuid import UUID

from chassis.database import Tx
from chassis.intake import on_all
from chassis.testing import eventually
from contracts.registry import CycleOpened
from services.documents.store import knowledge
from tests.chassis.small_service import a_cycle, dead_letters, small_service
from tests.stand import Stand, a_school


class Register:
    """Takes in cycles as they come, and remembers in which company."""

    def __init__(self, poison: UUID | None = None) -> None:
        self.poison = poison
        self.companies: list[list[UUID]] = []

    async def take(self, tx: Tx, events: Sequence[CycleOpened]) -> None:
        for event in events:
            await knowledge.save_cycle(tx, event.school_id, event.cycle_id)
        if self.poison in [event.event_id for event in events]:
            raise LookupError
        self.companies.append([event.event_id for event in events])


async def test_facts_that_have_arrived_come_together(stand: Stand) -> None:
    register, facts = Register(), [a_cycle(a_school()) for _ in range(60)]
    await stand.publish(*facts)

    async with small_service(stand, on_all(CycleOpened, register.take)) as running:
        await eventually(lambda: running.count("cycles", *(fact.school_id for fact in facts)), equals=60)

    mine = {fact.event_id for fact in facts}
    companies = [company for company in register.companies if mine & set(company)]
    assert len(companies) < 30
    assert sorted(one for company in companies for one in company if one in mine) == sorted(mine)


async def test_repeat_in_one_company_counts_once(stand: Stand) -> None:
    register, fact = Register(), a_cycle(a_school())
    await stand.publish(*[fact] * 7)

    async with small_service(stand, on_all(CycleOpened, register.take)) as running:
        await eventually(lambda: running.count("cycles", fact.school_id), equals=1)

    assert [company.count(fact.event_id) for company in register.companies if fact.event_id in company] == [1]


async def test_bad_fact_falls_out_and_its_company_is_taken_in(hasty: Stand) -> None:
    school = a_school()
    poison, good = a_cycle(school), [a_cycle(school) for _ in range(30)]
    register = Register(poison.event_id)
    await hasty.publish(*good[:10], poison, *good[10:])

    async with small_service(hasty, on_all(CycleOpened, register.take)) as running:
        await eventually(lambda: running.count("cycles", school), equals=30)
        await eventually(lambda: count_dead(hasty, school), equals=1)


async def count_dead(stand: Stand, school: str) -> int:
    return len(await dead_letters(stand, school))
