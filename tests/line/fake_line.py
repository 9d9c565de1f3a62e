"""A line without a telephone: the far end is a script, time is the loop's. Passes `contract.py`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import numpy as np

from fairdial.core.permit import SpentPermit
from fairdial.core.wire import WireMessage
from fairdial.errors import LineError
from fairdial.ports import Answered, Closed, EarlyMedia, Pressed, Ringing, Signal
from fairdial.voice.sound import FRAME_SAMPLES, TELEPHONE_RATE, Samples

SILENCE = np.zeros(0, dtype=np.int16)


class FakeCall:
    """One call; the methods of the port above, those of the far end below."""

    def __init__(self, number: str, permit: str) -> None:
        self.call_id: str | None = f"fake-{permit}"
        self.number = number
        self.heard: Samples = SILENCE
        """What the far end has heard of us, from its answer on."""
        self.is_closed = False
        self.ignores_bye = False
        self.has_lost_sound = False
        self.was_hung_up = False
        self.on_closed: Callable[[], None] = lambda: None
        self._signals: asyncio.Queue[Signal] = asyncio.Queue()
        self.is_taken_up = False
        self._media_since: float | None = None
        self._taken = 0
        self._track: Samples = np.zeros(TELEPHONE_RATE * 600, dtype=np.int16)
        self._queued: Samples = SILENCE
        self._echo = (0, 0.0)
        self._network: np.random.Generator | None = None
        self._lost, self._jitter = 0.0, 0

    def take_wire(self) -> tuple[WireMessage, ...]:
        return ()

    async def next_signal(self) -> Signal:
        return await self._signals.get()

    def read(self) -> bytes:
        if self.has_lost_sound:
            return b""
        due = max(self._taken, self._due() - self._lateness())
        self._play_out()
        fresh = self._track[self._taken : due] + self._given_back(self._taken, due)
        self._taken = due
        return b"" if self._network and self._network.random() < self._lost else fresh.tobytes()

    def write(self, pcm: bytes) -> None:
        if self._media_since is not None and not self.is_closed:
            self._play_out()
            self._queued = np.concatenate([self._queued, np.frombuffer(pcm, dtype=np.int16)])

    def flush(self) -> None:
        self._play_out()
        self._queued = SILENCE

    async def hang_up(self) -> None:
        self.was_hung_up = True
        if not self.ignores_bye:
            self.close(Closed(status=None, reason="hung up"))

    def close(self, closed: Closed) -> None:
        if not self.is_closed:
            self.is_closed = True
            self._signals.put_nowait(closed)
            self.on_closed()

    def ring(self) -> None:
        self._signals.put_nowait(Ringing())

    def early(self) -> None:
        self._media_since = asyncio.get_running_loop().time()
        self._signals.put_nowait(EarlyMedia())

    def answer(self) -> None:
        if self._media_since is None:
            self._media_since = asyncio.get_running_loop().time()
        self._signals.put_nowait(Answered())

    def press(self, key: str) -> None:
        self._signals.put_nowait(Pressed(key=key))

    def refuse(self, status: int) -> None:
        self.close(Closed(status=status, reason=""))

    def bye(self) -> None:
        self.close(Closed(status=None, reason="BYE"))

    def echoes(self, *, late_s: float, gain: float) -> None:
        """From now on give back what is heard, so late and so loud."""
        self._echo = (int(late_s * TELEPHONE_RATE), gain)

    def is_carried_badly(self, *, lost: float, jitter_s: float) -> None:
        """From now on lose that share of what comes, and let it come late by up to so much, then in bursts."""
        self._network = np.random.default_rng(7)
        self._lost, self._jitter = lost, int(jitter_s * TELEPHONE_RATE)

    async def speak(self, samples: Samples) -> None:
        """Be heard saying this, from now on; returns when it has been said."""
        start = self._due()
        self._track[start : start + len(samples)] = samples
        await asyncio.sleep(len(samples) / TELEPHONE_RATE)

    def _lateness(self) -> int:
        return int(self._network.integers(0, self._jitter + 1)) if self._network else 0

    def _given_back(self, start: int, end: int) -> Samples:
        late, gain = self._echo
        echo = np.zeros(end - start, dtype=np.int16)
        if gain:
            heard = self.heard[max(0, start - late) : max(0, end - late)]
            echo[len(echo) - len(heard) :] = heard * gain
        return echo

    def _due(self) -> int:
        if self._media_since is None:
            return 0
        return int((asyncio.get_running_loop().time() - self._media_since) * TELEPHONE_RATE)

    def _play_out(self) -> None:
        """What was queued long enough ago has been heard by now."""
        silent = max(0, self._due() - len(self.heard) - len(self._queued))
        played = max(0, self._due() - len(self.heard) - silent)
        gap = np.zeros(silent, dtype=np.int16)
        self.heard = np.concatenate([self.heard, gap, self._queued[:played]])
        self._queued = self._queued[played:]


FarEnd = Callable[[FakeCall], Awaitable[None]]


class FakeLine:
    """A line on which numbers lead to scripts; any other number gets 404."""

    name = "fake"

    def __init__(
        self, far_ends: Mapping[str, FarEnd], *, capacity: int = 10, fails_with: Exception | None = None
    ) -> None:
        self.capacity = capacity
        self.invites: list[tuple[str, str]] = []
        self.calls: list[FakeCall] = []
        self._far_ends = far_ends
        self._living: set[asyncio.Task[None]] = set()
        self._open = 0
        self._fails_with = fails_with

    async def dial(self, spent: SpentPermit) -> FakeCall:
        if self._fails_with is not None:
            raise self._fails_with
        if self._open >= self.capacity:
            raise LineError(f"line {self.name}: all {self.capacity} places are taken")
        permit = spent.permit
        if (permit.number, str(permit.id)) in self.invites:
            raise LineError(f"line {self.name}: permit {permit.id} has been dialled already")
        self.invites.append((permit.number, str(permit.id)))
        call = FakeCall(permit.number, str(permit.id))
        self._open += 1
        call.on_closed = self._closed
        self.calls.append(call)
        task = asyncio.ensure_future(self._far_ends.get(permit.number, _vacant)(call))
        self._living.add(task)
        task.add_done_callback(self._living.discard)
        return call

    def _closed(self) -> None:
        self._open -= 1


async def _vacant(call: FakeCall) -> None:
    call.refuse(404)


def tone(amplitude: int, seconds: float) -> Samples:
    """A square wave; its loudness is how the tests' ears know which sentence it stands for."""
    count = int(seconds * TELEPHONE_RATE) // FRAME_SAMPLES * FRAME_SAMPLES
    return np.where(np.arange(count) % 20 < 10, amplitude, -amplitude).astype(np.int16)
