"""The layout: the same rooms in each service, files that fit in the head, doors only where they belong."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from contracts.topology import HEARS, events_of
from tests.architecture.house import CODE, ENGINES, ROOMS, ROOT, SHELVES, files_of, name_of, room_of, services, tree_of

LONGEST = 400
# Words of the domain that have no business in the plumbing; schools, people, roles and grants are allowed there.
NOUNS = re.compile(
    r"\b(competenc|pairing|mentor|mentee|meeting|campaign|assignment|survey|questionnaire|teacher)", re.IGNORECASE
)


@pytest.mark.parametrize("service", services())
def test_service_has_only_the_known_rooms(service: str) -> None:
    allowed = {*ROOMS, *SHELVES, *ENGINES.get(service, set()), "__init__", "__pycache__"}

    found = {path.name.removesuffix(".py") for path in (ROOT / "services" / service).iterdir()}

    assert found - allowed == set()


def test_no_file_is_too_long_for_a_head() -> None:
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in files_of(*CODE)}

    too_long = {name: length for name, length in lengths.items() if length > LONGEST and "/migrations/" not in name}

    assert too_long == {}


def test_only_the_chassis_subscribes_and_commits() -> None:
    outside = [path for path in files_of("services", "gateway", "deploy") if path.name != "events.py"]

    sinners = [
        name_of(path)
        for path in outside
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr in ("subscriber", "commit")
    ]

    assert sinners == []


def test_sql_stands_in_the_store_and_in_migrations() -> None:
    allowed = {"sqlalchemy.Row"}

    sinners = [
        f"{name_of(path)}: {imported}"
        for path in files_of("services")
        if path.parent != ROOT / "services" and room_of(path) not in ("store", "migrations")
        for imported in imports_of(path)
        if imported.split(".")[0] in ("sqlalchemy", "asyncpg", "alembic") and imported not in allowed
    ]

    assert sinners == []


def imports_of(path: Path) -> list[str]:
    """Everything that a file imports, with its full name."""
    found = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


def test_chassis_speaks_no_word_of_the_domain() -> None:
    found = {
        f"{name_of(path)}: {match.group(0)}"
        for path in files_of("chassis")
        for match in NOUNS.finditer(path.read_text(encoding="utf-8"))
    }

    # Examples of roles and of event names in docstrings are allowed to be concrete.
    assert {one for one in found if not one.endswith((": pairing", ": Pairing", ": teacher"))} == set()


@pytest.mark.parametrize("service", services())
def test_service_emits_only_its_own_events(service: str) -> None:
    own = {event.__name__ for event in events_of(service)}
    everybody = {event.__name__ for other in HEARS for event in events_of(other)}

    emitted = {
        named
        for path in files_of(f"services/{service}/actions", f"services/{service}")
        if room_of(path) == "actions"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "emit"
        for inner in ast.walk(node)
        if isinstance(inner, ast.Name) and (named := inner.id) in everybody
    }

    assert emitted - own == set()


@pytest.mark.slow
@pytest.mark.parametrize("service", services())
def test_service_stands_alone_on_disk(service: str, tmp_path: Path) -> None:
    for folder in ("contracts", "chassis", f"services/{service}"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "services" / "__init__.py").touch()

    run = subprocess.run(
        [sys.executable, "-c", f"import services.{service}.app as app; app.build, app.from_env"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr


def test_imports_flow_one_way() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    if not linter.exists():
        pytest.skip("import-linter is not installed here: ./neo check installs it")

    run = subprocess.run(
        [str(linter), "--no-cache"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout
