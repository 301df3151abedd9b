"""`neo staff check`: what the registry would make of a staff file, on this machine and without a trace."""

import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chassis.refusals import Invalid, Missing, Refusal
from chassis.texts import LANGUAGES, Texts
from deploy.show import Voice

if TYPE_CHECKING:
    from deploy.staff.report import Report

staff_app = typer.Typer(no_args_is_help=True, help="A school's staff file: check it before it is uploaded.")


@staff_app.callback()
def staff() -> None:
    """A school's staff file: check it before it is uploaded."""


@staff_app.command()
def check(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or XLSX, see docs/staff-file.md")],
    as_json: Annotated[bool, typer.Option("--json", help="JSON with every problem instead of lines")] = False,
    lang: Annotated[str | None, typer.Option(help="ru or en; otherwise the language of the machine")] = None,
) -> None:
    """Read a staff file and tell what it says and what is wrong with it: people, posts, head count, faults.

    Nothing is sent or kept. Ends with 0 for a file that may be applied, 1 for one with errors, 2 for one that cannot
    be read.
    """
    from deploy.staff.lines import lines_of
    from deploy.staff.report import UNREADABLE

    voice = _voice(lang)
    try:
        report = _report(path, voice)
    except Refusal as refusal:
        _refuse(refusal, path, voice, as_json=as_json)
        raise typer.Exit(UNREADABLE) from None
    if as_json:
        definition = voice.text("staff.head-count-definition")
        json.dump(report.as_json(definition), sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        print("\n".join(lines_of(report, voice)))
    raise typer.Exit(report.code)


def _voice(lang: str | None) -> Voice:
    voice = Voice()
    voice.texts = Texts.load("services.registry", "deploy")
    if lang is not None and lang not in LANGUAGES:
        voice.trouble("staff.unknown-language", known=", ".join(LANGUAGES))
        raise typer.Exit(2)
    voice.language = lang or voice.language
    return voice


def _report(path: Path, voice: Voice) -> "Report":
    from deploy.staff.report import Report
    from services.registry.staff_file import read

    watcher = Voice(to=sys.stderr)
    watcher.texts, watcher.language = voice.texts, voice.language

    content = _content(path)
    try:
        file = read(content, path.name, hear=partial(_show_share, watcher), most_of_a_kind=None)
    finally:
        if sys.stderr.isatty():
            watcher.erase()
    return Report(path.name, len(content), file, voice.text)


def _content(path: Path) -> bytes:
    """The bytes of the file; one that is too large is refused before any of them is read."""
    from services.registry.staff_file.kinds import refuse_size

    try:
        if not path.is_file():
            raise Missing("staff.no-file", field="file", path=str(path))
        refuse_size(path.stat().st_size)
        return path.read_bytes()
    except OSError as closed:
        raise Invalid("staff.not-opened", field="file", path=str(path), reason=type(closed).__name__) from closed


def _show_share(voice: Voice, share: float) -> None:
    """Show the share that was read where a person looks on."""
    if sys.stderr.isatty():
        voice.overwrite("staff.reading", percent=round(100 * share))


def _refuse(refusal: Refusal, path: Path, voice: Voice, *, as_json: bool) -> None:
    """Say in one sentence why the file cannot be read, and what to do."""
    from deploy.staff.report import UNREADABLE, VERDICTS
    from services.registry.staff_file.telling import sayable

    facts = sayable(refusal.facts)
    if not as_json:
        voice.trouble(refusal.slug, **facts)
        return
    told = {"slug": refusal.slug, "text": voice.text(refusal.slug, **facts)}
    found = {"verdict": VERDICTS[UNREADABLE], "file": {"name": path.name}, "refusal": told}
    json.dump(found, sys.stdout, ensure_ascii=False, indent=1)
    print()
