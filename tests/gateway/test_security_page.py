"""The page of security says what is true: every item of the standard once, with tests that exist or a reason not."""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from chassis.identity import EVERYONE
from gateway.secret import Secret
from gateway.sessions import IDLE, LONGEST
from gateway.sign_in import ATTEMPT_LIVES, FRESH
from gateway.store.sessions import MOST_VISITS
from tests.architecture.house import services
from tests.architecture.test_doors import routes_of
from tests.gateway.town import Town

ROOT = Path(__file__).parents[2]
PAGE, CHAPTERS = ROOT / "docs/security.md", ROOT / "docs/security"
# Levels 1 and 2 of OWASP ASVS 5.0.0, by chapter and section: how many requirements of these levels, by their numbers.
WANTED = {
    "3.2": (1, 2),
    "3.3": (1, 2, 3, 4),
    "3.4": (1, 2, 3, 4, 5, 6),
    "3.5": (1, 2, 3, 4, 5),
    "3.7": (1, 2),
    "7.1": (1, 2, 3),
    "7.2": (1, 2, 3, 4),
    "7.3": (1, 2),
    "7.4": (1, 2, 3, 4, 5),
    "7.5": (1, 2),
    "7.6": (1, 2),
    "8.1": (1, 2),
    "8.2": (1, 2, 3),
    "8.3": (1,),
    "8.4": (1,),
    "9.1": (1, 2, 3),
    "9.2": (1, 2, 3, 4),
    "10.1": (1, 2),
    "10.2": (1, 2),
    "10.3": (1, 2, 3, 4),
    "10.4": (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
    "10.5": (1, 2, 3, 4, 5),
    "10.6": (1, 2),
    "10.7": (1, 2, 3),
    "16.1": (1,),
    "16.2": (1, 2, 3, 4, 5),
    "16.3": (1, 2, 3, 4),
    "16.4": (1, 2, 3),
    "16.5": (1, 2, 3),
}
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
REASON_LETTERS = 40
READING = ("get_", "list_", "read_", "show_", "look_", "preview_", "find_", "export_", "download_", "search_")


@dataclass(frozen=True, slots=True)
class Item:
    """One requirement as the page tells it."""

    number: str
    level: int
    what: str
    tests: tuple[tuple[str, str], ...]
    waiver: str


def chapters() -> list[Path]:
    return sorted(CHAPTERS.glob("v*.md"))


def items() -> list[Item]:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for path in chapters()
        for line in path.read_text("utf-8").splitlines()
        if re.match(r"\| \d+\.\d+\.\d+ \|", line)
    ]
    return [
        Item(number, int(level), what, tuple(TEST.findall(tests)), waiver)
        for number, level, what, _, tests, waiver in rows
    ]


def wanted() -> list[str]:
    return [f"{section}.{number}" for section, numbers in WANTED.items() for number in numbers]


@cache
def functions_of(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


def test_every_item_of_levels_one_and_two_stands_on_the_page_once() -> None:
    assert len(wanted()) == 96
    assert sorted(item.number for item in items()) == sorted(wanted())


@pytest.mark.parametrize("item", items(), ids=lambda item: item.number)
def test_item_has_tests_that_exist_or_a_reason_why_not(item: Item) -> None:
    assert item.level in (1, 2)
    assert item.what
    assert item.tests or len(item.waiver) >= REASON_LETTERS
    for path, name in item.tests:
        assert (ROOT / path).is_file(), path
        assert name in functions_of(path), f"{path}::{name}"


@pytest.mark.parametrize("path", [PAGE, *sorted(CHAPTERS.glob("*.md"))], ids=lambda path: path.name)
def test_every_link_and_every_test_named_leads_somewhere(path: Path) -> None:
    text = path.read_text("utf-8")

    for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert (path.parent / target).exists(), target
    titles = re.findall(r"^#+ (.+)$", PAGE.read_text("utf-8"), re.MULTILINE)
    anchors = {title.lower().replace(" ", "-") for title in titles}
    assert set(re.findall(r"security\.md#([\w-]+)", text)) - anchors == set()
    known = {name for one in (ROOT / "tests").rglob("test_*.py") for name in functions_of(str(one.relative_to(ROOT)))}
    assert set(re.findall(r"`(test_\w+)`", text)) - known == set()


def test_index_leads_to_every_chapter() -> None:
    text = PAGE.read_text("utf-8")

    assert [path.name for path in CHAPTERS.glob("*.md") if f"(security/{path.name})" not in text] == []


def in_words(limit: timedelta) -> str:
    hours, minutes = divmod(int(limit.total_seconds()) // 60, 60)
    return f"{hours} h" if hours else f"{minutes} min"


def test_lifetimes_on_the_page_are_those_of_the_code_and_the_realm() -> None:
    told = PAGE.read_text("utf-8").partition("## Lifetimes")[2].partition("\n## ")[0]
    limits = dict(re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|", told, re.MULTILINE))
    realm = json.loads((ROOT / "deploy/keycloak/realm.json").read_text("utf-8"))

    assert limits["Idle session"] == in_words(IDLE)
    assert limits["Any session"] == in_words(LONGEST)
    assert limits["Proof for what is grave"] == in_words(FRESH)
    assert limits["Attempt to sign in"] == in_words(ATTEMPT_LIVES)
    assert limits["Access token"] == in_words(timedelta(seconds=realm["accessTokenLifespan"]))
    assert (realm["ssoSessionIdleTimeout"], realm["ssoSessionMaxLifespan"]) == (
        IDLE.total_seconds(),
        LONGEST.total_seconds(),
    )


def test_number_of_sessions_on_the_page_is_that_of_the_code() -> None:
    told = PAGE.read_text("utf-8").partition("## Lifetimes")[2].partition("\n## ")[0]

    assert f"| Sessions of one person | no limit; `/me` shows the {MOST_VISITS} latest" in told


def test_secret_has_two_hundred_and_fifty_six_bits_and_comes_once() -> None:
    made = {Secret.new().raw for _ in range(1000)}

    assert len(made) == 1000
    assert {len(raw) for raw in made} == {32}


async def test_every_page_of_somebody_signed_in_has_the_way_out(town: Town) -> None:
    person = town.a_person("/schools/spb-693/head", "/city/analyst")

    async with town.a_browser() as browser:
        await browser.sign_in(person)
        pages = [await browser.open(path) for path in ("/", "/me", "/api", "/nowhere")]

    for page in pages:
        assert 'action="/sign-out"' in page.text or 'href="/me' in page.text, page.url


def test_every_role_stands_in_the_rules() -> None:
    told = (CHAPTERS / "v8-authorization.md").read_text("utf-8")

    assert [role for role in EVERYONE if f"| `{role}` |" not in told] == []


@pytest.mark.parametrize("service", services())
def test_what_is_asked_with_get_reads_and_changes_nothing(service: str) -> None:
    names = [str(route.name) for route in routes_of(service) if "GET" in (route.methods or ())]

    assert names
    assert [name for name in names if not name.startswith(READING)] == []


def sources() -> Iterator[tuple[Path, str]]:
    for folder in ("chassis", "gateway", "services"):
        for path in (ROOT / folder).rglob("*.py"):
            yield path, path.read_text("utf-8")


def test_every_logger_stands_in_the_inventory() -> None:
    told = (CHAPTERS / "logs.md").read_text("utf-8")
    used = {name for _, text in sources() for name in re.findall(r'getLogger\("(neo[\w.]*)"\)', text)}

    assert "neo.refused" in used
    assert [name for name in used if f"`{name}`" not in told] == []


def test_logs_go_to_the_error_stream_and_nowhere_else() -> None:
    handlers = re.compile(r"\b(?:\w*Handler\(|addHandler\(|fileConfig\(|dictConfig\(|basicConfig\()")
    found = {path.relative_to(ROOT).as_posix() for path, text in sources() if handlers.search(text)}

    assert found == {"chassis/telemetry.py"}
    assert "handlers=[json_lines(sys.stderr)]" in (ROOT / "chassis/telemetry.py").read_text("utf-8")
