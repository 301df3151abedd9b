"""What the environment tells the gateway, and what it says when something is missing."""

import logging
from collections.abc import Iterator

import pytest

from chassis.telemetry import JsonLines
from gateway.app import from_env
from gateway.settings import SIGN_IN, GatewaySettings, Limits, addresses_from_env, are_apart, is_safe_address


@pytest.fixture
def log() -> Iterator[logging.Logger]:
    """The root of all logs, which is as before when the test ends."""
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    yield root
    root.handlers[:], root.level = before


def test_environment_is_read(monkeypatch: pytest.MonkeyPatch, log: logging.Logger) -> None:
    monkeypatch.setenv("NEO_MODE", "production")
    monkeypatch.setenv("NEO_ISSUER", "http://localhost:8080/realms/neo")
    monkeypatch.setenv("NEO_ISSUER_INSIDE", "http://keycloak:8080/realms/neo")
    monkeypatch.setenv("NEO_NATS_URL", "nats://nats:4222")
    monkeypatch.setenv("NEO_UPSTREAMS", "registry=http://registry:8080,  matching=http://matching:8080/ ")

    settings = GatewaySettings.from_env()

    assert (settings.is_local, settings.audience, settings.nats_user) == (False, "neo-api", None)
    assert settings.issuer_inside == "http://keycloak:8080/realms/neo"
    assert addresses_from_env() == {"registry": "http://registry:8080", "matching": "http://matching:8080"}
    assert from_env().state.settings == settings
    assert [type(handler.formatter) for handler in log.handlers] == [JsonLines]


@pytest.mark.parametrize("written", ["", "registry", "registry=", "=http://x", "registry=registry:8080"])
def test_upstreams_that_cannot_be_read_are_named(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("NEO_UPSTREAMS", written)

    with pytest.raises(SystemExit, match="NEO_UPSTREAMS"):
        addresses_from_env()


def test_missing_issuer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEO_ISSUER", raising=False)

    with pytest.raises(SystemExit, match="NEO_ISSUER"):
        GatewaySettings.from_env()


@pytest.mark.parametrize("given", ["NEO_DATABASE_URL", "NEO_PUBLIC_URL", "NEO_CLIENT_SECRET"])
def test_half_of_a_sign_in_is_refused_and_the_other_half_named(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("NEO_ISSUER", "https://id.test/realms/neo")
    for name in SIGN_IN:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(given, "https://neo.test")

    with pytest.raises(SystemExit) as refused:
        GatewaySettings.from_env()

    assert {name for name in SIGN_IN if name in str(refused.value)} == set(SIGN_IN) - {given}


@pytest.mark.parametrize(
    ("address", "is_safe"),
    [
        ("https://neo.spb.ru", True),
        ("http://localhost:8000", True),
        ("http://127.0.0.1:8000", True),
        ("http://neo.spb.ru", False),
        ("http://10.0.0.7", False),
        ("https://", False),
        ("neo.spb.ru", False),
    ],
)
def test_browsers_come_over_https_or_from_the_same_machine(address: str, is_safe: bool) -> None:
    assert is_safe_address(address) is is_safe


@pytest.mark.parametrize(
    ("portal", "issuer", "are_two"),
    [
        ("https://neo.spb.ru", "https://sso.spb.ru/realms/neo", True),
        ("http://localhost:8000", "http://localhost:8080/realms/neo", True),
        ("https://neo.spb.ru", "https://neo.spb.ru/realms/neo", False),
        ("https://neo.spb.ru", "https://NEO.spb.ru:8443/realms/neo", False),
        ("https://neo.spb.ru", "http://sso.spb.ru/realms/neo", False),
    ],
)
def test_portal_and_issuer_live_under_two_names(portal: str, issuer: str, are_two: bool) -> None:
    assert are_apart(portal, issuer) is are_two


def test_portal_under_the_issuer_s_name_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SIGN_IN:
        monkeypatch.setenv(name, "https://neo.test")
    monkeypatch.setenv("NEO_ISSUER", "https://neo.test/realms/neo")

    with pytest.raises(SystemExit, match="NEO_ISSUER"):
        GatewaySettings.from_env()


def test_limits_are_read_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO_ISSUER", "https://id.test/realms/neo")
    monkeypatch.setenv("NEO_LIMITS", "person=60, entry=5")

    limits = GatewaySettings.from_env().limits

    assert (limits.person, limits.entry, limits.address) == (60, 5, Limits().address)


@pytest.mark.parametrize("written", ["person", "person=0", "nobody=5", "person=-1"])
def test_limits_that_cannot_be_read_are_named(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("NEO_ISSUER", "https://id.test/realms/neo")
    monkeypatch.setenv("NEO_LIMITS", written)

    with pytest.raises(SystemExit, match="NEO_LIMITS"):
        GatewaySettings.from_env()


def test_origins_are_read_and_a_careless_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO_ISSUER", "https://id.test/realms/neo")
    assert GatewaySettings.from_env().origins == ()

    monkeypatch.setenv("NEO_CORS_ORIGINS", "https://one.example, https://two.example")
    assert GatewaySettings.from_env().origins == ("https://one.example", "https://two.example")

    monkeypatch.setenv("NEO_CORS_ORIGINS", "*")
    with pytest.raises(SystemExit, match="NEO_CORS_ORIGINS"):
        GatewaySettings.from_env()
