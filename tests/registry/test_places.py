"""The place tree: places join, change from a day on, and the past stays as it was."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.refusals import Conflict
from contracts.registry import PlaceChanged
from services.registry.domain.places import Place, history_of, on_day, to_be_said
from tests.registry.town import ANALYST, SEPTEMBER, a_place, a_school, some_id
from tests.stand import Running, Stand


async def tree(registry: Running, **query: str) -> dict[str, str]:
    answer = await registry.call("GET", "/places", by=uuid4(), groups=["/schools/x/teacher"], params=query)
    assert answer.status_code == 200, answer.text
    return {place["place_id"]: place["name"] for place in answer.json()["items"]}


async def test_place_joins_once_and_is_announced_once(stand: Stand) -> None:
    registry = await stand.service("registry")
    city = some_id("city")
    door, place = f"/places/{city}", a_place("city", None)

    first = await registry.call("PUT", door, by=uuid4(), groups=ANALYST, json=place)
    again = await registry.call("PUT", door, by=uuid4(), groups=ANALYST, json=place)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json() == {**place, "place_id": city, "zone": "Europe/Moscow", "valid_to": None}
    (body,) = await registry.bodies("place.changed", city)
    assert PlaceChanged.model_validate_json(body).kind == "city"


async def test_change_from_a_day_on_leaves_the_past_as_it_was(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    door = f"/places/{school.school_id}"
    renamed = a_place("school", school.district, name="Лицей", valid_from="2027-01-01")

    answer = await registry.call("PUT", door, by=uuid4(), groups=ANALYST, json=renamed)

    assert answer.status_code == 200
    before = await tree(registry, parent=school.district, on="2026-12-31")
    after = await tree(registry, parent=school.district, on="2027-01-01")
    assert (before, after) == ({school.school_id: "a school"}, {school.school_id: "Лицей"})
    assert await tree(registry, parent=school.district, on="2026-08-31") == {}
    revisions = [
        PlaceChanged.model_validate_json(body).revision
        for body in await registry.bodies("place.changed", school.school_id)
    ]
    assert revisions == [1, 2]


async def test_school_that_moved_stands_in_one_district_at_a_time(stand: Stand) -> None:
    registry = await stand.service("registry")
    school, other = await a_school(registry), await a_school(registry)
    moved = a_place("school", other.district, valid_from="2027-01-01")

    await registry.call("PUT", f"/places/{school.school_id}", by=uuid4(), groups=ANALYST, json=moved)

    assert school.school_id in await tree(registry, parent=school.district, on="2026-10-01")
    assert school.school_id not in await tree(registry, parent=school.district, on="2027-02-01")
    assert school.school_id in await tree(registry, parent=other.district, on="2027-02-01")


async def test_closed_school_stands_up_to_its_last_day(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    closed = a_place("school", school.district, valid_to="2027-06-30")

    await registry.call("PUT", f"/places/{school.school_id}", by=uuid4(), groups=ANALYST, json=closed)

    assert school.school_id in await tree(registry, parent=school.district, on="2027-06-30")
    assert await tree(registry, parent=school.district, on="2027-07-01") == {}


async def test_places_come_in_pages_by_kind(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    other = some_id("school")
    place = a_place("school", school.district)
    await registry.call("PUT", f"/places/{other}", by=uuid4(), groups=ANALYST, json=place)
    door = f"/places?kind=school&parent={school.district}&on=2026-10-01&limit=1"

    first = await registry.call("GET", door, by=uuid4(), groups=ANALYST)
    second = await registry.call("GET", f"{door}&after={first.json()['next']}", by=uuid4(), groups=ANALYST)

    found = [page.json()["items"][0]["place_id"] for page in (first, second)]
    assert found == sorted([school.school_id, other])
    assert second.json()["next"] is None


@pytest.mark.parametrize(
    ("kind", "parent", "other", "slug"),
    [
        ("school", "city", {}, "place.wrong-parent"),
        ("school", "nowhere", {}, "place.wrong-parent"),
        ("district", None, {}, "place.wrong-parent"),
        ("city", "city", {}, "place.wrong-parent"),
        ("district", "city", {"zone": "Europe/Nowhere"}, "place.unknown-zone"),
        ("district", "city", {"zone": "Europe"}, "place.unknown-zone"),
        ("district", "city", {"valid_to": "2026-08-31"}, "place.dates-reversed"),
    ],
)
async def test_place_out_of_the_tree_is_refused(
    stand: Stand, kind: str, parent: str | None, other: dict[str, str], slug: str
) -> None:
    registry = await stand.service("registry")
    city = some_id("city")
    await registry.call("PUT", f"/places/{city}", by=uuid4(), groups=ANALYST, json=a_place("city", None))
    wanted = a_place(kind, city if parent == "city" else parent, **other)

    answer = await registry.call("PUT", f"/places/{some_id(kind)}", by=uuid4(), groups=ANALYST, json=wanted)

    assert answer.status_code == 422
    assert answer.json()["type"] == f"urn:neo:problem:{slug}"


async def test_place_keeps_its_kind(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)

    answer = await registry.call(
        "PUT", f"/places/{school.school_id}", by=uuid4(), groups=ANALYST, json=a_place("city", None)
    )

    assert (answer.status_code, answer.json()["kind"]) == (409, "school")


@pytest.mark.parametrize("place_id", ["a,b", "Школа", "-x", "a.b", "UPPER"])
async def test_id_that_cannot_stand_in_a_group_is_refused(stand: Stand, place_id: str) -> None:
    registry = await stand.service("registry")

    answer = await registry.call(
        "PUT", f"/places/{place_id}", by=uuid4(), groups=ANALYST, json=a_place("city", None, valid_from=SEPTEMBER)
    )

    assert answer.status_code == 422


async def say(registry: Running, place_id: str, place: dict[str, object]) -> httpx.Response:
    return await registry.call("PUT", f"/places/{place_id}", by=uuid4(), groups=ANALYST, json=place)


async def card(registry: Running, place_id: str, **query: str) -> httpx.Response:
    return await registry.call("GET", f"/places/{place_id}", by=uuid4(), groups=["/schools/x/teacher"], params=query)


async def test_planned_rename_outlives_a_move_that_is_told_later_for_an_earlier_day(stand: Stand) -> None:
    registry = await stand.service("registry")
    school, other = await a_school(registry), await a_school(registry)
    renamed = a_place("school", school.district, name="Лицей", valid_from="2027-09-01")
    moved = a_place("school", other.district, valid_from="2027-01-01")

    await say(registry, school.school_id, renamed)
    await say(registry, school.school_id, moved)
    again = await say(registry, school.school_id, moved)

    history = (await card(registry, school.school_id, on="2027-01-01")).json()["history"]
    assert [(one["parent"], one["name"], one["valid_from"], one["valid_to"]) for one in history] == [
        (school.district, "a school", "2026-09-01", "2026-12-31"),
        (other.district, "a school", "2027-01-01", "2027-08-31"),
        (school.district, "Лицей", "2027-09-01", None),
    ]
    assert again.status_code == 200
    assert len(await registry.bodies("place.changed", school.school_id)) == 4


async def test_rename_of_what_is_to_be_closed_must_name_the_end(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    await say(registry, school.school_id, a_place("school", school.district, valid_to="2027-06-30"))
    renamed = a_place("school", school.district, name="Лицей", valid_from="2027-01-01")

    silent = await say(registry, school.school_id, renamed)
    told = await say(registry, school.school_id, {**renamed, "valid_to": "2027-06-30"})
    opened = await say(registry, school.school_id, renamed)

    assert (silent.status_code, silent.json()["day"]) == (409, "2027-06-30")
    assert (told.status_code, told.json()["valid_to"]) == (200, "2027-06-30")
    assert (opened.status_code, opened.json()["valid_to"]) == (200, None)


async def test_closed_school_may_be_opened_again_and_the_gap_stays(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    await say(registry, school.school_id, a_place("school", school.district, valid_to="2027-06-30"))
    await say(registry, school.school_id, a_place("school", school.district, valid_from="2028-09-01"))

    statuses = [
        (await card(registry, school.school_id, on=day)).status_code
        for day in ("2027-06-30", "2027-07-01", "2028-08-31", "2028-09-01")
    ]

    assert statuses == [200, 404, 404, 200]


async def test_tree_of_a_past_day_says_how_long_each_thing_held(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    renamed = a_place("school", school.district, name="Лицей", valid_from="2027-01-01")
    await say(registry, school.school_id, renamed)
    door = f"/places?parent={school.district}&on=2026-10-01"

    answer = await registry.call("GET", door, by=uuid4(), groups=ANALYST)

    assert [one["valid_to"] for one in answer.json()["items"]] == ["2026-12-31"]


async def test_today_is_the_day_in_moscow(stand: Stand) -> None:
    registry = await stand.service("registry")
    stand.clock.move_to(datetime(2026, 12, 31, 21, 30, tzinfo=UTC))
    school = await a_school(registry)
    await say(registry, school.school_id, a_place("school", school.district, name="Лицей", valid_from="2027-01-01"))

    listed = await tree(registry, parent=school.district)
    shown = await card(registry, school.school_id)

    assert (listed, shown.json()["name"]) == ({school.school_id: "Лицей"}, "Лицей")


async def test_parent_must_stand_when_its_place_begins(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    early = a_place("school", school.district, valid_from="2026-08-31")

    answer = await say(registry, some_id("school"), early)

    assert (answer.status_code, answer.json()["type"]) == (422, "urn:neo:problem:place.parent-absent")


async def test_unknown_place_has_no_card(stand: Stand) -> None:
    registry = await stand.service("registry")

    answer = await card(registry, some_id("school"))

    assert (answer.status_code, answer.json()["type"]) == (404, "urn:neo:problem:place.unknown")


days = st.dates(date(2026, 1, 1), date(2026, 3, 1))
statements = st.lists(
    st.tuples(days, st.one_of(st.none(), st.integers(0, 40)), st.sampled_from("abc")).map(
        lambda told: Place(
            "x", "city", None, told[2], "UTC", told[0], told[0] + timedelta(told[1]) if told[1] is not None else None
        )
    ),
    max_size=8,
)


@given(statements, days)
def test_history_never_overlaps_and_the_last_word_that_has_begun_counts(said: list[Place], day: date) -> None:
    spans = history_of(said)

    assert sum(span.covers(day) for span in spans) <= 1
    assert all(span.ends_before is None or span.begins < span.ends_before for span in spans)
    begun = [one for one in said if one.valid_from <= day]
    last = begun[-1] if begun else None
    assert on_day(said, day) == (last if last is not None and not last.is_over(day) else None)


@given(statements, statements)
def test_what_is_said_holds_from_its_day_and_changes_no_day_before(known: list[Place], more: list[Place]) -> None:
    for wanted in more:
        try:
            news = to_be_said(wanted, known)
        except Conflict:
            within = on_day(known, wanted.valid_from)
            assert within is not None
            assert within.valid_to is not None
            continue
        after = [*known, *news]

        day_before = wanted.valid_from - timedelta(1)
        found = on_day(after, wanted.valid_from)
        assert found is not None
        assert (found.name, found.valid_from) == (wanted.name, wanted.valid_from)
        assert on_day(after, day_before) == on_day(known, day_before)
        assert to_be_said(wanted, after) == []
        known = after
