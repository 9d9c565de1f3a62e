"""What was answered to a question for something: a number, an amount, a date, a time, a name, a choice, yes or no.

Pure; `now` is given. When two readings are possible there is none: the question is asked again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.dialogue.numbers import numbers_in
from fairdial.core.dialogue.refusal import normalise
from fairdial.core.dialogue.sound_alike import syllables
from fairdial.core.dialogue.when import named_day, named_time
from fairdial.core.script.model import Slot, SlotType

_CUTS = {
    SlotType.CHOICE: frozenset[Meaning](),
    SlotType.DATE: frozenset({Meaning.REFUSE_SOFT}),
    SlotType.TIME: frozenset({Meaning.REFUSE_SOFT}),
}
_CUTS_OTHERS = frozenset({Meaning.REFUSE_SOFT, Meaning.BUSY})
_CUTS_ALL = frozenset(
    {
        Meaning.REFUSE_HARD,
        Meaning.WRONG_NUMBER,
        Meaning.THIRD_PARTY,
        Meaning.VULNERABLE,
        Meaning.ASSISTANT,
        Meaning.ASK_HUMAN,
        Meaning.ASK_REPEAT,
    }
)

_SHORT = 6
_BEGINS_WITH_NO = re.compile("(?:还?[没不]|未)(?!错|问题|关系|事)")
_NO = re.compile("[不没别甭莫勿嫑]|免了|免谈|拒绝|拉倒|省省|取消|退订|算了|再说|除了")
_NO_IN_NAME_ONLY = re.compile("不错|没问题|没关系|没事|没错|不客气|不好意思|不用谢|差不多|别的")
"""Words that hold a no and say none."""

_PARTS = re.compile(r"[,。!?;、,!?;\s]+")
_NO_ENDS = re.compile("不行|不去|没空|没时间|不方便|不在|不来|不可以|[去来]不了|不合适")
_RATHER = re.compile("(?:不是|不要|别|没说)[^,。,]{1,6}?(?=(?:是|要|改|换|就)[^不没])")
"""What is taken back when something else is named: 不是周六是周日."""

_JIAO = re.compile("(?:块|元)([一二两三四五六七八九0-9])(?:毛|角)?(?![十百千万])")
_CALLED = re.compile(
    "(?:我的?名字?(?:叫|是)|我叫|本人叫|免贵姓|我姓|叫我|姓)([\\u4e00-\\u9fff]{1,4}?)(?:吧|啊|的|就行|$)"
)
_FAMILY = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
"""The most common family names; another one is understood after 我姓 or 我叫."""


def is_answer(slot: Slot, meaning: Meaning, words: str) -> bool:
    """Whether a sentence may hold the value: a refusal never does, nor does somebody who asks for a person.

    A few words without a no are no soft refusal here, whatever they resemble: 九分 answers the question for a score.
    Nor are the script's own words for a choice: 还是不行 may be one.
    """
    if meaning in _CUTS_ALL:
        return False
    is_named = any(normalise(choice) == normalise(words) for said in slot.choices.values() for choice in said)
    return is_named or is_few_without_no(words) or meaning not in _CUTS.get(slot.type, _CUTS_OTHERS)


def is_few_without_no(words: str) -> bool:
    """Whether it is a short sentence in which nothing says no."""
    return len(normalise(words)) <= _SHORT and not _NO.search(words)


def slot_value(slot: Slot, words: str, meaning: Meaning, *, now: datetime | None) -> str | None:
    """Read the value out of a sentence.

    Args:
        now: In the person's zone; without it no date is read.

    Returns:
        `yes` or `no`; a decimal number; yuan with two decimals; an ISO date; `HH:MM`; a name; the name of a choice.
        None when there is none, more than one, or one out of bounds.
    """
    if slot.type is SlotType.YES_NO:
        return _choice(slot.choices, words) or _yes_or_no(meaning, words)
    words = _affirmed(words, [word for said in slot.choices.values() for word in said])
    match slot.type:
        case SlotType.NUMBER:
            found = _bounded(slot, _one(numbers_in(words)))
            return None if found is None or found != found.to_integral_value() else str(int(found))
        case SlotType.AMOUNT:
            found = _bounded(slot, _amount(words))
            return None if found is None else f"{found:.2f}"
        case SlotType.DATE:
            day = named_day(words, now) if now is not None else None
            return None if day is None else day.date().isoformat()
        case SlotType.TIME:
            clock = named_time(words)
            return None if clock is None else f"{clock:%H:%M}"
        case SlotType.NAME:
            return _name(words)
        case SlotType.CHOICE:
            return _choice(slot.choices, words)


def _affirmed(words: str, own: list[str]) -> str:
    """What a sentence says without what it says no to: of 周六不行,周日吧 the second half.

    A no inside one of the script's `own` words for a choice (不满意) is none.
    """
    parts = _PARTS.split(_NO_ENDS.sub(lambda found: f"{found.group(0)},", _RATHER.sub("", words)))
    return ",".join(part for part in parts if not _NO.search(_without(part, own)))


def _without(part: str, own: list[str]) -> str:
    for word in sorted(own, key=len, reverse=True):
        part = part.replace(word, "")
    return _NO_IN_NAME_ONLY.sub("", part)


def _yes_or_no(meaning: Meaning, words: str) -> str | None:
    """What was meant; a yes that begins with a no, such as 没有弄好还在漏, is neither."""
    if meaning is Meaning.ACCEPT:
        return None if _BEGINS_WITH_NO.match(normalise(words)) else "yes"
    return "no" if meaning is Meaning.DENY else None


def _one(found: list[Decimal]) -> Decimal | None:
    return found[0] if len(set(found)) == 1 else None


def _bounded(slot: Slot, value: Decimal | None) -> Decimal | None:
    if value is None or (slot.least is not None and value < slot.least):
        return None
    return None if slot.most is not None and value > slot.most else value


def _amount(words: str) -> Decimal | None:
    """Yuan; 三块五 is 3.50."""
    jiao = _JIAO.search(words)
    if jiao is None:
        return _one(numbers_in(words))
    yuan, tenths = _one(numbers_in(words[: jiao.start()])), _one(numbers_in(jiao.group(1)))
    return None if yuan is None or tenths is None else yuan + tenths / 10


def _name(words: str) -> str | None:
    plain = re.sub(r"[^\u4e00-\u9fff]", "", words)
    if (found := _CALLED.search(plain)) is not None:
        return found.group(1)
    return plain if 2 <= len(plain) <= 4 and plain[0] in _FAMILY else None


def _choice(choices: Mapping[str, tuple[str, ...]], words: str) -> str | None:
    """The one choice that is named, by sound: recognition writes 步满意 for 不满意, which is not 满意.

    A longer word covers a shorter one inside it.
    """
    if not choices:
        return None
    said = _sound(words)
    known = [(_sound(word), name) for name, all_words in choices.items() for word in all_words]
    found = set()
    for sound, name in sorted(known, key=lambda pair: -len(pair[0])):
        if sound in said:
            found.add(name)
            said = said.replace(sound, " □ ")
    return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=4096)
def _sound(words: str) -> str:
    return f" {' '.join(syllables(words))} "
