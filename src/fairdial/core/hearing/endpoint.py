"""When a turn is over: `silence_needed(text, ...)` says how much silence a pause needs to be its end.

Pure: the text heard so far, what was asked, and how often sentences end after the
same characters; milliseconds out. A text that is wrong costs time or cuts a
sentence in two; the halves are joined, so that it never costs words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import log

from fairdial.core.dialogue.refusal import hard_refusal, normalise
from fairdial.core.dialogue.state import State, Talking
from fairdial.core.script.model import Script, SlotType


class Expects(StrEnum):
    """What was asked for: yes or no, a value that is said in pieces, or anything."""

    ANSWER = "answer"
    VALUE = "value"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Silence, in milliseconds, that ends a turn: after a whole sentence, one in doubt, one that breaks off.

    `unread_ms` holds while there is no text yet.
    """

    complete_ms: int = 224
    doubtful_ms: int = 608
    unfinished_ms: int = 1408
    unread_ms: int = 1216


@dataclass(frozen=True, slots=True, kw_only=True)
class Endings:
    """How often grams of one to three characters stood in sentences of the telephone, and how often at their end."""

    counts: Mapping[str, tuple[int, int]]
    """Gram to (times, times at the end); `^` is the beginning of a sentence."""

    def likelihood(self, words: str) -> float:
        """Likelihood, in [0, 1], that a sentence is whole after these characters; shorter grams back longer ones."""
        padded = "^^" + words
        likely = _OFTEN_WHOLE
        for length in (1, 2, 3):
            times, ends = self.counts.get(padded[-length:], (0, 0))
            likely = (ends + _BACKING * likely) / (times + _BACKING)
        return likely


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """What decides when turns are over, for all calls alike."""

    endings: Endings = field(default_factory=lambda: Endings(counts={}))
    patience: Patience = field(default_factory=Patience)


_OFTEN_WHOLE = 0.16
"""A sentence of the telephone has six characters."""

_BACKING = 3.0
"""Occurrences for which the shorter gram stands."""

_SURELY, _HARDLY = 0.4, 0.08
"""Likelihoods at which a sentence counts as whole, and as broken off; between them the silence follows the logarithm."""

_HUM = re.compile("[嗯哦噢喔啊呃额唔诶哎唉恩欸]{1,4}")
_WHOLE = re.compile(
    "(?:嗯|哦|啊|喂|哎|那|呃)*(?:(?:好|好的|好啊|好吧|好呀|行|行吧|行啊|可以|可以的|可以啊|对|对的|对啊|对对|对对对|是|是的|是啊|是我|我是|我就是|没错|有|有的|没有|没|不是"
    "|不用|不用了|不要|不要了|不需要|不行|不了|不买|不办|没兴趣|不感兴趣|没空|在忙|在开会|不方便|喂|你好|您好|喂你好|喂您好|谢谢|再见|知道了|明白了|听到了|听得到|能听到|需要|要"
    "|[你这那]是我|挂了|说吧|你说|你讲|请讲|请说|什么事|什么|哪位|哪里|谁啊|你是谁|你谁啊)(?:谢谢|啊|呀|吧|的|了|呢|哈)?){1,3}"
)
"""Answers that are whole as they stand, up to three in a row, although longer sentences begin with them."""

_BREAKS_OFF = re.compile(
    "(?:想|想要|想问|想问问|想问一下|问一下|问一下就是|请问|请问一下|因为|所以|但是|可是|不过|然后|而且|还有|或者|如果|要是|假如|虽然|比如|比如说|就是|就是说|也就是|那个|这个|那"
    "|跟|和|把|被|给|让|向|从|比|对于|关于|的话|一个|有个|有没有|能不能|可不可以|是不是|会不会|要不要|什么时候|我们|你们|他们|咱们|我现在|我这边|我这个|我那个|你这个|你那个|其实|主要"
    "|本来|应该|可能|大概|好像|觉得|感觉|意思是|等一下|等等|等会|稍等|我看一下|我看看|我想想|让我想想|怎么说)(?:呢|啊|呃|嗯)?"
    "|(?:这个|那个|其实|主要|就是|然后|因为)吧"
)
"""Words after which hardly anybody stops, matched at the end of a sentence."""

_FIGURE = re.compile("[0-9零一二三四五六七八九十百千万幺两月号年]")


def silence_needed(text: str | None, *, expects: Expects, endpoint: Endpoint, over_ours: bool = False) -> int:
    """How long a silence after these words ends the turn, in milliseconds.

    Args:
        text: What has been heard of the turn; None while it is being recognised.
        over_ours: It fell into words of ours, which go on as soon as it is known to be a hum or nothing at all.
    """
    patience = endpoint.patience
    if text is None:
        return patience.unread_ms
    words = normalise(text)
    if over_ours and (not words or _HUM.fullmatch(words)):
        return patience.complete_ms
    if not words:
        return patience.doubtful_ms
    if hard_refusal(words):
        return patience.complete_ms
    if _HUM.fullmatch(words):
        return patience.doubtful_ms if expects is Expects.ANSWER else patience.unfinished_ms
    if expects is Expects.VALUE and _FIGURE.fullmatch(words[-1]):
        return patience.doubtful_ms
    if _WHOLE.fullmatch(words):
        return patience.complete_ms
    if _breaks_off(words):
        return patience.unfinished_ms
    return _between(endpoint.endings.likelihood(words), patience)


def _breaks_off(words: str) -> bool:
    return any(_BREAKS_OFF.fullmatch(words[-length:]) for length in range(1, min(len(words), 6) + 1))


def _between(likely: float, patience: Patience) -> int:
    """Silence between that of a whole sentence and that of one broken off."""
    doubt = log(_SURELY / max(likely, _HARDLY)) / log(_SURELY / _HARDLY)
    return patience.complete_ms + int(max(0.0, doubt) * (patience.unfinished_ms - patience.complete_ms))


def expected(script: Script, state: State) -> Expects:
    """What the conversation waits for."""
    if not isinstance(state, Talking):
        return Expects.OPEN
    step = script.steps[state.step]
    if state.pending is not None or step.question in ("fact", "offer"):
        return Expects.ANSWER
    if step.slot is not None:
        return Expects.ANSWER if step.slot.type in (SlotType.YES_NO, SlotType.CHOICE) else Expects.VALUE
    return Expects.VALUE if step.question == "time" else Expects.OPEN
