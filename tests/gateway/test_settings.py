"""What the environment tells the gateway, and what it says when something is missing."""

import pytest

from gateway.app import from_env
from gateway.settings import GatewaySettings, addresses_from_env


def test_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
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


@pytest.mark.parametrize("written", ["", "registry", "registry=", "=http://x", "registry=registry:8080"])
def test_upstreams_that_cannot_be_read_are_named(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("NEO_UPSTREAMS", written)

    with pytest.raises(SystemExit, match="NEO_UPSTREAMS"):
        addresses_from_env()


def test_missing_issuer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEO_ISSUER", raising=False)

    with pytest.raises(SystemExit, match="NEO_ISSUER"):
        GatewaySettings.from_env()
