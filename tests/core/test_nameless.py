"""What is learnt from tells nobody's name or number."""

from __future__ import annotations

import pytest

from fairdial.core.dialogue.nameless import tells_who

KNOWN = ("高", "欧阳雪", "人民路8号")


@pytest.mark.parametrize(
    ("sentence", "tells"),
    [
        ("不需要谢谢", False),
        ("价格太高了", False),
        ("我是本人你说", False),
        ("一百块太贵了", False),
        ("高先生不在", True),
        ("找老高吧", True),
        ("欧阳雪是我妈", True),
        ("送到人民路8号", True),
        ("我姓什么你都不知道", True),
        ("我叫张伟", True),
        ("打138 0013 8000", True),
        ("尾号幺三八零", True),
        ("两千八百六十", True),
        ("", False),
    ],
)
def test_names_numbers_and_what_is_known_are_seen_and_plain_answers_are_not(sentence: str, tells: bool) -> None:
    assert tells_who(sentence, KNOWN) is tells
