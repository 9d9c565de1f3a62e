"""`fairdial rehearse` and `fairdial talk`, as an operator runs them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from fairdial.cli.main import app
from fairdial.errors import InputError

TRIAL = str(Path(__file__).parents[1] / "examples" / "course-trial" / "script.yaml")


def run(*arguments: str, typed: str = "") -> str:
    done = CliRunner().invoke(app, list(arguments), input=typed)
    if done.exception:
        raise done.exception
    return done.stdout


def talk(typed: str) -> list[dict[str, Any]]:
    return [
        json.loads(line) for line in run("talk", TRIAL, "--set", "person=王女士", "--json", typed=typed).splitlines()
    ]


def test_same_seed_prints_the_same_report_byte_for_byte() -> None:
    asked = ("rehearse", TRIAL, "--text", "--callees", "50", "--seed", "7", "--cer", "0.2", "--json")
    assert run(*asked) == run(*asked)
    told = json.loads(run(*asked))
    assert told["calls"] == 50 and told["seed"] == 7 and told["refusals"]["violations"] == []


def test_a_report_is_read_in_both_languages() -> None:
    told = run("rehearse", TRIAL, "--callees", "20")
    assert "明确拒绝 refusals for good" in told and "误解 misunderstood" in told


def test_a_script_with_an_error_is_not_rehearsed(tmp_path: Path) -> None:
    path = tmp_path / "script.yaml"
    path.write_text(
        Path(TRIAL).read_text(encoding="utf-8").replace("accept: school", "accept: skool"), encoding="utf-8"
    )
    with pytest.raises(InputError, match="skool"):
        run("rehearse", str(path))


def test_a_conversation_is_typed_and_shown() -> None:
    shown = run("talk", TRIAL, "--set", "person=王女士", typed="对,我是\n别再打了\n")
    assert "请问是王女士吗" in shown and "confirm → school" in shown
    assert shown.index("登记拒绝") < shown.index("我们不会再给您打电话了") < shown.index("挂断")


def test_silence_keys_words_over_ours_and_hanging_up() -> None:
    events = talk("\n/over 嗯\n/key 1\n/quit\n")
    kinds = [told["event"]["is"] for told in events]
    assert kinds == [
        "GreetingOver", "FinishedSaying", "SilenceElapsed", "VoiceSustained", "SentenceHeard",
        "FinishedSaying", "KeyPressed", "HungUp",
    ]  # fmt: skip
    assert events[4]["event"]["over_speech"] and events[4]["actions"] == [{"is": "Resume"}]
    assert events[-1]["outcome"] == "hung_up"


def test_a_conversation_that_ends_is_said_to_its_end_and_asks_for_no_more() -> None:
    events = talk("别再打了\n你好\n你好\n")
    assert [told["event"]["is"] for told in events][-2:] == ["SentenceHeard", "FinishedSaying"]
    assert events[-1]["actions"] == [{"is": "HangUp"}] and events[-1]["outcome"] == "refused"


def test_an_end_of_the_input_hangs_up_and_nothing_is_said_into_a_dead_line() -> None:
    last = talk("是我\n")[-1]
    assert last["event"]["is"] == "HungUp" and last["outcome"] == "hung_up" and last["actions"] == []
    assert last["after_call"]["grade"] == last["grade"] and "对方先挂断" in last["after_call"]["summary"]


def test_a_variable_the_script_does_not_have_is_named() -> None:
    with pytest.raises(InputError, match="person, course"):
        run("talk", TRIAL, "--set", "colour=red")
