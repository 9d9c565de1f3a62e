"""What everybody hears first: who calls, that the voice is artificial, why, and how to refuse. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.policy.case import Says
from fairdial.core.script.finding import Finding
from fairdial.core.script.lint_names import answers_written
from fairdial.core.script.lint_way_out import tells_way_out
from fairdial.core.script.model import Go, Script, Step
from fairdial.core.script.texts import line_texts
from fairdial.core.script.words import heard

ARTIFICIAL = ("人工智能", "合成")
"""Words the opening carries (标识办法, GB 45438-2025: an AI word and a synthesis word)."""

_DENIES = re.compile(
    "(?:(?<!是)不是|并非|绝非|不属于)[^,。!?;、]{0,6}(?:人工智能|机器|合成|语音助手|ai)(?!课|专业|行业|公司)"
    "|(?:没有?|未|不)(?:使?用|采用|由|经)[^,。!?;、]{0,4}(?:人工智能|合成|机器)|非(?:人工智能|机器|合成)"
    "|(?<!不)是(?:一?[个名位])?(?:真人|活人|大活人|真的人|活生生|人工(?:客服|坐席|服务))",
    re.IGNORECASE,
)
"""Words by which a voice passes for a person's; 不是真人 is none of them."""

_ADMITS = re.compile("人工智能|机器人|语音助手|合成|AI", re.IGNORECASE)


def lint_opening(script: Script) -> Iterator[Finding]:
    """Who and what speaks is told by the first words; why, and how to refuse, before anything is offered."""
    yield from _lint_honesty(script)
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
        elif says is Says.WAY_TO_REFUSE and not all(tells_way_out(script, text) for text in script.lines[line]):
            yield _opening(rule, line, "没有说明怎样拒绝", "does not say how to refuse", "随时说不要再打就可以")


def denies_artificial(text: str) -> str | None:
    """The words by which a text says that a person speaks, or no machine."""
    found = _DENIES.search(heard(text))
    return found[0] if found else None


def _lint_honesty(script: Script) -> Iterator[Finding]:
    """Nothing denies that the voice is artificial, and whoever asks is told."""
    for path, text in line_texts(script):
        if (denial := denies_artificial(text)) is not None:
            yield Finding(
                rule="denies-artificial-voice",
                path=path,
                zh=f"“{denial}”:不能否认是人工智能",
                en=f"says {denial}: what speaks must not deny being artificial",
                fix_zh="说“我是人工智能语音助手,不是真人”",
                fix_en="say that it is artificial and no person",
            )
    for path, answer in answers_written(script):
        if path[-1] == Meaning.ASK_ROBOT.value:
            lines = [step.line for step in script.may_enter(answer.step)] if isinstance(answer, Go) else [answer.line]
            texts = [text for line in lines for text in script.lines.get(line or "", ("",))]
            if not all(_ADMITS.search(text) for text in texts):
                yield Finding(
                    rule="evades-robot-question",
                    path=path,
                    zh="问是不是机器人,没有照实回答",
                    en="does not say yes to whoever asks if it is a robot",
                    fix_zh="回答里说“我是人工智能语音助手”",
                    fix_en="say 人工智能 in the answer",
                )


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
