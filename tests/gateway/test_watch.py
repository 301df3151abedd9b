"""Who came in and who went out is told and counted, by opaque ids; no token, code, cookie or username is in a log."""

import json
import re
from uuid import UUID

from fastapi.responses import PlainTextResponse

from chassis.refused import PASSED_ON
from chassis.testing import ISSUER, TokenFactory
from gateway.secret import Secret
from gateway.settings import GatewaySettings, Limits
from gateway.watch import Outcome
from tests.chassis.test_refused import refused, written
from tests.gateway.house import Setting, Witness, a_gateway, visiting
from tests.gateway.test_sessions import a_logout_token, age, say_logout
from tests.gateway.town import Person, Town, query_of


def told(text: str) -> list[dict[str, object]]:
    lines = [json.loads(line) for line in text.splitlines()]
    return [line for line in lines if line["logger"] == "neo.sign-in"]


async def test_sign_in_and_sign_out_are_told_with_time_person_and_outcome(town: Town) -> None:
    person = town.a_person()

    with written() as text:
        async with town.a_browser() as browser:
            await browser.sign_in(person)
            await browser.post("/sign-out")
    came, went = told(text.getvalue())

    assert (came["message"], came["outcome"], came["caller"]) == ("sign-in", "signed-in", str(person.person_id))
    assert (went["message"], went["reason"], went["caller"]) == ("sessions ended", "signed-out", str(person.person_id))
    for line in (came, went):
        assert str(line["at"]).endswith("+00:00")
    assert came["from_class"] == "this-machine"
    assert re.fullmatch(r"[0-9a-f]{12}", str(came["from_mark"]))


async def test_nothing_that_opens_a_door_is_in_the_log_of_a_whole_visit(town: Town) -> None:
    person = town.a_person("/schools/spb-693/curator")

    with written() as text:
        async with town.a_browser() as browser:
            answer = query_of(await browser.answer_of_issuer(await browser.go_to_issuer(), person))
            await browser.open("/sign-in/callback", params=answer)
            await browser.open("/sign-in/callback", params=answer)
            await browser.open("/api/registry/v1/x", headers={"accept": "application/json"})
            secrets = [answer["code"], answer["state"], browser.cookie, await browser.form_token()]
            secrets.append(town.witness.headers()["authorization"].removeprefix("Bearer "))
            await age(town, person.person_id, "is_stale = true")
            await browser.post("/sign-out", data={"everywhere": "true"})

    assert len(told(text.getvalue())) == 3
    assert [one for one in (*secrets, person.username, "eyJ") if one in text.getvalue()] == []


async def outcomes(town: Town, person: Person) -> list[object]:
    """What is told of three attempts that fail."""
    with written() as text:
        async with town.a_browser() as browser:
            await browser.open("/sign-in/callback", params={"state": "forged", "code": "x"})
            address = await browser.answer_of_issuer(await browser.go_to_issuer(), person)
            elsewhere = {**query_of(address), "iss": "https://evil.test/realms/neo"}
            await browser.open("/sign-in/callback", params=elsewhere)
            begun = query_of((await browser.go_to_issuer()).headers["location"])
            foreign = {"state": begun["state"], "code": query_of(address)["code"], "iss": town.settings.issuer}
            await browser.open("/sign-in/callback", params=foreign)
    return [line["outcome"] for line in told(text.getvalue())]


async def test_attempts_that_fail_are_told_and_counted_by_outcome(town: Town) -> None:
    person, failed = town.a_person(), [Outcome.UNKNOWN, Outcome.OTHER_ISSUER, Outcome.NOT_ACCEPTED]
    before = await metrics(town)

    assert await outcomes(town, person) == failed
    after = await metrics(town)

    for outcome in failed:
        assert counted(after, outcome) == counted(before, outcome) + 1


async def metrics(town: Town) -> str:
    async with town.a_browser() as browser:
        return (await browser.open("/metrics")).text


def counted(text: str, outcome: str) -> float:
    found = re.search(rf'^sign_ins_total{{outcome="{outcome}"}} (\S+)$', text, re.MULTILINE)
    return float(found[1]) if found else 0.0


async def test_end_of_a_session_is_told_with_its_reason(town: Town) -> None:
    person = town.a_person()

    with written() as text:
        async with town.a_browser() as browser:
            await browser.sign_in(person)
            await say_logout(town, a_logout_token(town, sub=person.account_id))
            await browser.sign_in(person)
            town.realm.sessions.end_all(person.account_id)
            await age(town, person.person_id, "is_stale = true")
            await browser.open("/me")
    ends = [line["reason"] for line in told(text.getvalue()) if line["message"] == "sessions ended"]

    assert ends == ["issuer", "not-renewed"]


async def test_refused_change_is_told_with_the_person_and_the_route(town: Town) -> None:
    person = town.a_person()

    with written() as text:
        async with town.a_browser() as browser:
            await browser.sign_in(person)
            await browser.client.post("/sign-out", headers={"sec-fetch-site": "cross-site"})
    (line,) = refused(text)

    assert (line["slug"], line["status"], line["caller"]) == ("form.from-elsewhere", 403, str(person.person_id))
    assert UUID(str(line["caller"]))


async def test_refusal_that_a_page_shows_is_told_by_its_slug(town: Town) -> None:
    with written() as text:
        async with town.a_browser() as browser:
            await browser.open("/sign-in", headers={"sec-fetch-dest": "iframe"})
    (line,) = refused(text)

    assert (line["slug"], line["route"]) == ("sign-in.by-hand", "/sign-in")


async def test_requests_of_somebody_signed_in_are_measured_by_their_route(town: Town) -> None:
    async with town.a_browser() as browser:
        await browser.sign_in(town.a_person())
        await browser.open("/me")

    assert 'method="GET",route="/me",status="200"' in await metrics(town)


async def test_refusal_of_a_service_is_told_by_the_gateway_too(town: Town) -> None:
    person, usual = town.a_person(), town.witness.answer
    town.witness.answer = PlainTextResponse("no", 403)
    try:
        with written() as text:
            async with town.a_browser() as browser:
                await browser.sign_in(person)
                await browser.open("/api/registry/v1/x", headers={"accept": "application/json"})
    finally:
        town.witness.answer = usual
    (line,) = refused(text)

    assert (line["slug"], line["caller"]) == (PASSED_ON, str(person.person_id))
    assert line["route"] == "/api/{service}/v1/{path:path}"


async def test_whoever_calls_too_often_is_told(tokens: TokenFactory) -> None:
    settings = GatewaySettings(issuer=ISSUER, limits=Limits(address=1))

    with written() as text:
        async with visiting(a_gateway({}, Setting(settings, verifier=tokens.verifier()))) as client:
            for _ in range(2):
                await client.get("/api/pulse")
    (line,) = refused(text)

    assert (line["slug"], line["status"]) == ("rate.too-many", 429)


async def test_issuer_that_cannot_be_reached_is_told(town: Town) -> None:
    person, inside = town.a_person(), town.sessions.issuer.inside
    async with town.a_browser() as browser:
        address = await browser.answer_of_issuer(await browser.go_to_issuer(), person)
        town.sessions.issuer.inside, town.sessions.issuer.known_until = "http://127.0.0.1:9/realms/neo", 0.0
        try:
            with written() as text:
                answer = await browser.open(address)
        finally:
            town.sessions.issuer.inside = inside

    assert answer.status_code == 503
    assert [line["outcome"] for line in told(text.getvalue())] == ["issuer-away"]


async def test_without_its_database_the_gateway_lets_no_cookie_in(tokens: TokenFactory) -> None:
    settings = GatewaySettings(
        issuer=ISSUER,
        database_url="postgresql+asyncpg://gateway_app@127.0.0.1:9/neo_gateway",
        public_url="http://neo.test",
        client_secret="x",
    )
    witness = Witness()
    cookie = {"cookie": f"neo={Secret.new().written}"}

    async with visiting(a_gateway({"alpha": witness}, Setting(settings, verifier=tokens.verifier()))) as client:
        answer = await client.get("/api/alpha/v1/x", headers=cookie)

    assert answer.status_code == 503
    assert witness.seen == []
