"""Every door with every role: who may come in, who may not, and what a curator never sees."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi.routing import APIRoute

from chassis.doors import VERSION
from chassis.identity import EVERYONE, EVERYONE_AT_SCHOOL
from chassis.testing import eventually
from chassis.texts import LANGUAGES, Texts
from services import diagnostics
from services.diagnostics.api import router
from tests.diagnostics.classroom import Classroom, a_classroom, a_member
from tests.stand import Running, Stand, a_school

CURATOR = ("curator",)
ALLOWED = {
    ("GET", "/schools/{school}/my/looks"): EVERYONE_AT_SCHOOL,
    ("PUT", "/schools/{school}/campaigns/{campaign_id}"): CURATOR,
    ("GET", "/schools/{school}/campaigns"): CURATOR,
    ("GET", "/schools/{school}/campaigns/{campaign_id}"): CURATOR,
    ("POST", "/schools/{school}/campaigns/{campaign_id}/close"): CURATOR,
    ("GET", "/schools/{school}/campaigns/{campaign_id}/completion"): CURATOR,
    ("GET", "/schools/{school}/campaigns/{campaign_id}/due"): CURATOR,
    ("GET", "/schools/{school}/campaigns/{campaign_id}/observers"): CURATOR,
    ("PUT", "/schools/{school}/campaigns/{campaign_id}/observers/{observer_id}/people/{person_id}"): CURATOR,
    ("DELETE", "/schools/{school}/campaigns/{campaign_id}/observers/{observer_id}/people/{person_id}"): CURATOR,
    ("GET", "/schools/{school}/released"): CURATOR,
    ("GET", "/schools/{school}/my/forms"): EVERYONE_AT_SCHOOL,
    ("PUT", "/schools/{school}/my/forms/{campaign_id}/self"): EVERYONE_AT_SCHOOL,
    ("PUT", "/schools/{school}/my/forms/{campaign_id}/colleagues/{person_id}"): EVERYONE_AT_SCHOOL,
    ("PUT", "/schools/{school}/my/forms/{campaign_id}/self/{competency}"): EVERYONE_AT_SCHOOL,
    ("PUT", "/schools/{school}/my/forms/{campaign_id}/colleagues/{person_id}/{competency}"): EVERYONE_AT_SCHOOL,
    ("PUT", "/schools/{school}/my/forms/{campaign_id}/observations/{person_id}"): ("observer",),
    ("GET", "/schools/{school}/my/observations/{campaign_id}"): ("observer",),
    ("GET", "/schools/{school}/my/observations/{campaign_id}/{person_id}"): ("observer",),
    ("PUT", "/schools/{school}/my/observations/{campaign_id}/{person_id}/lessons/{lesson}"): ("observer",),
    ("PUT", "/schools/{school}/my/observations/{campaign_id}/{person_id}/lessons/{lesson}/notes"): ("observer",),
    ("GET", "/schools/{school}/my/lesson-notes"): EVERYONE_AT_SCHOOL,
    ("GET", "/schools/{school}/my/reviews/{campaign_id}"): ("observer",),
    ("PUT", "/schools/{school}/my/reviews/{campaign_id}/{artefact_id}"): ("observer",),
    ("GET", "/schools/{school}/my/artefacts/{campaign_id}"): EVERYONE_AT_SCHOOL,
    ("PUT", "/schools/{school}/my/artefacts/{campaign_id}/{artefact_id}"): EVERYONE_AT_SCHOOL,
    ("DELETE", "/schools/{school}/my/artefacts/{campaign_id}/{artefact_id}"): EVERYONE_AT_SCHOOL,
    ("GET", "/schools/{school}/my/tests/{campaign_id}"): EVERYONE_AT_SCHOOL,
    ("GET", "/schools/{school}/my/tests/{campaign_id}/{competency}"): EVERYONE_AT_SCHOOL,
    ("PUT", "/schools/{school}/my/tests/{campaign_id}/{competency}"): EVERYONE_AT_SCHOOL,
    ("GET", "/schools/{school}/my/wishes/{cycle_id}"): EVERYONE_AT_SCHOOL,
    ("GET", "/schools/{school}/my/profile"): EVERYONE_AT_SCHOOL,
    ("PUT", "/schools/{school}/my/comments/{cycle_id}/{competency}"): EVERYONE_AT_SCHOOL,
    ("DELETE", "/schools/{school}/my/comments/{cycle_id}/{competency}"): EVERYONE_AT_SCHOOL,
    ("GET", "/schools/{school}/my/appeals"): EVERYONE_AT_SCHOOL,
    ("PUT", "/schools/{school}/my/appeals/{appeal_id}"): EVERYONE_AT_SCHOOL,
    ("POST", "/schools/{school}/my/appeals/{appeal_id}/withdraw"): EVERYONE_AT_SCHOOL,
    ("GET", "/schools/{school}/my/forms/{campaign_id}/then"): EVERYONE_AT_SCHOOL,
    ("PUT", "/schools/{school}/my/forms/{campaign_id}/then"): EVERYONE_AT_SCHOOL,
    ("GET", "/schools/{school}/my/change"): EVERYONE_AT_SCHOOL,
    ("GET", "/schools/{school}/campaigns/{campaign_id}/change"): ("curator", "head"),
    ("GET", "/schools/{school}/appeals"): CURATOR,
    ("POST", "/schools/{school}/appeals/{appeal_id}/review"): CURATOR,
    ("POST", "/schools/{school}/appeals/{appeal_id}/uphold"): CURATOR,
    ("POST", "/schools/{school}/appeals/{appeal_id}/reject"): CURATOR,
    ("POST", "/schools/{school}/my/releases"): EVERYONE_AT_SCHOOL,
    ("DELETE", "/schools/{school}/my/releases/{cycle_id}/{competency}"): EVERYONE_AT_SCHOOL,
    ("PUT", "/schools/{school}/my/needs/{cycle_id}/{competency}"): EVERYONE_AT_SCHOOL,
    ("DELETE", "/schools/{school}/my/needs/{cycle_id}/{competency}"): EVERYONE_AT_SCHOOL,
    ("PUT", "/schools/{school}/my/offers/{cycle_id}/{competency}"): EVERYONE_AT_SCHOOL,
    ("DELETE", "/schools/{school}/my/offers/{cycle_id}/{competency}"): EVERYONE_AT_SCHOOL,
}
ROLE_FAILURES = {401, 403}
# Doors of the city stand in `test_instrument_figures.py`.
OF_CITY = "/psychometrics"


def doors() -> list[tuple[str, str]]:
    routes = [route for route in router.routes if isinstance(route, APIRoute)]
    return [(method, route.path.removeprefix(VERSION)) for route in routes for method in sorted(route.methods or ())]


def address(path: str, school: str, *, known: dict[str, UUID] | None = None) -> str:
    names = ("campaign_id", "person_id", "cycle_id", "appeal_id", "observer_id", "artefact_id")
    ids = {name: str((known or {}).get(name, uuid4())) for name in names}
    return path.format(school=school, competency="M02", lesson=1, **ids)


async def knock(running: Running, method: str, path: str, *groups: str, by: UUID | None = None) -> httpx.Response:
    return await running.call(method, path, by=by or uuid4(), groups=groups, json={})


def test_matrix_knows_every_door() -> None:
    assert {*ALLOWED, ("GET", "/catalogue"), ("GET", "/looks")} == {
        door for door in doors() if not door[1].startswith(OF_CITY)
    }


@pytest.mark.parametrize(("method", "path"), ALLOWED)
async def test_door_opens_for_its_roles_at_its_school_only(stand: Stand, method: str, path: str) -> None:
    running = await stand.service("diagnostics")
    school = a_school()

    here = {
        role: (await knock(running, method, address(path, school), f"/schools/{school}/{role}")).status_code
        for role in EVERYONE
    }
    elsewhere = {
        (await knock(running, method, address(path, school), f"{place}/{role}")).status_code
        for role in EVERYONE
        for place in (f"/schools/{a_school()}", "/districts/vyborgsky", "/city")
    }
    nobody = await running.client.request(method, address(path, school), json={})

    assert {role for role, status in here.items() if status not in ROLE_FAILURES} == set(ALLOWED[method, path])
    assert elsewhere == {403}
    assert nobody.status_code == 401


@pytest.mark.parametrize(("method", "path"), [door for door in ALLOWED if "/my/" in door[1]])
async def test_own_door_is_for_people_and_not_for_services(stand: Stand, method: str, path: str) -> None:
    running = await stand.service("diagnostics")
    school = a_school()
    content = {
        "answers": {},
        "level": 3,
        "marks": {},
        "title": "A plan of a lesson",
        "cycle_id": str(uuid4()),
        "competency": "M02",
        "competencies": ["M02"],
        "text": "That was not my usual lesson.",
        "wish": 1,
        "formats": ["meeting"],
        "minutes": 45,
    }

    answer = await running.call(
        method,
        address(path, school),
        by=None,
        groups=[f"/schools/{school}/{role}" for role in EVERYONE_AT_SCHOOL],
        json=content,
        params={"cycle_id": content["cycle_id"]},
    )

    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:neo:problem:identity.person-only"


async def test_curator_of_one_school_is_only_a_teacher_at_another(stand: Stand) -> None:
    room = await a_classroom(stand, teachers=3)
    other = await a_classroom(stand, teachers=3)
    campaign = await other.opened()
    person = other.teachers[0]
    groups = [f"/schools/{room.school}/curator", f"/schools/{other.school}/teacher"]

    here = await room.running.call("GET", f"/schools/{room.school}/campaigns", by=person, groups=groups)
    there = await room.running.call("GET", f"/schools/{other.school}/campaigns", by=person, groups=groups)
    forms = await room.running.call("GET", f"/schools/{other.school}/my/forms", by=person, groups=groups)
    stray = await room.running.call("GET", f"/schools/{room.school}/campaigns/{campaign}", by=person, groups=groups)

    assert (here.status_code, there.status_code, stray.status_code) == (200, 403, 404)
    assert forms.json()[0]["campaign_id"] == str(campaign)


async def a_told_classroom(stand: Stand) -> tuple[Classroom, UUID]:
    """A school with answers, a profile, and one released competency."""
    room = await a_classroom(stand, teachers=4)
    campaign = await room.opened()
    person = room.teachers[0]
    await room.score(campaign, person, own=3, seen=2)
    for rater in await room.raters_of(campaign, person):
        await room.rate(campaign, rater, person, 2)
    await room.release(person, "M02")
    return room, campaign


async def test_no_door_gives_a_curator_or_a_head_an_answer_a_level_or_a_mark(stand: Stand) -> None:
    room, campaign = await a_told_classroom(stand)
    known = {"campaign_id": campaign, "person_id": room.teachers[0], "cycle_id": room.cycle}
    # Who takes part and who observes whom is the curator's own business.
    of_curator = ("/observers", "/completion", "/due")
    readable = [path for method, path in ALLOWED if method == "GET" and not path.endswith(of_curator)]
    said = ""
    for role in ("curator", "head"):
        for path in readable:
            answer = await room.running.call(
                "GET",
                address(path, room.school, known=known),
                by=room.curator,
                groups=[f"/schools/{room.school}/{role}"],
                params={"cycle_id": str(room.cycle), "campaign_id": str(campaign)},
            )
            said += answer.text

    assert said.count(str(room.teachers[0])) == 1
    assert not any(word in said for word in ("answers", "level", "se10", "mark", "confidence", "D06", "lessons"))


async def test_other_school_sees_and_touches_nothing(stand: Stand) -> None:
    room, campaign = await a_told_classroom(stand)
    other = await a_classroom(stand, teachers=3)
    person = room.teachers[0]
    other.cycle = room.cycle

    profile = await other.call("GET", "/my/profile", by=person, params={"campaign_id": str(campaign)})
    forms = await other.call("GET", "/my/forms", by=person)
    closing = await other.close(campaign)
    need = await other.call("PUT", f"/my/needs/{room.cycle}/M02", by=person, json={"wish": 1})
    release = await other.release(person, "M02")
    await other.call("DELETE", f"/my/releases/{room.cycle}/M02", by=person)

    assert profile.json() == forms.json() == await other.released() == []
    assert (closing.status_code, need.status_code, release.status_code) == (404, 404, 409)
    assert len(await room.released()) == 1


async def test_person_of_two_schools_has_two_separate_profiles(stand: Stand) -> None:
    room, _ = await a_told_classroom(stand)
    person = room.teachers[0]
    other = await a_classroom(stand, teachers=3)
    await stand.publish(a_member(other.school, person, profiles=("PRIMARY_TEACHER",)))
    await eventually(lambda: other.running.count("members", other.school), equals=5)
    campaign = await other.opened()
    await other.score(campaign, person, own=5, seen=5)

    assert {each["level10"] for each in (await room.profile(person)).values()} == {21}
    assert {each["level10"] for each in (await other.profile(person)).values()} == {50}


async def test_catalogue_is_open_to_everyone_who_is_signed_in(stand: Stand) -> None:
    running = await stand.service("diagnostics")

    answers = [
        await running.call("GET", "/catalogue", by=uuid4(), groups=[f"{place}/{role}"])
        for place, role in (
            ("/schools/spb-693", "teacher"),
            ("/districts/vyborgsky", "coordinator"),
            ("/city", "analyst"),
        )
    ]
    nobody = await running.client.get("/catalogue")
    guest = await running.call("GET", "/catalogue", by=uuid4(), groups=["/schools/spb-693/guest"])

    assert [answer.status_code for answer in answers] == [200] * 3
    assert (nobody.status_code, guest.status_code) == (401, 403)
    page = json.loads(answers[0].content)
    assert len(page["competencies"]) == 57
    assert [each["code"] for each in page["domains"]] == list("DMSPIN")
    assert all(each["ru"] and each["en"] for kind in ("competencies", "domains", "levels") for each in page[kind])
    targets = {each["code"]: each["targets"] for each in page["competencies"]}
    assert (targets["M01"]["SUBJECT_TEACHER"], targets["M13"]["SUBJECT_TEACHER"]) == (4, 3)
    assert "DEPUTY_HEAD" not in targets["S01"]


def slugs_in_code() -> Iterator[str]:
    for file in Path(str(diagnostics.__file__)).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {
                "Conflict",
                "Forbidden",
                "Invalid",
                "Missing",
            }:
                slug = node.args[0]
                if isinstance(slug, ast.Constant):
                    yield str(slug.value)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_has_words(language: str) -> None:
    texts = Texts.load("chassis", "services.diagnostics")

    assert sorted(slug for slug in set(slugs_in_code()) if not texts.knows(slug, language)) == []
