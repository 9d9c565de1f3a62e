"""What a recogniser may be told to expect: what was just asked, and the words a script is about.

Pure. Hints are offered, never believed: a word is heard because it was said. No
refusal is among them, so that none can be made up from them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fairdial.core.dialogue.refusal import hard_refusal
from fairdial.core.script.model import Script, SlotType

MOST_WORDS = 100
"""Engines take some hundred hot words, and slow down or hallucinate with more."""

_LEAST, _LONGEST = 2, 12
"""Characters of a hot word; shorter ones pull everything towards them, longer ones are sentences."""

_MARKS = re.compile(r"[^\w]+")
_SENTENCES = re.compile(r"[^。!?！？;；]+[。!?！？;；]?")
_LONGEST_ASKED = 40
"""Characters; a question, not the whole line it stands in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """`asked` is the last sentence we said, `words` are hot words, the more important first.

    Below a confidence of `sure_from` words are not believed: what is told comes back on what nobody understands.
    """

    asked: str = ""
    words: tuple[str, ...] = ()
    sure_from: float = 0.0


NO_HINTS = Hints()

ANNOUNCEMENT = Hints(
    asked=(
        "您好,您拨打的用户已关机。对不起,您拨打的号码是空号,不存在,已停机,欠费,暂停服务,请核对后再拨。正在通话中。暂时无法接通,无法接听,"
        "不在服务区,无人接听,请稍后再拨。呼叫转移,正在转接。请在提示音后留言。限制呼入,来电被拦截。余额不足。来电提醒,短信通知。"
        "Sorry, the subscriber you dialed is power off, does not exist, please redial later."
    ),
    words=(
        *("空号", "停机", "关机", "通话中", "无法接通", "不在服务区", "无人接听"),
        *("呼叫转移", "语音信箱", "来电提醒"),
    ),
    sure_from=0.6,
)
"""What networks say before an answer, in both languages: without the English, an English half is written down as Chinese."""


def asked_last(said: str) -> str:
    """The last sentence of what was said, if it is short and holds no way to refuse; otherwise nothing."""
    sentences = _SENTENCES.findall(said.strip())
    last = sentences[-1].strip() if sentences else ""
    return last if len(last) <= _LONGEST_ASKED and not hard_refusal(last) else ""


def hot_words(script: Script, values: Mapping[str, str]) -> tuple[str, ...]:
    """The script's company, what is spoken of this contact, the choices of its slots and the words of its knowledge.

    In that order, each once, at most `MOST_WORDS`; what is too short, too long or a refusal is left out.
    """
    found = dict.fromkeys(word for said in _said(script, values) for word in _MARKS.split(said))
    return tuple(word for word in found if _LEAST <= len(word) <= _LONGEST and not hard_refusal(word))[:MOST_WORDS]


def _said(script: Script, values: Mapping[str, str]) -> Iterator[str]:
    yield script.company
    yield from values.values()
    for slot in script.slots().values():
        if slot.type is SlotType.CHOICE:
            for words in slot.choices.values():
                yield from words
    for known in script.knowledge.values():
        yield from known.examples
