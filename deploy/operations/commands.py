"""`neo dead`, `neo outbox`, `neo replay`: each also speaks JSON."""

import asyncio
import json
import sys
from collections.abc import Coroutine, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from contracts.topology import SERVICES
from deploy.show import Voice

dead_app = typer.Typer(no_args_is_help=True, help="Dead letters: list, show, redrive.")
Data = Annotated[Path, typer.Option(help="the folder of a local city; the environment comes first")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of lines")]
LOCAL = Path(".local")


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    from nats.errors import Error as NatsError

    from deploy.local.servers import ServerTrouble

    voice = Voice()
    try:
        return asyncio.run(work)
    except ServerTrouble as trouble:
        voice.trouble(trouble.slug, **trouble.facts)
    except (OSError, NatsError) as error:
        voice.trouble("operations.no-answer", reason=type(error).__name__)
    raise typer.Exit(2)


def _show(rows: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        json.dump(rows, sys.stdout, ensure_ascii=False, indent=1)
        print()
        return
    for row in rows:
        print("  ".join(str(value) for value in row.values()))


@dead_app.command("list")
def list_letters(consumer: str | None = None, data: Data = LOCAL, as_json: AsJson = False) -> None:
    """The dead letters that are kept: ids and reasons, no content."""
    from deploy.operations.dead import given_up, letters
    from deploy.operations.reach import reach

    async def look() -> tuple[list[dict[str, Any]], int]:
        async with reach(data).broker() as client:
            found = [asdict(letter) async for letter in letters(client, consumer=consumer)]
            return found, await given_up(client)

    rows, notices = _run(look())
    _show(rows, as_json=as_json)
    if not as_json:
        Voice().say("dead.counted", count=len(rows), notices=notices)


@dead_app.command("show")
def show_letter(number: int, data: Data = LOCAL, as_json: AsJson = False) -> None:
    """One dead letter."""
    from deploy.operations.dead import letters
    from deploy.operations.reach import reach

    async def look() -> list[dict[str, Any]]:
        async with reach(data).broker() as client:
            return [asdict(letter) async for letter in letters(client) if letter.number == number]

    rows = _run(look())
    if not rows:
        Voice().trouble("dead.unknown", number=number)
        raise typer.Exit(1)
    _show(rows if as_json else [{"": f"{key}: {value}"} for key, value in rows[0].items()], as_json=as_json)


@dead_app.command("redrive")
def redrive_letters(
    numbers: Annotated[list[int] | None, typer.Argument(help="which; all without numbers")] = None,
    consumer: str | None = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would be sent")] = False,
    data: Data = LOCAL,
    as_json: AsJson = False,
) -> None:
    """Send dead letters to their subject again; a consumer that knows the fact already skips it."""
    from deploy.operations.dead import letters, redrive
    from deploy.operations.reach import reach

    async def send() -> list[dict[str, Any]]:
        sent = []
        async with reach(data).broker() as client:
            chosen = [one async for one in letters(client, consumer=consumer) if not numbers or one.number in numbers]
            for letter in chosen:
                if not dry_run:
                    await redrive(client, letter)
                sent.append(asdict(letter))
        return sent

    rows = _run(send())
    _show(rows, as_json=as_json)
    if not as_json:
        Voice().say("dead.would-redrive" if dry_run else "dead.redriven", count=len(rows))


def outbox(data: Data = LOCAL, as_json: AsJson = False) -> None:
    """Facts that wait to be sent, per service."""
    from deploy.operations.facts import waiting
    from deploy.operations.reach import reach

    async def look() -> list[dict[str, Any]]:
        found = reach(data)
        return [asdict(await waiting(found.database_url(service), service)) for service in SERVICES]

    _show(_run(look()), as_json=as_json)


def replay(
    service: Annotated[str, typer.Argument(help="the owner that says its facts again")],
    since: Annotated[datetime | None, typer.Option(help="only what was recorded since then (UTC)")] = None,
    data: Data = LOCAL,
    as_json: AsJson = False,
) -> None:
    """An owner's journal, published again with the same event ids; what is known is skipped."""
    from deploy.operations.facts import replay as send
    from deploy.operations.reach import reach

    if service not in SERVICES:
        Voice().trouble("up.unknown-service", names=service)
        raise typer.Exit(2)

    async def work() -> int:
        found = reach(data)
        async with found.broker() as client:
            return await send(client, found.database_url(service), since=since)

    count = _run(work())
    if as_json:
        print(json.dumps({"service": service, "sent": count}))
    else:
        Voice().say("replay.sent", service=service, count=count)
