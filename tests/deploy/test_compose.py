"""The compose file obeys its specification and holds every service of the house, in one shape."""

import json
import os
import re
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict

import jsonschema
import pytest
import yaml

from contracts.topology import OPERATIONS
from deploy.nats import users_file

ROOT = Path(__file__).parents[2]
ONE_SHOTS = ("migrate", "topology")


class Block(TypedDict, total=False):
    """A container of the compose file, as far as the tests look at it."""

    command: str
    image: str
    build: dict[str, str]
    ports: list[str]
    environment: dict[str, str]
    depends_on: dict[str, dict[str, str]]
    healthcheck: dict[str, object]


def read(path: str) -> str:
    """A file of the repository."""
    return (ROOT / path).read_text(encoding="utf-8")


def blocks() -> dict[str, Block]:
    """The containers by name, anchors merged."""
    containers: dict[str, Block] = yaml.safe_load(read("docker-compose.yml"))["services"]
    return containers


def service_folders() -> list[str]:
    """The services that stand in the repository."""
    folders = (folder for folder in (ROOT / "services").iterdir() if folder.is_dir())
    return sorted(folder.name for folder in folders if any(folder.glob("*.py")))


def served() -> dict[str, Block]:
    """The containers that answer HTTP from our image: the services and the gateway."""
    return {name: block for name, block in blocks().items() if "uvicorn" in block.get("command", "")}


@pytest.mark.needs_compose
def test_the_compose_file_obeys_the_compose_specification() -> None:
    spec = find_spec("check_jsonschema")
    if spec is None or spec.origin is None:
        assert not os.environ.get("CI"), "check-jsonschema brings the compose schema; CI must have it"
        pytest.skip("the compose schema is not here: install check-jsonschema")
    path = Path(spec.origin).parent / "builtin_schemas/vendor/compose-spec.json"
    schema = json.loads(path.read_text(encoding="utf-8"))

    errors = list(
        jsonschema.validators.validator_for(schema)(schema).iter_errors(yaml.safe_load(read("docker-compose.yml")))
    )

    assert [f"{error.json_path}: {error.message}" for error in errors] == []


def test_every_service_has_a_container_that_runs_it() -> None:
    commands = {name: block["command"] for name, block in served().items()}

    wanted = {name: f"uvicorn --factory services.{name}.app:from_env " for name in service_folders()}
    wanted["gateway"] = "uvicorn --factory gateway.app:from_env "

    assert {name for name, start in wanted.items() if not commands.get(name, "").startswith(start)} == set()


def test_all_our_containers_run_one_image() -> None:
    ours = [block for name, block in blocks().items() if name in served() or name in ONE_SHOTS]

    assert len({block["image"] for block in ours}) == 1
    assert sum("build" in block for block in ours) == 1


def test_every_service_waits_for_migrations_and_topology() -> None:
    done = {"condition": "service_completed_successfully"}

    for name, block in served().items():
        waits = block["depends_on"]
        assert [waits.get(one_shot) for one_shot in ONE_SHOTS] == [done, done], name


def test_every_service_is_asked_whether_it_is_ready() -> None:
    unasked = {name for name, block in served().items() if "/readyz" not in str(block.get("healthcheck"))}

    assert unasked == set()


def test_every_service_has_its_own_database_and_its_own_role() -> None:
    # The desk of whoever is on duty keeps nothing.
    keepers = {name: block for name, block in served().items() if name != OPERATIONS}
    addresses = {name: block["environment"]["NEO_DATABASE_URL"] for name, block in keepers.items()}

    strangers = {
        name
        for name, address in addresses.items()
        if f"//{name}_app:" not in address or not address.endswith(f"/neo_{name}")
    }

    assert strangers == set()
    assert "NEO_DATABASE_URL" not in served()[OPERATIONS]["environment"]


def test_every_container_of_ours_has_its_own_user_of_the_broker() -> None:
    users = {name: block["environment"]["NEO_NATS_USER"] for name, block in served().items()}

    assert users == {name: name for name in served()}
    assert read("deploy/nats/users.conf") == users_file()


def test_only_the_gateway_is_open_to_other_machines() -> None:
    ports = {name: block["ports"] for name, block in blocks().items() if "ports" in block}

    assert set(ports) == {"gateway", "grafana", "keycloak"}
    assert all(port.startswith("127.0.0.1:") for name in ("grafana", "keycloak") for port in ports[name])


def test_every_upstream_and_every_scraped_target_is_a_service() -> None:
    loaded = yaml.safe_load(read("deploy/prometheus/prometheus.yml"))
    jobs = {job["job_name"]: job["static_configs"][0]["targets"] for job in loaded["scrape_configs"]}
    upstreams = blocks()["gateway"]["environment"]["NEO_UPSTREAMS"].split(",")

    assert jobs == {name: [f"{name}:8080"] for name in served()}
    assert sorted(upstreams) == sorted(f"{name}=http://{name}:8080" for name in served() if name != "gateway")


def test_every_secret_is_explained_in_the_example_and_has_no_value_there() -> None:
    text = read("docker-compose.yml")
    secrets = set(re.findall(r"\$\{(\w+):\?", text))
    example = dict(
        line.split("=", 1) for line in read(".env.example").splitlines() if "=" in line and not line.startswith("#")
    )

    assert secrets == {name for name, value in example.items() if not value}
    assert set(re.findall(r"\$\{(\w+):-", text)) == {name for name, value in example.items() if value}
