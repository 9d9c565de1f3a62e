"""What a sentence plainly is in anybody's mouth, whatever a script would take it for: words that protect a person. Pure.

Whole sentences and set phrases only, so that a script's own answers (还是不行, 没修好, 孩子八岁) stay its own.
"""

from __future__ import annotations

import re

from fairdial.core.dialogue.knowledge import is_question
from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.dialogue.refusal import hard_refusal, normalise
from fairdial.core.dialogue.understand import understand_by_rule

_POLITE_NO = re.compile(
    "(?:我们?|那就?|就|真的?|都|也|还是|暂时|目前|现在|先|谢谢|不好意思|对不起|抱歉|[哦嗯啊唉]|不了|不用了?|算了|你们|这个|这些)*"
    "(?:不需要|不要|不用|不必|不买|不办|不报名?|不参加|不考虑|不感兴趣|不想(?:要|听|去|买|办|了解|参加|考虑)?|没(?:有)?(?:什么|啥)?"
    "(?:兴趣|需要|需求|必要|意向)|不了|算了|免了|免谈|拒绝|用不着|用不上|拉倒|省省)"
    "(?:了|吧|啊|呀|的|呢|哈|谢谢[你您]?|谢了|再见|拜拜|这个|这些|这种|你们的?)*"
)
_PLAIN = (
    (Meaning.ASK_HUMAN, False, "转.{0,2}(?:人工|真人|客服|坐席)|(?<!不)(?:找|要|叫|换)(?:个|一个|一下|你们)?(?:真人|人工|活人)"),
    (Meaning.WRONG_NUMBER, True, "打错(?!印|字)|找错人|拨错|没有?(?:这个|你说的这个)人|不认识(?:他|她|这个人)"),
    (Meaning.THIRD_PARTY, True, "我是[他她]的?(?:爱人|老婆|老公|[妈爸]|儿子|女儿|家[里人]|同事|朋友)|(?:[他她]|本人)(?:现在|刚好)?不在"),
    (
        Meaning.VULNERABLE,
        True,
        "住院|化疗|放疗|病危|(?:做|动)(?:完|了)?手术|去世|过世|办丧事|奔丧|抢救|我(?:今年|才|还|只有)*(?:[0-9]|1[0-7]|[一二三四五六七八九]|十[一二三四五六七]?)岁",
    ),
)  # fmt: skip
_RULES = tuple((meaning, may_ask, re.compile(pattern)) for meaning, may_ask, pattern in _PLAIN)
"""Meaning, whether the words in a question are another thing (住院能报销吗), and the words."""

REFUSALS = frozenset({Meaning.REFUSE_HARD, Meaning.REFUSE_SOFT})


def is_polite_no(text: str) -> bool:
    """Whether a whole sentence is nothing but a polite no."""
    return _POLITE_NO.fullmatch(normalise(text)) is not None


def plainly(text: str) -> Meaning | None:
    """The protected meaning a sentence has beyond doubt; None when it is a script's to say what it means."""
    if hard_refusal(text) is not None:
        return Meaning.REFUSE_HARD
    if (ruled := understand_by_rule(text)) is not None and ruled.meaning is Meaning.ASSISTANT:
        return Meaning.ASSISTANT
    if is_polite_no(text):
        return Meaning.REFUSE_SOFT
    asks = is_question(text)
    words = normalise(text)
    return next((m for m, may_ask, pattern in _RULES if not (may_ask and asks) and pattern.search(words)), None)
