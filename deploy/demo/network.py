"""Step 3: a matching run per school and its review with a pin and a ban, answers of the people, the curator's word."""

from typing import Any

from deploy.demo.client import DemoFailed, patiently, together, until
from deploy.demo.world import School, Teacher, World

SOLVED = ("REVIEW", "FAILED", "CANCELLED")
MOST_ROUNDS = 20
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
    """Every school: solve, price a pin and a ban, make both, take one back and make it anew, publish, answer."""
    certificates = await together(_match(school) for school in world.schools)
    await together(_answer(world, school) for school in world.schools)
    formed = await together(_confirm(school) for school in world.schools)
    return {
        "proposed": sum(int(one["proposed"]) for one in certificates),
        "edits": sum(int(one["edits"]) for one in certificates),
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


async def ready(school: School) -> None:
    """Wait until matching has heard everything that people released, wished and offered."""
    address = school.at("matching", f"/readiness?cycle_id={school.id_of('cycle')}")
    wanted = (int(school.counts["offers"]), int(school.counts["needs"]))

    async def look() -> tuple[int, int]:
        seen = await school.curator.get(address)
        return seen["strengths"], seen["needs"]

    await until(look, lambda seen: seen == wanted, f"{school.school_id}: readiness, {wanted} expected")


async def _match(school: School) -> dict[str, Any]:
    await ready(school)
    await solve(school, "run-1")
    edits = await _review(school)
    address = school.at("matching", f"/runs/{school.id_of('run-1')}")
    await school.curator.post(f"{address}/choose", {"variant": "dual-first"})
    run = await school.curator.post(f"{address}/publish")
    proposals = await school.curator.every(f"{address}/proposals")
    exchange = run["exchange"]["dual_first"]
    school.counts.update(dual=exchange["dual"], covered=exchange["covered"], proposed=len(proposals))
    return {**exchange, "proposed": len(proposals), "edits": edits, "gap": run["certificate"]["gap"]}


async def _review(school: School) -> int:
    """The curator keeps the first pair and forbids the last one, each with its price before it is made."""
    found = await school.curator.every(school.at("matching", f"/runs/{school.id_of('run-1')}/proposals"))
    if len(found) <= 1:
        return 0
    keys = [{key: pair[key] for key in ("giver_id", "taker_id", "competency")} for pair in (found[0], found[-1])]
    await edit(school, "edit-pin", {"pin": keys[0]})
    await edit(school, "edit-ban", {"ban": {key: keys[1][key] for key in ("giver_id", "taker_id")}})
    await school.curator.call("DELETE", f"{_run(school)}/edits/{school.id_of('edit-ban')}")
    await _reviewed(school)
    await edit(school, "edit-ban-again", {"ban": {key: keys[1][key] for key in ("giver_id", "taker_id")}})
    return len(await school.curator.every(f"{_run(school)}/edits"))


async def edit(school: School, name: str, change: dict[str, Any]) -> None:
    """Ask for the price, make the edit as it was priced, and see that the price was right."""
    price = await school.curator.post(f"{_run(school)}/prices", change)
    await school.curator.put(f"{_run(school)}/edits/{school.id_of(name)}", {**change, "version": price["version"]})
    after = (await _reviewed(school))["exchange"]["dual_first"]
    if after != price["after"]:
        raise DemoFailed(f"{school.school_id}: {name} was priced {price['after']} and came to {after}")


async def _reviewed(school: School) -> dict[str, Any]:
    """The run as soon as it is solved anew."""
    found = await until(
        lambda: school.curator.get(_run(school)), lambda seen: seen["state"] in SOLVED, f"{school.school_id}: review"
    )
    assert isinstance(found, dict)
    return found


def _run(school: School) -> str:
    return school.at("matching", f"/runs/{school.id_of('run-1')}")


async def _answer(world: World, school: School, run: str = "run-1") -> None:
    """The takers answer first; only then do the givers see who and what. After a no the next best is asked.

    Who says no does so one after the other, so that whoever is asked next does not depend on who was faster.
    """
    for _ in range(MOST_ROUNDS):
        answered = [await _answer_as(world, school, role, run) for role in ("taker", "giver")]
        if not any(answered):
            return
    raise DemoFailed(f"{school.school_id}: proposals without end")


async def _answer_as(world: World, school: School, role: str, run: str) -> int:
    asked = await together(_asked(school, teacher, role) for teacher in school.teachers.values())
    words = [
        (_word(world, teacher, proposal), proposal["pairing_id"], teacher)
        for teacher, proposals in zip(school.teachers.values(), asked, strict=True)
        for proposal in proposals
    ]
    await together(_say(school, *one) for one in words if one[0] == "accept")
    for one in sorted(words, key=lambda one: str(one[1])):
        if one[0] == "decline":
            await _say(school, *one)
            await _searched(school, run)
    return len(words)


async def _asked(school: School, teacher: Teacher, role: str) -> list[Any]:
    seen = await teacher.person.get(school.at("matching", "/my/proposals"))
    return [one for one in seen if one["role"] == role and "accept" in one["can"]]


def _word(world: World, teacher: Teacher, proposal: dict[str, Any]) -> str:
    dice = world.chance("answer", teacher.person.person_id, proposal["pairing_id"])
    return "accept" if dice.random() < 0.94 else "decline"


async def _say(school: School, word: str, pairing_id: str, teacher: Teacher) -> None:
    await teacher.person.post(school.at("matching", f"/my/proposals/{pairing_id}/{word}"))


async def _searched(school: School, run: str) -> None:
    """Wait until the next best has been looked for."""
    address = school.at("matching", f"/runs/{school.id_of(run)}")
    await until(
        lambda: school.curator.get(address), lambda seen: not seen["is_searching"], f"{school.school_id}: the next best"
    )


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
    await _answer(world, school, "run-3")
    return await _confirm(school)
