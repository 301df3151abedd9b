"""A person is forgotten: here at once, elsewhere by the fact, in the realm by the queue; numbers and ids stay."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from chassis.testing import eventually
from contracts.diagnostics import AnswersErased
from contracts.documents import ConsentsErased
from contracts.event import PersonEvent
from contracts.matching import AvailabilityErased
from contracts.registry import PersonErased
from contracts.tracking import TextsErased
from tests.deploy.issuer_run import Running as Issuer
from tests.deploy.issuer_run import started
from tests.registry.realm import a_keeper, a_registry, accounts_are_ready, can_sign_in
from tests.registry.staff_exports import a_row
from tests.registry.town import ANALYST, School, a_person, a_school, at
from tests.stand import Running, Stand

AUDITOR = ("/city/auditor",)
NAME, GIVEN, MAIL = "Незабудкина", "Евстолия", "evstolia@school.example"
CONFIRMATIONS: tuple[type[PersonEvent], ...] = (AnswersErased, AvailabilityErased, TextsErased, ConsentsErased)
NOW = datetime(2026, 11, 25, tzinfo=UTC)


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    with started(tmp_path_factory.mktemp("issuer")) as running:
        yield running


async def audit(
    registry: Running, method: str, path: str, groups: Sequence[str] = AUDITOR, **request: Any
) -> httpx.Response:
    return await registry.call(method, path, by=uuid4(), groups=groups, **request)


async def order(registry: Running, person: UUID | str, groups: Sequence[str] = AUDITOR, **other: Any) -> httpx.Response:
    wanted = {"person_id": str(person), "basis": "WITHDRAWN", "request_number": "ПД-17/2026", **other}
    return await audit(registry, "PUT", f"/erasures/{uuid4()}", groups, json=wanted)


async def a_staff(registry: Running) -> tuple[School, str]:
    """A school that has taken in a staff file with somebody who will be forgotten."""
    school = await a_school(registry)
    await school.take_in(
        a_row(number="00001", family=NAME, given=GIVEN, email=MAIL), a_row(number="00002", family="Петрова")
    )
    (found,) = [one for one in await school.people() if one["family_name"] == NAME]
    return school, str(found["person_id"])


async def everything(registry: Running, *places: str) -> str:
    """All rows of all tables of the registry that these places see."""
    tables = text("select table_name from information_schema.tables where table_schema = 'public' order by 1")
    found = []
    async with registry.db.transaction(*places) as tx:
        for table in await tx.rows(tables):
            name = table["table_name"]
            # The body of a fact is bytes; a cast would show it as hexadecimal digits.
            shown = "convert_from(body, 'UTF8')" if name == "journal" else "t::text"
            rows = await tx.rows(text(f"select {shown} as row from {name} t"))
            found += [f"{name}: {row['row']}" for row in rows]
    return "\n".join(found)


async def confirm(
    stand: Stand, person: UUID | str, school: School, *facts: type[PersonEvent], revision: int = 1
) -> None:
    for fact in facts:
        await stand.publish(
            fact(person_id=UUID(str(person)), school_ids=(school.school_id,), revision=revision, occurred_at=NOW)
        )


async def test_names_contacts_and_waiting_files_are_gone_and_the_bare_facts_stay(stand: Stand) -> None:
    registry = await stand.service("registry")
    school, person = await a_staff(registry)
    # Somebody else's file, checked and not yet applied, names the person too.
    neighbour = await a_school(registry)
    await neighbour.check(a_row(number="1", family=NAME, given=GIVEN))
    before = await everything(registry, school.school_id, neighbour.school_id)
    assert all(word in before for word in (NAME, GIVEN, MAIL))

    answer = await order(registry, person)

    after = await everything(registry, school.school_id, neighbour.school_id)
    assert (answer.status_code, answer.json()["state"]) == (201, "ORDERED")
    assert not [word for word in (NAME, GIVEN, MAIL, "Евстол") if word.lower() in after.lower()]
    async with registry.db.transaction(school.school_id) as tx:
        kept = await tx.row(
            text("select roles, staff, counts_in_staff, joined_on, left_on from memberships where person_id = :p"),
            {"p": UUID(person)},
        )
    assert kept is not None
    assert (kept["roles"], kept["staff"], kept["counts_in_staff"]) == ([], {"hired_on": "2010-09-01"}, True)
    assert kept["joined_on"] < kept["left_on"]
    assert [one["family_name"] for one in await school.people()] == ["Петрова"]


async def test_head_count_and_shares_of_every_day_before_stay_as_they_were(stand: Stand) -> None:
    registry = await stand.service("registry")
    at(stand, "2026-11-25")
    school = await a_school(registry)
    certified = a_row(number="1", family=NAME, category="высшая", decided="01.02.2024", order="17-р")
    await school.take_in(certified, a_row(number="2", family="Петрова"))
    (person,) = [one["person_id"] for one in await school.people() if one["family_name"] == NAME]

    async def shares(day: str) -> Any:
        answer = await school.call("curator", "GET", f"/attestation/shares?on={day}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    before = await shares("2026-11-24")
    await order(registry, person)

    assert await shares("2026-11-24") == before
    assert await shares("2026-11-25") != before


async def test_erasure_is_announced_once_with_bare_ids(stand: Stand) -> None:
    registry = await stand.service("registry")
    school, person = await a_staff(registry)

    await order(registry, person)

    (fact,) = await registry.bodies("person.erased", person)
    erased = PersonErased.model_validate_json(fact)
    assert (str(erased.person_id), erased.school_ids, erased.revision) == (person, (school.school_id,), 1)
    told = await registry.announced("", person)
    assert "neo.registry.person.left.v1" in told
    assert told[-1] == "neo.registry.person.erased.v1"


async def test_repeated_order_changes_nothing_and_another_one_is_a_conflict(stand: Stand) -> None:
    registry = await stand.service("registry")
    _, person = await a_staff(registry)
    wanted, door = {"person_id": person, "basis": "AUTHORITY"}, f"/erasures/{uuid4()}"

    answers = [await audit(registry, "PUT", door, json=wanted) for _ in range(2)]
    other = await audit(registry, "PUT", door, json=wanted | {"basis": "WITHDRAWN"})
    again = await order(registry, person)

    assert [answer.status_code for answer in answers] == [201, 200]
    assert (other.status_code, other.json()["type"]) == (409, "urn:neo:problem:erasure.id-taken")
    assert (again.status_code, again.json()["type"]) == (409, "urn:neo:problem:erasure.done-before")
    assert len(await registry.bodies("person.erased", person)) == 1


async def test_of_two_orders_at_once_one_is_carried_out(stand: Stand) -> None:
    registry = await stand.service("registry")
    _, person = await a_staff(registry)

    answers = await asyncio.gather(*(order(registry, person) for _ in range(3)))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert len(await registry.bodies("person.erased", person)) == 1


async def test_progress_shows_who_has_confirmed_and_ends_with_the_account(stand: Stand, issuer: Issuer) -> None:
    async with a_registry(stand, issuer.address) as registry:
        school, person = await a_staff(registry)
        usernames = {one["person_id"]: one["username"] for one in await accounts_are_ready(school, 2)}
        ordered = (await order(registry, person)).json()
        door = f"/erasures/{ordered['erasure_id']}"

        async def state() -> str:
            return str((await audit(registry, "GET", door)).json()["state"])

        await confirm(stand, person, school, AnswersErased, TextsErased)
        await eventually(lambda: waits(registry, door), equals=["documents", "matching"])
        assert await state() == "ORDERED"
        await confirm(stand, person, school, AvailabilityErased, ConsentsErased, ConsentsErased)
        await eventually(state, equals="DONE")
        done = (await audit(registry, "GET", door)).json()

    assert [one["service"] for one in done["confirmed"]] == ["diagnostics", "documents", "matching", "tracking"]
    assert done["spread_at"] == "2026-11-25T00:00:00Z"
    assert done["account_gone_at"] is not None
    assert done["done_at"] is not None
    assert not can_sign_in(issuer, usernames[person], "neo")
    assert issuer.admin.get_users({"q": f"person_id:{person}"}) == []


async def waits(registry: Running, door: str) -> list[str]:
    return sorted((await audit(registry, "GET", door)).json()["waits_for"])


async def test_realm_that_is_away_keeps_the_account_in_the_queue_and_the_erasure_from_its_end(
    stand: Stand, issuer: Issuer
) -> None:
    registry, keeper = await stand.service("registry"), a_keeper(issuer.address)
    school, person = await a_staff(registry)
    await keeper.sweep(registry.db)
    ordered = (await order(registry, person)).json()
    await confirm(stand, person, school, *CONFIRMATIONS)

    async def shown() -> tuple[str, bool]:
        told = (await audit(registry, "GET", f"/erasures/{ordered['erasure_id']}")).json()
        return told["state"], told["account_gone_at"] is None

    await a_keeper("http://127.0.0.1:9").sweep(registry.db)
    await eventually(shown, equals=("SPREAD", True))
    async with registry.db.transaction() as tx:
        await tx.run(text("update account_work set not_before = to_timestamp(0)"))
    await keeper.sweep(registry.db)

    assert await shown() == ("DONE", False)
    assert issuer.admin.get_users({"q": f"person_id:{person}"}) == []


async def test_account_that_a_restored_realm_brings_back_is_removed_when_the_erasure_is_repeated(
    stand: Stand, issuer: Issuer
) -> None:
    registry, keeper = await stand.service("registry"), a_keeper(issuer.address)
    school, person = await a_staff(registry)
    ordered = (await order(registry, person)).json()
    await keeper.sweep(registry.db)
    await confirm(stand, person, school, *CONFIRMATIONS)
    name = f"back-{uuid4()}"
    issuer.admin.create_user({"username": name, "enabled": True, "attributes": {"person_id": [person]}})

    repeated = await audit(registry, "POST", f"/erasures/{ordered['erasure_id']}/repeat")
    await keeper.sweep(registry.db)
    await confirm(stand, person, school, *CONFIRMATIONS, revision=2)

    async def state() -> str:
        return str((await audit(registry, "GET", f"/erasures/{ordered['erasure_id']}")).json()["state"])

    await eventually(state, equals="DONE")
    assert (repeated.json()["state"], repeated.json()["revision"]) == ("ORDERED", 2)
    assert not can_sign_in(issuer, name, "neo")
    assert len(await registry.bodies("person.erased", person)) == 2


async def test_ledger_from_a_backup_learns_of_an_erasure_from_those_who_carried_it_out(stand: Stand) -> None:
    registry = await stand.service("registry")
    school, person = await a_staff(registry)

    # Nobody ordered it here, as far as this database knows.
    await confirm(stand, person, school, TextsErased, AnswersErased, revision=1)

    async def line() -> list[tuple[str, int]]:
        found = (await audit(registry, "GET", "/erasures?limit=500")).json()["items"]
        return [(one["basis"], len(one["confirmed"])) for one in found if one["person_id"] == person]

    await eventually(line, equals=[("RESTORED", 2)])
    assert NAME not in await everything(registry, school.school_id)
    assert len(await registry.bodies("person.erased", person)) == 1


async def test_forgotten_person_does_not_come_back_under_the_same_id(stand: Stand) -> None:
    registry = await stand.service("registry")
    school, person = await a_staff(registry)
    there = await a_school(registry)
    await order(registry, person)

    again = [
        await one.call("head", "PUT", f"/people/{person}", json=a_person(family_name=NAME)) for one in (school, there)
    ]
    office = await registry.call(
        "PUT",
        f"/places/{school.school_id}/officers/{person}",
        by=uuid4(),
        groups=ANALYST,
        json={"family_name": NAME, "given_name": GIVEN, "role": "head"},
    )

    assert {answer.json()["type"] for answer in (*again, office)} == {"urn:neo:problem:person.erased"}
    assert NAME not in await everything(registry, school.school_id, there.school_id)


async def test_person_of_two_schools_is_forgotten_in_both(stand: Stand) -> None:
    registry = await stand.service("registry")
    here, there = await a_school(registry), await a_school(registry)
    person = await here.add(family_name=NAME)
    await there.add("head", person, family_name=NAME, roles=["curator"])

    await order(registry, person)

    assert (await here.people(), await there.people()) == ([], [])
    assert NAME not in await everything(registry, here.school_id, there.school_id)
    (fact,) = await registry.bodies("person.erased", str(person))
    assert PersonErased.model_validate_json(fact).schools == tuple(sorted((here.school_id, there.school_id)))


async def test_slip_of_a_forgotten_person_opens_nothing(stand: Stand, issuer: Issuer) -> None:
    async with a_registry(stand, issuer.address) as registry:
        school = await a_school(registry)
        person = await school.add(family_name=NAME)
        await accounts_are_ready(school, 1)
        (slip,) = (await school.call("curator", "POST", "/slips", json={})).json()["slips"]

        await order(registry, person)
        answer = await registry.client.post(
            "/slips:redeem", json={"code": slip["code"], "new_password": "a long enough password"}
        )

    assert answer.json()["type"] == "urn:neo:problem:slip.not-accepted"


async def test_auditor_finds_the_person_and_reads_the_consequences_before_anything_is_done(stand: Stand) -> None:
    registry = await stand.service("registry")
    school, person = await a_staff(registry)
    sought = {"place_id": school.school_id, "family_name": NAME.upper()}

    (found,) = (await audit(registry, "POST", "/people:find", json=sought)).json()
    preview = await audit(registry, "GET", f"/people/{person}/erasure", headers={"Accept-Language": "en"})

    told = preview.json()
    full_name, username = f"{NAME} {GIVEN} Петровна", f"{school.school_id}.0001"
    assert found == {
        "person_id": person,
        "full_name": full_name,
        "username": username,
        "posts": ["Учитель"],
        "is_in_force": True,
    }
    assert (told["full_name"], told["username"]) == (full_name, username)
    assert told["belongings"] == [
        {"place_id": school.school_id, "roles": ["teacher"], "posts": ["Учитель"], "is_in_force": True}
    ]
    assert len(told["consequences"]) == 10
    assert told["consequences"][-1] == "An erasure cannot be undone."
    assert NAME in await everything(registry, school.school_id)
