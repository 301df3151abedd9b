"""Step 4: papers, meetings through the months, reflections; one pair stalls, one is matched anew; a survey."""

from dataclasses import dataclass
from typing import Any

from deploy.demo.client import Person, patiently, together, until
from deploy.demo.network import match_again
from deploy.demo.world import School, World, demo_id

CONSENT = "MENTORING_LOCAL_ACT"
MEETINGS = (
    ("acquaintance", "2026-10-28"),
    ("planning", "2026-11-18"),
    ("working", "2026-12-09"),
    ("working", "2027-01-20"),
    ("visit", "2027-02-17"),
    ("final", "2027-04-14"),
)
REMATCH_AFTER = 1


@dataclass(frozen=True, slots=True)
class Pair:
    """An assignment and the two people in it."""

    school: School
    assignment_id: str
    giver: Person
    taker: Person
    competency: str


async def activate(world: World, paper: str, number: str) -> int:
    """Consents of both, the order of the head registered: the pairs may work."""
    return sum(await together(activate_school(school, paper, number) for school in world.schools))


async def activate_school(school: School, paper: str, number: str) -> int:
    """The same for the pairs of one school that still wait for their papers; returns how many work now."""
    waiting = await _assignments(school, wanted=int(school.counts.get("formed", 0)))
    opened = [one for one in waiting if one["state"] == "OPENED"]
    if not opened:
        return 0
    people = sorted({one[side] for one in opened for side in ("giver_id", "taker_id")})
    consents = [school.teachers[one].person for one in people]
    await together(one.put(school.at("documents", f"/my/consents/{CONSENT}")) for one in consents)
    order = {
        "kind": "DOC08",
        "cycle_id": school.id_of("cycle"),
        "number": number,
        "signed_on": await _today(school),
        "pairing_ids": [one["pairing_id"] for one in opened],
    }
    address = school.at("documents", f"/papers/{school.id_of(paper)}")
    await patiently(lambda: school.curator.put(address, order), statuses=(404, 422))
    ids = {one["assignment_id"] for one in opened}

    async def active() -> int:
        return sum(one["state"] == "ACTIVE" for one in await _assignments(school) if one["assignment_id"] in ids)

    return await until(active, lambda count: count == len(ids), f"{school.school_id}: active pairs")


async def _today(school: School) -> str:
    clock = await school.curator.get("/dev/clock")
    return str(clock["now"])[:10]


async def _assignments(school: School, wanted: int = 0) -> list[Any]:
    address = school.at("tracking", f"/assignments?cycle_id={school.id_of('cycle')}")
    return await until(
        lambda: school.curator.every(address), lambda seen: len(seen) >= wanted, f"{school.school_id}: assignments"
    )


async def active_pairs(world: World) -> list[Pair]:
    """All pairs that work at the moment."""
    pairs = [pair for school in world.schools for pair in await pairs_at(school)]
    return sorted(pairs, key=lambda pair: pair.assignment_id)


async def pairs_at(school: School) -> list[Pair]:
    """The pairs of one school that work at the moment."""
    people = school.teachers
    return [
        Pair(
            school=school,
            assignment_id=one["assignment_id"],
            giver=people[one["giver_id"]].person,
            taker=people[one["taker_id"]].person,
            competency=one["competency"],
        )
        for one in await _assignments(school)
        if one["state"] == "ACTIVE"
    ]


async def work(world: World) -> dict[str, int]:
    """The months of the pairs, meeting by meeting."""
    held = reflections = rematched = 0
    stalling = ""
    for number, (kind, day) in enumerate(MEETINGS):
        pairs = await active_pairs(world)
        stalling = stalling or pairs[0].assignment_id
        meeting = [pair for pair in pairs if number == 0 or pair.assignment_id != stalling]
        await together(_plan(pair, kind, day) for pair in meeting)
        await world.door.move_clock(f"{day}T16:00:00+03:00")
        results = await together(_meet(world, pair, kind, day) for pair in meeting)
        held += sum(one[0] for one in results)
        reflections += sum(one[1] for one in results)
        if number == REMATCH_AFTER:
            rematched = await _give_up(world, pairs[-1])
    stalled = await _stalled(world)
    return {"held": held, "reflections": reflections, "rematched": rematched, "stalled": stalled}


async def _plan(pair: Pair, kind: str, day: str) -> None:
    meeting = _meeting_id(pair, day)
    address = pair.school.at("tracking", f"/my/assignments/{pair.assignment_id}/meetings/{meeting}")
    await pair.taker.put(address, {"kind": kind, "starts_at": f"{day}T15:00:00+03:00", "minutes": 45})


def _meeting_id(pair: Pair, day: str) -> str:
    return demo_id(f"{pair.assignment_id}/meeting/{day}")


async def _meet(world: World, pair: Pair, kind: str, day: str) -> tuple[int, int]:
    """Both confirm with one tap; about half of them reflect."""
    meeting = pair.school.at("tracking", f"/my/meetings/{_meeting_id(pair, day)}")
    dice = world.chance("meet", pair.assignment_id, kind, day)
    took_place = dice.random() < 0.93
    for side in (pair.taker, pair.giver):
        await side.post(f"{meeting}/confirm", {"took_place": took_place})
    if took_place:
        world.learned.add((pair.taker.person_id, pair.competency))
    reflecting = [side for side in (pair.taker, pair.giver) if took_place and dice.random() < 0.5]
    for side in reflecting:
        await side.put(f"{meeting}/reflection", {"usefulness": dice.choice((3, 4, 4, 5, 5))})
    return int(took_place), len(reflecting)


async def _give_up(world: World, pair: Pair) -> int:
    """A pair does not fit: one side says so to the curator alone, who ends it and matches anew."""
    await pair.taker.post(pair.school.at("tracking", f"/my/assignments/{pair.assignment_id}/rematch"))
    end = {"reason": "incompatibility", "rematch": True}
    await pair.school.curator.post(pair.school.at("tracking", f"/assignments/{pair.assignment_id}/terminate"), end)
    address = pair.school.at("matching", f"/pairings?state=DISSOLVED&cycle_id={pair.school.id_of('cycle')}")
    await until(lambda: pair.school.curator.every(address), bool, "the dissolved pair")
    formed = await match_again(world, pair.school)
    if formed:
        await activate(world, "order-2", "164-о")
    return formed


async def _stalled(world: World) -> int:
    async def look() -> int:
        found = await together(
            school.curator.get(school.at("tracking", f"/health?cycle_id={school.id_of('cycle')}"))
            for school in world.schools
        )
        return sum(int(one["red"]) for one in found)

    return await until(look, lambda red: red > 0, "a stalled pair")


async def survey(world: World) -> dict[str, int]:
    """Every school asks its pairs; answers are counted only from five on."""
    counts = await together(_survey(world, school) for school in world.schools)
    return {key: sum(one[key] for one in counts) for key in ("invited", "answered")}


async def _survey(world: World, school: School) -> dict[str, int]:
    survey_id = school.id_of("survey")
    address = school.at("tracking", f"/surveys/{survey_id}")
    await school.curator.put(address, {"cycle_id": school.id_of("cycle"), "closes_on": "2027-05-14"})
    await together(_fill_in(world, school, teacher.person, survey_id) for teacher in school.teachers.values())
    closed = await school.curator.post(f"{address}/close")
    return {key: sum(int(role[key]) for role in closed["roles"]) for key in ("invited", "answered")}


async def _fill_in(world: World, school: School, me: Person, survey_id: str) -> None:
    for asked in await me.get(school.at("tracking", "/my/surveys")):
        dice = world.chance("survey", me.person_id, asked["role"])
        if asked["survey_id"] != survey_id or dice.random() < 0.15:
            continue
        items = {"satisfaction": dice.choice((3, 4, 4, 5, 5)), "recommend": dice.choice((6, 7, 8, 9, 9, 10))}
        await me.put(school.at("tracking", f"/my/surveys/{survey_id}/answers/{asked['role']}"), {"items": items})


async def complete(world: World) -> int:
    """The curators bring the work of the pairs to its planned end, and the second diagnosis may begin."""
    pairs = await active_pairs(world)
    await together(
        pair.school.curator.post(pair.school.at("tracking", f"/assignments/{pair.assignment_id}/complete"))
        for pair in pairs
    )
    await together(_second_diagnosis(school) for school in world.schools)
    return len(pairs)


async def _second_diagnosis(school: School) -> None:
    stage = school.at("registry", f"/cycles/{school.id_of('cycle')}/stage")
    await patiently(lambda: school.curator.post(stage, {"stage": "POST_DIAGNOSTICS"}))
