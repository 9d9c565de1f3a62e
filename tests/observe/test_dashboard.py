"""The dashboard and the alerts ask for metrics that there are, with labels that they have; and no metric is left out of sight."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import yaml
from prometheus_client import Histogram
from prometheus_client.metrics import MetricWrapperBase

from fairdial.observe.metrics import LARGEST, Meters

DEPLOY = Path(__file__).parents[2] / "deploy"
DASHBOARD = json.loads((DEPLOY / "grafana" / "fairdial.json").read_text(encoding="utf-8"))
RULES = yaml.safe_load((DEPLOY / "prometheus" / "fairdial.rules.yml").read_text(encoding="utf-8"))
PROMETHEUS = {"instance", "job", "le"}


def families() -> dict[str, set[str]]:
    """Series by name, with their labels."""
    found: dict[str, set[str]] = {}
    for collector, names in Meters().registry._collector_to_names.items():
        labels = set(collector._labelnames) if isinstance(collector, MetricWrapperBase) else set()
        found |= dict.fromkeys(names, labels | ({"le"} if isinstance(collector, Histogram) else set()))
    found |= {
        family.name + "_total" * (family.type == "counter"): set() for family in Meters().registry.collect()
    } | found
    return found


def asked_by_dashboard() -> list[str]:
    return [target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", [])]


def asked_by_rules() -> list[str]:
    return [rule["expr"] for group in RULES["groups"] for rule in group["rules"]]


def selectors(expression: str) -> Iterator[tuple[str, set[str]]]:
    """Every series of ours that an expression asks for, with the labels it chooses by."""
    for name, chosen in re.findall(r"(fairdial_\w+)(?:\{([^}]*)\})?", expression):
        yield name, set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", chosen))


def test_what_the_dashboard_and_the_alerts_ask_for_is_there() -> None:
    known = families()
    expressions = [*asked_by_dashboard(), *asked_by_rules()]
    assert len(expressions) > 40
    for expression in expressions:
        for name, chosen in selectors(expression):
            assert name in known, (name, expression)
            assert chosen <= known[name] | PROMETHEUS, (name, chosen)
        grouped = {label for by in re.findall(r"by \(([^)]*)\)", expression) for label in re.split(r",\s*", by)}
        here = set().union(*(known[name] for name, _ in selectors(expression)))
        assert grouped <= here | PROMETHEUS, expression
        assert expression.count("(") == expression.count(")") and expression.count("{") == expression.count("}")


def test_every_metric_is_on_the_dashboard() -> None:
    shown = "\n".join(asked_by_dashboard())
    metrics = {family.name for family in Meters().registry.collect()}
    assert [name for name in sorted(metrics) if name not in shown] == []


def test_a_legend_names_labels_that_its_expression_leaves() -> None:
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", []):
            for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]):
                assert re.search(rf"by \([^)]*\b{label}\b", target["expr"]), target


def test_panels_have_places_of_their_own_and_titles_in_both_languages() -> None:
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    cells = set[tuple[int, int]]()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        here = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24 and not here & cells, panel["title"]
        cells |= here
        assert re.search(r"[\u4e00-\u9fff]", panel["title"])


def test_alerts_say_what_is_wrong_and_how_urgent_it_is() -> None:
    for rule in RULES["groups"][0]["rules"]:
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert re.search(r"[\u4e00-\u9fff]", rule["annotations"]["summary"])


def test_gauges_of_which_the_largest_is_told_are_there() -> None:
    assert {family.name for family in Meters().registry.collect() if family.type == "gauge"} >= LARGEST


def test_the_howto_names_every_metric() -> None:
    page = (Path(__file__).parents[2] / "docs" / "howto" / "watch.md").read_text(encoding="utf-8")
    names = [family.name + "_total" * (family.type == "counter") for family in Meters().registry.collect()]
    assert [name for name in names if f"`{name}`" not in page] == []
