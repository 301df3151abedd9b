"""`neo questions`: questions looked through, and taken into a version that is being prepared, on a bare machine."""

import json
import shutil
from pathlib import Path

from typer.testing import CliRunner, Result

from deploy.questions.bank import shipped
from deploy.questions.command import questions_app
from services.diagnostics.domain import load_items
from tests.diagnostics.question_samples import SAMPLES, a_table

HARD = 'Что такое "a\\b" — \x7f?'


def run(*words: str | Path, language: str = "ru") -> Result:
    return CliRunner().invoke(questions_app, [str(word) for word in words], env={"NEO_LANG": language})


def a_version(folder: Path, version: str = "2026.2") -> Path:
    """A copy of the shipped version under another name."""
    copied = folder / "copy"
    shutil.copytree(shipped().folder, copied)
    frame = copied / "frame.toml"
    frame.write_text(frame.read_text(encoding="utf-8").replace("2026.1", version), encoding="utf-8")
    return copied


def a_file(folder: Path, *rows: dict[str, str]) -> Path:
    path = folder / "questions.csv"
    path.write_bytes(a_table(*rows))
    return path


def take_in(path: Path, into: Path, *options: str) -> Result:
    return run("import", path, "--into", into, "--author", "Methodist of school 693", *options)


def files_in(bank: Path) -> set[str]:
    return {path.name for path in (bank / "items").iterdir()}


def test_good_file_ends_with_zero_and_tells_what_comes_to_each_test() -> None:
    found = run("check", SAMPLES / "questions.csv")

    assert found.exit_code == 0
    assert "questions.csv: 3 вопроса, принять можно 3" in found.stdout
    assert "D05: форма A — 2, форма B — 2, общих — 1" in found.stdout


def test_faults_of_a_survey_are_told_by_question_place_and_mend() -> None:
    found = run("check", SAMPLES / "survey.lss", language="en")

    assert found.exit_code == 1
    assert "Question 5, “level”: give a level from 1 to 5." in found.stdout


def test_what_is_said_for_the_whole_file_mends_it() -> None:
    found = run("check", SAMPLES / "survey.lss", "--competency", "M04", "--level", "3", "--forms", "ab")

    assert found.exit_code == 0


def test_json_tells_every_problem_with_its_place() -> None:
    found = run("check", SAMPLES / "survey.lss", "--json")

    told = json.loads(found.stdout)
    assert (told["verdict"], told["questions"], told["errors"], told["warnings"]) == ("errors", 4, 3, 3)
    assert told["tests"] == {"I01": {"A": 3, "B": 3, "common": 3}}
    assert {(one["row"], one["column"]) for one in told["problems"] if one["severity"] == "error"} == {
        (5, "competency"),
        (5, "forms"),
        (5, "level"),
    }


def test_file_that_cannot_be_read_ends_with_two_and_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"\n")

    lines, program = run("check", tmp_path / "empty.csv"), run("check", tmp_path / "none.csv", "--json")

    assert (lines.exit_code, program.exit_code) == (2, 2)
    assert "Файл пуст" in lines.stderr
    assert json.loads(program.stdout)["refusal"]["slug"] == "staff.no-file"


def test_imported_questions_are_drafts_that_the_catalogue_loads_word_for_word(tmp_path: Path) -> None:
    bank = a_version(tmp_path)

    found = take_in(
        a_file(tmp_path, {"question_ru": HARD, "basis": "152-ФЗ"}, {"id": "Q2", "question_ru": "Кто?"}), bank
    )

    assert found.exit_code == 0, found.output
    assert "Приняты 2 вопроса, черновики: D-" in found.stdout
    item = load_items(bank / "items", shipped().catalogue).items["Q1"]
    assert (item.question.ru, item.options[1].en, item.key) == (HARD, "ask", (1,))
    assert (item.author, item.review, item.basis) == ("Methodist of school 693", "DRAFT", "152-ФЗ")


def test_each_domain_gets_a_file_of_its_own_beside_those_that_are_there(tmp_path: Path) -> None:
    bank = a_version(tmp_path)
    before = {path.name: path.read_bytes() for path in (bank / "items").iterdir()}

    found = take_in(a_file(tmp_path, {}, {"id": "Q2", "competency": "M04", "question_ru": "Кто?"}), bank, "--json")

    written = json.loads(found.stdout)["written"]
    assert sorted(name[0] for name in written) == ["D", "M"]
    assert files_in(bank) == before.keys() | set(written)
    assert all((bank / "items" / name).read_bytes() == content for name, content in before.items())


def test_shipped_version_and_a_copy_that_bears_its_name_take_nothing(tmp_path: Path) -> None:
    same = a_version(tmp_path, "2026.1")

    answers = [take_in(a_file(tmp_path, {}), folder) for folder in (shipped().folder, same)]

    assert [answer.exit_code for answer in answers] == [2, 2]
    assert all("2026.1" in answer.stderr and "не меняется" in answer.stderr for answer in answers)
    assert files_in(same) == files_in(shipped().folder)


def test_folder_without_a_catalogue_is_refused(tmp_path: Path) -> None:
    found = take_in(a_file(tmp_path, {}), tmp_path)

    assert found.exit_code == 2
    assert "frame.toml" in found.stderr


def test_file_with_one_error_is_not_taken_at_all(tmp_path: Path) -> None:
    bank = a_version(tmp_path)

    found = take_in(a_file(tmp_path, {}, {"id": "Q2", "key": "d"}), bank)

    assert found.exit_code == 1
    assert files_in(bank) == files_in(shipped().folder)


def test_questions_that_are_in_the_bank_are_not_taken_twice(tmp_path: Path) -> None:
    bank, path = a_version(tmp_path), a_file(tmp_path, {})
    take_in(path, bank)
    before = files_in(bank)

    found = take_in(path, bank)

    assert found.exit_code == 1
    assert "«id»" in found.stdout
    assert files_in(bank) == before


def test_questions_that_would_keep_the_bank_from_loading_are_not_written(tmp_path: Path) -> None:
    bank = a_version(tmp_path)

    found = take_in(a_file(tmp_path, {"competency": "D01"}), bank)

    assert found.exit_code == 1
    assert "D01" in found.stderr
    assert files_in(bank) == files_in(shipped().folder)
