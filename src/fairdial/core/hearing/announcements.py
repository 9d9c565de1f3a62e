"""What a carrier's announcement says: from its words to a disposition.

Pure. Wordings differ by carrier and province and recognition garbles them, so a
few telling words decide, in an order in which the more specific come first.
"""

from __future__ import annotations

import re

from fairdial.core.call_record import Disposition

_TELLING: tuple[tuple[Disposition, str], ...] = (
    (Disposition.INVALID_NUMBER, "空号|[空控][好号浩耗]|号码不存在|不存在|有误|核对后|核[对兑]"),
    (Disposition.SUSPENDED, "停机|停[基鸡积]|暂停服务|欠费"),
    (Disposition.POWERED_OFF, "关机|关[基鸡积]|已关"),
    (Disposition.BUSY, "通话中|正在通话|占线"),
    (Disposition.UNREACHABLE, "无法接通|不在服务区|无法接听|无人接听|暂时无法"),
)
_PATTERNS = tuple((disposition, re.compile(words)) for disposition, words in _TELLING)


def announced(text: str) -> Disposition | None:
    """Find what an announcement says about the number; None when it says nothing known."""
    for disposition, pattern in _PATTERNS:
        if pattern.search(text):
            return disposition
    return None


_BY_STATUS = {
    404: Disposition.INVALID_NUMBER,
    410: Disposition.INVALID_NUMBER,
    484: Disposition.INVALID_NUMBER,
    408: Disposition.NO_ANSWER,
    480: Disposition.NO_ANSWER,
    487: Disposition.NO_ANSWER,
    486: Disposition.BUSY,
    600: Disposition.BUSY,
    603: Disposition.REJECTED,
    607: Disposition.REJECTED,
    608: Disposition.REJECTED,
}
"""SIP final statuses (RFC 3261 section 21; 607 RFC 8197; 608 RFC 8688).

403 is the trunk forbidding us, not the person, and stays `failed`.
"""


def refused_with(status: int | None) -> Disposition:
    """The disposition of a call that was never answered, by its SIP status."""
    return _BY_STATUS.get(status or 0, Disposition.FAILED)
