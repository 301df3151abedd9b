"""The roadmap: seven stages with owners and days, ended by facts, with what each waits for and what blocks it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.testing import eventually
from contracts.reporting import ReportAccepted, ReportReturned, ReportSigned, ReportSubmitted
from services.registry.domain.cycles import Heard, Move, Reason
from services.registry.domain.roadmap import Decided, Known, Stage, roadmap
from tests.registry.cycle import (
    NOW,
    a_closed_campaign,
    a_cycle,
    a_draft,
    a_finished_run,
    a_paper,
    a_report,
    an_activation,
    reaches,
    seen,
)
from tests.registry.town import School, a_school
from tests.stand import Stand

OCTOBER = datetime(2026, 10, 3, 8, tzinfo=UTC)


def known(state: str = "APPROVED", today: date = date(2026, 10, 12), **other: Any) -> Known:
    told = {"starts_on": date(2026, 9, 1), "state": state, "today": today, "day_of": datetime.date}
    return Known(**{**told, **other})


def heard(*facts: str, at: datetime = OCTOBER) -> dict[str, Heard]:
    return {fact: Heard(fact, at, at) for fact in facts}


def states(stages: list[Stage]) -> list[str]:
    return [str(stage.state) for stage in stages]


async def stages_of(school: School, cycle_id: UUID, role: str = "teacher", **request: Any) -> list[dict[str, Any]]:
    answer = await school.call(role, "GET", f"/cycles/{cycle_id}/roadmap", **request)
    assert answer.status_code == 200, answer.text
    return list(answer.json())


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 8, 1), ["PLANNED"] * 7),
        (date(2026, 9, 10), ["UNDER_WAY"] * 3 + ["PLANNED"] * 4),
        (date(2026, 10, 12), ["OVERDUE"] * 3 + ["UNDER_WAY"] * 2 + ["PLANNED"] * 2),
        (date(2027, 7, 1), ["OVERDUE"] * 7),
    ],
)
def test_roadmap_follows_the_calendar_until_facts_come(today: date, expected: list[str]) -> None:
    assert states(roadmap(known(today=today))) == expected


def test_stage_begins_with_the_cycle_before_its_usual_day() -> None:
    stages = roadmap(known("DIAGNOSTICS_OPEN", date(2026, 9, 2)))

    assert states(stages)[:4] == ["UNDER_WAY", "UNDER_WAY", "UNDER_WAY", "PLANNED"]


def test_roadmap_of_a_cycle_that_begins_in_january_is_that_of_the_running_year() -> None:
    stages = roadmap(known("ACTIVE", date(2027, 2, 1), starts_on=date(2027, 1, 11)))

    assert (stages[0].starts_on, stages[-1].due_on) == (date(2026, 8, 15), date(2027, 6, 15))
    assert states(stages) == ["OVERDUE", *["DONE"] * 4, "UNDER_WAY", "PLANNED"]


def test_stage_says_which_fact_ended_it_and_how_late() -> None:
    facts = heard("campaign-1-closed") | heard("run-finished", at=OCTOBER + timedelta(days=4))

    stages = roadmap(known("MATCHING", heard=facts))

    second = stages[1]
    assert (second.state, second.days_late, second.waits_for) == ("DONE", 3, ())
    assert second.moved is not None
    assert (second.moved.fact, second.moved.moved_at) == ("campaign-1-closed", OCTOBER)
    assert stages[3].moved is not None
    assert (stages[3].moved.fact, stages[3].days_late) == ("run-finished", 0)


def test_open_stage_says_what_it_waits_for_and_what_blocks_it() -> None:
    stages = roadmap(known())

    assert [stage.waits_for for stage in stages[:2]] == [("paper/DOC01",), ("campaign-1-closed",)]
    assert [stage.blocked_by for stage in stages] == [(), (1,), (1,), (2, 3), (4,), (5,), (6,)]


def test_draft_waits_for_its_approval_whatever_papers_there_are() -> None:
    first = roadmap(known("DRAFT", heard=heard("paper/DOC01")))[0]

    assert (first.state, first.waits_for) == ("OVERDUE", ("cycle-approved",))
    assert [paper.code for paper in first.papers if paper.is_in_force] == ["DOC01"]


def test_report_that_came_back_has_not_been_sent() -> None:
    sent, back, again = (NOW + timedelta(days=day) for day in (1, 2, 3))
    facts = heard("report-signed", "report-submitted", at=sent) | heard("report-returned", at=back)

    returned = roadmap(known("CLOSED", heard=facts))[6]
    mended = roadmap(known("CLOSED", heard=facts | heard("report-signed", "report-submitted", at=again)))[6]

    assert (returned.state, returned.waits_for) == ("UNDER_WAY", ("report-signed", "report-submitted"))
    assert mended.state == "DONE"


def test_stages_that_an_early_end_left_out_are_skipped_and_not_done() -> None:
    end = Move("MATCHING", "CLOSED", NOW, moved_by=uuid4(), reason=Reason.NO_PAIRS)
    facts = heard("paper/DOC01", "campaign-1-closed", "run-finished")

    stages = roadmap(known("CLOSED", heard=facts, moves=[end]))

    assert states(stages) == [*["DONE"] * 4, "SKIPPED", "SKIPPED", "UNDER_WAY"]
    assert stages[4].moved is not None
    assert (stages[4].moved.reason, stages[4].moved.moved_by) == (Reason.NO_PAIRS, end.moved_by)


def test_last_day_that_the_head_named_decides_what_is_overdue() -> None:
    stages = roadmap(known(decided={2: Decided(2, date(2026, 10, 20))}))

    assert (stages[1].due_on, stages[1].usual_due_on, stages[1].state) == (
        date(2026, 10, 20),
        date(2026, 9, 30),
        "UNDER_WAY",
    )


async def test_papers_and_the_report_end_stages(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    cycle_id = await a_cycle(school)
    papers = [a_paper(school, cycle_id, kind) for kind in ("DOC01", "DOC08")]

    await stand.publish(*papers, *papers, a_report(school, cycle_id, ReportSubmitted))

    async def done() -> list[int]:
        return [stage["number"] for stage in await stages_of(school, cycle_id) if stage["state"] == "DONE"]

    await eventually(done, equals=[1, 5, 7])
    assert (await seen(school, cycle_id))["state"] == "APPROVED"
    assert (await stages_of(school, cycle_id))[0]["papers_in_force"] == ["DOC01"]


async def test_returned_report_opens_the_last_stage_again_whatever_the_order(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    cycle_id = await a_cycle(school)
    sent, back, again = (NOW + timedelta(days=day) for day in (1, 2, 3))

    async def last() -> str:
        return str((await stages_of(school, cycle_id))[6]["state"])

    await stand.publish(
        a_report(school, cycle_id, ReportReturned, back),
        a_report(school, cycle_id, ReportSigned, sent),
        a_report(school, cycle_id, ReportSubmitted, sent),
    )
    await eventually(lambda: school.registry.count("cycle_facts", school.school_id), equals=3)
    assert await last() != "DONE"
    await stand.publish(a_report(school, cycle_id, ReportSubmitted, again))
    await eventually(last, equals="DONE")
    await stand.publish(a_report(school, cycle_id, ReportAccepted, again))
    await reaches(school, cycle_id, "REPORTED")


async def test_stage_names_the_fact_that_moved_it_in_the_callers_language(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    cycle_id = await a_cycle(school)
    await stand.publish(a_closed_campaign(school, cycle_id, 1), a_finished_run(school, cycle_id))
    await reaches(school, cycle_id, "MATCHING")

    russian = (await stages_of(school, cycle_id))[1]["moved"]
    english = (await stages_of(school, cycle_id, headers={"Accept-Language": "en"}))[1]["moved"]
    waiting = (await stages_of(school, cycle_id))[4]["waits_for"]

    assert (russian["fact"], russian["title"]) == ("campaign-1-closed", "Первая диагностика закрыта")
    assert (english["title"], english["at"]) == ("The first diagnostic is closed", "2026-10-12T09:00:00Z")
    assert [one["fact"] for one in waiting] == ["pairing-formed", "paper/DOC08"]


async def test_roadmap_has_seven_stages_in_the_callers_language(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    cycle_id = await a_draft(school)

    russian = await stages_of(school, cycle_id)
    english = await stages_of(school, cycle_id, "head", headers={"Accept-Language": "en"})

    assert [(stage["starts_on"], stage["due_on"]) for stage in russian] == [
        ("2026-08-15", "2026-09-10"),
        ("2026-09-10", "2026-09-30"),
        ("2026-09-10", "2026-09-30"),
        ("2026-10-01", "2026-10-15"),
        ("2026-10-10", "2026-10-25"),
        ("2026-10-25", "2027-05-15"),
        ("2027-05-15", "2027-06-15"),
    ]
    assert russian[0]["title"] == "Подготовка условий для запуска"
    assert english[0]["title"] == "Preparing the conditions"
    assert (await seen(school, cycle_id))["roadmap"] == russian


async def test_head_names_the_day_and_the_people_of_a_stage(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    cycle_id, owner = await a_cycle(school), await school.add()
    door = f"/cycles/{cycle_id}/roadmap/2"

    named = await school.call("head", "PUT", door, json={"due_on": "2026-10-05", "owner_ids": [str(owner)]})
    again = await school.call("head", "PUT", door, json={"due_on": "2026-10-05", "owner_ids": [str(owner)]})
    taken_back = await school.call("head", "PUT", door, json={})

    assert named.json() == again.json()
    assert (named.json()[1]["due_on"], named.json()[1]["owner_ids"]) == ("2026-10-05", [str(owner)])
    assert (taken_back.json()[1]["due_on"], taken_back.json()[1]["owner_ids"]) == ("2026-09-30", [])


@pytest.mark.parametrize(
    ("number", "decision", "status", "slug"),
    [
        (0, {}, 404, "roadmap.no-such-stage"),
        (8, {}, 404, "roadmap.no-such-stage"),
        (2, {"due_on": "2025-09-30"}, 422, "roadmap.day-unclear"),
        (2, {"due_on": "2027-09-30"}, 422, "roadmap.day-unclear"),
        (2, {"owner_ids": ["7f8f3a52-58a6-4f0e-9d0b-0a8d6a2f1c11"]}, 422, "roadmap.owner-unknown"),
    ],
)
async def test_decision_that_makes_no_sense_is_refused(
    stand: Stand, number: int, decision: dict[str, Any], status: int, slug: str
) -> None:
    school = await a_school(await stand.service("registry"))
    cycle_id = await a_cycle(school)

    answer = await school.call("head", "PUT", f"/cycles/{cycle_id}/roadmap/{number}", json=decision)

    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:neo:problem:{slug}")


async def test_nothing_is_decided_of_a_cycle_that_is_over(stand: Stand) -> None:
    school = await a_school(await stand.service("registry"))
    cycle_id = await a_cycle(school)
    await stand.publish(an_activation(school, cycle_id), a_report(school, cycle_id, ReportAccepted))
    await reaches(school, cycle_id, "REPORTED")

    answer = await school.call("head", "PUT", f"/cycles/{cycle_id}/roadmap/7", json={"due_on": "2027-06-20"})

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:neo:problem:cycle.over")


async def test_other_school_neither_reads_nor_decides(stand: Stand) -> None:
    registry = await stand.service("registry")
    here, there = await a_school(registry), await a_school(registry)
    cycle_id = await a_cycle(here)

    read = await there.call("head", "GET", f"/cycles/{cycle_id}/roadmap")
    decided = await there.call("head", "PUT", f"/cycles/{cycle_id}/roadmap/2", json={})
    ended = await there.call("head", "POST", f"/cycles/{cycle_id}/end", json={"reason": "CALLED_OFF"})

    assert (read.status_code, decided.status_code, ended.status_code) == (404, 404, 404)
