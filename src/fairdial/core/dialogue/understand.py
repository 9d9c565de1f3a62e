"""What was meant: refusals and machines by rule, everything else by nearest example.

Pure: gets the sentence, the nearest examples somebody else looked up, and where
in the script it was said. The refusal detector comes first and needs no model.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fairdial.core.dialogue.meaning import Meaning, Understood
from fairdial.core.dialogue.refusal import hard_refusal, normalise

_BACKCHANNEL = re.compile("[嗯哦噢喔啊呃额唔诶哎唉恩欸呀]{1,4}")
_GREETING = re.compile("(?:喂|诶|哎|唉|欸)*(?:你好|您好|哈喽|喂)(?:啊|呀)?")
_MACHINE = re.compile(
    "留言|提示音|滴声|嘀声|语音信箱|(?:智能)?(?:语音|电话)?(?:助理|秘书)|机主|转告|转达|帮您记录"
    "|您?(?:所)?(?:拨打|呼叫)的?(?:用户|号码|电话)|暂时无法接"
)
_CONFIRMS = re.compile("[^不]{0,3}(?:是我|我是|我就是|是本人|就是本人)(?:啊|呀|的|呢|本人)?")
_ASKS_ABOUT_US = re.compile("你们?(?:这)?是|是不是|是机器|是真人")

CONFIDENT = 0.885
"""Least cosine to the nearest example; below it the sentence is unclear (docs/why/understanding.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """An example close to the sentence; `similarity` is a cosine, or a share of equal syllables."""

    meaning: Meaning
    similarity: float
    text: str


def understand_by_rule(text: str) -> Understood | None:
    """Understand what needs no model: refusals for good, machines, fillers, greetings and "it is me"."""
    words = normalise(text)
    if not words:
        return Understood(meaning=Meaning.UNCLEAR, confidence=1.0, evidence="")
    if found := hard_refusal(text):
        return Understood(meaning=Meaning.REFUSE_HARD, confidence=1.0, evidence=found)
    if (machine := _MACHINE.search(words)) and not _ASKS_ABOUT_US.search(words):
        return Understood(meaning=Meaning.ASSISTANT, confidence=1.0, evidence=machine.group(0))
    if _BACKCHANNEL.fullmatch(words):
        return Understood(meaning=Meaning.BACKCHANNEL, confidence=1.0, evidence=words)
    if _GREETING.fullmatch(words):
        return Understood(meaning=Meaning.GREETING, confidence=1.0, evidence=words)
    if _CONFIRMS.fullmatch(words):
        return Understood(meaning=Meaning.ACCEPT, confidence=1.0, evidence=words)
    return None


def understand(text: str, near: Sequence[Near]) -> Understood:
    """Give a sentence its meaning.

    Args:
        text: What was heard.
        near: The nearest examples, in any order; empty when no model is at hand.
    """
    if ruled := understand_by_rule(text):
        return ruled
    if not near:
        return Understood(meaning=Meaning.UNCLEAR, confidence=0.0, evidence="")
    best = max(near, key=lambda n: n.similarity)
    if best.similarity < CONFIDENT:
        return Understood(meaning=Meaning.UNCLEAR, confidence=best.similarity, evidence=best.text)
    return Understood(meaning=best.meaning, confidence=best.similarity, evidence=best.text)
