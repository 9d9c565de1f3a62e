"""Hear a refusal without any model.

Pure and model-free: patterns over characters. A hard refusal (do not call,
complaint, anger, threat) ends the call and is recorded for good, so the
patterns look for the wish itself; `_SPARED` holds what only resembles it.
"""

from __future__ import annotations

import re
import unicodedata

_STOP = "(?:别|不要|不许|不准|不能|请勿|勿|莫|甭|停止|不必|不用|禁止|少)"
_AGAIN = "(?:[再在]|老是?|总是?|老|又|一直|天天|继续)?"
_CALL = "(?:[打达答搭](?!折)|拨|来电|联系|联络|骚扰|打扰|烦(?!恼)|找我|推销|呼叫)"

_HARD = re.compile(
    "|".join(
        (
            f"{_STOP}.{{0,3}}?(?:[再在]|老是?|总是?|又|一直|天天|继续).{{0,6}}?{_CALL}",
            f"(?:别|不要|不许|不准|请勿|停止|禁止){_AGAIN}(?:给我|跟我|向我|往我|对我|来|往){{0,2}}{_CALL}",
            f"(?:以后|今后|往后|从今).{{0,10}}(?:别|不要|不许|不准|不用){_AGAIN}.{{0,8}}?{_CALL}",
            "(?:不想|不愿意?|拒绝|不要让我|不希望)(?:再|接|听|收){1,2}.{0,8}?(?:电话|来电|推销|短信|你们|骚扰|到)",
            "(?:电话|号码)(?:别|不要|不许).{0,4}(?:打|拨)",
            "拒绝接听|不接受.{0,4}推销|不接.{0,3}推销",
            "投诉|举报|起诉|告(?:你|你们)|报警|法院见|工信部|消协|12315|12321",
            "黑名单|拉黑|屏蔽你",
            "(?:删|删除|删掉|取消|移除|注销).{0,8}(?:号码|电话|信息|资料|名单|联系)",
            "(?:号码|电话|信息|资料).{0,6}(?:删了|删掉|删除|移除)",
            "骚扰(?:电话|我|人)|没授权",
            "(?:说|讲)(?:了|过)?(?:多少|几|好多|很多|八百)(?:次|遍|回).{0,8}(?:不|别|没)",
            "(?:说|讲|告诉).{0,3}(?:了|过)(?:我)?(?:不|别)(?:需要|要|用|买|办|想)",
            "神经病|有病吧|滚|去死|王八蛋|他妈|傻[逼比]|骗子",
            "烦死|烦不烦|有完没完|没完没了",
        )
    )
)

_SPARED = re.compile("(?:别|不要)(?:挂|急|客气)|不打扰(?:你|您)|打扰(?:你|您)了|不是不(?:需要|要)")
"""Phrases taken out before looking: polite words that only resemble a refusal."""

_MARKS = re.compile(r"[\s\W_]+", re.UNICODE)


def normalise(text: str) -> str:
    """Reduce a sentence to what counts: half-width letters and characters without marks or spaces."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", text)).lower()


def hard_refusal(text: str) -> str | None:
    """Find the words that refuse for good.

    Returns:
        The words found, or None when the sentence refuses nothing for good.
    """
    found = _HARD.search(_SPARED.sub("", normalise(text)))
    return found.group(0) if found else None
