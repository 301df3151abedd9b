"""Attestation at the doors: records by file and by hand, mistakes, statuses, alerts and shares of the school."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.registry import AttestationRecorded
from tests.registry.staff_exports import Cells, a_row
from tests.registry.town import School, a_school, at, some_teachers
from tests.stand import Stand

HIGHEST = {"kind": "CATH", "decided_on": "2024-10-27", "order_no": "2478-р", "position": "учитель"}


async def a_school_of(stand: Stand, *rows: Cells) -> School:
    registry = await stand.service("registry")
    at(stand, "2026-10-12")
    school = await a_school(registry)
    await school.take_in(*(rows or (a_row(),)))
    return school


async def only_person(school: School) -> str:
    (person,) = await school.people()
    return str(person["person_id"])


async def record(school: School, person_id: str, record_id: UUID | None = None, **other: Any) -> Any:
    door = f"/people/{person_id}/attestations/{record_id or uuid4()}"
    return await school.call("curator", "PUT", door, json={**HIGHEST, **other})


async def records_of(school: School, person_id: str) -> list[dict[str, Any]]:
    return list((await school.call("head", "GET", f"/people/{person_id}/attestations")).json())


async def told(school: School) -> list[AttestationRecorded]:
    bodies = await school.registry.bodies("attestation.recorded", school.school_id)
    return [AttestationRecorded.model_validate_json(body) for body in bodies]


async def standing(school: School, on: str = "2026-10-12") -> list[tuple[str, list[str]]]:
    page = (await school.call("curator", "GET", f"/attestation?on={on}")).json()
    return [(one["status"], one["titles"]) for one in page["items"]]


async def test_decision_by_hand_is_recorded_once_and_announced_once(stand: Stand) -> None:
    school = await a_school_of(stand)
    person_id, record_id = await only_person(school), uuid4()

    first = await record(school, person_id, record_id)
    again = await record(school, person_id, record_id)
    other = await record(school, person_id, record_id, decided_on="2024-10-28")

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert first.json() == {
        **HIGHEST,
        "valid_until": None,
        "record_id": str(record_id),
        "source": "CURATOR",
        "is_term_guessed": False,
        "is_withdrawn": False,
    }
    (fact,) = await told(school)
    assert (fact.kind, str(fact.decided_on), fact.valid_until, fact.record_id) == (
        "CATH",
        "2024-10-27",
        None,
        record_id,
    )
    assert b"2478" not in (await school.registry.bodies("attestation.recorded", school.school_id))[0]
    assert await standing(school) == [("CATEGORY_HIGH", [])]


async def test_both_rules_of_the_import_hold_and_a_guess_is_marked(stand: Stand) -> None:
    new = a_row(category="высшая", decided="27.10.2023", until="27.10.2028", order="123-р")
    old = a_row(number="2", family="Котова", category="первая", decided="15.03.2023", szd="01.03.2022")
    written = a_row(number="3", family="Белова", category="первая", decided="15.03.2023", until="15.03.2028")
    school = await a_school_of(stand, new, old, written)

    found = {
        (one["kind"], one["decided_on"], one["valid_until"], one["is_term_guessed"], one["source"])
        for person in await school.people()
        for one in await records_of(school, person["person_id"])
    }

    assert found == {
        ("CATH", "2023-10-27", None, False, "FILE"),
        ("CAT1", "2023-03-15", "2028-03-15", True, "FILE"),
        ("SZD", "2022-03-01", "2027-03-01", False, "FILE"),
        ("CAT1", "2023-03-15", "2028-03-15", False, "FILE"),
    }


async def test_file_that_mends_a_decision_withdraws_the_former_record(stand: Stand) -> None:
    row = {"category": "первая", "decided": "15.03.2023"}
    school = await a_school_of(stand, a_row(**row))

    await school.take_in(a_row(**row, until="14.03.2028"))
    await school.take_in(a_row(**row, until="14.03.2028"))

    found = await records_of(school, await only_person(school))
    assert sorted((one["valid_until"], one["is_withdrawn"]) for one in found) == [
        ("2028-03-14", False),
        ("2028-03-15", True),
    ]
    assert [(one.revision, one.is_withdrawn, str(one.valid_until)) for one in await told(school)] == [
        (1, False, "2028-03-15"),
        (2, True, "2028-03-15"),
        (3, False, "2028-03-14"),
    ]


async def test_record_by_hand_stands_when_a_file_tells_of_the_same_decision(stand: Stand) -> None:
    school = await a_school_of(stand)
    person_id = await only_person(school)
    await record(school, person_id)

    await school.take_in(a_row(category="высшая", decided="27.10.2024", order="другой"))

    (only,) = await records_of(school, person_id)
    assert (only["source"], only["order_no"]) == ("CURATOR", "2478-р")


async def test_mistaken_record_counts_for_nothing_and_may_be_recorded_anew(stand: Stand) -> None:
    school = await a_school_of(stand)
    person_id, record_id = await only_person(school), uuid4()
    await record(school, person_id, record_id)
    door = f"/people/{person_id}/attestations/{record_id}/withdraw"

    answers = [await school.call("curator", "POST", door) for _ in range(2)]
    after = await standing(school)
    anew = await record(school, person_id, kind="CAT1")

    assert [(one.status_code, one.json()["is_withdrawn"]) for one in answers] == [(200, True)] * 2
    assert (after, anew.status_code) == ([("SZD_OVERDUE", [])], 201)
    assert [(one.kind, one.revision, one.is_withdrawn) for one in await told(school)] == [
        ("CATH", 1, False),
        ("CATH", 2, True),
        ("CAT1", 1, False),
    ]


async def test_title_needs_the_highest_category_first(stand: Stand) -> None:
    school = await a_school_of(stand)
    person_id = await only_person(school)

    early = await record(school, person_id, kind="MENTOR", decided_on="2025-05-01")
    await record(school, person_id)
    title = await record(school, person_id, kind="MENTOR", decided_on="2025-05-01")

    assert (early.status_code, early.json()["type"]) == (422, "urn:neo:problem:attestation.needs-highest")
    assert title.status_code == 201
    assert await standing(school) == [("CATEGORY_HIGH", ["MENTOR"])]
    assert await standing(school, "2025-04-30") == [("CATEGORY_HIGH", [])]
    assert await standing(school, "2024-10-26") == [("SZD_OVERDUE", [])]


@pytest.mark.parametrize(
    ("other", "status", "slug"),
    [
        ({"valid_until": "2029-10-27"}, 422, "attestation.without-term"),
        ({"decided_on": "2026-10-13"}, 422, "attestation.not-yet"),
        ({"kind": "CAT3"}, 422, "request.invalid"),
        ({"decided_on": "2022-01-01", "valid_until": "2021-01-01"}, 422, "attestation.dates-reversed"),
    ],
)
async def test_decision_that_cannot_be_is_refused(stand: Stand, other: dict[str, Any], status: int, slug: str) -> None:
    school = await a_school_of(stand)

    answer = await record(school, await only_person(school), **other)

    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:neo:problem:{slug}")


async def test_exemption_is_kept_and_mended_without_a_reason(stand: Stand) -> None:
    school = await a_school_of(stand)
    person_id = await only_person(school)
    door = f"/people/{person_id}/attestation-exemptions/2026-09-01"

    kept = await school.call("curator", "PUT", door, json={"valid_to": "2028-08-31"})
    mended = await school.call("curator", "PUT", door, json={"valid_to": "2026-09-30"})
    wrong = await school.call("curator", "PUT", door, json={"valid_to": "2026-08-31"})

    assert (kept.json()["status"], kept.json()["exempt_until"]) == ("SZD_EXEMPT", "2028-08-31")
    assert (mended.json()["status"], mended.json()["due_on"]) == ("SZD_OVERDUE", "2026-10-01")
    assert wrong.status_code == 422


async def test_shares_of_a_day_name_their_definition_and_counts(stand: Stand) -> None:
    highest = {"category": "высшая", "decided": "27.10.2023"}
    school = await a_school_of(
        stand,
        *some_teachers(3),
        a_row(number="7", family="Котова", **highest),
        a_row(number="8", family="Белова", employment="внешн. совм.", **highest),
        a_row(number="9", family="Тихонова", title="Секретарь", subjects=""),
    )

    told = (await school.call("head", "GET", "/attestation/shares?on=2026-09-20")).json()
    before = (await school.call("head", "GET", "/attestation/shares?on=2023-10-26")).json()

    assert (told["on"], told["people"]) == ("2026-09-20", 4)
    assert told["by_status"]["CATEGORY_HIGH"] == 1
    shares = {one["variant"]: (one["definition"], one["numerator"], one["denominator"]) for one in told["shares"]}
    assert shares == {
        "A_CAT": ("A_CAT@1", 1, 4),
        "B_CAT_SZD": ("B_CAT_SZD@1", 1, 4),
        "C_ELIGIBLE": ("C_ELIGIBLE@1", 1, 4),
        "D_HIGH": ("D_HIGH@1", 1, 4),
    }
    assert before["shares"][0]["numerator"] == 0


async def test_alerts_reach_the_curator_and_the_person_concerned(stand: Stand) -> None:
    school = await a_school_of(
        stand,
        a_row(category="первая", decided="01.12.2021", until="01.12.2026"),
        a_row(number="2", family="Котова", category="первая", decided="27.10.2023"),
    )

    page = (await school.call("curator", "GET", "/attestation/alerts")).json()
    (found,) = page["items"]
    mine = await school.call("teacher", "GET", "/my/attestation", by=UUID(found["person_id"]))

    assert [(one["cause"], one["since"], one["due_on"]) for one in found["alerts"]] == [
        ("CATEGORY_ENDS", "2026-09-02", "2026-12-01")
    ]
    assert mine.json()["alerts"] == found["alerts"]
    assert [one["kind"] for one in mine.json()["records"]] == ["CAT1"]


async def test_teacher_is_not_told_what_is_for_the_curator(stand: Stand) -> None:
    school = await a_school_of(stand, a_row(category="первая", decided="15.03.2023"))
    person_id = await only_person(school)

    curators = (await school.call("curator", "GET", "/attestation/alerts")).json()["items"][0]
    mine = await school.call("teacher", "GET", "/my/attestation", by=UUID(person_id))
    stranger = await school.call("teacher", "GET", "/my/attestation", by=uuid4())

    assert [one["cause"] for one in curators["alerts"]] == ["TERM_TO_CHECK"]
    assert (mine.json()["alerts"], mine.json()["category_until"]) == ([], "2028-03-15")
    assert stranger.status_code == 404


async def test_standings_and_alerts_come_in_pages(stand: Stand) -> None:
    school = await a_school_of(stand, *some_teachers(3))
    ids = sorted(person["person_id"] for person in await school.people())

    for door in ("/attestation", "/attestation/alerts"):
        first = (await school.call("curator", "GET", f"{door}?limit=2")).json()
        second = (await school.call("curator", "GET", f"{door}?limit=2&after={first['next']}")).json()

        assert [one["person_id"] for page in (first, second) for one in page["items"]] == ids
        assert second["next"] is None


async def test_other_school_sees_and_changes_nothing(stand: Stand) -> None:
    here = await a_school_of(stand)
    there = await a_school(here.registry)
    person_id, record_id = await only_person(here), uuid4()
    await record(here, person_id, record_id)

    seen = await records_of(there, person_id)
    added = await record(there, person_id)
    taken = await there.call("curator", "POST", f"/people/{person_id}/attestations/{record_id}/withdraw")
    exempted = await there.call(
        "curator", "PUT", f"/people/{person_id}/attestation-exemptions/2026-09-01", json={"valid_to": "2026-09-30"}
    )

    assert (seen, added.status_code, taken.status_code, exempted.status_code) == ([], 404, 404, 404)
    assert (await standing(there), (await there.call("head", "GET", "/attestation/alerts")).json()["items"]) == ([], [])
    assert (await there.call("head", "GET", "/attestation/shares")).json()["people"] == 0


async def test_record_id_of_another_school_is_taken_and_shows_nothing(stand: Stand) -> None:
    here = await a_school_of(stand)
    there = await a_school(here.registry)
    await there.take_in(a_row())
    record_id = uuid4()
    await record(here, await only_person(here), record_id)

    answer = await record(there, await only_person(there), record_id)

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:neo:problem:attestation.id-taken")
