"""The way in and out of a browser: code, PKCE, state and nonce; what is forged, repeated or late leads nowhere."""

from uuid import uuid4

import pytest
from starlette.responses import Response

from chassis.testing import ISSUER
from gateway.cookies import Cookies
from gateway.secret import Secret
from gateway.settings import GatewaySettings
from gateway.sign_in import own_path
from tests.gateway.house import Setting, a_gateway, visiting
from tests.gateway.town import Town, query_of

FOREIGN = ["https://evil.test/", "//evil.test/", "/\\evil.test", "javascript:x", "", "/\tx", "me", "/" + "x" * 3000]


async def test_whoever_signs_in_comes_back_to_the_page_and_is_known_there(town: Town) -> None:
    person = town.a_person("/schools/spb-693/curator")

    async with town.a_browser() as browser:
        asked = await browser.open("/me?lang=en")
        begun = await browser.open(asked.headers["location"])
        ended = await browser.open(await browser.answer_of_issuer(begun, person))
        page = await browser.open(ended.headers["location"])

    assert (asked.status_code, begun.status_code, ended.status_code) == (303, 303, 303)
    assert ended.headers["location"] == "/me?lang=en"
    assert person.username in page.text
    assert "curator" in page.text


async def test_request_to_the_issuer_carries_state_nonce_and_a_challenge(town: Town) -> None:
    async with town.a_browser() as browser:
        one = query_of((await browser.go_to_issuer()).headers["location"])
        other = query_of((await browser.go_to_issuer()).headers["location"])

    assert (one["response_type"], one["code_challenge_method"], one["client_id"]) == ("code", "S256", "portal")
    assert one["redirect_uri"] == f"{town.address}/sign-in/callback"
    for name in ("state", "nonce", "code_challenge"):
        assert len(one[name]) >= 43
        assert one[name] != other[name]


async def test_issuer_expects_whom_the_start_page_named_and_one_button_is_enough(town: Town) -> None:
    person = town.a_person("/schools/spb-693/head")

    async with town.a_browser() as browser:
        begun = await browser.open("/sign-in", params={"return_to": "/me", "who": person.username})
        page = await browser.open(begun.headers["location"])
        stranger = await browser.open(begun.headers["location"].replace(person.username, "nobody-knows"))
        odd = await browser.open("/sign-in", params={"who": "<b>"})

    assert f'value="{person.username}"' in page.text.split('class="by-name"')[0]
    assert ('class="expected"' in page.text, 'class="expected"' in stranger.text) == (True, False)
    assert odd.status_code == 422


async def test_bare_address_of_the_sign_in_leads_to_ones_first_page(town: Town) -> None:
    async with town.a_browser() as browser:
        begun = await browser.open("/sign-in")
        ended = await browser.open(await browser.answer_of_issuer(begun, town.a_person()))

    assert ended.headers["location"] == "/home"


async def test_cookie_is_for_the_browser_only_and_tokens_stay_at_home(town: Town) -> None:
    async with town.a_browser() as browser:
        ended = await browser.sign_in(town.a_person())
        page = await browser.open("/me")

    session = next(cookie for cookie in ended.headers.get_list("set-cookie") if cookie.startswith("neo="))
    for word in ("HttpOnly", "SameSite=lax", "Path=/"):
        assert word in session
    assert "Domain" not in session
    assert "eyJ" not in page.text + str(ended.headers) + str(page.headers)


async def test_session_has_a_new_secret_after_each_sign_in_and_the_former_one_is_dead(town: Town) -> None:
    person = town.a_person()

    async with town.a_browser() as browser, town.a_browser() as thief:
        begun_in_another_tab = await browser.go_to_issuer()
        await browser.sign_in(person)
        former = browser.cookie
        await browser.open(await browser.answer_of_issuer(begun_in_another_tab, person))
        thief.client.cookies.set("neo", former)

        assert browser.cookie != former
        assert await browser.is_in()
        assert not await thief.is_in()


async def test_answer_of_the_issuer_counts_once(town: Town) -> None:
    async with town.a_browser() as browser:
        address = await browser.answer_of_issuer(await browser.go_to_issuer(), town.a_person())
        first = await browser.open(address)
        again = await browser.open(address)

    assert first.status_code == 303
    assert again.status_code == 400
    assert "Войти не получилось" in again.text


async def test_answer_meant_for_another_browser_signs_nobody_in(town: Town) -> None:
    async with town.a_browser() as attacker, town.a_browser() as victim:
        address = await attacker.answer_of_issuer(await attacker.go_to_issuer(), town.a_person())
        await victim.go_to_issuer()
        answer = await victim.open(address)

        assert answer.status_code == 400
        assert not await victim.is_in()


@pytest.mark.parametrize("answer", [{"state": "forged", "code": "x"}, {"code": "x"}, {}, {"error": "access_denied"}])
async def test_forged_answer_is_a_page_that_leads_back_to_the_beginning(town: Town, answer: dict[str, str]) -> None:
    async with town.a_browser() as browser:
        await browser.go_to_issuer()
        page = await browser.open("/sign-in/callback", params=answer)

    assert page.status_code == 400
    assert page.text.count("<h1") == 1
    assert 'href="/sign-in?return_to=' in page.text


async def test_refusal_of_the_issuer_keeps_the_page_to_come_back_to(town: Town) -> None:
    async with town.a_browser() as browser:
        state = query_of((await browser.go_to_issuer("/me?lang=en")).headers["location"])["state"]
        page = await browser.open("/sign-in/callback", params={"state": state, "error": "access_denied"})

    assert page.status_code == 400
    assert "return_to=/me%3Flang%3Den" in page.text


async def test_code_of_another_attempt_is_refused_by_its_proof(town: Town) -> None:
    person = town.a_person()

    async with town.a_browser() as browser:
        first = query_of(await browser.answer_of_issuer(await browser.go_to_issuer(), person))
        second = query_of((await browser.go_to_issuer()).headers["location"])
        answer = await browser.open("/sign-in/callback", params={"state": second["state"], "code": first["code"]})

    assert answer.status_code == 400


async def test_answer_that_names_another_issuer_is_refused(town: Town) -> None:
    async with town.a_browser() as browser:
        address = await browser.answer_of_issuer(await browser.go_to_issuer(), town.a_person())
        answer = await browser.open(f"{address}&iss=https://evil.test/realms/neo")

    assert answer.status_code == 400


@pytest.mark.parametrize("wanted", FOREIGN)
def test_only_pages_of_this_house_are_come_back_to(wanted: str) -> None:
    assert own_path(wanted) == "/"


@pytest.mark.parametrize("wanted", ["/me", "/schools/spb-693/slips?lang=en", "/api"])
def test_page_of_this_house_is_come_back_to(wanted: str) -> None:
    assert own_path(wanted) == wanted


async def test_other_name_of_this_machine_is_led_to_the_one_that_the_issuer_knows(town: Town) -> None:
    async with town.a_browser() as browser:
        answer = await browser.open("/sign-in?return_to=/me", headers={"host": "localhost:1"})

    assert answer.headers["location"] == f"{town.address}/sign-in?return_to=/me"


async def test_signing_out_ends_the_session_here_and_at_the_issuer(town: Town) -> None:
    person = town.a_person()

    async with town.a_browser() as browser:
        await browser.sign_in(person)
        held = browser.cookie
        left = await browser.post("/sign-out")
        home = await browser.open(left.headers["location"])
        browser.client.cookies.set("neo", held, domain="127.0.0.1", path="/")

        assert urls_without_query(left.headers["location"]) == (
            f"{town.settings.issuer}/protocol/openid-connect/logout"
        )
        assert home.headers["location"] == f"{town.address}/"
        assert not await browser.is_in()


def urls_without_query(address: str) -> str:
    return address.partition("?")[0]


async def test_signing_out_everywhere_ends_all_sessions_of_the_person_and_of_nobody_else(town: Town) -> None:
    person = town.a_person()

    async with town.a_browser() as here, town.a_browser() as there, town.a_browser() as stranger:
        for browser in (here, there):
            await browser.sign_in(person)
        await stranger.sign_in(town.a_person())
        await here.post("/sign-out", data={"everywhere": "true"})

        assert [await one.is_in() for one in (here, there, stranger)] == [False, False, True]


async def test_page_of_the_sign_in_names_places_and_visits_and_says_it_in_both_languages(town: Town) -> None:
    person = town.a_person(f"/schools/s-{uuid4().hex[:6]}/curator", "/city/analyst")

    async with town.a_browser() as browser, town.a_browser() as other:
        await browser.sign_in(person)
        await other.sign_in(person)
        russian, english = [(await browser.open(f"/me?lang={one}")).text for one in ("ru", "en")]

    assert russian.count("Этот браузер") == english.count("This browser") == 1
    assert russian.count("заходили в последний раз") == 2
    assert "/slips?lang=en" in english
    assert "аналитик города" in russian


def test_over_https_both_cookies_are_of_this_host_only() -> None:
    settings = GatewaySettings(
        issuer=ISSUER, database_url="postgresql+asyncpg://x@y/z", public_url="https://neo.test", client_secret="x"
    )
    cookies = Cookies(is_encrypted=settings.is_encrypted)
    response = Response()

    for name in (cookies.session, cookies.attempt):
        cookies.give(response, name, Secret.new())

    given = response.headers.getlist("set-cookie")
    assert [one.partition("=")[0] for one in given] == ["__Host-neo", "__Host-neo-sign-in"]
    for one in given:
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(one.split("; "))


async def test_over_https_browsers_are_told_to_stay_there() -> None:
    settings = GatewaySettings(issuer=ISSUER, public_url="https://neo.test")

    async with visiting(a_gateway({}, Setting(settings))) as client:
        encrypted = await client.get("/livez")
    async with visiting(a_gateway({})) as client:
        plain = await client.get("/livez")

    assert encrypted.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert "strict-transport-security" not in plain.headers
