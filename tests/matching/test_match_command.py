"""`neo match`: what a researcher types, and what comes back."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from chassis.texts import LANGUAGES, Texts
from deploy.match import VERDICT_CODES, match_app
from services.matching.engine.openfile.explaining import Step
from services.matching.engine.openfile.verdicts import Verdict

CITY = str(Path(__file__).parent / "data" / "city-80.json.gz")


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO_LANG", "en")


def match(*arguments: str) -> Any:
    return CliRunner().invoke(match_app, arguments)


def solved(folder: Path, *options: str) -> Path:
    out = folder / "solution.json"
    assert match("solve", CITY, "-o", str(out), *options).exit_code == 0
    return out


def test_a_city_is_solved_and_the_solution_passes_its_check(tmp_path: Path) -> None:
    run = match("solve", CITY, "-o", str(tmp_path / "solution.json"))
    checked = match("check", CITY, str(tmp_path / "solution.json"))

    assert run.exit_code == checked.exit_code == 0
    assert "35 people with both roles, 66 with a pair, worth 38204" in run.stderr
    assert "proved best" in checked.stderr


def test_without_a_file_the_solution_itself_is_all_that_is_printed() -> None:
    run = match("solve", CITY)

    assert json.loads(run.stdout)["objective"] == {"dual": 35, "covered": 66, "score": 38204}


def test_the_printed_bytes_do_not_depend_on_the_solver() -> None:
    assert match("solve", CITY, "--solver", "highs").stdout == match("solve", CITY).stdout


def test_a_number_of_dual_roles_may_be_named_and_is_refused_beyond_the_ends() -> None:
    named, beyond = match("solve", CITY, "--dual", "34"), match("solve", CITY, "--dual", "99")

    assert json.loads(named.stdout)["objective"]["covered"] == 67
    assert beyond.exit_code == 2
    assert "34 to 35" in beyond.stderr


def test_an_explanation_counts_the_reasons_and_says_what_would_help(tmp_path: Path) -> None:
    match("generate", "200", "--seed", "3", "-o", str(tmp_path / "made.json"))

    run = match("solve", str(tmp_path / "made.json"), "--explain")

    assert "needs stay unmet" in run.stderr
    assert "would be helped by one more place with" in run.stderr


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda found: found["matches"].pop(), "wrong-sums"),
        (lambda found: found["matches"].append(found["matches"][0]), "need-twice"),
        (lambda found: found["matches"].append([0, 0, 0]), "not-allowed"),
        (lambda found: found.update(matches={}), "wrong-form"),
        (lambda found: found["certificate"]["potentials"].update(giver=[0] * 80), "forged"),
    ],
    ids=["fewer", "twice", "not-allowed", "no-list", "forged"],
)
def test_each_fault_has_its_own_exit_code(tmp_path: Path, change: Any, code: str) -> None:
    path = solved(tmp_path)
    found = json.loads(path.read_text())
    change(found)
    path.write_text(json.dumps(found))

    run = match("check", CITY, str(path))

    assert run.exit_code == VERDICT_CODES[code]
    assert run.stderr


def test_a_worse_network_is_called_so(tmp_path: Path) -> None:
    path = solved(tmp_path, "--variant", "score-only")
    found = json.loads(path.read_text())
    found["certificate"]["variant"] = "dual-first"
    path.write_text(json.dumps(found))

    assert match("check", CITY, str(path)).exit_code == VERDICT_CODES["suboptimal"]


def test_a_wrong_file_or_wish_is_one_sentence_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "wrong.json").write_text('{"n": 1, "slots": [1], "G": [1], "T": ["x"]}')

    for run, word in (
        (match("solve", str(tmp_path / "wrong.json")), "T[0]"),
        (match("solve", str(tmp_path / "nowhere.json")), "nowhere.json"),
        (match("solve", CITY, "--variant", "best"), "dual-first"),
        (match("solve", CITY, "--solver", "magic"), "highs"),
    ):
        assert run.exit_code == 2
        assert word in run.stderr
        assert "Traceback" not in run.stderr


def test_a_made_city_can_be_solved(tmp_path: Path) -> None:
    made = match("generate", "60", "--seed", "5", "-o", str(tmp_path / "made.json.gz"))

    run = match("solve", str(tmp_path / "made.json.gz"))

    assert made.exit_code == run.exit_code == 0
    assert json.loads(run.stdout)["certificate"]["gap"] == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verdict_and_step_has_words(language: str) -> None:
    texts = Texts.load("deploy", "services.matching")
    slugs = [*(f"match.verdict-{one}" for one in Verdict), *(f"match.step-{one}" for one in Step)]

    assert [slug for slug in slugs if not texts.knows(slug, language)] == []


def test_every_wrong_verdict_has_a_code_of_its_own() -> None:
    right = {Verdict.PROVED, Verdict.FOUND_BEST, Verdict.UNPROVED}

    assert set(VERDICT_CODES) == {str(one) for one in Verdict if one not in right}
    assert len(set(VERDICT_CODES.values())) == len(VERDICT_CODES)
