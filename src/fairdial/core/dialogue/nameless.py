"""Whether a sentence tells who said it: what is learnt from must not.

Pure, and careful rather than generous: a sentence in doubt is left out, for another will teach the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_NUMBER = re.compile(r"(?:[0-90-9零〇一二三四五六七八九十百千万两幺][\s,,、.-]*){3,}")
"""Three digits on end, as they are written or spoken: a telephone's end, a house, an amount."""

_INTRODUCED = re.compile(r"姓|我(?:叫|是)(?!不|没|说|问|谁|本人)|名字|my name|this is ", re.IGNORECASE)

_CALLED = "先生|女士|小姐|太太|老师|经理|总|师傅|医生|哥|姐|叔|阿姨"


def tells_who(sentence: str, known: Iterable[str]) -> bool:
    """Whether it holds a number, an introduction, or something that is known of the person.

    Args:
        known: Names, attributes and answers of the person. One sign alone, as a surname is, counts only where it stands as a name:
            高 is a name in 高先生 and none in 太高了.
    """
    if _NUMBER.search(sentence) or _INTRODUCED.search(sentence):
        return True
    plain = sentence.casefold()
    return any(_stands_in(plain, value.strip().casefold()) for value in known)


def _stands_in(sentence: str, value: str) -> bool:
    if len(value) > 1:
        return value in sentence
    return bool(value) and re.search(rf"[老小]{re.escape(value)}|{re.escape(value)}(?:{_CALLED})", sentence) is not None
