"""What a rehearsal shows: a pure function of its calls, whoever played the people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from fairdial.core.dialogue.actions import Say
from fairdial.core.dialogue.after_call import after_call
from fairdial.core.dialogue.events import KeyPressed, SentenceHeard, SilenceElapsed
from fairdial.core.dialogue.state import Ended, Talking
from fairdial.core.script.length import seconds
from fairdial.core.script.model import Script
from fairdial.rehearsal.rehearsed_call import RehearsedCall
from fairdial.rehearsal.report.coverage import Coverage, coverage
from fairdial.rehearsal.report.misunderstandings import Misunderstandings, misunderstandings
from fairdial.rehearsal.report.refusals import Refusals, refusals
from fairdial.rehearsal.report.spread import Spread, spread

MOST_EXAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadEnd:
    """A step at which people got stuck: nothing was understood, or nothing heard, until the ladder ended the call."""

    step: str
    ladder: str
    count: int
    last_heard: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything a rehearsal shows.

    Attributes:
        turns: Sentences and keys of the person, a call.
        seconds: Our speech a call, as long as its lines are (`core.script.length`); an interrupted line counts whole.
        unfinished: Calls whose conversation never ended.
    """

    script: str
    hash: str
    calls: int
    people: Mapping[str, int]
    outcomes: Mapping[str, int]
    grades: Mapping[str, int]
    unfinished: int
    turns: Spread
    seconds: Spread
    coverage: Coverage
    refusals: Refusals
    understanding: Misunderstandings
    dead_ends: tuple[DeadEnd, ...]


def report(script: Script, calls: Sequence[RehearsedCall]) -> Report:
    """Tell what happened; the same calls give the same report."""

    @cache
    def length(text: str) -> float:
        return seconds(script, text)

    def speech(call: RehearsedCall, said: Say) -> float:
        return sum(length(script.wording(line, key=call.facts.key)) for line in said.lines)

    ends = [end for call in calls if isinstance(end := call.moments[-1].after, Ended)]
    return Report(
        script=script.name,
        hash=script.hash,
        calls=len(calls),
        people=_counted(call.person for call in calls),
        outcomes=_counted(end.outcome for end in ends),
        grades=dict(sorted(Counter(after_call(script, call.moments).grade for call in calls).items())),
        unfinished=len(calls) - len(ends),
        turns=spread(sum(isinstance(m.event, SentenceHeard | KeyPressed) for m in call.moments) for call in calls),
        seconds=spread(
            sum(speech(call, action) for m in call.moments for action in m.actions if isinstance(action, Say))
            for call in calls
        ),
        coverage=coverage(script, calls),
        refusals=refusals(script, calls, speech),
        understanding=misunderstandings(script, calls),
        dead_ends=_dead_ends(script, calls),
    )


def _counted(names: Iterable[str]) -> dict[str, int]:
    """The most frequent first."""
    return dict(sorted(Counter(names).items(), key=lambda pair: (-pair[1], pair[0])))


def _dead_ends(script: Script, calls: Iterable[RehearsedCall]) -> tuple[DeadEnd, ...]:
    found: dict[tuple[str, str], list[str]] = {}
    for call in calls:
        for place, words in _stuck(script, call):
            found.setdefault(place, []).append(words)
    ordered = sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return tuple(
        DeadEnd(step=step, ladder=ladder, count=len(words), last_heard=tuple(dict.fromkeys(words))[:MOST_EXAMPLES])
        for (step, ladder), words in ordered
    )


def _stuck(script: Script, call: RehearsedCall) -> Iterator[tuple[tuple[str, str], str]]:
    """The step and ladder by which a call ended, and the last words heard at it."""
    for moment in call.moments:
        before, after, event = moment.before, moment.after, moment.event
        if not isinstance(before, Talking) or not isinstance(after, Ended):
            continue
        if isinstance(event, SilenceElapsed) and after.step == script.silence.then:
            yield (before.step, "silence"), ""
        elif (
            isinstance(event, SentenceHeard)
            and after.step == script.unclear.then
            and before.unclear >= script.unclear.times
        ):
            yield (before.step, "unclear"), event.text
