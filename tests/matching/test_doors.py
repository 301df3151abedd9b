"""The doors of matching: who may, who may not, and words for everything that is said."""

from typing import Any
from uuid import uuid4

import pytest

from chassis.identity import EVERYONE_AT_SCHOOL
from chassis.texts import LANGUAGES, Texts
from services.matching.domain import SCHOOL_DAYS
from tests.matching.school import a_pair, a_running_school
from tests.stand import Stand, a_school

SAID_WITHOUT_A_REFUSAL = (
    "run.worker-lost",
    "run.not-proved",
    "run.solver-failed",
    *(f"day.{day}" for day in SCHOOL_DAYS),
)
ID = str(uuid4())
CYCLE = {"cycle_id": ID}
CURATORS_DOORS: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/readiness", {"params": CYCLE}),
    ("PUT", f"/bans/{ID}/{uuid4()}", {}),
    ("DELETE", f"/bans/{ID}/{ID}", {}),
    ("GET", "/bans", {}),
    ("PUT", f"/runs/{ID}", {"json": CYCLE}),
    ("GET", f"/runs/{ID}", {}),
    ("GET", "/runs", {}),
    ("POST", f"/runs/{ID}/cancel", {}),
    ("POST", f"/runs/{ID}/choose", {"json": {"variant": "dual-first"}}),
    ("POST", f"/runs/{ID}/publish", {}),
    ("GET", f"/runs/{ID}/proposals", {}),
    ("GET", f"/runs/{ID}/unmet", {}),
    ("GET", f"/runs/{ID}/left-out", {}),
    ("GET", f"/runs/{ID}/fairness", {}),
    ("POST", f"/runs/{ID}/prices", {"json": {"ban": {"giver_id": ID, "taker_id": ID}}}),
    ("PUT", f"/runs/{ID}/edits/{ID}", {"json": {"ban": {"giver_id": ID, "taker_id": ID}}}),
    ("DELETE", f"/runs/{ID}/edits/{ID}", {}),
    ("GET", f"/runs/{ID}/edits", {}),
    ("GET", f"/runs/{ID}/changes", {}),
    ("GET", f"/runs/{ID}/stale", {}),
    ("GET", "/pairings", {}),
    ("GET", "/turnout", {"params": CYCLE}),
    ("POST", f"/pairings/{ID}/confirm", {}),
    ("GET", "/crossings", {}),
    ("POST", f"/crossings/{ID}/agree", {}),
    ("POST", f"/crossings/{ID}/refuse", {}),
]
MY_DOORS: list[tuple[str, str, dict[str, Any]]] = [
    ("PUT", "/my/availability", {"json": {"slots": []}}),
    ("GET", "/my/availability", {}),
    ("GET", "/my/proposals", {}),
    ("GET", "/my/match", {}),
    ("GET", "/my/looks", {}),
    ("POST", f"/my/proposals/{ID}/accept", {}),
    ("POST", f"/my/proposals/{ID}/decline", {}),
]


async def test_every_door_stands_in_one_of_the_two_lists(stand: Stand) -> None:
    school = await a_running_school(stand)

    doors = [
        method
        for path, methods in school.matching.app.openapi()["paths"].items()
        for method in methods
        if path.startswith("/v1/schools/")
    ]

    assert len(doors) == len(CURATORS_DOORS) + len(MY_DOORS)


@pytest.mark.parametrize(("method", "path", "request_"), CURATORS_DOORS + MY_DOORS)
async def test_nobody_enters_without_a_token_nor_from_another_school(
    stand: Stand, method: str, path: str, request_: dict[str, Any]
) -> None:
    school = await a_running_school(stand)
    groups = [f"/schools/elsewhere/{role}" for role in EVERYONE_AT_SCHOOL] + ["/city/analyst"]

    nobody = await school.matching.client.request(method, f"/schools/{school.id}{path}", **request_)
    stranger = await school.matching.call(method, f"/schools/{school.id}{path}", by=uuid4(), groups=groups, **request_)

    assert (nobody.status_code, stranger.status_code) == (401, 403)


@pytest.mark.parametrize(("method", "path", "request_"), CURATORS_DOORS)
async def test_only_the_curator_enters_the_curators_doors(
    stand: Stand, method: str, path: str, request_: dict[str, Any]
) -> None:
    school = await a_running_school(stand)
    groups = [f"/schools/{school.id}/{role}" for role in ("teacher", "observer", "head")]

    other = await school.matching.call(method, f"/schools/{school.id}{path}", by=uuid4(), groups=groups, **request_)
    curator = await school.curate(method, path, **request_)

    assert other.status_code == 403
    assert curator.status_code in (200, 201, 204, 404)


@pytest.mark.parametrize(("method", "path", "request_"), MY_DOORS)
async def test_everybody_at_the_school_enters_their_own_doors(
    stand: Stand, method: str, path: str, request_: dict[str, Any]
) -> None:
    school = await a_running_school(stand)

    answers = [
        await school.matching.call(
            method, f"/schools/{school.id}{path}", by=uuid4(), groups=[f"/schools/{school.id}/{role}"], **request_
        )
        for role in EVERYONE_AT_SCHOOL
    ]

    assert {answer.status_code for answer in answers} <= {200, 404}


async def test_another_schools_curator_sees_nothing_of_this_school(stand: Stand) -> None:
    pair = await a_pair(stand)
    run = (await pair.school.published())["run_id"]
    await pair.school.curate("PUT", f"/bans/{uuid4()}/{uuid4()}")
    other = a_school()

    async def look(path: str, **params: str) -> tuple[int, Any]:
        answer = await pair.school.matching.call(
            "GET", f"/schools/{other}{path}", by=uuid4(), groups=[f"/schools/{other}/curator"], params=params
        )
        return answer.status_code, answer.json().get("items")

    assert [await look(path) for path in ("/runs", "/bans", "/pairings")] == [(200, [])] * 3
    assert [await look(f"/runs/{run}{path}") for path in ("", "/proposals", "/unmet", "/left-out", "/fairness")] == [
        (404, None)
    ] * 5


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {**CYCLE, "seed": -1},
        {**CYCLE, "pins": [{"giver_id": ID, "taker_id": ID}]},
        {**CYCLE, "based_on": "yesterday"},
    ],
)
async def test_a_run_that_cannot_be_read_is_refused(stand: Stand, wanted: dict[str, Any]) -> None:
    school = await a_running_school(stand)

    answer = await school.curate("PUT", f"/runs/{uuid4()}", json=wanted)

    assert answer.status_code == 422


async def test_a_third_end_of_the_exchange_cannot_be_chosen(stand: Stand) -> None:
    pair = await a_pair(stand)
    run = await pair.school.solved()

    answer = await pair.school.curate("POST", f"/runs/{run['run_id']}/choose", json={"variant": "best"})

    assert answer.status_code == 422


@pytest.mark.parametrize("path", ["/runs", "/pairings", f"/runs/{ID}/proposals", f"/runs/{ID}/unmet"])
async def test_a_cursor_of_another_kind_is_refused(stand: Stand, path: str) -> None:
    school = await a_running_school(stand)

    answer = await school.curate("GET", path, params={"after": "nonsense"})

    assert (answer.status_code, answer.json()["type"]) == (422, "urn:neo:problem:page.bad-cursor")


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_is_said_has_words(language: str) -> None:
    texts = Texts.load("services.matching")

    assert [slug for slug in SAID_WITHOUT_A_REFUSAL if not texts.knows(slug, language)] == []
