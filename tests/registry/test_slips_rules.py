"""Rules of slips: codes that people can type, who may print for whom, and words for everything."""

from uuid import uuid4

import pytest

from chassis.texts import LANGUAGES, Texts
from services.registry.actions.slips_realm import RULES
from services.registry.domain.slips import ALPHABET, LENGTH, may_issue, new_code, read, shown
from tests.stand import Stand


def test_codes_are_long_readable_and_read_as_people_type_them() -> None:
    codes = {new_code(lambda below: uuid4().int % below) for _ in range(500)}

    assert len(codes) == 500
    assert all(len(code) == LENGTH and set(code) <= set(ALPHABET) for code in codes)
    assert len(ALPHABET) ** LENGTH > 2**60
    assert not set("01OIL") & set(ALPHABET)
    code = "ABCDEFGHJKMNPQR"
    assert shown(code) == "ABCDE-FGHJK-MNPQR"
    assert read(" abcde fghjk—mnpqr ") == code
    # The same signs on a Russian keyboard.
    assert read("\u0410\u0412\u0421DE-FG\u041dJ\u041a-\u041cNPQR") == code
    assert [read(typed) for typed in ("", "ABCDE", "ABCDE-FGHJK-MNPQ0", "ABCDE-FGHJK-MNPQRS")] == [None] * 4


def test_slip_is_for_those_alone_whose_roles_one_may_give() -> None:
    giveable = ("teacher", "observer")

    assert may_issue(["/schools/a/teacher", "/schools/b/teacher"], "a", giveable)
    assert not may_issue(["/schools/a/teacher", "/schools/b/curator"], "a", giveable)
    assert not may_issue(["/schools/a/head"], "a", giveable)
    assert may_issue(["/schools/a/curator"], "a", (*giveable, "curator"))
    assert not may_issue(["/city/auditor"], "a", (*giveable, "curator"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_of_a_realm_has_words(language: str) -> None:
    texts = Texts.load("services.registry")

    assert [slug for slug in {*RULES.values(), "password.not-accepted"} if not texts.knows(slug, language)] == []


ID = uuid4()
ROLES = ("teacher", "observer", "curator", "head", "coordinator", "analyst", "operator", "auditor")
DOORS = [("POST", "/slips"), ("GET", "/slips"), ("POST", f"/slips/{ID}/revoke"), ("GET", "/newcomers")]


@pytest.mark.parametrize(("method", "path"), DOORS)
async def test_doors_of_slips_open_to_curator_and_head_of_that_school(stand: Stand, method: str, path: str) -> None:
    registry = await stand.service("registry")
    door = f"/schools/one{path}"

    nobody = await registry.client.request(method, door)
    elsewhere = [f"/{place}/{role}" for place in ("schools/other", "city") for role in ROLES]
    refused = await registry.call(method, door, by=uuid4(), groups=elsewhere)
    entered = set()
    for role in ROLES:
        answer = await registry.call(method, door, by=uuid4(), groups=[f"/schools/one/{role}"])
        assert answer.status_code != 500
        if answer.status_code != 403:
            entered.add(role)

    assert (nobody.status_code, refused.status_code) == (401, 403)
    assert entered == {"curator", "head"}


async def test_slip_of_an_officer_is_printed_by_the_citys_analyst_alone(stand: Stand) -> None:
    registry, door = await stand.service("registry"), f"/places/x/officers/{ID}/slip"
    others = [f"/{place}/{role}" for place in ("schools/x", "districts/x") for role in ROLES]

    answers = [
        await registry.client.post(door, json={}),
        await registry.call("POST", door, by=uuid4(), groups=[*others, "/city/operator"], json={}),
        await registry.call("POST", door, by=uuid4(), groups=["/city/analyst"], json={}),
    ]

    assert [answer.status_code for answer in answers] == [401, 403, 404]
