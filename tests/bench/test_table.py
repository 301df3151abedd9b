"""The report of a measurement: medians, ratios round by round, verdicts, and a table in the reader's language."""

import json
from io import StringIO

import pytest

from bench.machine import Surroundings
from bench.samples import WANTED, Ratio, Report, Sample, Verdict, ratio, wanted
from bench.table import show
from deploy.show import Voice


def a_report(*, load: float = 0.1) -> Report:
    report = Report(Surroundings(python="3.13.0", cores=2, load_before=load, sync_ms=0.4, postgres={"fsync": "on"}))
    bare = Sample("post-bare", "per-second", (1000.0, 2000.0, 1500.0), operations=300, cpu_us=(90.0, 80.0, 85.0))
    whole = Sample("hop", "per-second", (300.0, 500.0, 450.0), operations=300)
    report.add([whole, bare], [ratio("hop-to-bare-post", whole.values, bare.values)])
    report.cpu_per_event = {"documents": 400.0, "postgres": 200.0}
    return report


def printed(report: Report, language: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("NEO_LANG", language)
    paper = StringIO()
    show(report, Voice(to=paper))
    return paper.getvalue()


def test_ratio_is_taken_round_by_round_and_its_median_counts() -> None:
    found = ratio("hop-to-bare-post", (300.0, 500.0, 450.0), (1000.0, 2000.0, 1500.0))

    assert found.values == (0.3, 0.25, 0.3)
    assert found.middle == 0.3
    assert found.verdict is Verdict.FIRST


@pytest.mark.parametrize(
    ("code", "value", "verdict"),
    [
        ("hop-to-bare-post", 0.45, Verdict.GOAL),
        ("hop-to-bare-post", 0.19, Verdict.SHORT),
        ("hop-p99-at-500", 15.0, Verdict.GOAL),
        ("hop-p99-at-500", 50.0, Verdict.FIRST),
        ("hop-p99-at-500", float("inf"), Verdict.SHORT),
        ("held-open-loss", 5.1, Verdict.FIRST),
        ("memory-in-all", 701.0, Verdict.SHORT),
        ("hop-to-slowest-raw", 0.5, Verdict.UNJUDGED),
    ],
)
def test_verdict_follows_from_the_targets_and_their_direction(code: str, value: float, verdict: Verdict) -> None:
    assert Ratio(wanted(code), (value,)).verdict is verdict


def test_table_names_rates_ratios_targets_and_verdicts(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = printed(a_report(), "en", monkeypatch).splitlines()

    bare = next(line for line in lines if "bare FastAPI POST" in line)
    judged = next(line for line in lines if "whole hop ÷ bare POST" in line)
    assert " ".join(bare.split()) == "bare FastAPI POST 1,500 /s 1,000…2,000 3 × 300 85.0"
    assert " ".join(judged.split()) == "whole hop ÷ bare POST 0.16-0.43 ≥ 0.20 ≥ 0.45 0.30 0.25…0.30 3 first reached"
    assert any("documents 400, postgres 200; together 600" in line for line in lines)


def test_columns_of_the_table_stand_under_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    report = a_report()
    report.add([], [ratio("relay-to-sequential", (4000.0,), (500.0,))])

    rows = [line for line in printed(report, "en", monkeypatch).splitlines() if "≥" in line]

    assert len({row.index("…") for row in rows}) == 1
    assert len({len(row) for row in rows}) == 1


def test_table_is_russian_first(monkeypatch: pytest.MonkeyPatch) -> None:
    text = printed(a_report(), "ru", monkeypatch)

    assert "весь путь ÷ голый POST" in text
    assert "0,30" in text


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_ratio_has_its_words(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    report = a_report()
    report.add([], [Ratio(row, (1.0,)) for row in WANTED])

    assert "bench." not in printed(report, language, monkeypatch)


def test_busy_machine_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    calm, busy = (printed(a_report(load=load), "en", monkeypatch) for load in (0.1, 3.0))

    assert ("busy with others" in calm, "busy with others" in busy) == (False, True)


def test_settings_that_durability_hangs_on_stand_above_the_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = printed(a_report(), "en", monkeypatch).splitlines()

    assert lines[1] == "PostgreSQL: fsync on"


def test_json_has_everything_and_no_endless_number() -> None:
    report = a_report()
    report.add([], [Ratio(wanted("hop-p99-at-500"), (float("inf"), 40.0, float("inf")))])

    written = json.loads(json.dumps(report.as_dict(), allow_nan=False))

    assert written["schema"] == 1
    assert written["samples"][0]["median"] == 450.0
    assert written["samples"][1]["cpu_us"] == 85.0
    assert [one["verdict"] for one in written["ratios"]] == ["first", "short"]
    assert written["ratios"][1]["ours"] is None
    assert written["ratios"][1]["low"] == 40.0
