"""Step 3: matching runs per school, a pin and a ban and a new run, answers of the people, the curator's word."""

from typing import Any

from deploy.demo.client import patiently, together, until
from deploy.demo.world import School, Teacher, World

SOLVED = ("REVIEW", "FAILED", "CANCELLED")
SLOTS = tuple(f"{day}-{period}" for day in ("mon", "tue", "wed", "thu", "fri") for period in range(1, 9))


async def free_times(world: World) -> int:
    """People say when they are free and how much they can carry."""
    people = [(school, teacher) for school in world.schools for teacher in school.teachers.values()]
    await together(_free_time(world, school, teacher) for school, teacher in people)
    return len(people)


async def _free_time(world: World, school: School, teacher: Teacher) -> None:
    dice = world.chance("free", teacher.person.person_id)
    slots = sorted(dice.sample(SLOTS, dice.randint(6, 14)))
    await teacher.person.put(school.at("matching", "/my/availability"), {"slots": slots, "give": 2, "take": 2})


async def match(world: World) -> dict[str, Any]:
    """Every school: solve, look at the certificate, pin one pair and ban another, solve again, publish."""
    certificates = await together(_match(school) for school in world.schools)
    await together(_answer(world, school) for school in world.schools)
    formed = await together(_confirm(school) for school in world.schools)
    return {
        "proposed": sum(int(one["proposed"]) for one in certificates),
        "formed": sum(formed),
        "dual": sum(int(one["dual"]) for one in certificates),
        "covered": sum(int(one["covered"]) for one in certificates),
        "gap": max(float(one["gap"]) for one in certificates),
    }


async def solve(school: School, name: str, **wishes: Any) -> dict[str, Any]:
    """One run, to its end."""
    run = school.at("matching", f"/runs/{school.id_of(name)}")
    wanted = {"cycle_id": school.id_of("cycle"), "seed": 1, **wishes}
    await patiently(lambda: school.curator.put(run, wanted), statuses=(404, 503))
    found = await until(lambda: school.curator.get(run), lambda seen: seen["state"] in SOLVED, f"{run}: solved")
    assert isinstance(found, dict)
    return found


async def _ready(school: School) -> None:
    """Wait until matching has heard everything that people released, wished and offered."""
    address = school.at("matching", f"/readiness?cycle_id={school.id_of('cycle')}")
    wanted = (int(school.counts["offers"]), int(school.counts["needs"]))

    async def look() -> tuple[int, int]:
        seen = await school.curator.get(address)
        return seen["strengths"], seen["needs"]

    await until(look, lambda seen: seen == wanted, f"{school.school_id}: readiness, {wanted} expected")


async def _match(school: School) -> dict[str, Any]:
    await _ready(school)
    await solve(school, "run-1")
    first = await school.curator.every(school.at("matching", f"/runs/{school.id_of('run-1')}/proposals"))
    wishes: dict[str, Any] = {"based_on": school.id_of("run-1")}
    if len(first) > 1:
        pin, ban = first[0], first[-1]
        wishes["pins"] = [{key: pin[key] for key in ("giver_id", "taker_id", "competency")}]
        await school.curator.put(school.at("matching", f"/bans/{ban['giver_id']}/{ban['taker_id']}"))
    run = await solve(school, "run-2", **wishes)
    address = school.at("matching", f"/runs/{school.id_of('run-2')}")
    await school.curator.post(f"{address}/choose", {"variant": "dual-first"})
    await school.curator.post(f"{address}/publish")
    proposals = await school.curator.every(f"{address}/proposals")
    exchange = run["exchange"]["dual_first"]
    school.counts.update(dual=exchange["dual"], covered=exchange["covered"], proposed=len(proposals))
    return {**exchange, "proposed": len(proposals), "gap": run["certificate"]["gap"]}


async def _answer(world: World, school: School) -> None:
    """The takers answer first; only then do the givers see who and what."""
    for _ in ("taker", "giver"):
        await together(_answer_one(world, school, teacher) for teacher in school.teachers.values())


async def _answer_one(world: World, school: School, teacher: Teacher) -> None:
    me = teacher.person
    for proposal in await me.get(school.at("matching", "/my/proposals")):
        if "accept" not in proposal["can"]:
            continue
        dice = world.chance("answer", me.person_id, proposal["pairing_id"])
        word = "accept" if dice.random() < 0.94 else "decline"
        await me.post(school.at("matching", f"/my/proposals/{proposal['pairing_id']}/{word}"))


async def _confirm(school: School) -> int:
    cycle = school.id_of("cycle")
    accepted = await school.curator.every(school.at("matching", f"/pairings?state=ACCEPTED&cycle_id={cycle}"))
    for pairing in accepted:
        await school.curator.post(school.at("matching", f"/pairings/{pairing['pairing_id']}/confirm"))
    school.counts["formed"] = int(school.counts.get("formed", 0)) + len(accepted)
    return len(accepted)


async def match_again(world: World, school: School) -> int:
    """After a pair was given up: one more run for what is open now."""
    run = await solve(school, "run-3")
    if not run["exchange"]["dual_first"]["covered"]:
        return 0
    address = school.at("matching", f"/runs/{school.id_of('run-3')}")
    await school.curator.post(f"{address}/choose", {"variant": "dual-first"})
    await school.curator.post(f"{address}/publish")
    await _answer(world, school)
    return await _confirm(school)
