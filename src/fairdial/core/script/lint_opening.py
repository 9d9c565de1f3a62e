"""What everybody hears first: who calls, that the voice is artificial, why, and how to refuse. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.policy.case import Says
from fairdial.core.script.finding import Finding
from fairdial.core.script.model import Go, Script, Step

ARTIFICIAL = ("人工智能", "合成")
"""Words the opening carries (标识办法, GB 45438-2025: an AI word and a synthesis word)."""

WAYS_OUT = ("不要再打", "别再打", "不想再接到")


def lint_opening(script: Script) -> Iterator[Finding]:
    """Who and what speaks is told by the first words; why, and how to refuse, before anything is offered."""
    for first in dict.fromkeys(step.line for step in script.may_enter(script.start) if step.line):
        yield from _lint_first_words(script, first)
    for says, rule, zh, en in _TOLD:
        line = script.tells.get(says)
        if line is None:
            yield Finding(
                rule=rule,
                path=("tells",),
                zh=f"没有说明{zh}(tells.{says})",
                en=f"does not say {en} (tells.{says})",
                fix_zh=f"写上 tells: {{{says}: 句名}}",
                fix_en=f"write `tells: {{{says}: LINE}}`",
            )
        elif not all(_is_told(script, step, line) for step in script.may_enter(script.start)):
            yield Finding(
                rule="not-in-opening",
                path=("tells", says.value),
                zh=f"{line} 说明{zh},但不在开场白里",
                en=f"{line} says {en}, and is not said in the opening",
                fix_zh="放在第一步,或者对方答“是”之后的那一步",
                fix_en="say it at the first step, or at the one that follows a yes",
            )
        elif says is Says.WAY_TO_REFUSE and not all(any(way in t for way in WAYS_OUT) for t in script.lines[line]):
            yield _opening(rule, line, "没有说明怎样拒绝", "does not say how to refuse", "随时说不要再打就可以")


def _lint_first_words(script: Script, first: str) -> Iterator[Finding]:
    texts = script.lines[first]
    if not all(script.company in text for text in texts):
        yield _opening("missing-caller", first, "没有说明是谁来电", "does not say who calls", script.company)
    for word in ARTIFICIAL:
        if not all(word in text for text in texts):
            zh, en = f"没有说“{word}”(声音由人工智能合成)", f"does not say {word} (that the voice is artificial)"
            yield _opening("missing-artificial-voice", first, zh, en, word)
            break


_TOLD = (
    (Says.CALLER, "missing-caller", "是谁来电", "who calls"),
    (Says.ARTIFICIAL_VOICE, "missing-artificial-voice", "声音由人工智能合成", "that the voice is artificial"),
    (Says.PURPOSE, "missing-purpose", "为什么来电", "why it calls"),
    (Says.WAY_TO_REFUSE, "missing-way-to-refuse", "怎样拒绝", "how to refuse"),
)


def _opening(rule: str, line: str, zh: str, en: str, words: str) -> Finding:
    return Finding(rule=rule, path=("lines", line), zh=zh, en=en, fix_zh=f"说出“{words}”", fix_en=f"say {words}")


def _is_told(script: Script, first: Step, line: str) -> bool:
    """Whether everybody who stays hears a line: among the first words, or after a yes or the first thing asked."""
    after = script.answer_to(first, Meaning.ACCEPT)
    followers = [after.step] if isinstance(after, Go) else []
    followers += [first.slot.then] if first.slot else []
    return first.line == line or any(all(step.line == line for step in script.may_enter(to)) for to in followers)
