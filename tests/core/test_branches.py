"""Branches: who takes which arm, and that every check looks through them."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.script.branch import ByValue, Split, arm_of
from fairdial.core.script.finding import Finding
from fairdial.core.script.graph import all_edges, reached
from fairdial.core.script.lint import lint
from fairdial.core.script.parse import ScriptError, parse_script
from fairdial.core.script.speech import needed
from fairdial.core.script.spoken import transcript
from tests.core.scripts import content, renewal

BY_PRODUCT = {"of": "policy", "cases": {"车险": "remind"}, "otherwise": "persuade"}
SPLIT = {"split": {"plain": "remind", "warm": "persuade"}}


def branched(changes: dict[str, Any] | None = None, **branches: dict[str, Any]) -> dict[str, Any]:
    """The renewal script, where a yes to the first question leads to the branch `parts`."""
    whole = content()
    whole["branches"] = branches
    whole["steps"]["confirm"]["next"]["accept"] = "parts"
    return whole | (changes or {})


def found(whole: dict[str, Any]) -> dict[str, Finding]:
    return {finding.rule: finding for finding in lint(parse_script(whole, name="x"))}


def test_the_value_of_a_variable_leads_to_its_case_and_any_other_to_otherwise() -> None:
    script = parse_script(branched(parts=BY_PRODUCT), name="x")
    assert script.resolve("parts", {"policy": "车险"}, key="1").name == "remind"
    assert script.resolve("parts", {"policy": "寿险"}, key="1").name == "persuade"
    assert script.resolve("parts", {}, key="1").name == "persuade"
    assert script.resolve("confirm", {}, key="1").name == "confirm"


def test_a_contact_takes_the_same_arm_in_every_version_of_a_script() -> None:
    split = Split(name="style", to={"a": "x", "b": "y"}, shares={"a": 1, "b": 1})
    stored = Split(name="style", to={"b": "y", "a": "x"}, shares={"b": 1, "a": 1})
    for key in map(str, range(200)):
        assert arm_of(split, {}, key=key, script="s") == arm_of(stored, {"x": "y"}, key=key, script="s")


def test_arms_are_as_large_as_their_shares_and_two_splits_do_not_go_together() -> None:
    one = Split(name="style", to={"a": "x", "b": "y", "c": "z"}, shares={"a": 1, "b": 1, "c": 2})
    other = Split(name="length", to={"a": "x", "b": "y"}, shares={"a": 1, "b": 1})
    pairs = [tuple(arm_of(s, {}, key=str(n), script="s") for s in (one, other)) for n in range(8000)]
    counts = Counter(arm for arm, _ in pairs)
    assert counts["a"] == pytest.approx(2000, abs=160) and counts["c"] == pytest.approx(4000, abs=180)
    assert Counter(arm for arm, second in pairs if second == "a")["c"] == pytest.approx(2000, abs=160)


@given(st.text(), st.dictionaries(st.text(), st.text()), st.sets(st.text(min_size=1), min_size=1))
def test_law_every_contact_takes_one_of_the_arms(key: str, values: dict[str, str], names: set[str]) -> None:
    split = Split(name="b", to=dict.fromkeys(names, "x"), shares=dict.fromkeys(names, 2))
    by_value = ByValue(name="b", of="v", cases=dict.fromkeys(names, "x"), otherwise="y")
    for branch in (split, by_value):
        assert arm_of(branch, values, key=key, script="s") in branch.arms()


def test_branches_lead_to_branches_and_the_whole_graph_is_seen() -> None:
    inner = {"split": {"plain": "remind", "warm": {"to": "persuade", "share": 3}}}
    script = parse_script(branched(parts=BY_PRODUCT | {"otherwise": "inner"}, inner=inner), name="x")
    assert {step.name for step in script.may_enter("parts")} == {"remind", "persuade"}
    assert {"inner", "persuade"} <= reached(all_edges(script), "parts")
    assert script.resolve("parts", {}, key="7").name in ("remind", "persuade")


def test_a_circle_of_branches_is_no_script() -> None:
    circle = branched(parts=BY_PRODUCT | {"otherwise": "again"}, again={"split": {"x": "parts", "y": "left"}})
    with pytest.raises(ScriptError, match="leads back to itself"):
        parse_script(circle, name="x")


def test_no_arm_escapes_what_is_asked_of_a_script() -> None:
    """A second persuasion, a refusal that is argued with, and a goodbye that is none, each in one arm only."""
    whole = branched(parts=SPLIT)
    to = {"split": {"a": "refused", "b": "persuade"}}
    for where, rule in (("refuse_hard", "argues-with-refusal"), ("assistant", "must-end")):
        assert rule in found(
            whole | {"branches": {"parts": SPLIT, "x": to}, "anywhere": whole["anywhere"] | {where: "x"}}
        )
    ladder = whole["silence"] | {"then": "x"}
    assert "ladder-goes-on" in found(whole | {"branches": {"parts": SPLIT, "x": to}, "silence": ladder})
    steps = whole["steps"] | {
        "persuade": whole["steps"]["persuade"] | {"next": {"accept": "promised", "refuse_soft": "x"}}
    }
    assert "persuades-twice" in found(whole | {"branches": {"parts": SPLIT, "x": to}, "steps": steps})


def test_who_calls_and_how_to_refuse_are_told_in_every_arm() -> None:
    assert "not-in-opening" in found(branched(parts=SPLIT))
    first = content()
    first |= {"start": "parts", "branches": {"parts": {"split": {"a": "confirm", "b": "persuade"}}}}
    assert "missing-caller" in found(first)


def test_a_variable_that_only_a_branch_asks_is_used_and_need_not_be_known() -> None:
    whole = content()
    whole["variables"]["kind"] = {"from": "segment", "level": "general"}
    whole["steps"]["confirm"]["next"]["accept"] = "parts"
    whole["branches"] = {"parts": BY_PRODUCT | {"of": "kind"}}
    assert "unused-variable" not in found(whole)
    assert "kind" not in needed(parse_script(whole, name="x")) and "person" in needed(parse_script(whole, name="x"))


def test_a_reviewer_reads_where_the_ways_part_and_how_many_go_where() -> None:
    lines = transcript(parse_script(branched(parts=BY_PRODUCT), name="x"))
    assert "  policy 是“车险” → [remind]" in lines and "  policy 是其他值或者没有 → [persuade]" in lines
    shared = {"split": {"plain": "remind", "warm": {"to": "persuade", "share": 3}}}
    assert "  warm 组,3/4 → [persuade]" in transcript(parse_script(branched(parts=shared), name="x"))
    assert not any("组," in line for line in transcript(renewal()))
