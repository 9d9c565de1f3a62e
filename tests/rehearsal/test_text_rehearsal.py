"""People who answer in text: the same seed is the same rehearsal, and they say what they mean."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.dialogue.actions import RecordRefusal
from fairdial.core.dialogue.events import KeyPressed
from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.dialogue.retrace import retrace
from fairdial.core.dialogue.state import Ended
from fairdial.errors import InputError
from fairdial.rehearsal.noise import Noise
from fairdial.rehearsal.text.people_file import load_people
from tests.rehearsal.rehearsed import NAMES, rehearse, script

NOISE = Noise(near=True)
SAID = "我现在不方便说话你明天下午再打给我吧"


@given(st.floats(min_value=0.0, max_value=1.0), st.integers())
def test_law_recognition_errs_at_the_rate_asked_for(rate: float, seed: int) -> None:
    text = SAID * 60
    wrong, most = (_differing(text, NOISE.on(text, at, Random(seed))) for at in (rate, 1.0))
    assert abs(wrong - rate * most) < 0.08, "five standard deviations; a character that sounds like no other stays"


def _differing(text: str, heard: str) -> float:
    return sum(one != other for one, other in zip(text, heard, strict=True)) / len(text)


@given(st.text(max_size=40), st.integers())
def test_law_without_errors_everything_is_heard_as_said(text: str, seed: int) -> None:
    assert NOISE.on(text, 0.0, Random(seed)) == text


@pytest.mark.parametrize("name", NAMES)
def test_same_seed_is_the_same_rehearsal_and_another_seed_another(name: str) -> None:
    calls = rehearse(name, callees=60, cer=0.2)
    assert calls == rehearse(name, callees=60, cer=0.2)
    assert calls[:20] == rehearse(name, callees=20, cer=0.2), "more people change nothing for the first ones"
    assert calls != rehearse(name, callees=60, cer=0.2, seed=8)


@pytest.mark.parametrize("name", NAMES)
def test_every_call_ends_and_can_be_gone_through_again(name: str) -> None:
    for call in rehearse(name, callees=150, cer=0.1):
        assert isinstance(call.moments[-1].after, Ended)
        events = [moment.event for moment in call.moments]
        assert tuple(retrace(script(name), call.facts, events)) == call.moments


@pytest.mark.parametrize("name", NAMES)
def test_whoever_refuses_for_good_is_recorded_when_every_character_is_heard(name: str) -> None:
    refusing = [
        call
        for call in rehearse(name, callees=400)
        if any(meant.meaning is Meaning.REFUSE_HARD for meant in call.intended.values())
    ]
    assert len(refusing) > 40
    for call in refusing:
        assert any(isinstance(action, RecordRefusal) for moment in call.moments for action in moment.actions), (
            call.person
        )


def test_some_refuse_by_the_key_a_script_offers_for_it() -> None:
    by_key = replace(script("course-trial"), keys={"9": Meaning.REFUSE_HARD})
    calls = rehearse(by_key, callees=300)
    pressed = [call for call in calls if any(isinstance(m.event, KeyPressed) for m in call.moments)]
    assert pressed and all(any(isinstance(a, RecordRefusal) for m in c.moments for a in m.actions) for c in pressed)


def test_people_of_every_kind_answer_and_meet_every_kind_of_ending() -> None:
    calls = rehearse("course-trial", callees=800)
    assert {call.person for call in calls} == {person.name for person in load_people().people}
    ends = Counter(call.moments[-1].after.outcome for call in calls if isinstance(call.moments[-1].after, Ended))
    assert {"refused", "booked", "call_later", "third_party", "machine", "vulnerable", "wrong_number"} <= ends.keys()


def test_a_shipped_person_who_refuses_softly_is_no_hard_refuser() -> None:
    for call in rehearse("insurance-renewal", callees=300):
        if call.person == "polite_no":
            assert Meaning.REFUSE_HARD not in {meant.meaning for meant in call.intended.values()}


def write(folder: Path, text: str) -> Path:
    path = folder / "people.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_people_of_ones_own_stand_beside_the_shipped_or_alone(tmp_path: Path) -> None:
    own = (
        "people: {neighbour: {zh: 邻居, goal: refuse_hard, speaks: hill}}\nways: {hill: {refuse_hard: [你莫再打来了]}}"
    )
    beside = load_people(write(tmp_path, own))
    assert len(beside.people) == len(load_people().people) + 1
    calls = rehearse("insurance-renewal", callees=5, people=write(tmp_path, f"only: true\n{own}"))
    assert {call.person for call in calls} == {"neighbour"}
    assert any("莫再打" in meant.said for call in calls for meant in call.intended.values())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("people: {a: {zh: 甲, goal: accept, hums: 2}}", "people.yaml:1:41: .*write 1.0 or less"),
        ("people: {a: {zh: 甲, goal: dance}}", "people.yaml:1:27: .*known are accept"),
        ("people: {a: {zh: 甲, goal: accept, hmus: 1}}", "people.yaml:1:35: .*did you mean hums"),
        ("people: {a: {zh: 甲, goal: accept, speaks: sichaun}}", "people.yaml:1:43: .*did you mean sichuan"),
        ("ways: {mandarin: {acept: [啦]}}", "people.yaml:1:19: .*did you mean accept"),
        ("only: true", "nobody is left"),
        ("people: [", "YAML"),
        ("people: &a {b: *a}", "people.yaml:1"),
    ],
)
def test_a_wrong_people_file_is_told_where_and_what_to_write(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        load_people(write(tmp_path, text))
