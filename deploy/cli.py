"""The `neo` command. Each command's module is imported only when it is called: the first start stays short."""

import asyncio
import gc
import os
import subprocess
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.keycloak.command import keycloak_app
from deploy.match import match_app
from deploy.operations.commands import dead_app, outbox, replay
from deploy.operations.erasure_commands import erasures_app
from deploy.questions.command import questions_app
from deploy.show import Voice
from deploy.staff.command import staff_app

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
ROOT = Path(__file__).resolve().parent.parent
PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}


def _run(work: Coroutine[Any, Any, int], voice: Voice) -> None:
    """Run to the end; trouble that has a text is one sentence and a way out, never a trace."""
    import logging

    from deploy.local.servers import ServerTrouble

    # The city logs into its folder; only what a person must see is printed.
    logging.basicConfig(level=logging.WARNING, handlers=[logging.NullHandler()])
    try:
        if sys.platform == "win32":
            code = asyncio.run(work)
        else:
            import uvloop

            code = uvloop.run(work)
    except ServerTrouble as trouble:
        voice.trouble(trouble.slug, **trouble.facts)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        code = 130
    raise typer.Exit(code)


@app.command()
def up(
    port: Annotated[int, typer.Option(help="the port of the city's one address")] = 8000,
    data: Annotated[Path, typer.Option(help="where the city keeps its data")] = Path(".local"),
    fresh: Annotated[bool, typer.Option("--fresh", help="throw the kept data away first")] = False,
    no_demo: Annotated[bool, typer.Option("--no-demo", help="start without the demo city")] = False,
    only: Annotated[str | None, typer.Option(help="start these services only: diagnostics,reporting")] = None,
    keycloak: Annotated[str | None, typer.Option(help="sign in at this realm: https://host/realms/neo")] = None,
) -> None:
    """Run the whole city at one address; Ctrl-C drains and stops everything."""
    from deploy.up import Wishes, services_named
    from deploy.up import up as run

    voice = Voice()
    try:
        services = services_named(only)
    except ValueError as unknown:
        voice.trouble("up.unknown-service", names=str(unknown))
        raise typer.Exit(2) from None
    wishes = Wishes(port, data.resolve(), fresh, not no_demo, only=tuple(services), keycloak=keycloak)
    try:
        _run(run(wishes, voice), voice)
    finally:
        # All is stopped and said: without this Python looks through half a million objects before it lets go.
        gc.freeze()


@app.command()
def demo(
    staff: Annotated[list[Path] | None, typer.Option(help="a staff file: one school each; repeatable")] = None,
    teachers: Annotated[int | None, typer.Option(min=8, max=2000, help="generate three schools of this size")] = None,
    seed: Annotated[int, typer.Option(help="decides every generated answer")] = 2026,
    json_file: Annotated[Path | None, typer.Option("--json", help="write the report here")] = None,
) -> None:
    """Play a city's year through the public HTTP API, on a throw-away data folder."""
    from deploy.demo.command import demo as run
    from deploy.demo.run import Plan

    voice = Voice()
    plan = Plan(staff=tuple(staff or ()), teachers=teachers, seed=seed)
    _run(run(plan, json_file, voice), voice)


@app.command()
def bench(
    what: Annotated[str, typer.Argument(help="events, http, diagnostics, start, scoring, matching or all")] = "all",
    quick: Annotated[bool, typer.Option("--quick", help="a first look within a minute")] = False,
    profile: Annotated[bool, typer.Option("--profile", help="also show where the time of the hot path goes")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="write the report here")] = None,
) -> None:
    """Measure the house beside the raw limits of this machine, on throw-away data."""
    from bench.command import Kind, Wishes
    from bench.command import bench as run

    voice = Voice()
    if what not in tuple(Kind):
        voice.trouble("bench.unknown", what=what)
        raise typer.Exit(2)
    wishes = Wishes(Kind(what), is_quick=quick, is_profiled=profile, json_file=json_file)
    _run(run(wishes, voice), voice)


@app.command(context_settings=PASS_ON)
def test(context: typer.Context) -> None:
    """All tests, with real NATS and PostgreSQL; arguments go on to pytest."""
    raise typer.Exit(_in_root(sys.executable, "-m", "pytest", *context.args))


@app.command()
def check(
    no_tests: Annotated[bool, typer.Option("--no-tests", help="for CI, which runs all tests anyway")] = False,
) -> None:
    """Format, lint, types, import contracts, architecture tests, contract snapshots, fast tests."""
    from deploy.check import check as run

    raise typer.Exit(run(ROOT, Voice(), with_tests=not no_tests))


@app.command()
def events() -> None:
    """Write the snapshots of all events, docs/events.json (AsyncAPI) and the broker's users."""
    from deploy.events import write_asyncapi, write_snapshots
    from deploy.nats import users_file

    write_snapshots(ROOT / "contracts" / "snapshots")
    write_asyncapi(ROOT / "docs" / "events.json")
    (ROOT / "deploy" / "nats" / "users.conf").write_text(users_file(), encoding="utf-8")


@app.command()
def migration(service: str, title: str) -> None:
    """Write a service's next migration from the difference between its store and its migrations."""
    from deploy.write_migration import write

    path = write(service, title)
    Voice().say("migration.written" if path else "migration.nothing", path=str(path))


@app.command()
def migrate() -> None:
    """Create databases and roles and bring every service's database to its newest revision."""
    from deploy.production import migrate as run

    voice = Voice()
    _run(run(voice), voice)


@app.command()
def topology(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="show the difference, change nothing")] = False,
) -> None:
    """Make the broker hold what contracts/topology.py says; the difference is shown first."""
    from deploy.production import topology as run

    voice = Voice()
    _run(run(voice, dry_run=dry_run), voice)


@app.command()
def lock() -> None:
    """Lock the packages anew (needs uv on the path or in .venv-uv)."""
    from deploy.lock import lock as run

    raise typer.Exit(run(ROOT, Voice()))


app.add_typer(dead_app, name="dead")
app.add_typer(keycloak_app, name="keycloak")
app.add_typer(match_app, name="match")
app.add_typer(erasures_app, name="erasures")
app.add_typer(staff_app, name="staff")
app.add_typer(questions_app, name="questions")
app.command()(outbox)
app.command()(replay)


def _in_root(*command: str) -> int:
    return subprocess.call(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})


if __name__ == "__main__":
    app()
