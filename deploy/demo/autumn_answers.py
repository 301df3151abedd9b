"""The second autumn of a school in the middle of its diagnosis: most have answered, and many things are half done."""

from typing import Any

from deploy.demo import diagnose
from deploy.demo.client import Person, patiently, together
from deploy.demo.world import School, Teacher, World

CLOSES_ON = "2027-11-12"
# Of five people three have answered, one has begun and one has not; the first of all has begun.
BEGUN, NOT_YET = 0, 4
HALF = 7
MARKS = [3, 2, 1, 0]
ARTEFACT = "План урока: дроби на рынке"
APPEAL = "В эти две недели за меня вели замены, и наблюдатель видел не мой обычный урок."
NOT_HEARD_YET = (401, 403, 404, 409, 422)


async def go_on(world: World, school: School) -> dict[str, Any]:
    """Open the campaign and let people come as far as they are on some day in October."""
    wanted = {"cycle_id": school.id_of("cycle"), "wave": 1, "closes_on": CLOSES_ON}
    opened = await patiently(lambda: school.curator.put(_campaign(school), wanted))
    people = school.in_order
    sent = await together(_answer(world, school, teacher, number % 5) for number, teacher in enumerate(people))
    await _sit_a_test(school, people[0].person)
    await _appeal(school, [one.person for one in people[1:]])
    await _observe(school, people[1].person, [one.person for one in people[2:]])
    return {"invited": opened["invited"], "submissions": sum(sent)}


def _campaign(school: School) -> str:
    return school.at("diagnostics", f"/campaigns/{school.id_of('campaign-1')}")


def _mine(school: School, what: str) -> str:
    return school.at("diagnostics", f"/my/{what}/{school.id_of('campaign-1')}")


async def _answer(world: World, school: School, teacher: Teacher, place: int) -> int:
    if place == NOT_YET:
        return 0
    if place != BEGUN:
        return await diagnose.answer(world, school, teacher, 1)
    me = teacher.person
    own = await _own_competencies(school, me)
    marks = {code: world.seen_level(me.person_id, code, "self1", 0.6, 0.3) for code in own[:HALF]}
    await me.put(f"{_mine(school, 'forms')}/self", {"answers": marks})
    return 0


async def _own_competencies(school: School, me: Person) -> list[str]:
    forms = await me.get(school.at("diagnostics", "/my/forms"))
    return [code for form in forms if form["self"] for code in form["self"]["competencies"]]


async def _sit_a_test(school: School, me: Person) -> None:
    """The first test that is asked: begun, and one of its tasks answered."""
    for test in (await me.get(_mine(school, "tests")))[:1]:
        sitting = f"{_mine(school, 'tests')}/{test['competency']}"
        begun = await me.put(sitting, {})
        task = next(item["item"] for item in begun["items"] if item["kind"] == "ONE")
        await me.put(sitting, {"answers": {task: ["a"]}})


async def _appeal(school: School, people: list[Person]) -> None:
    """The first who has a profile disputes the first level in it, and lets the curator read why."""
    profile = school.at("diagnostics", f"/my/profile?campaign_id={school.id_of('campaign-1')}")
    dispute = {"cycle_id": school.id_of("cycle"), "text": APPEAL, "is_text_shown": True}
    address = school.at("diagnostics", f"/my/appeals/{school.id_of('appeal')}")
    for me in people:
        for one in (await me.get(profile))[:1]:
            await me.put(address, {**dispute, "competency": one["competency"]})
            return


async def _observe(school: School, observer: Person, people: list[Person]) -> None:
    """A new observer has two people to see: one lesson is given, and each of the two has handed in a plan."""
    roles = school.at("registry", f"/people/{observer.person_id}/roles")
    await school.curator.put(roles, {"roles": ["teacher", "observer"]})
    # Chance may have made an observer of this person before: whoever was seen then is not asked for again.
    assigned = await school.curator.every(f"{_campaign(school)}/observers")
    known = {one["person_id"] for one in assigned if one["observer_id"] == observer.person_id}
    seen = [me for me in people if me.person_id not in known][:2]
    asked = [await _hand_in(school, me) for me in seen]
    for me, codes in zip(seen, asked, strict=True):
        await _assign(school, observer, me, codes)
    lesson = f"{_mine(school, 'observations')}/{seen[0].person_id}/lessons/1"
    given = {"marks": dict.fromkeys(asked[0], MARKS), "is_final": True}

    async def give() -> None:
        # The new role comes with a new token.
        await observer.sign_in()
        await observer.put(lesson, given)

    await patiently(give, statuses=NOT_HEARD_YET)


async def _hand_in(school: School, me: Person) -> list[str]:
    """An artefact where one can show something; returns the competencies in which the person is to be seen."""
    able = (await me.get(_mine(school, "artefacts")))["can_show"][:1]
    if able:
        artefact = {"title": ARTEFACT, "competencies": able}
        await me.put(f"{_mine(school, 'artefacts')}/{school.id_of(f'artefact-{me.username}')}", artefact)
    own = await _own_competencies(school, me)
    return list(dict.fromkeys((*able, *own[:2])))


async def _assign(school: School, observer: Person, me: Person, codes: list[str]) -> None:
    address = f"{_campaign(school)}/observers/{observer.person_id}/people/{me.person_id}"
    await patiently(lambda: school.curator.put(address, {"competencies": codes}), statuses=NOT_HEARD_YET)
