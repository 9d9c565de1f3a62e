"""Who answered, as timelines of evidence."""

from __future__ import annotations

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.hearing.answerer import (
    Decision,
    Evidence,
    NothingHeard,
    Paused,
    SoundHeard,
    StillSpeaking,
    Weighed,
    WordsHeard,
    machine_words,
    weigh,
)


def decisions(*evidence: Evidence) -> list[tuple[str, int]]:
    found: list[Decision] = []

    def step(state: Weighed, one: Evidence) -> Weighed:
        moved, decision = weigh(state, one)
        found.extend([decision] if decision else [])
        return moved

    reduce(step, evidence, Weighed())
    return [(d.answerer.value, d.at_ms) for d in found]


def test_a_short_word_and_a_pause_are_a_person_without_recognition() -> None:
    assert decisions(Paused(at_ms=900, speech_ms=320)) == [("person", 900)]


def test_a_sentence_alone_decides_nothing_its_words_do() -> None:
    long = [StillSpeaking(at_ms=500 + ms, speech_ms=ms) for ms in range(128, 6000, 128)]
    assert decisions(*long) == []
    assert decisions(*long[:10], WordsHeard(at_ms=1900, text="您好我是机主的智能助")) == [("assistant", 1900)]
    assert decisions(*long[:10], WordsHeard(at_ms=1900, text="您好我是王建国")) == []


def test_an_assistant_that_greets_and_pauses_is_heard_as_one_afterwards() -> None:
    assert decisions(
        Paused(at_ms=800, speech_ms=400), WordsHeard(at_ms=2600, text="您好,我是机主的语音助理,请问有什么事")
    ) == [("person", 800), ("assistant", 2600)]


def test_a_beep_is_a_mailbox_a_fax_tone_a_fax_and_nothing_is_silence() -> None:
    assert decisions(StillSpeaking(at_ms=3000, speech_ms=2900), SoundHeard(at_ms=4100, name="beep")) == [
        ("voicemail", 4100)
    ]
    assert decisions(SoundHeard(at_ms=1300, name="fax_answer")) == [("fax", 1300)]
    assert decisions(NothingHeard(at_ms=2000), NothingHeard(at_ms=4000), NothingHeard(at_ms=4020)) == [
        ("silence", 4000)
    ]


@pytest.mark.parametrize(
    ("text", "machine"),
    [
        ("欢迎致电阳光物业,中文服务请按一", "ivr"),
        ("我现在不方便接听电话,请在滴声后留言", "voicemail"),
        ("您好我是机主的智能语音助理", "assistant"),
        ("您好我是机主的只能语音助理", "assistant"),
        ("我不是机主,你打错了", None),
        ("喂,哪位", None),
        ("别再打了", None),
        ("", None),
    ],
)
def test_machines_are_known_by_what_only_they_say(text: str, machine: str | None) -> None:
    assert machine_words(text) == machine


@given(st.lists(st.integers(100, 600), max_size=6))
def test_people_who_say_short_things_are_never_a_machine(lengths: list[int]) -> None:
    said = decisions(*(Paused(at_ms=1000 * (n + 1), speech_ms=ms) for n, ms in enumerate(lengths)))
    assert {who for who, _ in said} <= {"person"}
