"""Every door: nobody 401, wrong role 403, another school nothing."""

from uuid import uuid4

import pytest

from chassis.texts import LANGUAGES, Texts
from services.tracking.domain import ITEMS, ROLES
from tests.stand import Stand, a_school
from tests.tracking.pairs import NOW, a_working_pair

ONE = "6d4a7a0c-6f0e-4a44-9a55-5f5f6d1a0001"
OF_CURATOR = [
    ("GET", "assignments"),
    ("GET", f"assignments/{ONE}"),
    ("PUT", f"assignments/{ONE}/basis"),
    ("POST", f"assignments/{ONE}/suspend"),
    ("POST", f"assignments/{ONE}/resume"),
    ("POST", f"assignments/{ONE}/complete"),
    ("POST", f"assignments/{ONE}/terminate"),
    ("POST", f"assignments/{ONE}/helped"),
    ("GET", "health"),
    ("GET", "turnout"),
    ("GET", "surveys"),
    ("PUT", f"surveys/{ONE}"),
    ("GET", f"surveys/{ONE}"),
    ("POST", f"surveys/{ONE}/close"),
]
OF_EVERYONE = [
    ("GET", "my/assignments"),
    ("PUT", f"my/assignments/{ONE}/goals/{ONE}"),
    ("POST", f"my/assignments/{ONE}/goals/{ONE}/achieve"),
    ("POST", f"my/assignments/{ONE}/help"),
    ("POST", f"my/assignments/{ONE}/rematch"),
    ("PUT", f"my/assignments/{ONE}/meetings/{ONE}"),
    ("GET", "my/meetings"),
    ("POST", f"my/meetings/{ONE}/confirm"),
    ("PUT", f"my/meetings/{ONE}/reflection"),
    ("GET", "my/surveys"),
    ("PUT", f"my/surveys/{ONE}/answers/mentor"),
    ("GET", "my/notifications"),
    ("POST", f"my/notifications/{ONE}/read"),
    ("GET", "my/notification-settings"),
    ("PUT", "my/notification-settings"),
]
BODIES: dict[str, dict[str, object]] = {
    "basis": {"basis": "VOLUNTARY"},
    "terminate": {"reason": "replaced"},
    "confirm": {"took_place": True},
    "reflection": {"usefulness": 3},
    "notification-settings": {"quiet_from": "21:00", "quiet_to": "08:00"},
    "mentor": {"items": {"satisfaction": 3}},
    "goals": {"text": "a", "due_on": "2027-03-01", "sign": "material"},
    "meetings": {"kind": "working", "starts_at": NOW.isoformat(), "minutes": 45},
}


def a_body(path: str) -> dict[str, object] | None:
    parts = path.split("/")
    return BODIES.get(parts[-1]) or (BODIES.get(parts[-2]) if len(parts) > 1 else None)


async def test_no_door_opens_without_a_token_or_with_the_wrong_role(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    school = a_school()
    wrong = [f"/schools/{school}/{role}" for role in ("teacher", "observer", "head")]
    elsewhere = [f"/schools/{a_school()}/curator", "/city/analyst"]
    refused = []

    for method, path in OF_CURATOR + OF_EVERYONE:
        door = f"/schools/{school}/{path}"
        nobody = await tracking.client.request(method, door)
        stranger = await tracking.call(method, door, by=uuid4(), groups=elsewhere)
        refused.append((nobody.status_code, stranger.status_code))
    by_role = [
        (await tracking.call(method, f"/schools/{school}/{path}", by=uuid4(), groups=wrong)).status_code
        for method, path in OF_CURATOR
    ]

    assert set(refused) == {(401, 403)}
    assert set(by_role) == {403}


async def test_service_without_a_person_has_no_own_assignments(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    school = a_school()

    answer = await tracking.call(
        "GET", f"/schools/{school}/my/assignments", by=None, groups=[f"/schools/{school}/teacher"]
    )

    assert answer.status_code == 403


async def test_another_school_sees_nothing_of_a_pair(stand: Stand) -> None:
    tracking = await stand.service("tracking")
    pair = await a_working_pair(stand, tracking)
    meeting = await pair.plan(NOW)
    elsewhere = a_school()
    groups = [f"/schools/{elsewhere}/{role}" for role in ("curator", "teacher")]
    answers = []

    for method, path in OF_CURATOR + OF_EVERYONE:
        own = path.replace(f"assignments/{ONE}", f"assignments/{pair.id}").replace(
            f"my/meetings/{ONE}", f"my/meetings/{meeting}"
        )
        # How one wishes to be told is one's own in every school.
        if (method == "GET" and ONE not in path) or "surveys" in path or "settings" in path:
            continue
        answer = await tracking.call(
            method, f"/schools/{elsewhere}/{own}", by=pair.formed.taker_id, groups=groups, json=a_body(path)
        )
        answers.append((path, answer.status_code))
    lists = [
        (await tracking.call("GET", f"/schools/{elsewhere}/{path}", by=pair.formed.taker_id, groups=groups)).json()
        for path in ("assignments", "my/assignments", "my/meetings")
    ]

    assert {status for _, status in answers} == {404}
    assert [page["items"] for page in lists] == [[], [], []]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_has_its_text(language: str) -> None:
    texts = Texts.load("services.tracking")

    missing = [
        f"survey.{role}.{code}"
        for role in ROLES
        for code in ITEMS
        if not texts.knows(f"survey.{role}.{code}", language)
    ]

    assert missing == []
