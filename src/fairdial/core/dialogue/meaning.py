"""What a sentence can mean on an outbound call: a closed set of words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Meaning(StrEnum):
    REFUSE_HARD = "refuse_hard"
    REFUSE_SOFT = "refuse_soft"
    BUSY = "busy"
    ACCEPT = "accept"
    DENY = "deny"
    ASK_PRICE = "ask_price"
    ASK_IDENTITY = "ask_identity"
    ASK_ROBOT = "ask_robot"
    ASK_SOURCE = "ask_source"
    ASK_REPEAT = "ask_repeat"
    ASK_DETAIL = "ask_detail"
    ASK_HUMAN = "ask_human"
    WRONG_NUMBER = "wrong_number"
    THIRD_PARTY = "third_party"
    ASSISTANT = "assistant"
    VULNERABLE = "vulnerable"
    GREETING = "greeting"
    BACKCHANNEL = "backchannel"
    OTHER = "other"
    UNCLEAR = "unclear"


PROTECTING = frozenset(
    {
        Meaning.REFUSE_HARD,
        Meaning.REFUSE_SOFT,
        Meaning.WRONG_NUMBER,
        Meaning.THIRD_PARTY,
        Meaning.VULNERABLE,
        Meaning.ASSISTANT,
        Meaning.ASK_HUMAN,
    }
)
"""Meanings that protect the person: heard over everything, and changed by nobody outside, however unsure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A meaning with its confidence in [0, 1] and what it was taken from."""

    meaning: Meaning
    confidence: float
    evidence: str
