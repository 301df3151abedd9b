"""What the registry does through python-keycloak, and what a person sees on the sign-in page."""

import stat
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from keycloak.exceptions import KeycloakError, KeycloakGetError, KeycloakPostError

from deploy.local.issuer import build_issuer
from tests.deploy.issuer_run import DOORS, Running, asked, issuer_settings, started


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with started(tmp_path_factory.mktemp("issuer")) as issuer:
        yield issuer


def test_registry_finds_changes_and_erases_accounts(running: Running) -> None:
    admin, user = running.admin, running.a_user(id=str(uuid4()))
    admin.update_user(user.id, {"attributes": {"person_id": ["another"]}})

    assert admin.get_user_id(user.username.upper()) == user.id
    assert [one["id"] for one in admin.get_users({"q": "person_id:another"})] == [user.id]
    assert admin.get_user(user.id)["attributes"] == {"person_id": ["another"]}
    assert admin.users_count({"username": user.username, "exact": True}) == 1
    admin.delete_user(user.id)
    with pytest.raises(KeycloakGetError) as gone:
        admin.get_user(user.id)
    assert gone.value.response_code == 404


def test_new_account_may_bring_its_groups_and_loses_its_name(running: Running) -> None:
    running.a_group("districts", "vyborgsky", "coordinator")
    user = running.a_user(groups=["/districts/vyborgsky/coordinator"], firstName="Мария", email="m@example.org")

    found = running.admin.get_user(user.id)

    paths = [group["path"] for group in running.admin.get_user_groups(user.id)]
    assert paths == ["/districts/vyborgsky/coordinator"]
    assert not {"firstName", "lastName", "email"} & set(found)


def test_username_taken_in_any_case_is_a_conflict(running: Running) -> None:
    user = running.a_user()

    with pytest.raises(KeycloakPostError) as taken:
        running.admin.create_user({"username": user.username.upper(), "enabled": True})

    assert taken.value.response_code == 409
    assert running.admin.create_user({"username": user.username}, exist_ok=True) == user.id


def test_group_tree_reads_as_it_was_made(running: Running) -> None:
    leaf = running.a_group("city", "analyst")

    found = running.admin.get_group_by_path("/city/analyst")
    (city,) = [group for group in running.admin.get_groups() if group["name"] == "city"]
    assert (found["id"], found["name"], found["parentId"]) == (leaf, "analyst", city["id"])
    assert [group["path"] for group in city["subGroups"]] == ["/city/analyst"]
    assert running.admin.get_group(leaf)["path"] == "/city/analyst"
    with pytest.raises(KeycloakPostError) as taken:
        running.admin.create_group({"name": "analyst"}, parent=city["id"])
    assert taken.value.response_code == 409


def test_query_that_is_not_served_is_refused_aloud(running: Running) -> None:
    with pytest.raises(KeycloakError) as refused:
        running.admin.get_users({"email": "m@example.org"})

    assert refused.value.response_code == 400


def test_administration_is_the_registrys_alone(running: Running) -> None:
    person = str(running.token(running.a_user())["access_token"])
    service = str(running.openid("tracking", "tracking-secret").token(grant_type="client_credentials")["access_token"])

    def asks(*headers: tuple[str, str]) -> int:
        return running.browser.get("/admin/realms/neo/users", headers=dict(headers)).status_code

    assert asks() == 401
    assert asks(("Authorization", "Bearer nonsense")) == 401
    assert asks(("Authorization", f"Bearer {person}")) == 403
    assert asks(("Authorization", f"Bearer {service}")) == 403


def test_sign_in_page_offers_people_by_role_under_its_banner(running: Running) -> None:
    user = running.a_user(running.a_group("schools", "spb-0", "observer"))

    page = running.browser.get(f"{DOORS}/auth?{asked().query}")

    assert "Учебный вход: только для местного запуска" in page.text
    assert "<title>Вход" in page.text
    assert page.text.count("<h1>") == 1
    assert "Наблюдатель" in page.text
    assert f'<button name="username" value="{user.username}">' in page.text
    assert "<script" not in page.text


@pytest.mark.parametrize(
    ("wish", "accept", "banner"),
    [
        ("en", "ru", "Practice sign-in: for local runs only"),
        ("", "en-GB,en;q=0.9", "Practice sign-in: for local runs only"),
        ("", "fr", "Учебный вход"),
    ],
)
def test_page_speaks_the_callers_language(running: Running, wish: str, accept: str, banner: str) -> None:
    query = asked(ui_locales=wish).query

    page = running.browser.get(f"{DOORS}/auth?{query}", headers={"Accept-Language": accept})

    assert banner in page.text


def test_unknown_person_gets_the_page_again_and_no_markup_of_theirs(running: Running) -> None:
    answer = running.browser.post(f"{DOORS}/auth?{asked().query}", data={"username": "<b>nobody</b>"})

    assert answer.status_code == 403
    assert "&lt;b&gt;nobody" in answer.text


@pytest.mark.parametrize("path", ["/realms/neo/issuer.css", f"{DOORS}/certs", f"{DOORS}/token", "/nowhere"])
def test_every_answer_is_marked(running: Running, path: str) -> None:
    assert running.browser.get(path).headers["x-neo-development-issuer"] == "1"


async def test_even_a_broken_issuer_marks_its_answer(tmp_path: Path) -> None:
    app = build_issuer(issuer_settings(tmp_path))
    (tmp_path / "issuer.sqlite3").write_text("this is no database, and it is long enough to be read as one")

    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as browser:
        answer = await browser.get(f"{DOORS}/auth?{asked().query}")

    assert (answer.status_code, answer.headers["x-neo-development-issuer"]) == (500, "1")


def test_keys_and_accounts_survive_a_restart_and_are_the_owners_alone(running: Running) -> None:
    kept = running.folder / "issuer-keys.json"
    before = kept.read_bytes()

    build_issuer(issuer_settings(running.folder))

    assert kept.read_bytes() == before
    for path in (kept, running.folder / "issuer.sqlite3"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
