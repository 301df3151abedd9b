"""Steps 2 and 5: a campaign is opened, people answer, profiles are scored; then releases, needs and offers."""

from typing import Any

from deploy.demo.client import patiently, together
from deploy.demo.world import School, Teacher, World

MOST_RELEASED = 3
SHARING = ("meeting", "lesson_visit")
FIRST_YEAR = {"title": "НЕО-наставничество 2026/27", "starts_on": "2026-09-01", "ends_on": "2027-06-15"}


async def open_cycles(world: World) -> None:
    """Each school's curator drafts the cycle, the head approves it, diagnostics may begin."""
    await together(open_cycle(school, FIRST_YEAR) for school in world.schools)


async def open_cycle(school: School, drawn_up: dict[str, str]) -> None:
    """Drawn up, approved, and its diagnostics may begin."""
    cycle = school.at("registry", f"/cycles/{school.id_of('cycle')}")
    await school.curator.put(cycle, drawn_up)
    await school.head.post(f"{cycle}/approve")
    await school.curator.post(f"{cycle}/stage", {"stage": "DIAGNOSTICS_OPEN"})


async def diagnose(world: World, wave: int, closes_on: str) -> dict[str, int]:
    """A whole campaign in every school; returns how many answered and were scored."""
    counts = await together(_campaign(world, school, wave, closes_on) for school in world.schools)
    return {key: sum(int(one[key]) for one in counts) for key in ("invited", "submissions", "scored")}


async def _campaign(world: World, school: School, wave: int, closes_on: str) -> dict[str, int]:
    campaign = school.at("diagnostics", f"/campaigns/{school.id_of(f'campaign-{wave}')}")
    wanted = {"cycle_id": school.id_of("cycle"), "wave": wave, "closes_on": closes_on}
    await patiently(lambda: school.curator.put(campaign, wanted))
    sent = await together(answer(world, school, teacher, wave) for teacher in school.teachers.values())
    closed = await school.curator.post(f"{campaign}/close")
    school.counts[f"scored_{wave}"] = closed["scored"]
    return {"invited": closed["invited"], "submissions": sum(sent), "scored": closed["scored"]}


async def answer(world: World, school: School, teacher: Teacher, wave: int) -> int:
    """One person's part: the own questionnaire, the colleagues', and the visits of an observer."""
    me = teacher.person
    forms = await me.get(school.at("diagnostics", "/my/forms"))
    sent = 0
    for form in (one for one in forms if one["wave"] == wave):
        address = school.at("diagnostics", f"/my/forms/{form['campaign_id']}")
        if form["self"] is not None:
            own = form["self"]["competencies"]
            marks = {code: world.seen_level(me.person_id, code, f"self{wave}", 0.6, 0.3) for code in own}
            await me.put(f"{address}/self", {"answers": marks, "is_final": True})
        for other in form["colleagues"]:
            source = f"colleague{wave}{me.person_id}"
            await me.put(f"{address}/colleagues/{other['person_id']}", _marks(world, other, source, 0.5))
        for other in form["observations"]:
            seen = _marks(world, other, f"visit{wave}", 0.35)
            await me.put(f"{address}/observations/{other['person_id']}", {**seen, "lessons": 2})
        sent += 1 + len(form["colleagues"]) + len(form["observations"])
    return sent


def _marks(world: World, other: dict[str, Any], source: str, spread: float) -> dict[str, Any]:
    person = other["person_id"]
    return {"answers": {code: world.seen_level(person, code, source, spread) for code in other["competencies"]}}


async def release(world: World) -> dict[str, int]:
    """People see their profiles first; most of them release a few strengths and gaps, and say what they wish."""
    counts = await together(release_school(world, school) for school in world.schools)
    return {key: sum(one[key] for one in counts) for key in ("released", "needs", "offers")}


async def release_school(world: World, school: School) -> dict[str, int]:
    """The people of one school; its counts are kept for those who wait until all of it is heard."""
    counts = await together(_release(world, school, teacher) for teacher in school.teachers.values())
    found = {key: sum(one[key] for one in counts) for key in ("released", "needs", "offers")}
    school.counts.update(found)
    return found


async def _release(world: World, school: School, teacher: Teacher) -> dict[str, int]:
    me = teacher.person
    dice = world.chance("release", me.person_id)
    profile = await me.get(school.at("diagnostics", f"/my/profile?campaign_id={school.id_of('campaign-1')}"))
    is_shy = dice.random() < 0.08 and me.person_id not in world.gifted
    if is_shy or not profile:
        return {"released": 0, "needs": 0, "offers": 0}
    ordered = sorted(profile, key=lambda one: str(one["competency"]))
    dice.shuffle(ordered)
    gaps = [one["competency"] for one in ordered if one["competency_class"] == "DEFICIT_CONFIRMED"][:MOST_RELEASED]
    strong = [one["competency"] for one in ordered if one["competency_class"] == "STRENGTH_CONFIRMED"]
    strong = strong[:MOST_RELEASED]
    cycle = school.id_of("cycle")
    if gaps or strong:
        await me.post(school.at("diagnostics", "/my/releases"), {"cycle_id": cycle, "competencies": gaps + strong})
    for code in gaps:
        await me.put(school.at("diagnostics", f"/my/needs/{cycle}/{code}"), {"wish": dice.randint(1, 3)})
    for code in strong:
        offer = {"formats": list(SHARING), "minutes": 45, "outside_school": dice.random() < 0.3}
        await me.put(school.at("diagnostics", f"/my/offers/{cycle}/{code}"), offer)
    return {"released": len(gaps) + len(strong), "needs": len(gaps), "offers": len(strong)}
