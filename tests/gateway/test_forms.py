"""Changes by cookie: only from our own pages, only with the token of the very session; bearers need neither."""

import re
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.secret import Secret
from tests.gateway.town import FROM_HERE, Browser, Town

PATH = "/api/registry/v1/schools/spb-693/people"
FORM = "application/x-www-form-urlencoded"


async def signed_in(town: Town, browser: Browser) -> str:
    await browser.sign_in(town.a_person("/schools/spb-693/curator"))
    return await browser.form_token()


async def test_request_by_cookie_reaches_the_service_with_a_token_and_without_the_cookie(town: Town) -> None:
    async with town.a_browser() as browser:
        await signed_in(town, browser)
        answer = await browser.open(PATH)

    headers = town.witness.headers()
    assert answer.text == "seen"
    assert headers["authorization"].startswith("Bearer eyJ")
    assert "cookie" not in headers
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("site", [{"sec-fetch-site": "same-origin"}, {"origin": "here"}])
async def test_change_from_our_own_page_with_its_token_comes_in(town: Town, site: dict[str, str]) -> None:
    headers = {name: town.address if value == "here" else value for name, value in site.items()}

    async with town.a_browser() as browser:
        token = await signed_in(town, browser)
        answer = await browser.client.post(PATH, headers={**headers, "x-csrf-token": token}, content=b"x")

    assert answer.status_code == 200
    assert "x-csrf-token" not in town.witness.headers()


@pytest.mark.parametrize(
    "site",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.test"},
        {"origin": "null"},
        {"sec-fetch-site": "same-origin", "origin": "https://evil.test"},
        {},
    ],
)
async def test_change_from_elsewhere_is_refused_even_with_a_token(town: Town, site: dict[str, str]) -> None:
    async with town.a_browser() as browser:
        token = await signed_in(town, browser)
        before = len(town.witness.seen)
        headers = {"accept": "application/json", "x-csrf-token": token, **site}
        answer = await browser.client.post(PATH, headers=headers, content=b"x")

    assert (answer.status_code, answer.json()["type"]) == (403, "urn:neo:problem:form.from-elsewhere")
    assert len(town.witness.seen) == before


async def test_change_without_a_token_or_with_that_of_another_session_is_refused(town: Town) -> None:
    async with town.a_browser() as browser, town.a_browser() as other:
        await signed_in(town, browser)
        foreign = await signed_in(town, other)
        answers = [
            await browser.client.post(PATH, headers={**FROM_HERE, "accept": "application/json", **token}, content=b"x")
            for token in ({}, {"x-csrf-token": foreign}, {"x-csrf-token": "x" * 86}, {"x-csrf-token": "юх"[:0]})
        ]

    assert {(one.status_code, one.json()["type"]) for one in answers} == {(403, "urn:neo:problem:form.not-signed")}


async def test_token_in_a_form_is_found_and_the_body_goes_on_whole(town: Town) -> None:
    async with town.a_browser() as browser:
        token = await signed_in(town, browser)
        body = f"name=x&csrf_token={token}&more={'y' * 200_000}"
        plain = await browser.client.post(PATH, headers={**FROM_HERE, "content-type": FORM}, content=body)
        files = {"file": ("staff.csv", b"z" * 100_000, "text/csv")}
        with_file = await browser.client.post(PATH, headers=FROM_HERE, data={"csrf_token": token}, files=files)

    assert (plain.status_code, with_file.status_code) == (200, 200)


async def test_bearer_needs_no_form_token_and_its_cookie_means_nothing(town: Town) -> None:
    person = town.a_person("/schools/spb-693/curator")

    async with town.a_browser() as browser:
        await browser.sign_in(person)
        issued = await browser.client.post(
            f"{town.settings.issuer}/protocol/openid-connect/token",
            data={"grant_type": "password", "client_id": "demo", "username": person.username, "password": "neo"},
        )
        bearer = f"Bearer {issued.json()['access_token']}"
        answer = await browser.client.post(PATH, headers={"authorization": bearer}, content=b"x")

    assert answer.status_code == 200
    assert town.witness.headers()["authorization"] == bearer


async def test_no_other_origin_may_read_or_ask_beforehand(town: Town) -> None:
    async with town.a_browser() as browser:
        await signed_in(town, browser)
        headers = {"origin": "https://evil.test", "access-control-request-method": "POST"}
        preflight = await browser.client.options(PATH, headers=headers)
        read = await browser.open(PATH, headers={"origin": "https://evil.test"})

    for answer in (preflight, read):
        assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_form_token_is_written_differently_each_time_and_holds_for_one_session_only() -> None:
    secret, csrf = Secret.new(), b"c" * 32
    one, other = secret.form_token(csrf), secret.form_token(csrf)

    assert one != other
    assert secret.signed_form(one, csrf)
    assert secret.signed_form(other, csrf)
    assert not Secret.new().signed_form(one, csrf)
    assert not secret.signed_form(one, b"d" * 32)


@given(st.text(max_size=100))
def test_what_is_no_form_token_signs_nothing(written: str) -> None:
    assert not Secret(b"s" * 32).signed_form(written, b"c" * 32)


@given(st.binary(max_size=300))
def test_sealed_tokens_open_with_their_own_secret_only(content: bytes) -> None:
    secret = Secret.new()
    sealed = secret.seal(content)

    assert secret.unseal(sealed) == content
    assert Secret.new().unseal(sealed) is None
    assert secret.unseal(sealed[:-2] + b"xx") is None


@pytest.mark.parametrize("written", [None, "", "short", "x" * 44, "ю" * 43, f"{uuid4()}"])
def test_what_no_cookie_of_ours_can_be_is_no_secret(written: str | None) -> None:
    assert Secret.read(written) is None


def test_secret_is_not_shown() -> None:
    secret = Secret.new()

    assert re.search(r"raw|b'", repr(secret)) is None
    assert Secret.read(secret.written) == secret
