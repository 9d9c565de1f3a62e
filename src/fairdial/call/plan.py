"""What one call is to do and what it does it with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fairdial.core.hearing.endpoint import Endpoint
from fairdial.core.hearing.turns import TurnTaking
from fairdial.core.live_call import Tell, told_to_nobody
from fairdial.core.permit import Permit
from fairdial.core.script.model import Script
from fairdial.ports import CallBook, Chooser, Ears, Line
from fairdial.voice.announcement_shelf import AnnouncementShelf
from fairdial.voice.clips import ClipShelf
from fairdial.voice.clock import VoiceClock


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPlan:
    """One permitted call: the script, the values it speaks, the person's zone (IANA)."""

    permit: Permit
    script: Script
    values: Mapping[str, str]
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLimits:
    """Times in seconds: until the network must react, until it must ring or play once it has, and until the person must answer.

    15 s to ring: above the 11 s within which 95 % of international calls should (ITU-T E.721).
    """

    no_response_s: float = 5.0
    post_dial_s: float = 15.0
    ring_s: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTools:
    line: Line
    clock: VoiceClock
    clips: ClipShelf
    ears: Ears
    book: CallBook
    recordings: Path
    taking: TurnTaking
    limits: CallLimits
    seals_recordings: bool = False
    endpoint: Endpoint = field(default_factory=Endpoint)
    chooser: Chooser | None = None
    """Who is asked about sentences the ears are unsure of."""
    announcements: AnnouncementShelf | None = None
    """Recordings of networks: known ones are recognised, what is heard is kept."""
    tell: Tell = told_to_nobody
    """Who is told what each call is at while it lives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """The person has refused elsewhere while the call is being set up: hang up before they answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """The operator stops the campaign: say goodbye and end."""
