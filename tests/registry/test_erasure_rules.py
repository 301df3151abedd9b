"""Rules of erasure: who may order it for whom, what the ledger may hold, and how a state follows."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from chassis.refusals import Forbidden, Invalid
from chassis.texts import LANGUAGES, Texts
from services.registry.api.erasure import CONSEQUENCES
from services.registry.domain.erasure import Basis, Order, Reach, State, check_order, check_reach, progress
from services.registry.domain.people import Names
from tests.registry.staff_exports import a_row
from tests.registry.test_erasure import NAME, a_staff, audit, order
from tests.registry.town import a_school
from tests.stand import Stand

NOW = datetime(2026, 11, 25, tzinfo=UTC)


DOORS = [
    ("POST", "/people:find"),
    ("GET", f"/people/{uuid4()}/erasure"),
    ("PUT", f"/erasures/{uuid4()}"),
    ("POST", f"/erasures/{uuid4()}/repeat"),
    ("GET", "/erasures"),
    ("GET", f"/erasures/{uuid4()}"),
]


@pytest.mark.parametrize(("method", "path"), DOORS)
async def test_doors_of_the_auditor_open_to_nobody_else(stand: Stand, method: str, path: str) -> None:
    registry = await stand.service("registry")
    roles = ("teacher", "observer", "curator", "head", "coordinator", "analyst", "operator")
    everybody = [f"/{place}/{role}" for place in ("schools/x", "districts/x", "city") for role in roles]

    nobody = await registry.client.request(method, path)
    refused = await audit(registry, method, path, everybody)
    entered = await audit(registry, method, path)

    assert (nobody.status_code, refused.status_code) == (401, 403)
    assert entered.status_code in (200, 404, 422)


async def test_auditor_of_one_school_or_district_reaches_no_further(stand: Stand) -> None:
    registry = await stand.service("registry")
    here, there = await a_school(registry), await a_school(registry)
    mine, shared = await here.add(), await here.add(family_name="Общая")
    await there.add("head", shared, family_name="Общая", roles=["teacher"])
    of_school, of_district = [here.at("/auditor")], [f"/districts/{here.district}/auditor"]

    beyond = [await order(registry, shared, groups) for groups in (of_school, of_district, [there.at("/auditor")])]
    foreign = await audit(
        registry, "POST", "/people:find", of_school, json={"place_id": there.school_id, "family_name": "Общая"}
    )
    within = await order(registry, mine, of_district)
    ledgers = [
        (await audit(registry, "GET", "/erasures?limit=500", groups)).json()["items"]
        for groups in (of_school, [there.at("/auditor")])
    ]

    assert [answer.status_code for answer in (*beyond, foreign)] == [403] * 4
    assert within.status_code == 201
    assert [[one["person_id"] for one in ledger] for ledger in ledgers] == [[str(mine)], []]


async def test_namesakes_are_told_apart_by_username_and_post_and_only_the_meant_one_is_forgotten(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    await school.take_in(
        a_row(number="1", family=NAME, title="Учитель"), a_row(number="2", family=NAME, title="Педагог-психолог")
    )
    sought = {"place_id": school.school_id, "family_name": NAME}

    found = (await audit(registry, "POST", "/people:find", json=sought)).json()
    (meant,) = [one for one in found if one["posts"] == ["Педагог-психолог"]]
    preview = (await audit(registry, "GET", f"/people/{meant['person_id']}/erasure")).json()
    await order(registry, meant["person_id"])
    left = (await audit(registry, "POST", "/people:find", json=sought)).json()

    assert len({one["full_name"] for one in found}) == 1
    assert len({one["username"] for one in found}) == len(found) == 2
    assert preview["username"] == meant["username"]
    assert [one["posts"] for one in left] == [["Учитель"]]


async def test_ledger_keeps_no_name_even_if_the_number_would(stand: Stand) -> None:
    registry = await stand.service("registry")
    _, person = await a_staff(registry)

    named = await order(registry, person, request_number=f"{NAME}-17")
    with_words = await order(registry, person, request_number="о стирании")
    unknown = await order(registry, uuid4())

    assert named.json()["type"] == "urn:neo:problem:erasure.number-names-the-person"
    assert (with_words.status_code, unknown.status_code) == (422, 404)


def test_state_follows_from_what_the_services_and_the_realm_have_said() -> None:
    services, later = ("a", "b"), NOW + timedelta(hours=1)
    both = {"a": NOW, "b": later}

    assert progress(services, {}, account_gone_at=NOW).state is State.ORDERED
    assert progress(services, {"a": NOW}, account_gone_at=None).waits_for == ("b",)
    spread = progress(services, both, account_gone_at=None)
    assert (spread.state, spread.spread_at, spread.done_at) == (State.SPREAD, later, None)
    assert progress(services, both, account_gone_at=NOW).done_at == later


def test_reach_and_number_are_checked_by_the_domain() -> None:
    names = Names("Ли", "Анна", None)

    check_order(an_order("ПД-1/Ли"), names)
    with pytest.raises(Invalid):
        check_order(an_order("анна-1"), names)
    check_reach(Reach(is_city=True, places=frozenset()), ["x"])
    with pytest.raises(Forbidden):
        check_reach(Reach(is_city=False, places=frozenset({"x"})), ["x", "y"])


def an_order(number: str) -> Order:
    return Order(uuid4(), uuid4(), Basis.WITHDRAWN, number, uuid4())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_consequence_has_words(language: str) -> None:
    texts = Texts.load("services.registry")

    assert [slug for slug in CONSEQUENCES if not texts.knows(slug, language)] == []
