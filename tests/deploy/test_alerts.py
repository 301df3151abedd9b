"""Alerts and charts speak of signals that the runbook explains, and lead to what it says."""

import json
import re
from pathlib import Path
from typing import TypedDict

import yaml

ROOT = Path(__file__).parents[2]
# Labels, durations, groupings and offsets of PromQL.
NOT_METRICS = r"\{[^}]*\}|\[[^\]]*\]|\b(?:by|without|on|ignoring)\s*\([^)]*\)|\boffset\s+\w+"


class Rule(TypedDict):
    """One alert."""

    alert: str
    expr: str
    annotations: dict[str, str]


def read(path: str) -> str:
    """A file of the repository."""
    return (ROOT / path).read_text(encoding="utf-8")


def alert_rules() -> list[Rule]:
    """All alert rules, one after another."""
    loaded = yaml.safe_load(read("deploy/prometheus/alerts.yml"))
    return [rule for group in loaded["groups"] for rule in group["rules"]]


def dashboard_expressions() -> list[str]:
    """Every expression that the Grafana page draws."""
    page = json.loads(read("deploy/grafana/dashboards/house.json"))
    return [target["expr"] for panel in page["panels"] for target in panel["targets"]]


def metrics_of(expression: str) -> set[str]:
    """The metric names in a PromQL expression, without the suffixes of a histogram."""
    bare = re.sub(NOT_METRICS, " ", expression)
    names = re.findall(r"\b[a-z_]\w*\b(?!\s*\()", bare)
    words = {"and", "or", "unless", "by", "without", "on", "ignoring"}
    return {re.sub(r"_(bucket|count|sum)$", "", name) for name in names if name not in words}


def headings(document: str) -> set[str]:
    """The anchors that a Markdown file offers."""
    titles = re.findall(r"^#+ (.+)$", document, flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_alerts_and_charts_use_only_metrics_that_the_runbook_explains() -> None:
    explained = set(re.findall(r"`([a-z_]+)`", read("docs/runbook.md")))
    expressions = [rule["expr"] for rule in alert_rules()] + dashboard_expressions()

    used = {metric for expression in expressions for metric in metrics_of(expression)}

    assert "outbox_oldest_seconds" in used
    assert used - explained == set()


def test_every_alert_points_to_a_section_of_the_runbook() -> None:
    anchors = headings(read("docs/runbook.md"))

    for rule in alert_rules():
        document, anchor = rule["annotations"]["runbook"].split("#")
        assert (document, anchor in anchors) == ("docs/runbook.md", True), rule["alert"]
