"""What a clip says and how it is found again.

Pure: names clips by what they say, reads no file. A clip whose text, voice or
speed changes gets another name, so that a stale recording cannot be spoken.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One piece of speech: text as it is written, the voice, the speed (1.0 = natural).

    `reads` is how it is read aloud where that is not as it is written.
    """

    text: str
    voice: str
    speed: float = 1.0
    reads: str | None = None

    @property
    def aloud(self) -> str:
        """What a speaker is given to read."""
        return self.reads or self.text


def clip_id(wording: Wording) -> str:
    """Name the clip that says exactly this: 16 hexadecimal digits, used as `<id>.ogg`."""
    reads = f"|{wording.reads}" if wording.reads else ""
    key = f"{wording.voice}|{wording.speed:.2f}|{wording.text}{reads}"
    return sha256(key.encode()).hexdigest()[:16]
