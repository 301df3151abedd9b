"""Slips: printed once, redeemed once, ended at will, and never written down in clear."""

import asyncio
import logging
import re
import socket
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from chassis.telemetry import JsonLines
from services.registry.domain.slips import (
    ALPHABET,
    digest,
    new_code,
)
from tests.deploy.issuer_run import Running as Issuer
from tests.deploy.issuer_run import started
from tests.registry.realm import a_registry, accounts_are_ready, can_sign_in
from tests.registry.town import ANALYST, School, a_school
from tests.stand import Running, Stand

PASSWORD = "семь-раз-отмерь-2026"
OTHER = "another-long-password-7"
REFUSED = "urn:neo:problem:slip.not-accepted"


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    with started(tmp_path_factory.mktemp("issuer")) as running:
        yield running


@pytest_asyncio.fixture
async def registry(stand: Stand, issuer: Issuer) -> AsyncIterator[Running]:
    async with a_registry(stand, issuer.address) as running:
        yield running


async def a_school_of(registry: Running, teachers: int) -> tuple[School, list[UUID]]:
    """A school whose teachers have accounts in the realm."""
    school = await a_school(registry)
    people = [await school.add() for _ in range(teachers)]
    await accounts_are_ready(school, teachers)
    return school, people


async def print_slips(school: School, *people: UUID, role: str = "curator", **other: Any) -> httpx.Response:
    wanted = {"person_ids": [str(one) for one in people]} if people else {}
    return await school.call(role, "POST", "/slips", json=wanted | other)


async def a_slip(school: School, *people: UUID, **other: Any) -> dict[str, Any]:
    answer = await print_slips(school, *people, **other)
    assert answer.status_code == 201, answer.text
    (slip,) = answer.json()["slips"]
    return dict(slip)


async def redeem(registry: Running, code: str, password: str = PASSWORD, **headers: str) -> httpx.Response:
    wanted = {"code": code, "new_password": password}
    return await registry.client.post("/slips:redeem", json=wanted, headers=headers)


async def newcomers(school: School) -> dict[str, Any]:
    return dict((await school.call("curator", "GET", "/newcomers?limit=500")).json())


async def test_holder_of_a_slip_chooses_a_password_and_signs_in_with_it(registry: Running, issuer: Issuer) -> None:
    school, _ = await a_school_of(registry, 1)
    slip = await a_slip(school)

    answer = await redeem(registry, slip["code"])

    assert answer.json() == {"username": slip["username"]}
    assert can_sign_in(issuer, slip["username"], PASSWORD)
    assert slip["full_name"] == "Орлова Анна Ильинична"


async def test_slip_opens_once_even_for_two_at_the_same_moment(registry: Running, issuer: Issuer) -> None:
    school, _ = await a_school_of(registry, 1)
    slip = await a_slip(school)
    passwords = [f"{PASSWORD}-{number}" for number in range(4)]

    answers = await asyncio.gather(*(redeem(registry, slip["code"], one) for one in passwords))

    won = [password for password, answer in zip(passwords, answers, strict=True) if answer.status_code == 200]
    assert len(won) == 1
    assert {answer.status_code for answer in answers} <= {200, 409, 422}
    assert [one for one in passwords if can_sign_in(issuer, slip["username"], one)] == won
    assert (await redeem(registry, slip["code"])).json()["type"] == REFUSED


async def test_new_slip_ends_the_old_one_and_leads_back_in_without_any_mail(registry: Running, issuer: Issuer) -> None:
    school, (person,) = await a_school_of(registry, 1)
    first = await a_slip(school)
    await redeem(registry, first["code"])

    lost, found = await a_slip(school, person), await a_slip(school, person)

    assert (await redeem(registry, lost["code"], OTHER)).json()["type"] == REFUSED
    assert (await redeem(registry, found["code"], OTHER)).status_code == 200
    assert can_sign_in(issuer, found["username"], OTHER)
    assert not can_sign_in(issuer, found["username"], PASSWORD)


async def test_revoked_slip_opens_nothing_and_a_used_one_cannot_be_revoked(registry: Running) -> None:
    school, (here, there) = await a_school_of(registry, 2)
    slips = {slip["person_id"]: slip for slip in (await print_slips(school)).json()["slips"]}
    lost, used = slips[str(here)], slips[str(there)]
    await redeem(registry, used["code"])

    answers = [await school.call("head", "POST", f"/slips/{slip['slip_id']}/revoke") for slip in (lost, lost, used)]

    assert [answer.status_code for answer in answers] == [200, 200, 409]
    assert answers[0].json()["state"] == "REVOKED"
    assert (await redeem(registry, lost["code"])).json()["type"] == REFUSED
    states = {one["person_id"]: one["state"] for one in (await school.call("head", "GET", "/slips")).json()["items"]}
    assert states == {str(here): "REVOKED", str(there): "USED"}


async def test_slip_ends_by_real_time_and_not_by_the_clock_of_the_school(registry: Running, stand: Stand) -> None:
    school, (person,) = await a_school_of(registry, 1)
    slip = await a_slip(school)

    stand.clock.offset += timedelta(days=300)
    listed = (await school.call("curator", "GET", "/slips")).json()["items"]
    assert [one["state"] for one in listed] == ["OPEN"]
    async with registry.db.transaction(school.school_id) as tx:
        await tx.run(text("update slips set expires_at = clock_timestamp() - interval '1 second'"))

    assert (await redeem(registry, slip["code"])).json()["type"] == REFUSED
    assert [one["state"] for one in (await newcomers(school))["items"]] == ["NO_SLIP"]
    assert (await redeem(registry, (await a_slip(school, person))["code"])).status_code == 200


async def test_slip_lasts_fourteen_days(registry: Running) -> None:
    school, _ = await a_school_of(registry, 1)
    await a_slip(school)

    async with registry.db.transaction(school.school_id) as tx:
        days = await tx.value(text("select extract(day from expires_at - issued_at) from slips"))

    assert int(days) == 14


async def test_list_of_those_who_have_not_come_in_follows_slip_password_and_first_sign_in(registry: Running) -> None:
    school, people = await a_school_of(registry, 3)
    before = await newcomers(school)
    slips = {slip["person_id"]: slip for slip in (await print_slips(school)).json()["slips"]}
    printed = await newcomers(school)
    redeemed, came_in, _ = people
    for person in (redeemed, came_in):
        await redeem(registry, slips[str(person)]["code"])
    with_password = await newcomers(school)
    await registry.call("GET", school.at("/my/person"), by=came_in, groups=[school.at("/teacher")])

    after = await newcomers(school)

    counts = ("people", "not_come_in", "with_slip", "with_password")
    told = [tuple(page[name] for name in counts) for page in (before, printed, with_password, after)]
    assert told == [(3, 3, 0, 0), (3, 3, 3, 0), (3, 3, 1, 2), (3, 2, 1, 1)]
    assert {one["person_id"] for one in after["items"]} == {str(one) for one in people} - {str(came_in)}
    assert {one["person_id"]: one["state"] for one in after["items"]}[str(redeemed)] == "HAS_PASSWORD"


async def test_list_of_newcomers_is_read_in_pages(registry: Running) -> None:
    school, people = await a_school_of(registry, 3)

    first = (await school.call("curator", "GET", "/newcomers?limit=2")).json()
    second = (await school.call("curator", "GET", f"/newcomers?limit=2&after={first['next']}")).json()

    assert [one["person_id"] for one in first["items"] + second["items"]] == sorted(str(one) for one in people)
    assert (second["next"], second["people"]) == (None, 3)


async def test_sheet_for_all_leaves_open_slips_in_force(registry: Running) -> None:
    school, (one, other) = await a_school_of(registry, 2)
    kept = await a_slip(school, one)

    sheet = (await print_slips(school)).json()

    assert [slip["person_id"] for slip in sheet["slips"]] == [str(other)]
    assert (sheet["left_out"], sheet["is_more"]) == ([], False)
    assert (await redeem(registry, kept["code"])).status_code == 200


async def test_curator_prints_no_slip_for_head_curator_or_an_office_elsewhere(registry: Running) -> None:
    school, _ = await a_school_of(registry, 1)
    there = await a_school(registry)
    colleague = await school.add("head", roles=["teacher", "curator"])
    elsewhere = await school.add()
    await there.add("head", elsewhere, roles=["curator"])
    await accounts_are_ready(school, 3)

    by_curator = [await print_slips(school, one) for one in (colleague, elsewhere)]
    by_head = [await print_slips(school, one, role="head") for one in (colleague, elsewhere)]
    sheet = (await print_slips(school)).json()

    assert [answer.status_code for answer in by_curator] == [403, 403]
    assert [answer.status_code for answer in by_head] == [201, 403]
    assert by_curator[0].json()["type"] == "urn:neo:problem:slip.not-yours"
    assert {one["person_id"]: one["reason"] for one in sheet["left_out"]} == {str(elsewhere): "NOT_YOURS"}


async def test_other_school_sees_no_slip_prints_none_and_ends_none(registry: Running) -> None:
    school, (person,) = await a_school_of(registry, 1)
    other, _ = await a_school_of(registry, 0)
    slip = await a_slip(school)

    seen = (await other.call("curator", "GET", "/slips")).json()["items"]
    printed = await print_slips(other, person)
    ended = await other.call("curator", "POST", f"/slips/{slip['slip_id']}/revoke")

    assert seen == []
    assert (printed.status_code, ended.status_code) == (404, 404)
    assert (await newcomers(other))["people"] == 0
    assert (await redeem(registry, slip["code"])).status_code == 200


async def test_redeemed_slip_ends_those_of_other_schools(registry: Running, issuer: Issuer) -> None:
    here, (person,) = await a_school_of(registry, 1)
    there = await a_school(registry)
    await there.add("head", person, roles=["teacher"])
    await accounts_are_ready(there, 1)
    one, other = await a_slip(here, person), await a_slip(there, person)

    await redeem(registry, one["code"])

    assert (await redeem(registry, other["code"], OTHER)).json()["type"] == REFUSED
    assert can_sign_in(issuer, one["username"], PASSWORD)


async def test_officer_gets_a_slip_from_the_one_who_appoints(registry: Running, issuer: Issuer) -> None:
    school, _ = await a_school_of(registry, 0)
    head = uuid4()
    names = {"family_name": "Петрова", "given_name": "Мария", "role": "head"}
    door = f"/places/{school.school_id}/officers/{head}"
    await registry.call("PUT", door, by=uuid4(), groups=ANALYST, json=names)
    await accounts_are_ready(school, 1)

    slip = (await registry.call("POST", f"{door}/slip", by=uuid4(), groups=ANALYST, json={})).json()

    assert (await redeem(registry, slip["code"])).json() == {"username": f"{school.school_id}.head"}
    assert can_sign_in(issuer, f"{school.school_id}.head", PASSWORD)


async def test_password_that_the_realm_refuses_is_explained_and_costs_no_slip(registry: Running) -> None:
    school, _ = await a_school_of(registry, 1)
    slip = await a_slip(school)

    short = (await redeem(registry, slip["code"], "short")).json()
    same = (await redeem(registry, slip["code"], slip["username"])).json()

    problem = "urn:neo:problem:password"
    assert (short["type"], short["field"], short["number"]) == (f"{problem}.too-short", "new_password", 12)
    assert "12" in short["detail"]
    assert same["type"] == f"{problem}.like-username"
    assert (await redeem(registry, slip["code"])).status_code == 200


async def test_realm_that_is_away_costs_no_slip(stand: Stand, issuer: Issuer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        nowhere = f"http://127.0.0.1:{reserved.getsockname()[1]}"
    async with a_registry(stand, issuer.address) as registry:
        school, _ = await a_school_of(registry, 1)
        slip = await a_slip(school)
    async with a_registry(stand, nowhere) as registry:
        away = await redeem(registry, slip["code"])

    async with a_registry(stand, issuer.address) as registry:
        back = await redeem(registry, slip["code"])

    assert (away.status_code, away.json()["type"]) == (503, "urn:neo:problem:slip.realm-away")
    assert back.status_code == 200
    assert can_sign_in(issuer, slip["username"], PASSWORD)


async def test_account_that_is_still_being_made_gets_no_slip_yet(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    person = await school.add()

    sheet = (await print_slips(school)).json()

    assert sheet["slips"] == []
    assert sheet["left_out"] == [{"person_id": str(person), "reason": "NO_ACCOUNT"}]


async def test_leavers_slip_opens_nothing(registry: Running) -> None:
    school, (person,) = await a_school_of(registry, 1)
    slip = await a_slip(school)

    await school.call("head", "PUT", f"/people/{person}/roles", json={"roles": []})

    assert (await redeem(registry, slip["code"])).json()["type"] == REFUSED


async def test_wrong_codes_are_answered_all_alike_and_after_ten_not_at_all(registry: Running) -> None:
    school, _ = await a_school_of(registry, 1)
    slip = await a_slip(school)
    start = slip["code"][:5]
    wrong = [f"{start}-{ALPHABET[:5]}-{ALPHABET[n] * 5}" for n in range(11)]

    answers = [await redeem(registry, code) for code in wrong]
    right = await redeem(registry, slip["code"])
    unknown = await redeem(registry, "nonsense")

    assert {answer.json()["type"] for answer in answers[:10]} == {REFUSED}
    assert [answer.status_code for answer in (*answers[10:], right)] == [429, 429]
    assert right.json()["type"] == "urn:neo:problem:slip.too-many-attempts"
    assert right.headers["retry-after"] == "3600"
    assert unknown.json()["type"] == REFUSED
    assert len({answer.json()["detail"] for answer in answers[:10]}) == 1


async def test_address_that_guesses_is_stopped_and_others_are_not(registry: Running) -> None:
    school, _ = await a_school_of(registry, 1)
    slip = await a_slip(school)
    guesser, honest = {"x-forwarded-for": f"guesser-{uuid4()}"}, {"x-forwarded-for": f"honest-{uuid4()}"}

    for _ in range(100):
        await redeem(registry, new_code(lambda below: uuid4().int % below), **guesser)
    stopped = await redeem(registry, slip["code"], **guesser)
    passes = await redeem(registry, slip["code"], **honest)

    assert (stopped.status_code, passes.status_code) == (429, 200)


async def test_code_stands_in_no_log_and_in_no_table(
    registry: Running, caplog: pytest.LogCaptureFixture, stand: Stand
) -> None:
    school, _ = await a_school_of(registry, 1)
    with caplog.at_level(logging.DEBUG):
        slip = await a_slip(school, welcome="https://neo.example.org/welcome")
        await redeem(registry, slip["code"], "short")
        await redeem(registry, slip["code"])

    code = slip["code"].replace("-", "")
    logged = "\n".join(JsonLines().format(record) for record in caplog.records)
    async with registry.db.transaction(school.school_id) as tx:
        kept = "\n".join(row["row"] for row in await tx.rows(text("select slips::text as row from slips")))
    assert digest(code).hex() in kept
    for secret in (slip["code"], code, PASSWORD):
        assert secret not in logged
        assert secret not in kept


async def test_picture_leads_to_the_page_with_the_code_behind_the_hash_sign(registry: Running) -> None:
    school, (person,) = await a_school_of(registry, 1)

    with_picture = await a_slip(school, person, welcome="https://neo.example.org/welcome")
    without = await a_slip(school, person)
    wrong = await print_slips(school, person, welcome="javascript:alert(1)")

    assert re.fullmatch(r'<svg viewBox="[0-9 ]+"><path stroke="#000" d="[^"<>]+"/></svg>', with_picture["qr"])
    assert without["qr"] is None
    assert wrong.status_code == 422
