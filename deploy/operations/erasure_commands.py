"""`neo erasures`: carried out again after a restore, their ledger written for a shelf, deleted rows made unreadable."""

from pathlib import Path
from typing import Annotated

import typer

from contracts.topology import SERVICES
from deploy.operations.commands import LOCAL, Data, _run
from deploy.show import Voice

erasures_app = typer.Typer(no_args_is_help=True, help="Erasures of people: again after a restore, export, scrub.")


@erasures_app.command()
def again(
    ledger: Annotated[Path | None, typer.Option(help="an exported ledger, when a whole cluster was restored")] = None,
    data: Data = LOCAL,
) -> None:
    """Say every erasure again, before people are let in after a restore; who knows it already skips it."""
    from deploy.operations.erasures import in_journals, in_ledger, in_stream, say_again
    from deploy.operations.reach import reach

    async def work() -> int:
        found = reach(data)
        urls = {service: found.database_url(service) for service in SERVICES}
        async with found.broker() as client:
            known = [*await in_stream(client), *await in_journals(urls), *(in_ledger(ledger) if ledger else [])]
            return await say_again(client, known)

    Voice().say("erasures.said-again", count=_run(work()))


@erasures_app.command()
def export(
    path: Annotated[Path, typer.Argument(help="where to write it: not beside the databases and not in their backup")],
    data: Data = LOCAL,
) -> None:
    """Write the ledger of erasures: bare ids and dates, no names."""
    from deploy.operations.erasures import in_journals, in_stream, write_ledger
    from deploy.operations.reach import reach

    async def work() -> int:
        found = reach(data)
        urls = {service: found.database_url(service) for service in SERVICES}
        async with found.broker() as client:
            return write_ledger(path, [*await in_journals(urls), *await in_stream(client)])

    Voice().say("erasures.exported", count=_run(work()), path=str(path))


@erasures_app.command()
def scrub(data: Data = LOCAL) -> None:
    """Rewrite the tables in which erased names and texts stood; each is locked while it is rewritten."""
    from deploy.operations.erasures import scrub as rewrite
    from deploy.operations.reach import reach

    async def work() -> list[str]:
        found = reach(data)
        return await rewrite({service: found.database_url(service) for service in SERVICES})

    Voice().say("erasures.scrubbed", tables=", ".join(_run(work())))
