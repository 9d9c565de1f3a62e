"""How many text conversations a core conducts a second, and whether rehearsed calls replay to the same actions.

A conversation is a whole one: a simulated person answers, a tenth of their characters are misheard, rules and classifier
(without e5) understand, the conversation decides. The three example scripts share the people; one process, one thread,
counted in seconds of that core, so that a neighbour's work does not count. Two figures: every sentence understood
anew, and equal sentences of a rehearsal understood once, as `fairdial rehearse` does. The same for a rehearsal in which
everything is heard, and for the conversation alone, fed with sentences already understood. Replay writes the log of
every call as JSON, reads it back and feeds it again. People and errors are synthetic.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

from bench.harness import RUNS, goal, median, report
from fairdial.app.rehearse import AT
from fairdial.core.dialogue.conversation import advance
from fairdial.core.dialogue.log import Entry, Log, read_log, replay, written_log
from fairdial.core.dialogue.meaning import Understood
from fairdial.core.dialogue.state import State, Waiting
from fairdial.core.script.model import Script
from fairdial.rehearsal.rehearsed_call import RehearsedCall
from fairdial.rehearsal.text.call import Stage
from fairdial.rehearsal.text.people_file import load_people
from fairdial.script_file import read_script_file
from fairdial.voice.meanings import LabelSet, Meanings, load_classifier

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*/script.yaml"))
SCRIPTS = [read_script_file(path)[1] for path in EXAMPLES]
VALUES = {"person": "王女士", "course": "数学思维课", "product": "车险", "expiry": "十二月十五日", "premium": "两千元"}
CALLS = 500
"""Conversations of one script in one run."""
REPLAYED = 10_000
PEOPLE = load_people()
MEANINGS = Meanings(load_classifier(LabelSet.UNIVERSAL), embed=None)

Understand = Callable[[str], Understood]


def calls(
    script: Script, understand: Understand, *, callees: int, seed: int, cer: float = 0.1
) -> Iterator[RehearsedCall]:
    return Stage(script, PEOPLE, understand, cer=cer, now=AT).calls([VALUES], callees=callees, seed=seed)


def each_second(conduct: Callable[[int], int]) -> float:
    """Conversations a second of this core: median of RUNS after a warm-up, each with a seed of its own."""
    conduct(0)
    rates = []
    for run in range(1, RUNS + 1):
        began = time.process_time()
        count = conduct(run)
        rates.append(count / (time.process_time() - began))
    return median(rates)


def whole(*, once: bool, cer: float) -> float:
    def conduct(seed: int) -> int:
        understand = lru_cache(maxsize=1 << 16)(MEANINGS.of) if once else MEANINGS.of
        return sum(1 for script in SCRIPTS for _ in calls(script, understand, callees=CALLS, seed=seed, cer=cer))

    return each_second(conduct)


def conversation_alone() -> float:
    rehearsed = [(script, list(calls(script, MEANINGS.of, callees=CALLS, seed=1))) for script in SCRIPTS]

    def conduct(_: int) -> int:
        for script, some in rehearsed:
            for call in some:
                state: State = Waiting(facts=call.facts)
                for moment in call.moments:
                    state, _actions = advance(script, state, moment.event)
        return sum(len(some) for _, some in rehearsed)

    return each_second(conduct)


def replayed_alike() -> int:
    """Calls whose log, written as JSON and read back, gives every action again."""
    share = -(-REPLAYED // len(SCRIPTS))
    understand = lru_cache(maxsize=1 << 16)(MEANINGS.of)
    rehearsed = [(s, call) for s in SCRIPTS for call in calls(s, understand, callees=share, seed=7, cer=0.2)][:REPLAYED]
    return sum(_is_alike(script, call) for script, call in rehearsed)


def _is_alike(script: Script, call: RehearsedCall) -> bool:
    log = Log(script=script.hash, facts=call.facts, entries=_entries(call))
    read = read_log(json.loads(json.dumps(written_log(log), ensure_ascii=False)))
    return read == log and replay(script, read) is None


def _entries(call: RehearsedCall) -> tuple[Entry, ...]:
    return tuple(Entry(at_ms=at, event=m.event, actions=m.actions) for at, m in enumerate(call.moments))


def main() -> None:
    anew, once = whole(once=False, cer=0.1), whole(once=True, cer=0.1)
    clean_anew, clean_once = whole(once=False, cer=0.0), whole(once=True, cer=0.0)
    alone = conversation_alone()
    alike = replayed_alike()
    some = [call for script in SCRIPTS for call in calls(script, MEANINGS.of, callees=CALLS, seed=1)]
    report(
        "dialogue",
        ours={
            "conversations a second, every sentence understood anew": round(anew),
            "the same, equal sentences understood once": round(once),
            "nothing misheard, every sentence understood anew": round(clean_anew),
            "nothing misheard, equal sentences understood once": round(clean_once),
            "the conversation alone": round(alone),
            "sentences a conversation": round(sum(len(call.intended) for call in some) / len(some), 2),
        },
        peers={},
        goals=[
            goal("conversations a second on one core, every sentence understood anew", 2000, anew),
            goal(f"of {REPLAYED} rehearsed calls, replayed with identical actions", REPLAYED, alike),
        ],
    )


if __name__ == "__main__":
    main()
