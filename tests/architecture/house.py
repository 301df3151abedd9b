"""What the architecture tests look at: the services that exist, and the syntax trees of their files."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("app", "api", "consumers", "actions", "domain", "store", "migrations")
ENGINES = {
    "registry": {"staff_file"},
    "diagnostics": {"scoring"},
    "matching": {"engine"},
    "reporting": {"disclosure"},
}
SHELVES = {"texts", "catalogue", "templates", "indicators"}
CODE = ("contracts", "chassis", "services", "gateway", "deploy", "bench", "tests")


def services() -> list[str]:
    """Every service that stands in the repository."""
    return sorted(path.parent.name for path in (ROOT / "services").glob("*/app.py"))


def files_of(*folders: str) -> Iterator[Path]:
    """The Python files below some folders of the repository."""
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


@cache
def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    """A file as the repository names it."""
    return path.relative_to(ROOT).as_posix()


def room_of(path: Path) -> str:
    """The room of a service in which a file stands."""
    return path.relative_to(ROOT / "services").parts[1].removesuffix(".py")
