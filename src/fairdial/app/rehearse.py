"""A rehearsal in text and a conversation in writing, as a command or the API asks for them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from fairdial.app.scripts import typical_values
from fairdial.core.dialogue.actions import RecordRefusal, Say
from fairdial.core.dialogue.events import HungUp, KeyPressed, SentenceHeard, SilenceElapsed
from fairdial.core.dialogue.retrace import Moment
from fairdial.core.dialogue.state import Ended, Facts
from fairdial.core.script.model import Script
from fairdial.errors import InputError
from fairdial.rehearsal.rehearsed_call import RehearsedCall
from fairdial.rehearsal.report.report import Report, report
from fairdial.rehearsal.text.call import Stage
from fairdial.rehearsal.text.people_file import load_people
from fairdial.rehearsal.text.typed import TypedConversation, no_command, step_of
from fairdial.voice.meanings import LabelSet, Meanings, embedding, load_classifier

AT = datetime(2026, 3, 3, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
"""Every rehearsed call is made at ten on this Tuesday, so that a seed means the same on any day."""

LONGEST_S = 120.0
"""A rehearsal that somebody waits for in a browser ends after this."""


def meanings_of(script: Script, *, e5: bool = False) -> Meanings:
    """The understanding a script is practised with."""
    return Meanings(load_classifier(LabelSet.UNIVERSAL), embed=embedding() if e5 else None, examples=script.understand)


def stage_of(script: Script, *, cer: float, people: Path | None = None, e5: bool = False) -> Stage:
    """Where a script is rehearsed in text.

    Args:
        people: People of one's own, beside those of the package.

    Raises:
        InputError: Their file is wrong.
    """
    understand = lru_cache(maxsize=1 << 16)(meanings_of(script, e5=e5).of)
    return Stage(script, load_people(people), understand, cer=cer, now=AT)


def rehearse(script: Script, *, callees: int, seed: int, cer: float) -> Report:
    """Let people of the package answer, with typical values.

    Raises:
        InputError: It takes longer than `LONGEST_S`.
    """
    ends_at, calls = time.monotonic() + LONGEST_S, list[RehearsedCall]()
    for call in stage_of(script, cer=cer).calls([typical_values(script)], callees=callees, seed=seed):
        calls.append(call)
        if time.monotonic() > ends_at:
            raise InputError(
                f"{len(calls)} of {callees} calls took {LONGEST_S:.0f} s; rehearse with fewer people 时间过长,请减少人数"
            )
    return report(script, calls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing said; `meaning` and `confidence` are of what the person said, `step` is where it was said."""

    is_ours: bool
    words: str
    step: str | None
    meaning: str | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Talked:
    """A conversation so far; `refusal` is the kind that was recorded."""

    lines: tuple[Line, ...]
    step: str | None
    is_over: bool
    outcome: str | None
    grade: str | None
    refusal: str | None


def talk(script: Script, *, values: Mapping[str, str], heard: Sequence[str]) -> Talked:
    """Go through a conversation again with everything that was said so far.

    Args:
        values: Variables by name; typical ones for those left out.
        heard: As `TypedConversation.answer` takes it; what follows the end is left out.

    Raises:
        InputError: A variable is not the script's, or something is no command.
    """
    if unknown := sorted(values.keys() - script.variables.keys()):
        known = ", ".join(script.variables) or "无 none"
        raise InputError(f"{unknown[0]}: 没有这个变量 no such variable; 变量 variables: {known}")
    if wrong := next((found for one in heard if (found := no_command(one)) is not None), None):
        raise InputError(wrong)
    lines: list[Line] = []
    refusals: list[str] = []

    def tell(moment: Moment) -> None:
        lines.extend(_lines(conversation, moment))
        refusals.extend(action.kind for action in moment.actions if isinstance(action, RecordRefusal))

    facts = Facts(values={**typical_values(script), **values}, key="talk")
    conversation = TypedConversation(script, facts, meanings_of(script).of, tell=tell)
    conversation.begin()
    for typed in heard:
        if conversation.is_over:
            break
        conversation.answer(typed.strip())
    state = conversation.state
    return Talked(
        lines=tuple(lines),
        step=step_of(state) or None,
        is_over=conversation.is_over or isinstance(state, Ended),
        outcome=state.outcome if isinstance(state, Ended) else None,
        grade=state.grade if isinstance(state, Ended) else None,
        refusal=refusals[-1] if refusals else None,
    )


def _lines(conversation: TypedConversation, moment: Moment) -> list[Line]:
    before, after = step_of(moment.before) or None, step_of(moment.after) or None
    lines: list[Line] = []
    match moment.event:
        case SentenceHeard(text=words, understood=found):
            lines.append(
                Line(
                    is_ours=False,
                    words=words,
                    step=before,
                    meaning=found.meaning,
                    confidence=round(found.confidence, 3),
                )
            )
        case KeyPressed(key=key):
            lines.append(Line(is_ours=False, words=f"/key {key}", step=before))
        case SilenceElapsed():
            lines.append(Line(is_ours=False, words="", step=before))
        case HungUp():
            lines.append(Line(is_ours=False, words="/quit", step=before))
    said = (conversation.words(action) for action in moment.actions if isinstance(action, Say))
    return [*lines, *(Line(is_ours=True, words=words, step=after) for words in said)]
