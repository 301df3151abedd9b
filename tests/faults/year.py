"""The phases of the year: answers, releases, a network, papers, meetings, a second diagnosis."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from contracts.registry import CycleStage
from tests.faults.scenario import AUTUMN, DAYS, SLOTS, SPRING, Scenario, an_id, opening_facts, together

WAVES = {1: "2026-09-30", 2: "2027-05-31"}


async def open_year(scenario: Scenario) -> None:
    """Registry says who there is, and that diagnostics may begin."""
    scenario.clock.move_to(AUTUMN)
    first, *others = opening_facts(scenario)
    await scenario.say_late(first, others)


async def diagnose(scenario: Scenario, wave: int) -> None:
    """A campaign in each school: everybody's own answers first, then colleagues, then visits, then the close."""
    for school in scenario.school_ids:
        wanted = {"cycle_id": str(scenario.cycle_of(school)), "wave": wave, "closes_on": WAVES[wave]}
        await scenario.curate("diagnostics", "PUT", school, _campaign(school, wave), wanted)
    forms = dict(await together(_forms(scenario, school, me, wave) for school, me in _everybody(scenario)))
    for part in ("self", "colleagues", "observations"):
        await together(
            _answer(scenario, school, me, forms[school, me], part, wave) for school, me in _everybody(scenario)
        )
    for school in scenario.school_ids:
        await scenario.curate("diagnostics", "POST", school, f"{_campaign(school, wave)}/close")


def _everybody(scenario: Scenario) -> list[tuple[str, UUID]]:
    return [(school, me) for school in scenario.school_ids for me in scenario.people_of(school)]


def _campaign(school: str, wave: int) -> str:
    return f"/campaigns/{an_id(f'{school}/campaign/{wave}')}"


async def _forms(scenario: Scenario, school: str, me: UUID, wave: int) -> tuple[tuple[str, UUID], Any]:
    found = await scenario.call("diagnostics", "GET", school, "/my/forms", by=me)
    mine = [form for form in found if form["wave"] == wave]
    assert len(mine) == 1, f"{len(mine)} forms of a member in wave {wave}"
    return (school, me), mine[0]


async def _answer(scenario: Scenario, school: str, me: UUID, form: Any, part: str, wave: int) -> None:
    door = f"/my/forms/{form['campaign_id']}"
    if part == "self":
        answers = {code: _mark(scenario, me, code, f"self{wave}") for code in form["self"]["competencies"]}
        body = {"answers": answers, "is_final": True}
        await scenario.call("diagnostics", "PUT", school, f"{door}/self", by=me, body=body)
        return
    role = "observer" if part == "observations" else "teacher"
    for other in form[part]:
        marks = {code: _mark(scenario, other["person_id"], code, f"{part}{wave}") for code in other["competencies"]}
        body = {"answers": marks} if part == "colleagues" else {"answers": marks, "lessons": 2}
        path = f"{door}/{part}/{other['person_id']}"
        await scenario.call("diagnostics", "PUT", school, path, by=me, role=role, body=body)


def _mark(scenario: Scenario, person: Any, code: str, source: str) -> int:
    level = scenario.dice("level", person, code).choice((2, 3, 3, 5))
    rise = 1 if source.endswith("2") and level < 4 else 0
    return max(1, min(5, level + rise + scenario.dice(person, code, source).choice((0, 0, 0, -1))))


async def release(scenario: Scenario) -> None:
    """Everybody releases some strengths and gaps, says what is wished and offered, and when there is time."""
    await together(_release(scenario, school, me) for school, me in _everybody(scenario))


async def _release(scenario: Scenario, school: str, me: UUID) -> None:
    campaign = an_id(f"{school}/campaign/1")
    profile = await scenario.call("diagnostics", "GET", school, f"/my/profile?campaign_id={campaign}", by=me)
    by_class: dict[str, list[str]] = {"DEFICIT_CONFIRMED": [], "STRENGTH_CONFIRMED": []}
    for one in sorted(profile, key=lambda one: str(one["competency"])):
        by_class.setdefault(one["competency_class"], []).append(str(one["competency"]))
    gaps, strong = by_class["DEFICIT_CONFIRMED"][:4], by_class["STRENGTH_CONFIRMED"][:4]
    cycle = str(scenario.cycle_of(school))
    for code in gaps + strong:
        body: dict[str, Any] = {"cycle_id": cycle, "competencies": [code]}
        await scenario.call("diagnostics", "POST", school, "/my/releases", by=me, body=body)
    wish: dict[str, Any] = {"wish": 2}
    for code in gaps:
        await scenario.call("diagnostics", "PUT", school, f"/my/needs/{cycle}/{code}", by=me, body=wish)
    for code in strong:
        offer: dict[str, Any] = {"formats": ["meeting"], "minutes": 45, "outside_school": False}
        await scenario.call("diagnostics", "PUT", school, f"/my/offers/{cycle}/{code}", by=me, body=offer)
    slots = sorted(scenario.dice("free", me).sample(SLOTS, 12))
    free: dict[str, Any] = {"slots": slots, "give": 2, "take": 2}
    await scenario.call("matching", "PUT", school, "/my/availability", by=me, body=free)


async def pair_up(scenario: Scenario) -> None:
    """A run per school, its pairs published, accepted by takers and then givers, confirmed."""
    await together(_pair_up(scenario, school) for school in scenario.school_ids)


async def _pair_up(scenario: Scenario, school: str) -> None:
    run = f"/runs/{an_id(f'{school}/run')}"
    wanted = {"cycle_id": str(scenario.cycle_of(school)), "seed": 1}
    await scenario.curate("matching", "PUT", school, run, wanted)
    while (await scenario.curate("matching", "GET", school, run))["state"] in ("DRAFT", "SOLVING"):
        pass
    await scenario.curate("matching", "POST", school, f"{run}/choose", {"variant": "dual-first"})
    await scenario.curate("matching", "POST", school, f"{run}/publish")
    for _ in ("takers", "givers"):
        await together(_accept(scenario, school, me) for me in scenario.people_of(school))
    found = await scenario.curate("matching", "GET", school, "/pairings?state=ACCEPTED&limit=500")
    for pairing in found["items"]:
        await scenario.curate("matching", "POST", school, f"/pairings/{pairing['pairing_id']}/confirm")


async def _accept(scenario: Scenario, school: str, me: UUID) -> None:
    for proposal in await scenario.call("matching", "GET", school, "/my/proposals", by=me):
        if "accept" in proposal["can"]:
            path = f"/my/proposals/{proposal['pairing_id']}/accept"
            await scenario.call("matching", "POST", school, path, by=me)


async def sign_papers(scenario: Scenario) -> None:
    """Consents of everybody, and one order per school."""
    consent = "/my/consents/MENTORING_LOCAL_ACT"
    await together(scenario.call("documents", "PUT", school, consent, by=me) for school, me in _everybody(scenario))
    for school in scenario.school_ids:
        found = await scenario.curate("matching", "GET", school, "/pairings?state=FORMED&limit=500")
        order = {
            "kind": "DOC08",
            "cycle_id": str(scenario.cycle_of(school)),
            "number": "1-о",
            "signed_on": AUTUMN.date().isoformat(),
            "pairing_ids": sorted(one["pairing_id"] for one in found["items"]),
        }
        await scenario.curate("documents", "PUT", school, f"/papers/{an_id(f'{school}/order')}", order)


async def meet(scenario: Scenario) -> None:
    """Three meetings of each pair, confirmed by both, and a reflection of the taker."""
    for number, day in enumerate(DAYS):
        pairs = [pair for school in scenario.school_ids for pair in await _pairs(scenario, school)]
        await together(_plan(scenario, school, pair, number, day) for school, pair in pairs)
        scenario.clock.move_to(datetime.fromisoformat(f"{day}T14:00:00+00:00").astimezone(UTC))
        await together(_confirm(scenario, school, pair, number) for school, pair in pairs)


async def _pairs(scenario: Scenario, school: str) -> list[tuple[str, Any]]:
    found = await scenario.curate("tracking", "GET", school, "/assignments?limit=500")
    return [(school, one) for one in sorted(found["items"], key=lambda one: str(one["assignment_id"]))]


def _meeting(pair: Any, number: int) -> UUID:
    return an_id(f"{pair['assignment_id']}/meeting/{number}")


async def _plan(scenario: Scenario, school: str, pair: Any, number: int, day: str) -> None:
    path = f"/my/assignments/{pair['assignment_id']}/meetings/{_meeting(pair, number)}"
    body = {"kind": "working", "starts_at": f"{day}T12:00:00+00:00", "minutes": 45}
    await scenario.call("tracking", "PUT", school, path, by=UUID(pair["taker_id"]), body=body)


async def _confirm(scenario: Scenario, school: str, pair: Any, number: int) -> None:
    meeting = f"/my/meetings/{_meeting(pair, number)}"
    for side in ("taker_id", "giver_id"):
        body = {"took_place": True}
        await scenario.call("tracking", "POST", school, f"{meeting}/confirm", by=UUID(pair[side]), body=body)
    taker = UUID(pair["taker_id"])
    await scenario.call("tracking", "PUT", school, f"{meeting}/reflection", by=taker, body={"usefulness": 4})


async def close_year(scenario: Scenario) -> None:
    """The work of the pairs is completed; months later the second diagnosis may begin."""
    for school in scenario.school_ids:
        for _, pair in await _pairs(scenario, school):
            path = f"/assignments/{pair['assignment_id']}/complete"
            await scenario.curate("tracking", "POST", school, path)
    await scenario.leap(SPRING)
    for school in scenario.school_ids:
        fact = scenario.stage(school, CycleStage.POST_DIAGNOSTICS, CycleStage.ACTIVE, 9)
        await scenario.say([fact])
