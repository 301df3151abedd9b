"""Limits: so many requests a minute per address, person and program, counted together by all gateways."""

import re
import time
from types import SimpleNamespace
from uuid import uuid4

import pytest

from chassis.clock import RealClock
from chassis.database import Database
from chassis.testing import ISSUER, TokenFactory
from deploy.local.infrastructure import Infrastructure
from gateway.rates import Policy, Rates, network_of
from gateway.settings import GatewaySettings, Limits
from tests.gateway.house import Setting, Witness, a_gateway, visiting

FEW = Policy("person", 3)
PATH = "/api/registry/v1/people"


@pytest.fixture(autouse=True)
def one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """No minute ends in the middle of a test: the porter counts by windows of the real clock."""
    moment = time.time()
    monkeypatch.setattr("gateway.porter.time", SimpleNamespace(time=lambda: moment))


def a_setting(tokens: TokenFactory, **limits: int) -> Setting:
    return Setting(GatewaySettings(issuer=ISSUER, limits=Limits(**limits)), verifier=tokens.verifier())


def test_caller_has_a_quota_that_begins_anew_each_minute() -> None:
    rates = Rates()

    verdicts = [rates.spend(FEW, "anna", now=60.0 + second) for second in range(4)]
    other = rates.spend(FEW, "boris", now=64.0)
    later = rates.spend(FEW, "anna", now=120.0)

    assert [(one.left, one.is_over) for one in verdicts] == [(2, False), (1, False), (0, False), (0, True)]
    assert [one.seconds for one in verdicts] == [60, 59, 58, 57]
    assert (other.left, later.left) == (2, 2)


def test_standard_headers_say_what_is_left() -> None:
    rates = Rates()
    first, *_, last = [rates.spend(FEW, "anna", now=60.0) for _ in range(4)]

    assert first.headers == [(b"ratelimit-policy", b'"person";q=3;w=60'), (b"ratelimit", b'"person";r=2;t=60')]
    assert last.headers[1:] == [(b"ratelimit", b'"person";r=0;t=60'), (b"retry-after", b"60")]


@pytest.mark.parametrize("second", [0.0, 0.5, 59.0, 59.999])
def test_fields_are_structured_and_nobody_is_called_back_before_the_window_ends(second: float) -> None:
    rates = Rates()
    last = [rates.spend(FEW, "anna", now=60.0 + second) for _ in range(4)][-1]

    told = {name.decode(): value.decode() for name, value in last.headers}
    assert re.fullmatch(r'"[a-z]+";q=\d+;w=[1-9]\d*', told["ratelimit-policy"])
    left = re.fullmatch(r'"[a-z]+";r=0;t=(\d+)', told["ratelimit"])
    assert left is not None
    assert int(told["retry-after"]) >= int(left[1]) >= 60 - second


def test_windows_that_are_over_are_forgotten() -> None:
    rates = Rates()
    for number in range(50):
        rates.spend(FEW, str(number), now=60.0)

    rates.drop_old(now=121.0)

    assert rates.counts == {}


def test_household_of_an_ipv6_network_counts_as_one() -> None:
    assert network_of("2001:db8:1:2:3::4") == network_of("2001:db8:1:2:ffff::9")
    assert network_of("2001:db8:1:2::1") != network_of("2001:db8:1:3::1")
    assert (network_of("10.0.0.7"), network_of("testclient")) == ("10.0.0.7", "testclient")


async def test_two_gateways_count_together(infrastructure: Infrastructure) -> None:
    db = Database.open(infrastructure.postgres.url("neo_gateway", "gateway_app"), RealClock())
    one, other, who, now = Rates(), Rates(), str(uuid4()), time.time() // 60 * 60 + 1

    for _ in range(2):
        one.spend(FEW, who, now=now)
    await one.share(db, now=now)
    other.spend(FEW, who, now=now)
    await other.share(db, now=now)
    await other.share(db, now=now)
    refused = other.spend(FEW, who, now=now)
    await db.close()

    assert refused.is_over


async def test_caller_far_from_a_limit_costs_no_write(infrastructure: Infrastructure) -> None:
    nowhere = Database.open("postgresql+asyncpg://nobody@127.0.0.1:9/none", RealClock())
    rates = Rates()

    rates.spend(Policy("person", 600), "anna", now=60.0)
    await rates.share(nowhere, now=61.0)

    assert rates.spend(Policy("person", 600), "anna", now=62.0).left == 598


async def test_person_who_calls_too_often_is_told_when_to_go_on(tokens: TokenFactory) -> None:
    person, other = tokens.headers(uuid4()), tokens.headers(uuid4())

    async with visiting(a_gateway({"registry": Witness()}, a_setting(tokens, person=2))) as client:
        answers = [await client.get(PATH, headers=person) for _ in range(3)]
        somebody_else = await client.get(PATH, headers=other)

    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[2].headers["content-type"] == "application/problem+json"
    assert answers[2].json()["type"] == "urn:neo:problem:rate.too-many"
    assert answers[2].json()["violated-policies"] == ["person"]
    (after,) = answers[2].headers.get_list("retry-after")
    assert 1 <= int(after) <= 60
    assert answers[1].headers["ratelimit"].startswith('"person";r=0;')
    assert somebody_else.status_code == 200


async def test_program_has_a_quota_of_its_own(tokens: TokenFactory) -> None:
    school_portal = tokens.headers(None, "/schools/spb-693/head", azp="school-portal")

    async with visiting(a_gateway({"registry": Witness()}, a_setting(tokens, program=1))) as client:
        answers = [await client.get(PATH, headers=school_portal) for _ in range(2)]

    assert [one.status_code for one in answers] == [200, 429]


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer x"}, {"cookie": "neo=x"}])
async def test_whoever_has_no_good_token_is_counted_by_address(tokens: TokenFactory, headers: dict[str, str]) -> None:
    async with visiting(a_gateway({"registry": Witness()}, a_setting(tokens, address=2))) as client:
        answers = [await client.get(PATH, headers=headers) for _ in range(3)]
        probe = await client.get("/livez")

    assert [one.status_code for one in answers] == [401, 401, 429]
    assert probe.status_code == 200


async def test_guesser_of_slips_is_stopped_before_anything_is_asked(tokens: TokenFactory) -> None:
    witness = Witness()

    async with visiting(a_gateway({"registry": witness}, a_setting(tokens, entry=2))) as client:
        answers = [await client.post("/api/registry/v1/slips:redeem", json={}) for _ in range(4)]
        reader = await client.get("/api/pulse")

    assert [one.status_code for one in answers] == [200, 200, 429, 429]
    assert len(witness.seen) == 2
    assert reader.status_code == 200


@pytest.mark.parametrize(("language", "said"), [("ru", "Слишком часто"), ("en", "A little too often")])
async def test_browser_gets_a_page_that_says_when_to_go_on(tokens: TokenFactory, language: str, said: str) -> None:
    headers = {"accept": "text/html", "accept-language": language}

    async with visiting(a_gateway({}, a_setting(tokens, address=1))) as client:
        await client.get("/", headers=headers)
        page = await client.get("/", headers=headers)

    assert page.status_code == 429
    assert said in page.text
    assert "retry-after" in page.headers


async def test_answer_that_does_not_begin_in_time_is_given_up(tokens: TokenFactory) -> None:
    import asyncio

    async def never(scope: object, receive: object, send: object) -> None:
        await asyncio.Event().wait()

    settings = GatewaySettings(issuer=ISSUER, limits=Limits(answer_seconds=0.05))
    setting = Setting(settings, verifier=tokens.verifier())
    async with visiting(a_gateway({"registry": never}, setting)) as client:
        answer = await client.get(PATH, headers=tokens.headers(uuid4()))

    assert (answer.status_code, answer.json()["type"]) == (504, "urn:neo:problem:http.too-slow")
    assert answer.headers.get_list("ratelimit-policy") == ['"person";q=600;w=60']


async def test_failure_of_ours_tells_the_count_once_and_any_other_answer_too(tokens: TokenFactory) -> None:
    app = a_gateway({"registry": Witness()}, a_setting(tokens, person=9))

    @app.get("/broken")
    async def broken() -> None:
        raise LookupError("inside")

    # Before the door, which takes what no page takes.
    app.router.routes.insert(0, app.router.routes.pop())
    async with visiting(app) as client:
        headers = tokens.headers(uuid4())
        answers = [await client.get(path, headers=headers) for path in ("/broken", PATH)]

    assert [one.status_code for one in answers] == [500, 200]
    assert [one.headers.get_list("ratelimit-policy") for one in answers] == [['"person";q=9;w=60']] * 2
    assert [one.headers["ratelimit"].partition(";t=")[0] for one in answers] == ['"person";r=8', '"person";r=7']
