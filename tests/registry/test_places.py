"""The place tree: places join, change from a day on, and the past stays as it was."""

from uuid import uuid4

import pytest

from contracts.registry import PlaceChanged
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
    before = await tree(registry, parent=school.district, as_of="2026-12-31")
    after = await tree(registry, parent=school.district, as_of="2027-01-01")
    assert (before, after) == ({school.school_id: "a school"}, {school.school_id: "Лицей"})
    assert await tree(registry, parent=school.district, as_of="2026-08-31") == {}
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

    assert school.school_id in await tree(registry, parent=school.district, as_of="2026-10-01")
    assert school.school_id not in await tree(registry, parent=school.district, as_of="2027-02-01")
    assert school.school_id in await tree(registry, parent=other.district, as_of="2027-02-01")


async def test_closed_school_stands_up_to_its_last_day(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    closed = a_place("school", school.district, valid_to="2027-06-30")

    await registry.call("PUT", f"/places/{school.school_id}", by=uuid4(), groups=ANALYST, json=closed)

    assert school.school_id in await tree(registry, parent=school.district, as_of="2027-06-30")
    assert await tree(registry, parent=school.district, as_of="2027-07-01") == {}


async def test_places_come_in_pages_by_kind(stand: Stand) -> None:
    registry = await stand.service("registry")
    school = await a_school(registry)
    other = some_id("school")
    place = a_place("school", school.district)
    await registry.call("PUT", f"/places/{other}", by=uuid4(), groups=ANALYST, json=place)
    door = f"/places?kind=school&parent={school.district}&as_of=2026-10-01&limit=1"

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
