"""Who answered: person, voicemail, phone assistant, IVR, fax or nobody: `weigh(state, evidence) -> (state, decision)`.

Pure: a sequential test. Evidence adds to the log-odds of a machine against a person
until a bound is crossed; what crosses it later in the other direction is said again.
Times are milliseconds since the answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from math import log

from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.dialogue.understand import understand_by_rule
from fairdial.core.hearing.phrases import phrases_by_sound, sounds_of


class Answerer(StrEnum):
    PERSON = "person"
    VOICEMAIL = "voicemail"
    ASSISTANT = "assistant"
    IVR = "ivr"
    FAX = "fax"
    SILENCE = "silence"


MACHINES = frozenset({Answerer.VOICEMAIL, Answerer.ASSISTANT, Answerer.IVR, Answerer.FAX})

BOUND = log(19)
"""Odds of 19 to 1 decide: one decision in twenty by timing alone may be wrong, and words take it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    """The first utterance stopped after `speech_ms`; it may go on."""

    at_ms: int
    speech_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StillSpeaking:
    """Somebody has been speaking for `speech_ms` without a pause."""

    at_ms: int
    speech_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsHeard:
    """What has been recognised of the first utterance so far, or of the whole of it."""

    at_ms: int
    text: str
    is_whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundHeard:
    """A tone by its name: `beep`, `fax_answer`, `fax_call`."""

    at_ms: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingHeard:
    """Nobody has made a sound since the answer."""

    at_ms: int


Evidence = Paused | StillSpeaking | WordsHeard | SoundHeard | NothingHeard


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """Log-odds of a machine, the machine it would be, what spoke for it, and what was said last."""

    odds: float = 0.0
    machine: Answerer = Answerer.ASSISTANT
    because: tuple[str, ...] = ()
    has_paused: bool = False
    longest_ms: int = 0
    decided: Answerer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Who answered, why, and when it was known."""

    answerer: Answerer
    because: tuple[str, ...]
    at_ms: int


_SHORT = ((700, -3.0), (1100, -2.0), (1700, -1.0))
"""Log-odds of a first utterance this short at its first pause: people say 喂, machines a sentence."""

_LONG = ((2000, 0.8), (2800, 0.8), (4000, 1.0))
"""Log-odds as a first utterance grows without a pause; never enough alone: people introduce themselves, too."""

_SAID = 8.0
"""Log-odds of what only a machine says."""

_PLAIN = -2.0
"""Log-odds of a greeting, a refusal, or a whole first utterance in which nothing is a machine's."""

_SILENCE_MS = 4000

_MACHINE_WORDS = (
    (Answerer.IVR, "请按|中文服务|人工服务|分机号|客服热线|欢迎致电|感谢致电|感谢来电|欢迎拨打|查询请"),
    (
        Answerer.VOICEMAIL,
        "滴声|哔声|嘟声|哔的一声|滴的一声|提示音|语音信箱|请留言|后留言|语音留言|留言系统|不在家有事|留下您的|留下姓名",
    ),
    (
        Answerer.ASSISTANT,
        "语音助理|智能助理|智能助手|智能语音|电话助理|电话秘书|通信助理|来电助理|自动接听|帮您转达|帮您记录|转告主人|替主人|"
        "机主现在|机主正在|机主正忙|机主不|机主暂时|机主的",
    ),
)
_MACHINE_SOUNDS = tuple((answerer, phrases_by_sound(words)) for answerer, words in _MACHINE_WORDS)


def machine_words(text: str) -> Answerer | None:
    """The machine that says this; None when a person may have said it."""
    ruled = understand_by_rule(text)
    if ruled is not None and ruled.meaning is Meaning.REFUSE_HARD:
        return None
    sounds = sounds_of(text)
    for answerer, pattern in _MACHINE_SOUNDS:
        if pattern.search(sounds):
            return answerer
    return Answerer.ASSISTANT if ruled is not None and ruled.meaning is Meaning.ASSISTANT else None


def weigh(state: Weighed, evidence: Evidence) -> tuple[Weighed, Decision | None]:
    """Take in one piece of evidence; a decision when a bound is crossed and it differs from the last."""
    match evidence:
        case SoundHeard(name="beep"):
            moved = _add(state, _SAID, "beep", machine=Answerer.VOICEMAIL)
        case SoundHeard(name="fax_answer" | "fax_call" as name):
            moved = _add(state, _SAID, name, machine=Answerer.FAX)
        case WordsHeard():
            moved = _by_words(state, evidence)
        case Paused(speech_ms=speech):
            moved = _by_pause(state, speech)
        case StillSpeaking(speech_ms=speech):
            moved = _by_length(state, speech)
        case NothingHeard(at_ms=at_ms) if at_ms >= _SILENCE_MS and not state.because:
            return _decided(replace(state, because=("silence",)), Answerer.SILENCE, at_ms)
        case _:
            moved = state
    if moved.odds >= BOUND:
        return _decided(moved, moved.machine, evidence.at_ms)
    if moved.odds <= -BOUND:
        return _decided(moved, Answerer.PERSON, evidence.at_ms)
    return moved, None


def _by_words(state: Weighed, words: WordsHeard) -> Weighed:
    if (machine := machine_words(words.text)) is not None:
        return _add(replace(state, odds=max(state.odds, 0.0)), _SAID, f"words {machine}", machine=machine)
    ruled = understand_by_rule(words.text)
    if ruled is not None and ruled.meaning in (Meaning.GREETING, Meaning.REFUSE_HARD, Meaning.ACCEPT):
        return _add(state, _PLAIN, f"words {ruled.meaning}")
    return _add(state, _PLAIN, "words no machine says") if words.is_whole and words.text else state


def _by_pause(state: Weighed, speech_ms: int) -> Weighed:
    if state.has_paused:
        return state
    weight = next((odds for most, odds in _SHORT if speech_ms <= most), 0.0)
    return _add(replace(state, has_paused=True), weight, f"first utterance {speech_ms} ms")


def _by_length(state: Weighed, speech_ms: int) -> Weighed:
    moved = replace(state, longest_ms=max(state.longest_ms, speech_ms))
    for least, odds in _LONG:
        if state.longest_ms < least <= speech_ms:
            moved = _add(moved, odds, f"{least} ms without a pause")
    return moved


def _add(state: Weighed, odds: float, why: str, *, machine: Answerer | None = None) -> Weighed:
    return replace(state, odds=state.odds + odds, because=(*state.because, why), machine=machine or state.machine)


def _decided(state: Weighed, answerer: Answerer, at_ms: int) -> tuple[Weighed, Decision | None]:
    if state.decided is answerer:
        return state, None
    return replace(state, decided=answerer), Decision(answerer=answerer, because=state.because, at_ms=at_ms)
