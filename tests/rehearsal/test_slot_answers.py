"""What simulated people answer can be understood: the value they mean is the one read from their words."""

from __future__ import annotations

from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.dialogue.slot_value import slot_value
from fairdial.core.script.model import Slot, SlotType
from fairdial.rehearsal.text.slot_answers import meant, words

CHOICES = {"good": ("满意", "挺好"), "poor": ("不满意", "很差")}


def slot(kind: SlotType, least: int | None = None, most: int | None = None) -> Slot:
    choices = CHOICES if kind is SlotType.CHOICE else {}
    return Slot(name="it", type=kind, then="next", least=least, most=most, choices=choices)


SLOTS = [
    slot(SlotType.YES_NO),
    slot(SlotType.NUMBER),
    slot(SlotType.NUMBER, least=0, most=120),
    slot(SlotType.AMOUNT),
    slot(SlotType.AMOUNT, least=100, most=1000),
    slot(SlotType.AMOUNT, least=7, most=9),
    slot(SlotType.DATE),
    slot(SlotType.TIME),
    slot(SlotType.NAME),
    slot(SlotType.CHOICE),
]


@pytest.mark.parametrize("asked", SLOTS, ids=lambda asked: f"{asked.type} {asked.least}-{asked.most}")
@given(seed=st.integers(), day=st.integers(1, 28), month=st.integers(1, 12))
def test_law_the_value_meant_is_read_from_the_words(asked: Slot, seed: int, day: int, month: int) -> None:
    now = datetime(2026, month, day, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
    chance = Random(seed)
    value = meant(asked, chance, now)
    said = words(asked, value, counts_points=chance.random() < 0.5, chance=chance, now=now)
    meaning = {"yes": Meaning.ACCEPT, "no": Meaning.DENY}.get(value, Meaning.UNCLEAR)
    assert slot_value(asked, said, meaning, now=now) == value, said
