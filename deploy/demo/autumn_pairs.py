"""The second autumn of a school that lives in its pairs: some have met, some are quiet, some wait for a word."""

from collections.abc import Iterable
from typing import Any

from deploy.demo import diagnose, network, work
from deploy.demo.autumn_review import diagnose_some
from deploy.demo.client import DemoFailed, Person, Refused, together
from deploy.demo.work import Pair
from deploy.demo.world import School, World, demo_id

FIRST_GROUP = 18
ANSWER_DAYS = 20
MORE_WISHES = 2
LEARNERS = 3
FIRST_MEETING, LATELY, TOMORROW = "2027-09-24", "2027-10-08", "2027-10-12"
GOAL_DUE_ON = "2027-10-08"
GOAL = {"text": "К 8 октября я провожу урок с новой формой опроса в 7 «А»", "sign": "lesson_held"}
SURVEY_CLOSES_ON = "2027-11-26"
# A pair that may not be: a ban, a line manager, a pair of last year.
FORBIDDEN = (409, 422)
# How far a proposal of October has come, one kind after the other.
PROPOSED, AGREED, ACCEPTED, FORMED = range(4)


async def begin(world: World, school: School) -> None:
    """September: a diagnosis, then the first people are matched, agree, and may work; the first of all is a mentor."""
    first = school.in_order[0].person
    world.gifted.add(first.person_id)
    await diagnose_some(world, school)
    early = school.in_year("2027", school.in_order[:FIRST_GROUP])
    school.counts.update(await diagnose.release_school(world, early))
    wanted = await _want_to_learn_from(first, early)
    school.counts["needs"] = int(school.counts["needs"]) + len(wanted)
    proposals = await _publish(school, "run-1", wanted)
    await together(_come_to(school, FORMED, pairing) for pairing in proposals)
    school.counts["formed"] = len(proposals)
    await work.activate_school(school, "order-1", "131-о")


async def go_on(world: World, school: School) -> dict[str, Any]:
    """October: later people are matched and stand between a proposal and a formed pair; the first ones have met."""
    late = school.in_year("2027", school.in_order[FIRST_GROUP:])
    first = school.in_order[0].person
    found = await diagnose.release_school(world, late)
    found["needs"] += await _wish_more(school, first, late)
    for key in ("needs", "offers"):
        school.counts[key] = int(school.counts[key]) + found[key]
    proposals = await _publish(school, "run-2")
    proposals.sort(key=lambda one: (one["taker_id"] != first.person_id, one["giver_id"] != first.person_id))
    await together(_come_to(school, number % 4, pairing) for number, pairing in enumerate(proposals))
    pairs = await work.pairs_at(school)
    pairs.sort(key=lambda one: (first not in (one.giver, one.taker), one.taker.username, one.competency))
    await together(_live(number % 6, pair, first) for number, pair in enumerate(pairs))
    survey = {"cycle_id": school.id_of("cycle"), "closes_on": SURVEY_CLOSES_ON}
    await school.curator.put(school.at("tracking", f"/surveys/{school.id_of('survey')}"), survey)
    return {"proposed": len(proposals), "active": len(pairs)}


async def _want_to_learn_from(first: Person, early: School) -> list[dict[str, str]]:
    """A few people wish what the first one can share; returns the pairs of which one is to be.

    Without it chance would decide whether this person has anybody to teach, and with that a survey to answer.
    """
    rows = await _released(early)
    code = min(
        row["competency"]
        for row in rows
        if row["person_id"] == first.person_id and row["competency_class"] == "STRENGTH_CONFIRMED"
    )
    have_spoken = {row["person_id"] for row in rows if row["competency"] == code}
    learners = [one.person for one in early.in_order if one.person.person_id not in have_spoken][:LEARNERS]
    need = early.at("diagnostics", f"/my/needs/{early.id_of('cycle')}/{code}")
    await first.put(early.at("matching", "/my/availability"), {"slots": network.SLOTS, "give": 2, "take": 2})
    await together(one.put(need, {"wish": 3}) for one in learners)
    return [{"giver_id": first.person_id, "taker_id": one.person_id, "competency": code} for one in learners]


async def _released(school: School) -> list[Any]:
    return await school.curator.every(school.at("diagnostics", f"/released?cycle_id={school.id_of('cycle')}"))


async def _keep_one(school: School, wanted: list[dict[str, str]]) -> None:
    """The curator keeps the first of these pairs that no rule forbids."""
    for pair in wanted:
        try:
            await network.edit(school, "edit-pin", {"pin": pair})
        except Refused as refused:
            if refused.status not in FORBIDDEN:
                raise
        else:
            return
    raise DemoFailed(f"{school.school_id}: nobody may learn from {wanted[:1]}")


async def _wish_more(school: School, first: Person, late: School) -> int:
    """The first person has room for more now, and wishes what the later people can share; returns how many topics."""
    rows = await _released(school)
    mine = {row["competency"] for row in rows if row["person_id"] == first.person_id}
    shared = {
        row["competency"]
        for row in rows
        if row["competency_class"] == "STRENGTH_CONFIRMED" and row["person_id"] in late.teachers
    }
    wished = sorted(shared - mine)[:MORE_WISHES]
    await first.put(school.at("matching", "/my/availability"), {"slots": network.SLOTS, "give": 4, "take": 4})
    for code in wished:
        await first.put(school.at("diagnostics", f"/my/needs/{school.id_of('cycle')}/{code}"), {"wish": 3})
    return len(wished)


async def _publish(school: School, name: str, kept: list[dict[str, str]] | None = None) -> list[Any]:
    """Solve, keep one of some pairs, and publish; returns what is proposed now."""
    await network.ready(school)
    await network.solve(school, name)
    if kept is not None:
        await _keep_one(school, kept)
    run = school.at("matching", f"/runs/{school.id_of(name)}")
    await school.curator.post(f"{run}/choose", {"variant": "dual-first"})
    await school.curator.post(f"{run}/publish", {"answer_days": ANSWER_DAYS})
    wanted = f"/pairings?state=PROPOSED&cycle_id={school.id_of('cycle')}"
    return sorted(await school.curator.every(school.at("matching", wanted)), key=_in_words(school))


def _in_words(school: School) -> Any:
    def key(pairing: dict[str, Any]) -> tuple[str, ...]:
        sides = (school.teachers[pairing[side]].person.username for side in ("taker_id", "giver_id"))
        return (*sides, str(pairing["competency"]))

    return key


async def _come_to(school: School, state: int, pairing: dict[str, Any]) -> None:
    """The taker answers first, then the giver, then the curator, as far as the pair has come."""
    yes = school.at("matching", f"/my/proposals/{pairing['pairing_id']}/accept")
    if state >= AGREED:
        await school.teachers[pairing["taker_id"]].person.post(yes)
    if state >= ACCEPTED:
        await school.teachers[pairing["giver_id"]].person.post(yes)
    if state >= FORMED:
        await school.curator.post(school.at("matching", f"/pairings/{pairing['pairing_id']}/confirm"))


async def _live(kind: int, pair: Pair, first: Person) -> None:
    """Six ways to live as a pair: the first one meets again tomorrow, the last one is as good as one can wish."""
    both = (pair.taker, pair.giver)
    if kind in (0, 4, 5):
        await _meet(pair, FIRST_MEETING, both, reflecting=both)
    if kind in (0, 5):
        await _meet(pair, LATELY, both, reflecting=both if kind == 5 else ())
        await _plan(pair, TOMORROW)
    if kind == 1:
        await _meet(pair, LATELY, [side for side in both if side is not first][:1], reflecting=())
    if kind == 3:
        await pair.taker.post(pair.school.at("tracking", f"/my/assignments/{pair.assignment_id}/help"))
    if kind in (0, 4):
        goal = demo_id(f"{pair.assignment_id}/goal")
        address = pair.school.at("tracking", f"/my/assignments/{pair.assignment_id}/goals/{goal}")
        await pair.taker.put(address, {**GOAL, "due_on": GOAL_DUE_ON if kind == 4 else TOMORROW})


async def _plan(pair: Pair, day: str) -> None:
    address = pair.school.at("tracking", f"/my/assignments/{pair.assignment_id}/meetings/{_meeting(pair, day)}")
    await pair.taker.put(address, {"kind": "working", "starts_at": f"{day}T15:00:00+03:00", "minutes": 45})


def _meeting(pair: Pair, day: str) -> str:
    return demo_id(f"{pair.assignment_id}/meeting/{day}")


async def _meet(pair: Pair, day: str, saying: Iterable[Person], *, reflecting: Iterable[Person]) -> None:
    """A meeting that took place by the word of some, who may think of it."""
    await _plan(pair, day)
    meeting = pair.school.at("tracking", f"/my/meetings/{_meeting(pair, day)}")
    for side in saying:
        await side.post(f"{meeting}/confirm", {"took_place": True})
    for side in reflecting:
        await side.put(f"{meeting}/reflection", {"usefulness": 4})
