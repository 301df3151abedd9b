"""What matching keeps of other services' facts: once each, in whatever order they come."""

import random
from collections.abc import Callable
from datetime import date
from itertools import chain
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from contracts.diagnostics import (
    DiagnosticCompleted,
    NeedDeclared,
    NeedWithdrawn,
    OfferDeclared,
    OfferWithdrawn,
    ProfileReleaseWithdrawn,
    StrengthConfirmed,
)
from contracts.documents import ConsentGiven, ConsentPurpose, ConsentWithdrawn
from contracts.event import Event
from contracts.registry import CycleStage, CycleStageChanged, PersonErased, PersonLeft
from contracts.topology import HEARS
from contracts.tracking import RematchRequested
from services.matching.consumers import subscriptions
from tests.matching.school import NOW, School, a_pair, a_running_school, a_trio
from tests.stand import Stand

# One row of every projection without the ids that differ from school to school.
ROWS = {
    "members": "is_teacher, manager_id, has_left, is_erased, subjects, absent_from, absent_to, revision",
    "cycles": "starts_on, ends_on, opened_revision, stage, stage_revision",
    "diagnosed": "wave, competencies, revision",
    "releases": "competency, released_revision, withdrawn_revision, strength_revision, competency_class, level10",
    "needs": "competency, is_declared, priority1000, revision",
    "offers": "competency, is_declared, formats, minutes, is_outside_school, revision",
    "consents": "purpose, is_given, revision",
    "misfits": "giver_id, taker_id",
}
ANNA, VERA = UUID(int=1), UUID(int=2)


def a_release_withdrawn(school: School, *, revision: int) -> ProfileReleaseWithdrawn:
    return ProfileReleaseWithdrawn(**school.about(ANNA, revision=revision))


def a_strength(school: School, *, revision: int = 1) -> StrengthConfirmed:
    return StrengthConfirmed(**school.about(ANNA, revision=revision))


def a_need(school: School, *, revision: int = 1, priority1000: int = 900) -> NeedDeclared:
    return NeedDeclared(**school.about(ANNA, revision=revision), priority1000=priority1000)


def an_offer(school: School, *, revision: int = 1) -> OfferDeclared:
    about = school.about(ANNA, revision=revision)
    return OfferDeclared(**about, formats=("talk",), minutes=45, outside_school=True)


def a_consent(school: School, event: type[ConsentGiven] | type[ConsentWithdrawn], revision: int) -> Event:
    purpose = ConsentPurpose.PD_PLATFORM
    return event(school_id=school.id, person_id=ANNA, purpose=purpose, revision=revision, occurred_at=NOW)


def a_diagnosis(school: School, *, competencies: int = 18, revision: int = 1) -> DiagnosticCompleted:
    return DiagnosticCompleted(
        school_id=school.id,
        campaign_id=school.curator,
        person_id=ANNA,
        cycle_id=school.cycle,
        wave=1,
        competencies=competencies,
        revision=revision,
        occurred_at=NOW,
    )


def a_stage(school: School, stage: CycleStage, revision: int) -> CycleStageChanged:
    return CycleStageChanged(
        school_id=school.id,
        cycle_id=school.cycle,
        stage=stage,
        previous=CycleStage.DRAFT,
        revision=revision,
        occurred_at=NOW,
    )


def a_leaver(school: School, person: UUID = ANNA, *, revision: int) -> PersonLeft:
    left_on = date(2026, 10, 1)
    return PersonLeft(school_id=school.id, person_id=person, left_on=left_on, revision=revision, occurred_at=NOW)


def a_rematch(school: School) -> RematchRequested:
    return RematchRequested(
        school_id=school.id,
        assignment_id=uuid4(),
        pairing_id=uuid4(),
        cycle_id=school.cycle,
        giver_id=ANNA,
        taker_id=VERA,
        competency="D01",
        occurred_at=NOW,
    )


def an_eventful_year(school: School) -> list[Event]:
    """Facts that contradict each other unless the revision decides."""
    return [
        school.cycle_opened(),
        a_stage(school, CycleStage.DIAGNOSTICS_OPEN, 2),
        a_stage(school, CycleStage.MATCHING, 3),
        school.member(ANNA, "teacher", "curator", manager_id=VERA, revision=1),
        a_leaver(school, revision=2),
        school.member(ANNA, revision=3),
        school.member(VERA, revision=1, absent_from=date(2026, 9, 1), absent_to=date(2026, 10, 1)),
        a_leaver(school, VERA, revision=2),
        a_diagnosis(school, competencies=18),
        a_diagnosis(school, competencies=21, revision=2),
        school.released(ANNA, level10=42, revision=1),
        a_strength(school, revision=1),
        a_release_withdrawn(school, revision=2),
        school.released(ANNA, level10=38, revision=3),
        a_need(school, revision=1, priority1000=500),
        NeedWithdrawn(**school.about(ANNA, revision=2)),
        a_need(school, revision=3, priority1000=700),
        an_offer(school, revision=1),
        OfferWithdrawn(**school.about(ANNA, revision=2)),
        a_consent(school, ConsentGiven, 1),
        a_consent(school, ConsentWithdrawn, 2),
        a_rematch(school),
    ]


async def kept(school: School) -> dict[str, list[Any]]:
    """All projections of a school, row by row."""
    found = {}
    async with school.matching.db.transaction(school.id) as tx:
        for table, columns in ROWS.items():
            rows = await tx.rows(text(f"select {columns} from {table} where school_id = :s"), {"s": school.id})
            found[table] = sorted(str(tuple(row.values())) for row in rows)
    return found


def test_there_is_one_handler_for_everything_that_matching_hears() -> None:
    heard = [subscription.event for subscription in subscriptions()]

    assert len(heard) == len(set(heard))
    assert set(heard) == set(HEARS["matching"])


@pytest.mark.parametrize(
    ("make", "table"),
    [
        (School.cycle_opened, "cycles"),
        (lambda school: a_stage(school, CycleStage.MATCHING, 2), "cycles"),
        (lambda school: school.member(ANNA), "members"),
        (lambda school: a_leaver(school, revision=1), "members"),
        (a_diagnosis, "diagnosed"),
        (lambda school: school.released(ANNA, level10=40), "releases"),
        (lambda school: a_release_withdrawn(school, revision=2), "releases"),
        (a_strength, "releases"),
        (a_need, "needs"),
        (lambda school: NeedWithdrawn(**school.about(ANNA)), "needs"),
        (an_offer, "offers"),
        (lambda school: OfferWithdrawn(**school.about(ANNA)), "offers"),
        (lambda school: a_consent(school, ConsentGiven, 1), "consents"),
        (lambda school: a_consent(school, ConsentWithdrawn, 1), "consents"),
        (a_rematch, "misfits"),
    ],
)
async def test_the_same_fact_twice_is_one_row(stand: Stand, make: Callable[[School], Event], table: str) -> None:
    school = await a_running_school(stand)
    fact = make(school)

    await school.hear(fact)
    await school.hear(fact, fact)

    assert {name: len(rows) for name, rows in (await kept(school)).items() if rows} == {table: 1}


async def test_facts_twice_and_in_any_order_leave_the_same_rows(stand: Stand) -> None:
    in_order = await a_running_school(stand)
    shuffled = [School(stand, in_order.matching) for _ in range(6)]
    for fact in an_eventful_year(in_order):
        await in_order.hear(fact)

    for seed, school in enumerate(shuffled):
        year = an_eventful_year(school) * 2
        random.Random(seed).shuffle(year)
        # A few at a time, so that the order holds; many at once are folded in an order of their own.
        for some in (year[place : place + 4] for place in range(0, len(year), 4)):
            await school.hear(*some)

    expected = await kept(in_order)
    assert expected["releases"] == ["('D01', 3, 2, 1, 'DEFICIT_CONFIRMED', 38)"]
    assert expected["needs"] == ["('D01', True, 700, 3)"]
    assert [await kept(school) for school in shuffled] == [expected] * len(shuffled)


async def test_a_withdrawn_release_leaves_neither_level_nor_class_behind(stand: Stand) -> None:
    school = await a_running_school(stand)

    await school.hear(school.released(ANNA, level10=42), a_strength(school))
    await school.hear(a_release_withdrawn(school, revision=2))

    assert (await kept(school))["releases"] == ["('D01', 1, 2, 1, None, None)"]


async def test_a_level_whose_withdrawal_came_first_is_never_kept(stand: Stand) -> None:
    school = await a_running_school(stand)

    await school.hear(a_release_withdrawn(school, revision=2))
    await school.hear(school.released(ANNA, level10=42), a_strength(school))

    assert (await kept(school))["releases"] == ["('D01', 1, 2, 1, None, None)"]


async def test_a_new_release_does_not_bring_an_old_strength_back(stand: Stand) -> None:
    pair = await a_pair(stand)
    school = pair.school
    withdrawn = ProfileReleaseWithdrawn(**school.about(pair.anna, revision=2))

    await school.hear(withdrawn, school.released(pair.anna, level10=41, revision=3))
    without = await school.solved()
    await school.hear(StrengthConfirmed(**school.about(pair.anna, revision=3)))
    with_proof = await school.solved()

    assert (without["supply"], with_proof["supply"]) == (0, 1)


async def test_a_strength_that_was_measured_anew_and_is_none_any_more_counts_no_longer(stand: Stand) -> None:
    pair = await a_pair(stand)
    school = pair.school

    await school.hear(school.released(pair.anna, level10=36, revision=2))

    assert (await school.solved())["supply"] == 0


async def test_an_erased_person_leaves_nothing_and_late_facts_bring_nothing_back(stand: Stand) -> None:
    school = await a_running_school(stand)
    everything = an_eventful_year(school)
    await school.hear(*everything)
    await school.teach(ANNA, "PUT", "/my/availability", json={"slots": ["mon-1"]})
    erased = PersonErased(person_id=ANNA, school_ids=(school.id,), revision=uuid4().int % 10**6 + 1, occurred_at=NOW)

    await school.hear(erased)
    await school.hear(
        school.member(ANNA, revision=9),
        school.released(ANNA, "D07", level10=45),
        a_need(school, revision=9),
        an_offer(school, revision=9),
        a_consent(school, ConsentGiven, 9),
        a_diagnosis(school, revision=9),
    )

    rows = await kept(school)
    assert {name for name, found in rows.items() if found} == {"members", "cycles"}
    assert "(False, None, True, True, [], None, None, 3)" in rows["members"]
    assert await school.matching.count("availability", school.id) == 0


async def test_another_school_keeps_what_it_knows_of_the_same_person(stand: Stand) -> None:
    left = await a_running_school(stand)
    stays = School(stand, left.matching)
    await left.hear(left.member(ANNA), stays.member(ANNA))

    await left.hear(a_leaver(left, revision=2))

    assert (await kept(left))["members"] == ["(False, None, True, False, [], None, None, 2)"]
    assert (await kept(stays))["members"] == ["(True, None, False, False, [], None, None, 1)"]


@pytest.mark.parametrize("role", ["observer", "curator", "head"])
async def test_only_teachers_take_part(stand: Stand, role: str) -> None:
    pair = await a_pair(stand)

    await pair.school.hear(pair.school.member(pair.vera, role, revision=2))

    run = await pair.school.solved()
    assert (run["people"], run["demand"]) == (2, 0)


async def test_who_takes_the_consent_for_the_platform_back_takes_no_part(stand: Stand) -> None:
    trio = await a_trio(stand)
    about: dict[str, Any] = {"school_id": trio.school.id, "person_id": trio.anna, "occurred_at": NOW}

    given = [ConsentGiven(**about, purpose=purpose) for purpose in ConsentPurpose]
    await trio.school.hear(*given, ConsentWithdrawn(**about, purpose=ConsentPurpose.PD_PLATFORM, revision=2))

    run = await trio.school.solved()
    assert trio.anna not in set(chain.from_iterable(await trio.school.proposed(run["run_id"])))
    assert run["people"] == 2


async def test_a_release_withdrawn_before_the_run_takes_its_edge_away(stand: Stand) -> None:
    pair = await a_pair(stand)
    before = await pair.school.solved()

    await pair.school.hear(ProfileReleaseWithdrawn(**pair.school.about(pair.anna, revision=2)))
    after = await pair.school.solved()

    assert await pair.school.proposed(before["run_id"]) == {(pair.anna, pair.vera, "D01")}
    assert await pair.school.proposed(after["run_id"]) == set()
    assert (before["supply"], after["supply"]) == (1, 0)


async def test_a_need_whose_level_is_not_released_is_served_all_the_same(stand: Stand) -> None:
    pair = await a_pair(stand)

    await pair.school.hear(ProfileReleaseWithdrawn(**pair.school.about(pair.vera, revision=2)))

    run = await pair.school.solved()
    assert await pair.school.proposed(run["run_id"]) == {(pair.anna, pair.vera, "D01")}


async def test_a_withdrawn_need_is_no_demand(stand: Stand) -> None:
    pair = await a_pair(stand)

    await pair.school.hear(NeedWithdrawn(**pair.school.about(pair.vera, revision=2)))

    assert (await pair.school.solved())["demand"] == 0


async def test_a_line_manager_does_not_teach_the_own_people(stand: Stand) -> None:
    pair = await a_pair(stand)

    await pair.school.hear(pair.school.member(pair.vera, manager_id=pair.anna, revision=2))

    run = await pair.school.solved()
    unmet = await pair.school.curate("GET", f"/runs/{run['run_id']}/unmet")
    assert await pair.school.proposed(run["run_id"]) == set()
    assert [one["rule"] for one in unmet.json()["items"]] == ["line-manager"]
