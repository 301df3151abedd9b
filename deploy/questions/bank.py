"""Items written into a version of the catalogue that is being prepared: all of them, or none."""

import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from chassis.refusals import Conflict, Invalid, Missing
from services.diagnostics.domain import Catalogue, Item, QuestionFile, load_catalogue, load_items
from services.diagnostics.domain.items import LETTERS


@dataclass(frozen=True, slots=True)
class Bank:
    """A version of the catalogue in its folder, and the ids of the items that it holds so far."""

    folder: Path
    catalogue: Catalogue
    taken: frozenset[str] = frozenset()


def shipped() -> Bank:
    """The newest version that is shipped: what a file is held against when no folder is named."""
    folder = max(_shipped_folders())
    return Bank(folder, load_catalogue(folder))


def opened(folder: Path) -> Bank:
    """The version in a folder; refused when it is none, or one that is shipped.

    A shipped version never changes: levels that were measured by it must stay comparable.
    """
    if not (folder / "frame.toml").is_file():
        raise Missing("questions-file.no-catalogue", field="into", path=str(folder))
    catalogue = load_catalogue(folder)
    if catalogue.version in {known.name for known in _shipped_folders()}:
        raise Conflict("questions-file.version-shipped", field="into", version=catalogue.version, legal=[])
    return Bank(folder, catalogue, frozenset(load_items(folder / "items", catalogue).items))


def add(bank: Bank, file: QuestionFile) -> list[Path]:
    """Write the items of a file into the bank, one new file for each domain; the written files.

    The bank is tried with them first: the loader refuses what the service would refuse at its start. Raises Invalid
    as the loader does, and Conflict when such a file is there already.
    """
    by_domain = {
        f"{letter}-{file.sha256[:8]}.toml": [one for one in file.items if one.competency.startswith(letter)]
        for letter in sorted({one.competency[0] for one in file.items})
    }
    texts = {name: toml_of(items, source=file.sha256) for name, items in by_domain.items()}
    _try(bank, texts)
    return _write(bank.folder / "items", texts)


def _try(bank: Bank, texts: Mapping[str, str]) -> None:
    with tempfile.TemporaryDirectory(prefix="neo-items-") as folder:
        trial = Path(folder) / "items"
        if (bank.folder / "items").is_dir():
            shutil.copytree(bank.folder / "items", trial)
        trial.mkdir(exist_ok=True)
        for name, text in texts.items():
            (trial / name).write_text(text, encoding="utf-8")
        load_items(trial, bank.catalogue)


def _write(folder: Path, texts: Mapping[str, str]) -> list[Path]:
    written: list[Path] = []
    try:
        folder.mkdir(exist_ok=True)
        for name, text in texts.items():
            with (folder / name).open("x", encoding="utf-8", newline="\n") as new:
                written.append(folder / name)
                new.write(text)
    except OSError as closed:
        for path in written:
            with suppress(OSError):
                path.unlink()
        if isinstance(closed, FileExistsError):
            raise Conflict("questions-file.exists", field="into", path=str(closed.filename), legal=[]) from closed
        reason = type(closed).__name__
        raise Invalid("questions-file.not-written", field="into", path=str(folder), reason=reason) from closed
    return written


def toml_of(items: Sequence[Item], *, source: str) -> str:
    """Items of one author as a file of the bank; `source` is the SHA-256 of the file that they came from."""
    first = items[0]
    head = [
        f"# Imported questions; sha256 of their file: {source}",
        f"author = {_quoted(first.author)}",
        f"review = {_quoted(first.review)}",
    ]
    return "\n".join([*head, *(line for item in items for line in _item(item)), ""])


def _item(item: Item) -> Iterable[str]:
    yield from ("", "[[item]]")
    yield f"id = {_quoted(item.id)}"
    yield f"competency = {_quoted(item.competency)}"
    yield f"level = {item.level}"
    yield f"kind = {_quoted(item.kind)}"
    yield f"forms = {_listed(item.forms)}"
    yield f"question_ru = {_quoted(item.question.ru)}"
    yield f"question_en = {_quoted(item.question.en)}"
    for language in ("ru", "en"):
        yield f"options_{language} = ["
        yield from (f"    {_quoted(getattr(option, language))}," for option in item.options)
        yield "]"
    yield f"key = {_listed([LETTERS[place] for place in item.key])}"
    yield f"explanation_ru = {_quoted(item.explanation.ru)}"
    yield f"explanation_en = {_quoted(item.explanation.en)}"
    if item.basis:
        yield f"basis = {_quoted(item.basis)}"


def _listed(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"


def _quoted(text: str) -> str:
    # A basic string of TOML is written as one of JSON; only DEL may stand in JSON as it is, and not in TOML.
    return json.dumps(str(text), ensure_ascii=False).replace("\x7f", "\\u007f")


def _shipped_folders() -> list[Path]:
    root = Path(str(files("services.diagnostics"))) / "catalogue"
    return [path for path in root.iterdir() if (path / "frame.toml").is_file()]
