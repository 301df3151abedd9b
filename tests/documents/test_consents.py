"""Consents: given and withdrawn by the person alone, announced once."""

from uuid import uuid4

from tests.stand import Stand, a_school


async def test_consent_is_given_once_and_announced_once(stand: Stand) -> None:
    documents = await stand.service("documents")
    school, teacher = a_school(), uuid4()
    door = f"/schools/{school}/my/consents/PD_PLATFORM"
    groups = [f"/schools/{school}/teacher"]

    first = await documents.call("PUT", door, by=teacher, groups=groups)
    again = await documents.call("PUT", door, by=teacher, groups=groups)

    assert first.status_code == again.status_code == 200
    assert first.json()["is_given"] is True
    assert await documents.announced("consent", school) == ["neo.documents.consent.given.v1"]


async def test_withdrawn_consent_is_announced_with_a_higher_revision(stand: Stand) -> None:
    documents = await stand.service("documents")
    school, teacher = a_school(), uuid4()
    door = f"/schools/{school}/my/consents/PD_PLATFORM"
    groups = [f"/schools/{school}/teacher"]

    await documents.call("PUT", door, by=teacher, groups=groups)
    answer = await documents.call("DELETE", door, by=teacher, groups=groups)

    assert answer.json()["is_given"] is False
    bodies = await documents.bodies("consent", school)
    assert [b'"revision":1' in bodies[0], b'"revision":2' in bodies[1]] == [True, True]


async def test_stranger_and_nobody_are_refused(stand: Stand) -> None:
    documents = await stand.service("documents")
    door = f"/schools/{a_school()}/my/consents/PD_PLATFORM"

    nobody = await documents.client.put(door)
    stranger = await documents.call("PUT", door, by=uuid4(), groups=["/schools/elsewhere/teacher"])

    assert nobody.status_code == 401
    assert nobody.headers["content-type"] == "application/problem+json"
    assert stranger.status_code == 403
    assert stranger.json()["type"] == "urn:neo:problem:identity.role-needed"


async def test_unknown_purpose_is_explained_in_the_callers_language(stand: Stand) -> None:
    documents = await stand.service("documents")
    school = a_school()

    answer = await documents.call(
        "PUT",
        f"/schools/{school}/my/consents/EVERYTHING",
        by=uuid4(),
        groups=[f"/schools/{school}/teacher"],
        headers={"Accept-Language": "en"},
    )

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "purpose"
    assert answer.json()["detail"].startswith("Some fields")
