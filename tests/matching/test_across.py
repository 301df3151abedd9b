"""Pairs across schools: by consent only, proposed by the coordinator, agreed to by both curators, the taker first."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from chassis.testing import eventually
from contracts.diagnostics import OfferDeclared
from contracts.documents import ConsentGiven, ConsentPurpose, ConsentWithdrawn
from contracts.event import Event
from contracts.matching import PairingFormed
from contracts.registry import PlaceChanged, PlaceKind
from tests.matching.school import NOW, School
from tests.stand import Stand

OUTSIDE = ConsentPurpose.PD_SHARE_DISTRICT_PROFILE


@dataclass(frozen=True, slots=True)
class District:
    """Two schools: Anna of the first shares D01 with others too, Vera of the second wants it; Boris, too, at home."""

    near: School
    far: School
    anna: UUID
    boris: UUID
    vera: UUID
    id: str = field(default_factory=lambda: f"district-{uuid4().hex[:8]}")
    coordinator: UUID = field(default_factory=uuid4)

    def events(self) -> list[Event]:
        near, far = self.near, self.far
        return [
            *(self.holds(school) for school in (near, far)),
            near.cycle_opened(),
            far.cycle_opened(),
            near.member(self.anna),
            near.member(self.boris),
            far.member(self.vera),
            *near.strong(self.anna),
            *near.needs(self.boris),
            *far.needs(self.vera),
            self.offered(),
            *(agrees(school, person) for school, person in self.everyone),
        ]

    @property
    def everyone(self) -> list[tuple[School, UUID]]:
        return [(self.near, self.anna), (self.near, self.boris), (self.far, self.vera)]

    def holds(self, school: School) -> PlaceChanged:
        return PlaceChanged(
            place_id=school.id,
            parent=self.id,
            kind=PlaceKind.SCHOOL,
            zone="Europe/Moscow",
            valid_from=date(2020, 1, 1),
            occurred_at=NOW,
        )

    def offered(self, *, outside: bool = True, revision: int = 1) -> OfferDeclared:
        about = self.near.about(self.anna, revision=revision)
        return OfferDeclared(**about, formats=("lesson",), minutes=45, outside_school=outside)

    async def call(self, method: str, path: str, **request: Any) -> httpx.Response:
        groups = [f"/districts/{self.id}/coordinator"]
        address = f"/districts/{self.id}{path}"
        return await self.near.matching.call(method, address, by=self.coordinator, groups=groups, **request)

    async def solved(self) -> dict[str, Any]:
        """A run of the district that was solved."""
        run = uuid4()
        begun = await self.call("PUT", f"/runs/{run}", json={})
        assert begun.status_code == 202, begun.text

        async def look() -> str:
            return str((await self.call("GET", f"/runs/{run}")).json()["state"])

        await eventually(look, equals="REVIEW")
        found: dict[str, Any] = (await self.call("GET", f"/runs/{run}")).json()
        return found

    async def proposed(self) -> dict[str, Any]:
        """The one pair of a run, as it lies before the curator of Vera's school."""
        run = await self.solved()
        answer = await self.call("POST", f"/runs/{run['run_id']}/propose")
        assert (answer.status_code, answer.json()["pairs"]["asked"]) == (200, 1), answer.text
        (crossing,) = await crossings(self.far)
        return crossing


def agrees(school: School, person: UUID, revision: int = 1) -> ConsentGiven:
    return ConsentGiven(school_id=school.id, person_id=person, purpose=OUTSIDE, revision=revision, occurred_at=NOW)


def agrees_no_more(school: School, person: UUID) -> ConsentWithdrawn:
    return ConsentWithdrawn(school_id=school.id, person_id=person, purpose=OUTSIDE, revision=2, occurred_at=NOW)


async def crossings(school: School) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await school.curate("GET", "/crossings")).json()["items"]
    return found


async def decide(school: School, crossing: dict[str, Any], word: str) -> httpx.Response:
    return await school.curate("POST", f"/crossings/{crossing['crossing_id']}/{word}")


async def a_district(stand: Stand, *without: type[Event]) -> District:
    """A district in which everything that is needed was said, but for these facts."""
    stand.clock.move_to(NOW)
    matching = await stand.service("matching")
    district = District(School(stand, matching), School(stand, matching), uuid4(), uuid4(), uuid4())
    await district.near.hear(*(event for event in district.events() if not isinstance(event, without)))
    for school, person in district.everyone:
        await school.free(person)
    return district


async def test_a_run_counts_those_who_agreed_and_names_nobody(stand: Stand) -> None:
    district = await a_district(stand)

    run = await district.solved()

    assert (run["people"], run["supply"], run["demand"]) == (3, 1, 2)
    # Boris works beside Anna: that pair is for their own school.
    assert run["exchange"]["dual_first"]["covered"] == 2
    said = str(run)
    assert not any(str(person) in said for _, person in district.everyone)
    assert await district.near.matching.announced("run.finished", run["run_id"]) == []


@pytest.mark.parametrize("missing", [ConsentGiven, OfferDeclared, PlaceChanged])
async def test_without_consent_without_an_offer_outside_or_without_schools_there_is_no_pair(
    stand: Stand, missing: type[Event]
) -> None:
    district = await a_district(stand, missing)

    if missing is PlaceChanged:
        assert (await district.call("PUT", f"/runs/{uuid4()}", json={})).status_code == 404
    else:
        assert (await district.solved())["exchange"]["dual_first"]["covered"] == 0


async def test_a_school_that_has_moved_to_another_district_is_in_this_one_no_more(stand: Stand) -> None:
    district = await a_district(stand)
    told = district.holds(district.near).model_dump(exclude={"event_id"})
    elsewhere = PlaceChanged(**{**told, "parent": "elsewhere", "revision": 2})

    await district.near.hear(elsewhere, district.holds(district.near))

    assert (await district.call("GET", "/offers")).json()["items"] == []
    assert (await district.solved())["people"] == 1


async def test_an_offer_for_the_own_school_alone_is_not_shown_outside(stand: Stand) -> None:
    district = await a_district(stand)
    shown = (await district.call("GET", "/offers")).json()["items"]

    await district.near.hear(district.offered(outside=False, revision=2))

    assert [(one["school"], one["person_id"], one["competency"]) for one in shown] == [
        (district.near.id, str(district.anna), "D01")
    ]
    assert (await district.call("GET", "/offers")).json()["items"] == []
    assert (await district.solved())["exchange"]["dual_first"]["covered"] == 0


async def test_both_curators_agree_before_the_taker_is_asked_and_then_the_giver(stand: Stand) -> None:
    district = await a_district(stand)
    here = await district.proposed()
    (there,) = await crossings(district.near)

    first = (await decide(district.far, here, "agree")).json()
    asked_too_early = await district.far.proposals(district.vera)
    second = (await decide(district.near, there, "agree")).json()

    assert (here["partner_id"], there["partner_id"]) == (str(district.anna), None)
    assert (first["state"], first["is_agreed_here"], first["is_agreed_there"], asked_too_early) == (
        "ASKED",
        True,
        False,
        [],
    )
    assert (second["state"], second["partner_id"]) == ("AGREED", str(district.vera))
    (letter,) = await district.far.proposals(district.vera)
    assert await district.near.proposals(district.anna) == []
    assert letter["why"]["is_across_schools"]
    assert len(await district.far.matching.bodies("pairing.proposed", here["crossing_id"])) == 1


async def formed(district: District, crossing: dict[str, Any]) -> PairingFormed:
    """Everybody agrees."""
    for school in (district.far, district.near):
        await decide(school, crossing, "agree")
    for school, person in ((district.far, district.vera), (district.near, district.anna)):
        assert (await school.say(person, crossing["crossing_id"], "accept")).status_code == 200
    wrong = await district.near.curate("POST", f"/pairings/{crossing['crossing_id']}/confirm")
    right = await district.far.curate("POST", f"/pairings/{crossing['crossing_id']}/confirm")
    assert (wrong.status_code, right.status_code) == (409, 200)
    (fact,) = await district.far.matching.bodies("pairing.formed", crossing["crossing_id"])
    return PairingFormed.model_validate_json(fact)


async def test_the_pair_carries_both_schools_and_takes_a_place_in_each(stand: Stand) -> None:
    district = await a_district(stand)
    await district.near.free(district.anna, give=1)

    fact = await formed(district, await district.proposed())
    run = await district.near.solved()

    assert (fact.giver_school, fact.taker_school) == (district.near.id, district.far.id)
    assert (fact.giver_id, fact.taker_id, fact.cycle_id) == (district.anna, district.vera, district.far.cycle)
    # Anna's one place is taken: nothing is left for Boris at home.
    assert run["certificate"]["covered"] == 0


async def test_one_curator_refuses_and_nobody_is_asked(stand: Stand) -> None:
    district = await a_district(stand)
    crossing = await district.proposed()

    refused = await decide(district.far, crossing, "refuse")
    late = await decide(district.near, crossing, "agree")

    assert (refused.json()["state"], late.status_code) == ("REFUSED", 409)
    assert await district.far.proposals(district.vera) == []


async def test_a_curator_does_not_decide_on_an_own_pair_and_a_third_school_sees_nothing(stand: Stand) -> None:
    district = await a_district(stand)
    crossing = await district.proposed()
    third = School(stand, district.near.matching)
    door = f"/schools/{district.far.id}/crossings/{crossing['crossing_id']}/agree"
    curator = [f"/schools/{district.far.id}/curator"]

    own = await district.far.matching.call("POST", door, by=district.vera, groups=curator)

    assert own.status_code == 403
    assert await crossings(third) == []
    assert (await decide(third, crossing, "agree")).status_code == 404


async def test_whoever_takes_the_consent_back_is_asked_no_more(stand: Stand) -> None:
    district = await a_district(stand)
    crossing = await district.proposed()

    await district.far.hear(agrees_no_more(district.far, district.vera))

    late = await decide(district.far, crossing, "agree")
    assert (late.status_code, [one["state"] for one in await crossings(district.near)]) == (409, ["DROPPED"])


async def test_a_consent_taken_back_ends_an_open_proposal_across_schools_and_leaves_the_own_school_alone(
    stand: Stand,
) -> None:
    district = await a_district(stand)
    crossing = await district.proposed()
    for school in (district.far, district.near):
        await decide(school, crossing, "agree")
    await district.near.published()

    await district.near.hear(agrees_no_more(district.near, district.anna))

    (across,) = await district.far.proposals(district.vera)
    (at_home,) = await district.near.proposals(district.boris)
    assert (across["state"], at_home["state"]) == ("EXPIRED", "PROPOSED")


async def test_a_pair_that_stands_no_longer_at_the_second_yes_is_dropped(stand: Stand) -> None:
    district = await a_district(stand)
    crossing = await district.proposed()
    await decide(district.far, crossing, "agree")
    await district.near.free(district.anna, slots=("fri-8",))

    second = await decide(district.near, crossing, "agree")

    assert (second.status_code, second.json()["state"]) == (200, "DROPPED")
    assert await district.far.proposals(district.vera) == []


async def test_a_need_that_waits_for_curators_is_not_proposed_twice(stand: Stand) -> None:
    district = await a_district(stand)
    await district.proposed()

    again = await district.solved()

    assert (again["demand"], again["exchange"]["dual_first"]["covered"]) == (1, 0)


async def test_the_same_run_again_changes_nothing_and_other_content_is_refused(stand: Stand) -> None:
    district = await a_district(stand)
    run = (await district.solved())["run_id"]

    again = await district.call("PUT", f"/runs/{run}", json={})
    other = await district.call("PUT", f"/runs/{run}", json={"seed": 2})

    assert (again.status_code, other.status_code) == (200, 409)


async def test_a_run_across_schools_can_be_given_up(stand: Stand) -> None:
    district = await a_district(stand)
    run = (await district.solved())["run_id"]

    cancelled = await district.call("POST", f"/runs/{run}/cancel")
    late = await district.call("POST", f"/runs/{run}/propose")
    listed = await district.call("GET", "/runs")

    assert (cancelled.json()["state"], late.status_code) == ("CANCELLED", 409)
    assert [(one["run_id"], one["state"]) for one in listed.json()["items"]] == [(run, "CANCELLED")]


COORDINATORS_DOORS = [
    ("PUT", f"/runs/{uuid4()}"),
    ("GET", f"/runs/{uuid4()}"),
    ("GET", "/runs"),
    ("POST", f"/runs/{uuid4()}/cancel"),
    ("POST", f"/runs/{uuid4()}/propose"),
    ("GET", "/offers"),
]


@pytest.mark.parametrize(("method", "path"), COORDINATORS_DOORS)
async def test_nobody_but_the_districts_own_coordinator_enters(stand: Stand, method: str, path: str) -> None:
    matching = await stand.service("matching")
    address = f"/districts/vyborgsky/{path.removeprefix('/')}"
    groups = ["/districts/elsewhere/coordinator", "/schools/vyborgsky/curator", "/city/analyst"]

    nobody = await matching.client.request(method, address, json={})
    stranger = await matching.call(method, address, by=uuid4(), groups=groups, json={})
    own = await matching.call(method, address, by=uuid4(), groups=["/districts/vyborgsky/coordinator"], json={})

    # The district has no schools yet.
    assert (nobody.status_code, stranger.status_code, own.status_code) == (401, 403, 404)
