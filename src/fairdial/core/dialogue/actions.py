"""What a conversation has done, in the order in which the hand must do it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Play these lines of the script, one after another; `values` are answers they read back, by slot."""

    lines: tuple[str, ...]
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Stop speaking for now: the person speaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """Go on with what was being said when the person made a sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRefusal:
    """Write a refusal and wait until it is durable. `kind`: hard, soft or wrong_number."""

    kind: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleCallBack:
    """The person named a later time, in their own words."""

    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSlot:
    """The person answered what was asked; `value` as `slot_value` writes it."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendMessage:
    """A message of the script, by name, is owed to the person."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """Somebody else takes the person over after the call; `to` as the script names them."""

    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp:
    """End the call at once."""


Action = Say | Pause | Resume | RecordRefusal | ScheduleCallBack | RecordSlot | SendMessage | HandOver | HangUp
