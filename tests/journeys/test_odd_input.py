"""Odd input at every door, by every role: nothing breaks, and every answer is one that the description names.

What is sent is made by schemathesis from the joined description: every example, every bound of every field from both
sides, and some of everything else. The same every time.
"""

import asyncio
import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.identity import EVERYONE, EVERYONE_AT_SCHOOL
from chassis.testing import TokenFactory
from tests.architecture.house import ROOT
from tests.gateway.house import serving
from tests.journeys.all_doors import DISTRICT, SCHOOL, a_house
from tests.stand import Stand

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
    "refused_with_a_problem",
)
PLACES = f'[parameters]\n"path.school" = "{SCHOOL}"\n"path.district" = "{DISTRICT}"\n'
# Of each operation, beside its examples and its bounds.
MOST = 5
LONGEST_SECONDS = 900
# The tables of all letters that hypothesis makes lie where other tests have made them; passwords and proxies are sought
# nowhere, as they otherwise would be for each request anew.
SURROUNDINGS = {
    "PYTHONPATH": str(ROOT),
    "SCHEMATHESIS_HOOKS": "tests.journeys.roles_in_turn",
    "HYPOTHESIS_STORAGE_DIRECTORY": str(ROOT / ".hypothesis"),
    "NETRC": os.devnull,
    "no_proxy": "127.0.0.1",
}


def tokens_by_role(tokens: TokenFactory) -> dict[str, str]:
    """One person for each role, at the place where it is held; and nobody."""
    groups = {role: f"/schools/{SCHOOL}/{role}" for role in EVERYONE_AT_SCHOOL}
    groups |= {"coordinator": f"/districts/{DISTRICT}/coordinator"}
    groups |= {role: f"/city/{role}" for role in EVERYONE if role not in groups}
    return {"": "", **{role: tokens.token(uuid4(), group, exp=2**33) for role, group in groups.items()}}


def doors_only(app: ASGIApp) -> ASGIApp:
    """The same app for a second server: its lifespan has been entered already."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        await app(scope, receive, send)

    return serve


async def run(document: Path, url: str, env: dict[str, str]) -> tuple[int, str]:
    """Let schemathesis go through a description; its exit code, and what it says."""
    config = document.with_name("schemathesis.toml")
    config.write_text(PLACES, "utf-8")
    options = ["--phases", "examples,coverage,fuzzing", "--max-examples", str(MOST), "--generation-deterministic"]
    options += [
        "--checks",
        ",".join(CHECKS),
        "--request-timeout",
        "60",
        "--no-shrink",
        "--continue-on-failure",
        "--warnings",
        "off",
    ]
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(config)]
    process = await asyncio.create_subprocess_exec(
        *(*command, "run", str(document), "--url", url, *options),
        env={**os.environ, **SURROUNDINGS, **env},
        cwd=document.parent,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    return process.returncode or 0, said.decode(errors="replace")


@pytest.mark.slow
@pytest.mark.needs_schemathesis
async def test_no_door_breaks_and_every_answer_is_described(stand: Stand, tmp_path: Path) -> None:
    if find_spec("schemathesis") is None:
        assert not os.environ.get("CI"), "schemathesis is of the ci group; CI must have it"
        pytest.skip("needs schemathesis (the group `ci`)")
    document = tmp_path / "openapi.json"
    tokens = {"NEO_TOKENS": json.dumps(tokens_by_role(stand.tokens))}
    async with a_house(stand) as house, serving(doors_only(house.app)) as url:
        document.write_text(json.dumps(house.document), "utf-8")

        code, said = await run(document, url, tokens)

    assert code == 0, said[-20_000:]
