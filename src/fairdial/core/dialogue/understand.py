"""What was meant: by rule what must not depend on a model, then by the likeliest meaning.

Pure: gets the sentence, how likely a trained model holds each meaning, and the
script's own examples near to it. Rules come first, and only their suspicion of a
refusal may be overruled; what nothing is sure of is `unclear` and is asked again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fairdial.core.dialogue.meaning import Meaning, Understood
from fairdial.core.dialogue.refusal import normalise, refusal_for_good

_BACKCHANNEL = re.compile("[嗯哦噢喔啊呃额唔诶哎唉恩欸呀]{1,4}")
_GREETING = re.compile("(?:喂|诶|哎|唉|欸)*(?:你好|您好|哈喽|喂)(?:啊|呀)?")
_MACHINE = re.compile(
    "(?:滴|嘀|哔)(?:的一)?声|提示音|语音信箱|(?:我是|这里是).{0,6}(?:智能|语音|电话|来电)(?:助理|秘书|助手|管家)|(?:我是|您好)机主"
    "|机主(?:现在|正在|暂时|不方便|的?(?:智能|语音|电话|ai))|您?(?:所)?(?:拨打|呼叫)的?(?:用户|号码|电话)|(?:请|可以)(?:您)?留言|帮您(?:记录|转告|转达)"
)
_CONFIRMS = re.compile(
    "[^不]{0,3}(?:是我|我是|我就是|是本人|就是本人)(?:啊|呀|的|呢|本人)?"
    "(?:(?:请问|你说)?(?:有|是)?(?:什么|啥)事(?:情|儿)?(?:啊|呀|吗|呢)?|怎么[了啦])?"
)
"""Who says "it is me, what is it about?" is told with the next step; hearing who calls once more would not serve."""
_YES_AND_NO = re.compile("[嗯啊哦唉]?(?:是的|是啊|对的?|对啊|没错)我?(?:不是|没有|不对)(?:的|啊|呀)?")
_ASKS_ABOUT_US = re.compile("你们?(?:这)?是|是不是|是机器|是真人")

SURE = 0.3
"""Least probability of the likeliest meaning; below it the sentence is unclear (docs/why/understanding.md)."""

SURE_TO_END = 0.6
"""The same for what ends the call and is recorded: a refusal for good that no rule found, and somebody `vulnerable`."""

SUSPECTED = 0.9
"""Confidence in words that refuse for good in most mouths (投诉, 骗子) but not in all of them."""

CLEARED = 0.2
"""Probability of a refusal for good below which a model clears what was only suspected (docs/why/understanding.md)."""

SAME_WORDS = 0.92
"""Least similarity to one of the script's own examples for it to decide."""


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
    if found := refusal_for_good(text):
        confidence = 1.0 if found.certain else SUSPECTED
        return Understood(meaning=Meaning.REFUSE_HARD, confidence=confidence, evidence=found.words)
    if (machine := _MACHINE.search(words)) and not _ASKS_ABOUT_US.search(words):
        return Understood(meaning=Meaning.ASSISTANT, confidence=1.0, evidence=machine.group(0))
    if _BACKCHANNEL.fullmatch(words):
        return Understood(meaning=Meaning.BACKCHANNEL, confidence=1.0, evidence=words)
    if _GREETING.fullmatch(words):
        return Understood(meaning=Meaning.GREETING, confidence=1.0, evidence=words)
    if _CONFIRMS.fullmatch(words):
        return Understood(meaning=Meaning.ACCEPT, confidence=1.0, evidence=words)
    if _YES_AND_NO.fullmatch(words):  # 就是 and 不是 sound alike: it is asked again
        return Understood(meaning=Meaning.UNCLEAR, confidence=1.0, evidence=words)
    return None


def understand(text: str, likely: Mapping[Meaning, float], near: Sequence[Near] = ()) -> Understood:
    """Give a sentence its meaning: by rule, and only then by model.

    Args:
        text: What was heard.
        likely: Probability of each meaning by a trained model, summing to one; empty without a model.
        near: The script's own examples near to it, in any order.
    """
    ruled = understand_by_rule(text)
    return ruled if ruled is not None and is_certain(ruled) else understand_by_model(likely, near, suspected=ruled)


def is_certain(ruled: Understood) -> bool:
    """Whether a rule's answer needs no model's opinion."""
    return ruled.confidence == 1.0


def understand_by_model(
    likely: Mapping[Meaning, float], near: Sequence[Near] = (), *, suspected: Understood | None = None
) -> Understood:
    """The same for a sentence in which no rule found anything certain; `suspected` is the refusal it may be."""
    if suspected is not None and likely.get(Meaning.REFUSE_HARD, 1.0) >= CLEARED:
        return suspected
    best = max(near, key=lambda n: n.similarity, default=None)
    refuses = likely.get(Meaning.REFUSE_HARD, 0.0) >= SURE_TO_END  # 别通知我 is nearly the same words as 通知我
    if best is not None and best.similarity >= SAME_WORDS and not refuses:
        return Understood(meaning=best.meaning, confidence=min(best.similarity, 1.0), evidence=best.text)
    if likely.get(Meaning.VULNERABLE, 0.0) < SURE_TO_END:
        likely = {meaning: share for meaning, share in likely.items() if meaning is not Meaning.VULNERABLE}
    meaning = max(likely, key=lambda m: likely[m], default=Meaning.UNCLEAR)
    confidence = likely.get(meaning, 0.0)
    if meaning is Meaning.REFUSE_HARD and confidence < SURE_TO_END:
        return _softer(likely)
    if confidence < SURE:
        return Understood(meaning=Meaning.UNCLEAR, confidence=confidence, evidence=meaning)
    return Understood(meaning=meaning, confidence=confidence, evidence="model")


def _softer(likely: Mapping[Meaning, float]) -> Understood:
    """Not sure enough to end the call, but hardly less than a refusal."""
    return Understood(
        meaning=Meaning.REFUSE_SOFT,
        confidence=likely[Meaning.REFUSE_HARD] + likely.get(Meaning.REFUSE_SOFT, 0.0),
        evidence=Meaning.REFUSE_HARD,
    )
