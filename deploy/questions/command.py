"""`neo questions`: what a file of questions holds, and taking it into a version of the item bank; without servers."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chassis.refusals import Invalid, Missing, Refusal
from chassis.texts import LANGUAGES, Texts
from deploy.show import Voice

if TYPE_CHECKING:
    from deploy.questions.bank import Bank
    from deploy.questions.report import Report

questions_app = typer.Typer(no_args_is_help=True, help="Test questions from a file: check them, take them in.")

UNREADABLE = 2

Source = Annotated[Path, typer.Argument(metavar="FILE", help="CSV or LimeSurvey (.lss), see docs/catalogue.md")]
Competency = Annotated[str | None, typer.Option(help="whose questions these are where the file is silent: I01")]
Level = Annotated[int | None, typer.Option(min=1, max=5, help="their level where the file is silent")]
Forms = Annotated[str, typer.Option(help="their forms where the file is silent: A, B or AB")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON with every problem instead of lines")]
Lang = Annotated[str | None, typer.Option(help="ru or en; otherwise the language of the machine")]


@dataclass(frozen=True, slots=True)
class Told:
    """What was said on the command line about all questions of a file, and how to answer."""

    path: Path
    author: str
    competency: str | None
    level: int | None
    forms: str
    as_json: bool
    voice: Voice


@questions_app.callback()
def questions() -> None:
    """Test questions from a file: check them, take them in."""


@questions_app.command()
def check(
    path: Source,
    into: Annotated[Path | None, typer.Option(help="the version that would take them; else the shipped one")] = None,
    competency: Competency = None,
    level: Level = None,
    forms: Forms = "",
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Read a file of questions and tell what it holds and what is wrong with it, by row and column.

    Nothing is written. Ends with 0 when all questions may be taken, 1 with errors, 2 when it cannot be read.
    """
    told = Told(path, "-", competency, level, forms, as_json, _voice(lang))
    try:
        report = _report(told, _bank(into))
    except Refusal as refusal:
        raise _refused(told, refusal) from None
    _show(told, report)
    raise typer.Exit(report.code)


@questions_app.command("import")
def take_in(
    path: Source,
    into: Annotated[Path, typer.Option(help="the folder of a version of the catalogue that is not shipped yet")],
    author: Annotated[str, typer.Option(help="who wrote the questions; stands in the bank")],
    competency: Competency = None,
    level: Level = None,
    forms: Forms = "",
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Write the questions of a file into an item bank as drafts, all of them or none.

    Ends with 0, with 1 when the file has errors or the bank would not load, with 2 when either cannot be read.
    """
    from deploy.questions.bank import add

    told = Told(path, author, competency, level, forms, as_json, _voice(lang))
    try:
        bank = _bank(into)
        report = _report(told, bank)
    except Refusal as refusal:
        raise _refused(told, refusal) from None
    if report.code:
        _show(told, report)
        raise typer.Exit(report.code)
    try:
        written = add(bank, report.file)
    except Refusal as refusal:
        raise _refused(told, refusal, code=1) from None
    _show(told, report, written=[path.name for path in written])


def _voice(lang: str | None) -> Voice:
    voice = Voice()
    voice.texts = Texts.load("services.diagnostics", "deploy")
    if lang is not None and lang not in LANGUAGES:
        voice.trouble("staff.unknown-language", known=", ".join(LANGUAGES))
        raise typer.Exit(UNREADABLE)
    voice.language = lang or voice.language
    return voice


def _bank(folder: Path | None) -> "Bank":
    from deploy.questions.bank import opened, shipped

    return opened(folder) if folder else shipped()


def _report(told: Told, bank: "Bank") -> "Report":
    from deploy.questions.report import Report
    from services.diagnostics.domain import Assumed, read_questions

    assumed = Assumed(told.author, told.competency, told.level, tuple(sorted(set(told.forms.upper()))), bank.taken)
    content = _content(told.path)
    return Report(told.path.name, len(content), read_questions(content, bank.catalogue, assumed), told.voice.text)


def _content(path: Path) -> bytes:
    """The bytes of the file, one more than may be read at the most."""
    from services.diagnostics.domain.question_files import MOST_BYTES

    try:
        if not path.is_file():
            raise Missing("staff.no-file", field="file", path=str(path))
        with path.open("rb") as source:
            return source.read(MOST_BYTES + 1)
    except OSError as closed:
        raise Invalid("staff.not-opened", field="file", path=str(path), reason=type(closed).__name__) from closed


def _show(told: Told, report: "Report", written: list[str] | None = None) -> None:
    if told.as_json:
        _print(report.as_json() | ({} if written is None else {"written": written}))
        return
    lines = list(report.lines())
    if written is not None:
        lines[-1] = told.voice.text("questions-file.written", count=len(report.file.items), files=", ".join(written))
    print("\n".join(lines))


def _refused(told: Told, refusal: Refusal, *, code: int = UNREADABLE) -> typer.Exit:
    """Say in one sentence why it cannot be, and what to do."""
    from deploy.questions.report import VERDICTS

    facts = {
        name: ", ".join(map(str, fact)) if isinstance(fact, list) else fact for name, fact in refusal.facts.items()
    }
    if told.as_json:
        said = {"slug": refusal.slug, "text": told.voice.text(refusal.slug, **facts)}
        _print({"verdict": VERDICTS[code], "file": {"name": told.path.name}, "refusal": said})
    else:
        told.voice.trouble(refusal.slug, **facts)
    return typer.Exit(code)


def _print(found: dict[str, Any]) -> None:
    json.dump(found, sys.stdout, ensure_ascii=False, indent=1)
    print()
