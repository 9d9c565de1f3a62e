"""Who answers the practice phone, and what they do next.

Pure: `advance(persona, state, event) -> (state, actions)`. Time is passed in as
whole milliseconds since the answer; no clock, no I/O, no randomness. A call
that is over stays over: `Gone` answers every event with nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from fairdial.core.script.clip import Wording
from fairdial.errors import CoreMisuse


class Behaviour(StrEnum):
    """What the phone does with an INVITE once it has rung."""

    ANSWER = "answer"
    NO_ANSWER = "no_answer"
    REJECT = "reject"
    EARLY_MEDIA = "early_media"
    IGNORE = "ignore"
    MALFORMED_SDP = "malformed_sdp"


class When(StrEnum):
    """What a turn waits for; see `_holds`."""

    ANSWERED = "answered"
    SYSTEM_FINISHED = "system_finished"
    SYSTEM_SPEAKING = "system_speaking"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Speak; the hands answer with `SpeechEnded` when it is out."""

    wording: Wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Beep:
    """Sound a tone as an answering machine does; ends with `SpeechEnded` too."""

    hz: int
    ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """Press a key of the telephone: 0-9, * or #."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp:
    """Send BYE."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRtp:
    """Fall silent on the network: no RTP any more, no BYE."""


Action = Say | Beep | Press | HangUp | StopRtp


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One thing a persona does: wait for `when`, then `after_ms`, then act.

    Attributes:
        for_ms: How long the system must have been speaking (`system_speaking`) or silent (`silence`).
    """

    when: When
    act: Action
    after_ms: int = 0
    for_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """A simulated person or machine at the end of a number.

    Attributes:
        ring_ms: How long 180 rings before the behaviour; 0 sends no 180.
        status: Final SIP status of `reject`, `early_media` and `no_answer`.
        early: Announcement before the final status, played `early_times` times.
        quiet_ms: Pause after which the system counts as finished.
        patience_ms: Hangs up when this has passed since its own last turn.
    """

    name: str
    behaviour: Behaviour
    ring_ms: int = 0
    status: int = 480
    early: Wording | None = None
    early_times: int = 2
    turns: tuple[Turn, ...] = ()
    quiet_ms: int = 700
    patience_ms: int = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameHeard:
    """20 ms have passed; `is_speech` says whether the system was loud enough in them."""

    at_ms: int
    is_speech: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechEnded:
    """The last frame of what the persona said has been sent."""

    at_ms: int


Event = FrameHeard | SpeechEnded


@dataclass(frozen=True, slots=True, kw_only=True)
class Ear:
    """What has been heard: start of the system's current utterance, last speech; None before any."""

    utterance_from_ms: int | None = None
    last_speech_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Waits to take turn `turn`; `since_ms` is the end of the previous one, or the answer."""

    turn: int = 0
    since_ms: int = 0
    due_ms: int | None = None
    ear: Ear = Ear()


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaking:
    """Takes turn `turn`; listens meanwhile, because people do."""

    turn: int
    ear: Ear


@dataclass(frozen=True, slots=True)
class Gone:
    """Has hung up."""


State = Waiting | Speaking | Gone


def advance(persona: Persona, state: State, event: Event) -> tuple[State, tuple[Action, ...]]:
    """Decide what the persona does about one event; events come in order of time.

    Raises:
        CoreMisuse: `SpeechEnded` came although nothing was being said.
    """
    match state:
        case Gone():
            return state, ()
        case Speaking():
            match event:
                case FrameHeard():
                    return replace(state, ear=_listen(state.ear, event, quiet_ms=persona.quiet_ms)), ()
                case SpeechEnded():
                    return Waiting(turn=state.turn + 1, since_ms=event.at_ms, ear=state.ear), ()
                case _:
                    assert_never(event)
        case Waiting():
            if not isinstance(event, FrameHeard):
                raise CoreMisuse(f"persona {persona.name}: speech ended that had not begun")
            ear = _listen(state.ear, event, quiet_ms=persona.quiet_ms)
            return _wait(persona, replace(state, ear=ear), event.at_ms)
        case _:
            assert_never(state)


def _listen(ear: Ear, frame: FrameHeard, *, quiet_ms: int) -> Ear:
    if not frame.is_speech:
        return ear
    is_new = ear.last_speech_ms is None or frame.at_ms - ear.last_speech_ms >= quiet_ms
    return Ear(
        utterance_from_ms=frame.at_ms if is_new else ear.utterance_from_ms,
        last_speech_ms=frame.at_ms,
    )


def _wait(persona: Persona, state: Waiting, now_ms: int) -> tuple[State, tuple[Action, ...]]:
    """Take the turn when its condition has held for its delay.

    A turn that waits for quiet starts waiting anew when the system goes on speaking.
    """
    if now_ms - state.since_ms >= persona.patience_ms:
        return Gone(), (HangUp(),)
    if state.turn >= len(persona.turns):
        return state, ()
    turn = persona.turns[state.turn]
    holds = _holds(turn, state, now_ms, quiet_ms=persona.quiet_ms)
    if turn.when in (When.SYSTEM_FINISHED, When.SILENCE) and not holds:
        return replace(state, due_ms=None), ()
    due_ms = state.due_ms
    if due_ms is None and holds:
        due_ms = now_ms + turn.after_ms
    if due_ms is None or now_ms < due_ms:
        return replace(state, due_ms=due_ms), ()
    return _act(turn, state, now_ms, turns=len(persona.turns)), (turn.act,)


def _holds(turn: Turn, state: Waiting, now_ms: int, *, quiet_ms: int) -> bool:
    began, last = state.ear.utterance_from_ms, state.ear.last_speech_ms
    match turn.when:
        case When.ANSWERED:
            return True
        case When.SYSTEM_FINISHED:
            return last is not None and last > state.since_ms and now_ms - last >= quiet_ms
        case When.SYSTEM_SPEAKING:
            if began is None or last is None or now_ms - last >= quiet_ms:
                return False
            return now_ms - began >= turn.for_ms
        case When.SILENCE:
            return now_ms - max(last or 0, state.since_ms) >= turn.for_ms
        case _:
            assert_never(turn.when)


def _act(turn: Turn, state: Waiting, now_ms: int, *, turns: int) -> State:
    match turn.act:
        case Say() | Beep():
            return Speaking(turn=state.turn, ear=state.ear)
        case Press():
            return Waiting(turn=state.turn + 1, since_ms=now_ms, ear=state.ear)
        case StopRtp():
            return Waiting(turn=turns, since_ms=now_ms, ear=state.ear)
        case HangUp():
            return Gone()
        case _:
            assert_never(turn.act)


def wordings(personas: Iterable[Persona]) -> list[Wording]:
    """Every clip these personas need, each once, in the order of the file."""
    found: dict[Wording, None] = {}
    for persona in personas:
        if persona.early is not None:
            found[persona.early] = None
        for turn in persona.turns:
            if isinstance(turn.act, Say):
                found[turn.act.wording] = None
    return list(found)
