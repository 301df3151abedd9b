"""What `neo keycloak diff` calls a difference: pure, without a Keycloak."""

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.keycloak.changes import Change, changes_of
from deploy.keycloak.command import Administrator
from deploy.keycloak.pieces import Piece, RealmPieces, Settings
from deploy.keycloak.wanted import FILE, PLACEHOLDER, VariablesMissing, wanted_realm

ENV = {name: f"https://{name.lower()}.example" for name in PLACEHOLDER.findall(FILE.read_text(encoding="utf-8"))}
PORTAL, GROUPS = Piece("client", "portal"), Piece("mapper", "portal/groups")


def but(realm: RealmPieces, piece: Piece, **other: object) -> RealmPieces:
    """The realm with other settings of one piece."""
    settings: Settings = {**realm.pieces[piece], **other}
    return replace(realm, pieces={**realm.pieces, piece: settings})


def test_realm_that_is_as_wanted_has_no_differences_whatever_else_it_says() -> None:
    wanted = wanted_realm(ENV)
    found = but(wanted, PORTAL, redirectUris=[*wanted.pieces[PORTAL]["redirectUris"]], notBefore=0)  # type: ignore[misc]
    found = but(found, Piece("realm", "neo"), supportedLocales=["en", "ru"], id="8d1c", rememberMe=False)

    assert changes_of(wanted, found) == ()


def test_changed_setting_is_told_with_both_values_and_a_secret_without() -> None:
    wanted = wanted_realm(ENV)
    found = but(but(wanted, PORTAL, secret="guessed", consentRequired=True), Piece("realm", "neo"), loginTheme="other")

    consent, secret = changes_of(wanted, found)

    assert consent == Change("change", PORTAL, "consentRequired", True, False)
    assert (secret.setting, secret.found, secret.wanted) == ("secret", "•••", "•••")
    assert "guessed" not in secret.as_line() + json.dumps(secret.as_json())


def test_missing_pieces_come_in_an_order_in_which_they_can_be_made() -> None:
    changes = changes_of(wanted_realm(ENV), RealmPieces())
    pieces = [one.piece for one in changes]

    assert {one.do for one in changes} == {"add"}
    assert pieces[0] == Piece("realm", "neo")
    assert pieces.index(Piece("group", "/city")) < pieces.index(Piece("group", "/city/analyst"))
    assert pieces.index(PORTAL) < pieces.index(GROUPS) < pieces.index(Piece("rights", "registry"))


def test_mapper_nobody_asked_for_goes_and_one_of_a_foreign_client_stays() -> None:
    wanted = wanted_realm(ENV)
    ours, theirs = Piece("mapper", "portal/everything"), Piece("mapper", "library/everything")
    found = replace(wanted, pieces={**wanted.pieces, ours: {}, theirs: {}, Piece("client", "library"): {}})

    assert changes_of(wanted, found) == (Change("remove", ours),)


def test_account_of_a_person_is_made_and_never_compared() -> None:
    wanted = wanted_realm(ENV)

    assert changes_of(wanted, but(wanted, Piece("user", "analyst"), enabled=False)) == ()


def test_variables_that_are_missing_are_all_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(VariablesMissing) as missing:
        wanted_realm({**ENV, "FIRST_PASSWORD": "", "PORTAL_CLIENT_SECRET": ""})
    with pytest.raises(VariablesMissing) as nameless:
        Administrator.from_env({"NEO_KEYCLOAK_URL": "https://sso.example", "NEO_KEYCLOAK_ADMIN_CLIENT": "neo"})
    monkeypatch.delenv("NEO_KEYCLOAK_URL", raising=False)

    answer = CliRunner().invoke(app, ["keycloak", "diff"])

    assert missing.value.names == ["FIRST_PASSWORD", "PORTAL_CLIENT_SECRET"]
    assert nameless.value.names == ["NEO_KEYCLOAK_ADMIN_SECRET"]
    assert answer.exit_code == 2
    assert "NEO_KEYCLOAK_URL" in answer.stderr


def test_secret_with_quotes_is_taken_as_it_is() -> None:
    odd = 'a"b\\c'

    assert wanted_realm({**ENV, "PORTAL_CLIENT_SECRET": odd}).pieces[PORTAL]["secret"] == odd


def test_keycloak_that_is_away_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**ENV, "NEO_LANG": "en", "NEO_KEYCLOAK_URL": "http://127.0.0.1:9"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NEO_KEYCLOAK_ADMIN_USER", "somebody")
    monkeypatch.setenv("NEO_KEYCLOAK_ADMIN_PASSWORD", "a-password")

    answer = CliRunner().invoke(app, ["keycloak", "diff"])

    assert answer.exit_code == 2
    assert "http://127.0.0.1:9" in answer.stderr
    assert "a-password" not in answer.output
