"""The access log of a service: one line a day, read by the person and the officer, without names after an erasure."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio

from chassis.look_doors import Watch
from chassis.looks import Looker, forget_old_looks, forget_person
from chassis.settings import THREE_YEARS
from tests.stand import Running, Stand, a_school

NOW = datetime(2026, 9, 14, 9, tzinfo=UTC)
PAPERS, SCANS = "documents.papers", "documents.scans"


@pytest_asyncio.fixture
async def documents(stand: Stand) -> Running:
    """A service that keeps a log."""
    stand.clock.move_to(NOW)
    return await stand.service("documents")


def watch(running: Running, school: str, looker: UUID | None, *, role: str = "curator", client: str = "") -> Watch:
    """Somebody at a door of a school."""
    return Watch(running.db, Looker(looker, client or None, role), school)


async def my_looks(running: Running, school: str, me: UUID, **query: Any) -> httpx.Response:
    groups = [f"/schools/{school}/teacher"]
    return await running.call("GET", f"/schools/{school}/my/looks", by=me, groups=groups, params=query)


async def lines_of(running: Running, school: str, me: UUID) -> list[dict[str, Any]]:
    """What a person is told of looks."""
    answer = await my_looks(running, school, me)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def asked(running: Running, school: str, *groups: str, by: UUID | None = None, **query: Any) -> httpx.Response:
    """What an officer is told."""
    params = {"school": school, **{name: str(value) for name, value in query.items()}}
    return await running.call("GET", "/looks", by=by or uuid4(), groups=groups or ["/city/auditor"], params=params)


async def test_person_reads_who_saw_what_by_which_role_and_how_often(documents: Running, stand: Stand) -> None:
    school, curator, teacher = a_school(), uuid4(), uuid4()

    for _ in range(3):
        stand.clock.move_to(stand.clock.now() + timedelta(minutes=10))
        await watch(documents, school, curator).saw(PAPERS, [teacher, uuid4()])

    (line,) = await lines_of(documents, school, teacher)
    assert (line["person_id"], line["looker_id"], line["client"]) == (str(teacher), str(curator), None)
    assert (line["role"], line["what"], line["how"], line["times"]) == ("curator", PAPERS, "saw", 3)
    assert line["looked_on"] == "2026-09-14"
    assert datetime.fromisoformat(line["last_at"]) - datetime.fromisoformat(line["first_at"]) >= timedelta(minutes=20)


async def test_another_day_thing_role_or_deed_is_another_line_newest_first(documents: Running, stand: Stand) -> None:
    school, curator, teacher = a_school(), uuid4(), uuid4()
    at_door = watch(documents, school, curator)

    await at_door.saw(PAPERS, [teacher])
    await at_door.changed(PAPERS, [teacher])
    await at_door.exported(SCANS, [teacher])
    await watch(documents, school, curator, role="head").saw(PAPERS, [teacher])
    stand.clock.move_to(NOW + timedelta(days=1))
    await at_door.saw(PAPERS, [teacher])

    lines = await lines_of(documents, school, teacher)
    assert [line["looked_on"] for line in lines] == ["2026-09-15"] + ["2026-09-14"] * 4
    assert {line["how"] for line in lines} == {"saw", "changed", "exported"}
    assert {line["times"] for line in lines} == {1}


async def test_day_of_a_look_is_the_day_at_the_place(documents: Running, stand: Stand) -> None:
    school, teacher = a_school(), uuid4()
    stand.clock.move_to(datetime(2026, 9, 14, 22, 30, tzinfo=UTC))

    await watch(documents, school, uuid4()).saw(PAPERS, [teacher])

    assert [line["looked_on"] for line in await lines_of(documents, school, teacher)] == ["2026-09-15"]


async def test_own_look_at_own_things_is_none(documents: Running) -> None:
    school, curator = a_school(), uuid4()

    await watch(documents, school, curator).saw(PAPERS, [curator, None])

    assert await lines_of(documents, school, curator) == []


async def test_long_list_is_written_whole(documents: Running) -> None:
    school, people = a_school(), [uuid4() for _ in range(500)]

    await watch(documents, school, uuid4()).saw(PAPERS, people)

    assert await documents.count("looks", school) == 500


async def test_nobody_else_is_told_and_no_other_school(documents: Running) -> None:
    school, teacher = a_school(), uuid4()
    await watch(documents, school, uuid4()).saw(PAPERS, [teacher])
    elsewhere = a_school()

    assert await lines_of(documents, school, uuid4()) == []
    assert await lines_of(documents, elsewhere, teacher) == []
    beyond = await documents.call(
        "GET", f"/schools/{school}/my/looks", by=teacher, groups=[f"/schools/{elsewhere}/teacher"]
    )
    assert beyond.status_code == 403


async def test_partner_of_another_school_is_told_at_the_own_school(documents: Running) -> None:
    here, there, ours, theirs = a_school(), a_school(), uuid4(), uuid4()

    await watch(documents, here, uuid4()).saw_across(PAPERS, [(here, ours), (there, theirs)])

    assert len(await lines_of(documents, here, ours)) == len(await lines_of(documents, there, theirs)) == 1


async def test_program_is_named_where_no_person_asked(documents: Running) -> None:
    school, teacher = a_school(), uuid4()

    await watch(documents, school, None, client="school-portal").saw(PAPERS, [teacher])

    (line,) = await lines_of(documents, school, teacher)
    assert (line["looker_id"], line["client"]) == (None, "school-portal")


async def test_log_is_read_in_pages_without_gap_or_repeat(documents: Running) -> None:
    school, teacher = a_school(), uuid4()
    for _ in range(5):
        await watch(documents, school, uuid4()).saw(PAPERS, [teacher])

    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = (await my_looks(documents, school, teacher, after=after, limit=2)).json()
        seen += [line["look_id"] for line in page["items"]]
        after = page["next"]

    assert len(seen) == len(set(seen)) == 5
    assert (await my_looks(documents, school, teacher, after="yesterday")).status_code == 422


async def test_officer_asks_by_person_looker_thing_and_days(documents: Running, stand: Stand) -> None:
    school, curator, first, second = a_school(), uuid4(), uuid4(), uuid4()
    await watch(documents, school, curator).saw(PAPERS, [first, second])
    stand.clock.move_to(NOW + timedelta(days=3))
    await watch(documents, school, uuid4()).exported(SCANS, [first])

    async def told(**query: Any) -> list[tuple[str, str]]:
        items = (await asked(documents, school, **query)).json()["items"]
        return sorted((line["person_id"], line["what"]) for line in items if line["what"] != "documents.looks")

    assert await told(person=first) == sorted([(str(first), PAPERS), (str(first), SCANS)])
    assert await told(looker=curator) == sorted([(str(first), PAPERS), (str(second), PAPERS)])
    assert await told(what=SCANS) == [(str(first), SCANS)]
    assert await told(since="2026-09-15") == [(str(first), SCANS)]
    assert await told(until="2026-09-15", person=second) == [(str(second), PAPERS)]


async def test_reading_of_the_officer_is_itself_a_look(documents: Running) -> None:
    school, teacher, never_seen, officer = a_school(), uuid4(), uuid4(), uuid4()
    await watch(documents, school, uuid4()).saw(PAPERS, [teacher])

    await asked(documents, school, by=officer)
    await asked(documents, school, by=officer, person=never_seen)

    (last, _) = await lines_of(documents, school, teacher)
    assert (last["looker_id"], last["role"], last["what"]) == (str(officer), "auditor", "documents.looks")
    assert [line["what"] for line in await lines_of(documents, school, never_seen)] == ["documents.looks"]


@pytest.mark.parametrize("group", ["/schools/{school}/curator", "/schools/{school}/head", "/schools/other/auditor"])
async def test_nobody_but_the_officer_of_the_place_reads_the_log(documents: Running, group: str) -> None:
    school = a_school()

    assert (await asked(documents, school, group.format(school=school))).status_code == 403
    assert (await asked(documents, school, f"/schools/{school}/auditor")).status_code == 200
    assert (await documents.client.get("/looks", params={"school": school})).status_code == 401


async def test_erased_person_is_in_no_line_and_lines_by_the_person_have_no_name(documents: Running) -> None:
    school, elsewhere, gone, teacher, other = a_school(), a_school(), uuid4(), uuid4(), uuid4()
    await watch(documents, school, teacher).saw(PAPERS, [gone])
    await watch(documents, elsewhere, gone, role="coordinator").saw(PAPERS, [teacher])
    await watch(documents, elsewhere, other).saw(PAPERS, [teacher])

    # The fact of an erasure names the schools to which the person belonged, and no other.
    async with documents.db.transaction(school) as tx:
        await forget_person(tx, gone)
        visible = await tx.raw.fetchval("select current_setting('app.schools', true)")

    assert visible == school
    assert await documents.count("looks", school) == 0
    lines = await lines_of(documents, elsewhere, teacher)
    assert {(line["looker_id"], line["role"]) for line in lines} == {(None, "coordinator"), (str(other), "curator")}


async def test_old_lines_go_after_three_years_and_no_earlier(documents: Running, stand: Stand) -> None:
    school, teacher = a_school(), uuid4()
    await watch(documents, school, uuid4()).saw(PAPERS, [teacher])

    stand.clock.move_to(NOW + timedelta(days=THREE_YEARS))
    await forget_old_looks(documents.db, days=THREE_YEARS)
    kept = len(await lines_of(documents, school, teacher))
    stand.clock.move_to(NOW + timedelta(days=THREE_YEARS + 1))
    await forget_old_looks(documents.db, days=THREE_YEARS)

    assert (kept, await lines_of(documents, school, teacher)) == (1, [])


@pytest.mark.parametrize("change", ["what = 'x'", "person_id = gen_random_uuid()", "looked_on = '2020-01-01'"])
async def test_service_cannot_rewrite_a_line(documents: Running, change: str) -> None:
    school = a_school()
    await watch(documents, school, uuid4()).saw(PAPERS, [uuid4()])

    with pytest.raises(Exception, match="permission denied"):
        async with documents.db.transaction(school) as tx:
            await tx.raw.execute(f"update looks set {change}")
