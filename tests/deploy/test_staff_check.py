"""`neo staff check`: a staff file looked through on a bare machine, in lines for a person and JSON for a program."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from deploy.demo import staff_files
from deploy.staff.command import staff_app
from deploy.staff.lines import MOST_LINES
from tests.registry.staff_exports import Cells, a_row, as_csv, as_xlsx, lines

SHIPPED = Path(staff_files.__file__).parent / "staff"


def check(path: Path, *options: str, language: str = "ru") -> Result:
    return CliRunner().invoke(staff_app, ["check", str(path), *options], env={"NEO_LANG": language, "COLUMNS": "100"})


def a_file(folder: Path, *rows: Cells, encoding: str = "utf-8") -> Path:
    path = folder / "staff.csv"
    path.write_bytes(as_csv(lines(*rows), encoding))
    return path


def flat(text: str) -> str:
    return " ".join(text.split())


def test_good_file_ends_with_zero_and_tells_people_posts_and_head_count() -> None:
    found = check(SHIPPED / "spb-693.csv")

    said = flat(found.stdout)
    assert found.exit_code == 0
    assert "CSV · Windows-1251 · разделитель «;» · 85 строк" in said
    assert "в строке 2" in said
    assert "84 человека, должностей: 85" in said
    assert "77 — педагогические работники по правилу формы ОО-1" in said
    assert "не вошли: 2 внешних совместителя, 1 по договору ГПХ, 4 без педагогической должности" in said
    assert said.endswith("Файл можно загружать.")


def test_workbook_needs_no_encoding() -> None:
    assert "spb-540.xlsx · XLSX · 57 строк" in flat(check(SHIPPED / "spb-540.xlsx").stdout)


def test_error_is_told_by_row_column_fault_and_mend(tmp_path: Path) -> None:
    found = check(a_file(tmp_path, a_row(), *(a_row(number=str(number), rate="много") for number in range(2, 12))))

    said = flat(found.stdout)
    assert found.exit_code == 1
    assert "Строка 3, «Ставка» ставка не читается. Запишите число больше 0 и не больше 2, например 0,5." in said
    assert "ещё в строках: 4, 5, 6, 7, 8, 9 и в других: 3" in said
    assert said.endswith("Исправьте 10 ошибок и проверьте файл снова: он применяется целиком или никак.")


@pytest.mark.parametrize(("options", "language"), [(("--lang", "en"), "ru"), ((), "en_GB.UTF-8")])
def test_english_is_spoken_where_it_is_asked_for(tmp_path: Path, options: tuple[str, ...], language: str) -> None:
    found = check(a_file(tmp_path, a_row(rate="lots")), *options, language=language)

    assert "Row 2, «Ставка» the full-time share cannot be read." in flat(found.stdout).replace("  ", " ")


def test_language_that_is_not_there_is_refused(tmp_path: Path) -> None:
    found = check(a_file(tmp_path, a_row()), "--lang", "de")

    assert found.exit_code == 2
    assert "ru, en" in found.stderr


def test_columns_are_named_as_they_were_understood(tmp_path: Path) -> None:
    path = tmp_path / "staff.csv"
    path.write_bytes(as_csv([["Таб. №", "Сотрудник", "Должность", "Кабинет"], ["1", "Иванова Анна", "Учитель", "5"]]))

    said = flat(check(path).stdout)

    assert "Таб. № → Табельный №, Сотрудник → ФИО, Должность" in said
    assert "не прочитаны: Кабинет" in said


def test_very_many_columns_take_no_more_than_a_page(tmp_path: Path) -> None:
    path = tmp_path / "staff.csv"
    titles = [f"Столбец с длинным названием, которое никому не нужно, номер {number}" for number in range(150)]
    path.write_bytes(as_csv([["ID", "ФИО", "Должность", *titles], ["1", "Иванова Анна", "Учитель"]]))

    said = check(path).stdout.splitlines()

    assert len(said) <= MOST_LINES
    assert any("+138" in line for line in said)


def test_very_many_faults_take_no_more_than_a_page(tmp_path: Path) -> None:
    wrong = {"rate": "а", "hired": "б", "years": "в", "category": "г", "form": "д", "leave": "е", "employment": "ж"}
    rows = [a_row(**{"number": str(number), word: wrong[word]}) for word in wrong for number in range(1, 50)]
    rows += [a_row(number=f"9{number}", family="Ён1") for number in range(50)]

    said = check(a_file(tmp_path, *rows)).stdout.splitlines()

    assert len(said) <= MOST_LINES
    assert any("Полный список: --json" in line for line in said)


def test_json_holds_every_fault(tmp_path: Path) -> None:
    path = a_file(tmp_path, *(a_row(number=str(number), rate="много") for number in range(1, 1501)), encoding="cp1251")

    found = check(path, "--json")

    told = json.loads(found.stdout)
    assert (found.exit_code, told["verdict"], told["errors"]) == (1, "errors", 1500)
    errors = [one for one in told["problems"] if one["severity"] == "error"]
    assert [one["row"] for one in errors] == list(range(2, 1502))
    assert errors[0] == {
        "row": 2,
        "column": "Ставка",
        "slug": "staff-file.rate-unclear",
        "severity": "error",
        "what": "ставка не читается.",
        "mend": "Запишите число больше 0 и не больше 2, например 0,5.",
    }


def test_json_tells_how_the_file_was_understood(tmp_path: Path) -> None:
    path = tmp_path / "staff.xlsx"
    path.write_bytes(
        as_xlsx([["Список"], *lines(a_row(), a_row(number="2", employment="внешн. совм.", family="Котова"))])
    )

    told = json.loads(check(path, "--json", "--lang", "en").stdout)

    assert told["file"] | {"bytes": 0, "sha256": ""} == {
        "name": "staff.xlsx",
        "bytes": 0,
        "sha256": "",
        "kind": "xlsx",
        "encoding": None,
        "separator": None,
        "header_row": 2,
        "rows_read": 2,
    }
    assert told["columns"]["understood"][0] == {
        "title": "Табельный №",
        "as": "staff_number",
        "meaning": "Табельный №",
    }
    assert (told["people"], told["positions"]) == (2, 2)
    assert (told["head_count"]["value"], told["head_count"]["not_counted"]) == (1, {"external": 1})
    assert told["head_count"]["definition"].startswith("pedagogical staff by the rule of form ОО-1")


@pytest.mark.parametrize(
    ("content", "slug"),
    [(b"%PDF-1.7", "staff-file.document"), (b"", "staff-file.empty"), (b"a;b", "staff-file.no-header")],
)
def test_what_cannot_be_read_ends_with_two_and_a_sentence(tmp_path: Path, content: bytes, slug: str) -> None:
    path = tmp_path / "staff.xls" if content.startswith(b"%") else tmp_path / "staff.csv"
    path.write_bytes(content)

    in_words, for_programs = check(path), check(path, "--json")

    assert (in_words.exit_code, in_words.stdout, for_programs.exit_code) == (2, "", 2)
    told = json.loads(for_programs.stdout)
    assert (told["verdict"], told["refusal"]["slug"]) == ("unreadable", slug)
    assert in_words.stderr.strip() == told["refusal"]["text"]
    assert "[" not in in_words.stderr


def test_file_that_is_not_there_ends_with_two(tmp_path: Path) -> None:
    missing, folder = check(tmp_path / "none.csv"), check(tmp_path)

    assert (missing.exit_code, folder.exit_code) == (2, 2)
    assert "none.csv" in missing.stderr


def test_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "staff.csv"
    with path.open("wb") as file:
        # A file of holes takes no room; who reads it runs out of memory at once.
        file.truncate(8 * 1024**4)

    found = check(path)

    assert (found.exit_code, "24" in found.stderr) == (2, True)


def test_terminal_sees_how_far_the_reading_is(tmp_path: Path) -> None:
    path = a_file(tmp_path, *(a_row(number=str(number), family="Иванова") for number in range(1, 3001)))
    ours, theirs = pty.openpty()

    command = [sys.executable, "-m", "deploy.cli", "staff", "check", str(path)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=theirs, env={**os.environ, "NEO_LANG": "ru"})
    os.close(theirs)

    assert "Читаем файл" in os.read(ours, 4096).decode(errors="replace")
    os.close(ours)
