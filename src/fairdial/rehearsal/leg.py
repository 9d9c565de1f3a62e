"""The sound of one call: G.711 over RTP, one frame out for every tick.

RTP never pauses: between two sounds silence is sent. The jitter buffer of
aiortp is used without prefetch, which would hold back 80 ms of what is heard.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Iterator
from itertools import cycle, islice

import numpy as np
from aiortp import RTPSession, get_codec
from aiosipua import SdpMessage, SdpNegotiationError, negotiate_sdp

from fairdial.errors import LineError
from fairdial.voice.sound import FRAME_SAMPLES, Samples

_PCMU, _PCMA = 0, 8
"""Payload types of G.711 µ-law and A-law (RFC 3551, section 6); the offer's first one is taken."""

_FLIP_SIGN = bytes(code ^ 0x80 for code in range(256))
"""aiortp 0.8.0 codes A-law with the sign bit inverted (ITU-T G.711, table 1a: 1 is positive)."""

_SPEECH_RMS = 300.0
"""Loudness above which 20 ms count as speech; -41 dB of full scale, far above line noise."""


class PortPairs:
    """Hands out even UDP ports whose successor is free too, each as late again as possible.

    aiortp's own allocator gives the same lowest port to the next call, which then hears
    the last packets of the one before.
    """

    def __init__(self, host: str, first: int, last: int) -> None:
        even = range(first + first % 2, last, 2)
        self._host = host
        self._count = len(even)
        self._ports = cycle(even)

    def free(self) -> Iterator[int]:
        """Every pair that is free now, at most once."""
        return (port for port in islice(self._ports, self._count) if self._is_free(port))

    def _is_free(self, port: int) -> bool:
        try:
            for one in (port, port + 1):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                    probe.bind((self._host, one))
        except OSError:
            return False
        return True


class Leg:
    """One call's RTP; `open_leg` makes it, `close` gives its ports back."""

    def __init__(self, session: RTPSession, *, sdp: SdpMessage, payload_type: int) -> None:
        self.sdp = sdp
        self._session = session
        self._codec = get_codec(payload_type)
        self._is_alaw = payload_type == _PCMA
        self._silence = self._encode(np.zeros(FRAME_SAMPLES, dtype=np.int16))
        self._frames: deque[bytes] = deque()
        self._played = asyncio.Event()
        self._is_stopped = False
        self._has_speech = False
        session.on_audio = self._on_audio

    def play(self, samples: Samples) -> None:
        """Queue a sound; its last frame is filled up with silence."""
        padded = np.pad(samples, (0, -len(samples) % FRAME_SAMPLES))
        code = self._encode(padded)
        self._frames.extend(code[i : i + FRAME_SAMPLES] for i in range(0, len(code), FRAME_SAMPLES))
        self._played.clear()

    async def until_played(self) -> None:
        """Wait until the last queued frame has been sent."""
        await self._played.wait()

    def send_frame(self) -> bool:
        """Send 20 ms; True when they were the last of a sound."""
        if self._is_stopped:
            return False
        if not self._frames:
            self._session.send_audio_auto(self._silence)
            return False
        self._session.send_audio_auto(self._frames.popleft())
        if self._frames:
            return False
        self._played.set()
        return True

    def take_speech(self) -> bool:
        """Tell whether speech has been heard since the last time this was asked."""
        has_speech, self._has_speech = self._has_speech, False
        return has_speech

    def press(self, key: str) -> None:
        """Press a key of the telephone (RFC 4733)."""
        self._session.send_dtmf(key)

    def stop(self) -> None:
        """Send no RTP any more."""
        self._is_stopped = True

    async def close(self) -> None:
        await self._session.close()

    def _encode(self, samples: Samples) -> bytes:
        code = self._codec.encode(samples.astype("<i2").tobytes())
        return code.translate(_FLIP_SIGN) if self._is_alaw else code

    def _on_audio(self, pcm: bytes, _timestamp: int) -> None:
        samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32)
        if len(samples) and float(np.dot(samples, samples)) / len(samples) > _SPEECH_RMS**2:
            self._has_speech = True


async def open_leg(offer: SdpMessage, *, host: str, ports: PortPairs) -> Leg:
    """Agree on a codec and bind a port pair.

    Raises:
        SdpNegotiationError: The offer has no G.711 audio or no address.
        LineError: No port pair is free.
    """
    remote = offer.rtp_address
    if remote is None:
        raise SdpNegotiationError("the offer names no address for audio")
    for port in ports.free():
        sdp, payload_type = negotiate_sdp(offer, host, port, supported_codecs=[_PCMU, _PCMA])
        try:
            session = await RTPSession.create(
                (host, port), remote, payload_type, jitter_prefetch=0, skip_audio_gaps=True, plc=False
            )
        except OSError:  # somebody else took the pair after it was found free
            continue
        return Leg(session, sdp=sdp, payload_type=payload_type)
    raise LineError("practice network: no free RTP port pair; give a wider --rtp-ports")
