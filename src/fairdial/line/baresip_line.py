"""The embedded SIP stack: baresip in this process, behind `fairdial.ports`.

baresip runs one stack a process on a thread of its own. Beyond about 150 calls
on two busy cores its commands time out, so a line has a cap below that, every
command is bounded, and a stack that stops answering closes the line for good.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from uuid import UUID

from baresip import Account, Call, Config, Runtime, UserAgent
from baresip.errors import (
    AudioNotActive,
    AudioRestarted,
    BaresipError,
    CommandTimeout,
    RuntimeDead,
    StaleHandleError,
    split_status,
)
from baresip.events import Event, StackEvent

from fairdial.core.permit import SpentPermit
from fairdial.core.permit_signature import SIGNATURE_HEADER
from fairdial.core.policy.case import LineKind
from fairdial.core.wire import WireMessage
from fairdial.errors import LedgerError, LineError, UncertainLineError
from fairdial.line.wire_log import WireLog, listening_to_wire
from fairdial.ports import PERMIT_HEADER, Answered, Closed, EarlyMedia, Pressed, Ringing, Signal

_log = logging.getLogger(__name__)

MOST_CALLS = 120
"""Calls a process; the stack's commands time out somewhat above (measured: about 150)."""

_SPARE = 8
"""Places of the stack beyond the line's, so that an INVITE from a stranger never takes one of ours while it is refused."""

_READ_BYTES = 3200
"""200 ms of sound; the voice drops what is older than 160 ms, and a read costs by its limit (the buffer is zeroed)."""

_JITTER_BUFFER = "audio_jitter_buffer_type adaptive\naudio_jitter_buffer_ms 60-200\n"
"""Never shorter than the jitter we promise to bear: a packet that comes after its moment is thrown away by the stack, and it
lengthens the buffer too slowly. From 20 ms on, 60 ms of jitter lost every tenth frame; from 60 ms on, one of a hundred."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeWay:
    """The edge that calls go through: its `host:port`, and who signs for it (`core.permit_signature`)."""

    address: str
    sign: Callable[[SpentPermit], Awaitable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOptions:
    """Where the trunk is and what it may carry.

    Attributes:
        address: `host:port` of the carrier or the practice network.
        edge: Through which edge it is reached; None sends to `address`.
        listen: `host:port` of our own SIP socket; None takes the interface that leads to where we send, and a free port.
        rtp_ports: First and last UDP port of our media.
    """

    name: str
    kind: LineKind
    address: str
    capacity: int
    edge: EdgeWay | None = None
    listen: str | None = None
    rtp_ports: tuple[int, int] = (30000, 31999)

    @property
    def next_hop(self) -> str:
        """Where our SIP is sent, `host:port`."""
        return self.edge.address if self.edge else self.address


@asynccontextmanager
async def open_line(options: LineOptions) -> AsyncIterator[BaresipLine]:
    """Start the stack, yield the line, close the stack.

    Raises:
        LineError: A practice line leads off this machine, or the stack cannot start.
    """
    _check(options)
    listen = options.listen or f"{_interface_towards(options)}:0"
    host = listen.rpartition(":")[0]
    runtime = Runtime(command_timeout=5.0, watchdog_interval=5.0, native_log_level="error")
    config = Config(
        net_interface=host,
        max_concurrent_calls=options.capacity + _SPARE,
        sip_trace=True,
        extra_config_text=(
            f"sip_listen {listen}\nrtp_ports {options.rtp_ports[0]}-{options.rtp_ports[1]}\n{_JITTER_BUFFER}"
        ),
    )
    with listening_to_wire() as wire:
        try:
            await runtime.start(config)
        except BaresipError as error:
            raise LineError(f"line {options.name}: the SIP stack did not start on {listen}: {error}") from error
        line = BaresipLine(options, runtime, wire)
        runtime.on_dead = line.stop_for_good
        runtime.subscribe(line.take)
        try:
            yield line
        finally:
            if line.strangers:
                _log.warning("line %s: %d calls came in and were refused 呼入已拒绝", options.name, line.strangers)
            with contextlib.suppress(BaresipError):
                await runtime.close()


def _check(options: LineOptions) -> None:
    for address in {options.address, options.next_hop}:
        host, _, port = address.rpartition(":")
        if not host or not port.isdigit() or not 1 <= int(port) <= 65535:
            raise LineError(f"line {options.name}: the address must be host:port, not {address!r}")
        if options.kind is LineKind.PRACTICE and not is_loopback(host):
            raise LineError(f"line {options.name}: a practice line leads to loopback only, not to {host}")
    if not 1 <= options.capacity <= MOST_CALLS:
        raise LineError(f"line {options.name}: capacity must be 1 … {MOST_CALLS}, not {options.capacity}")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, for certain."""
    try:
        return ip_address(host).is_loopback
    except ValueError:  # a name could lead anywhere
        return False


def _interface_towards(options: LineOptions) -> str:
    """The address of ours that leads to where we send; nothing is sent."""
    host, _, port = options.next_hop.rpartition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((host, int(port)))
        except OSError as error:
            raise LineError(f"line {options.name}: no way leads to {host} ({error.strerror})") from error
        return str(probe.getsockname()[0])


class BaresipLine:
    """A line on the embedded stack; see `fairdial.ports.Line`."""

    def __init__(self, options: LineOptions, runtime: Runtime, wire: WireLog) -> None:
        self._options = options
        self._wire = wire
        self._runtime = runtime
        self._agents: dict[str, UserAgent] = {}
        self._calls: dict[int, BaresipCall] = {}
        self._before_handle: dict[int, list[StackEvent]] = {}
        self._dialling = 0
        self._dialled: set[UUID] = set()
        self._is_dead = False
        self._refusing: set[asyncio.Task[None]] = set()
        self.strangers = 0
        """Calls that came in; none is ever taken."""

    @property
    def name(self) -> str:
        return self._options.name

    @property
    def capacity(self) -> int:
        return self._options.capacity

    @property
    def is_alive(self) -> bool:
        """Whether the stack answers; once it has stopped it stays so."""
        return not self._is_dead

    def stop_for_good(self) -> None:
        """The stack died or stopped answering: no call is started on this line again."""
        self._is_dead = True
        for call in list(self._calls.values()):
            call.close(Closed(status=None, reason="SIP stack stopped"))

    async def dial(self, spent: SpentPermit) -> BaresipCall:
        if self._is_dead:
            raise LineError(f"line {self.name}: the SIP stack has stopped; restart the worker")
        permit = spent.permit
        if permit.line != self.name:
            raise LineError(f"line {self.name}: the permit is for line {permit.line}")
        if permit.id in self._dialled:
            raise LineError(f"line {self.name}: permit {permit.id} has been dialled already")
        if len(self._calls) + self._dialling >= self.capacity:
            raise LineError(f"line {self.name}: all {self.capacity} places are taken")
        self._dialled.add(permit.id)
        self._dialling += 1
        try:
            agent = await self._agent(permit.caller_number)
            headers = {PERMIT_HEADER: str(permit.id)} | await self._signature(spent)
            call = await agent.dial(f"sip:{permit.number}@{self._options.address}", headers=headers)
        except (CommandTimeout, RuntimeDead) as error:  # the order may have been carried out all the same
            self.stop_for_good()
            raise UncertainLineError(f"line {self.name}: the SIP stack does not answer ({error})") from error
        except BaresipError as error:
            raise LineError(f"line {self.name}: {error}") from error
        else:
            return self._place(call)
        finally:
            self._dialling -= 1
            if not self._dialling:
                self._before_handle.clear()

    async def _signature(self, spent: SpentPermit) -> dict[str, str]:
        if self._options.edge is None:
            return {}
        try:
            return {SIGNATURE_HEADER: await self._options.edge.sign(spent)}
        except LedgerError as error:
            raise LineError(f"line {self.name}: {error}") from error

    def _place(self, call: Call) -> BaresipCall:
        placed = BaresipCall(call, self._wire, on_closed=lambda: self._calls.pop(call.handle, None))
        self._calls[call.handle] = placed
        for event in self._before_handle.pop(call.handle, ()):
            placed.take(event)
        return placed

    def take(self, event: StackEvent) -> None:
        """Bring an event of the stack to its call.

        A fast answer comes before the stack has told us the call's handle; it is kept until then.
        """
        if call := self._calls.get(event.call):
            call.take(event)
        elif event.call and self._dialling:
            self._before_handle.setdefault(event.call, []).append(event)

    async def _agent(self, caller_number: str) -> UserAgent:
        """One SIP identity for each caller number."""
        if caller_number not in self._agents:
            account = Account(
                user=caller_number,
                domain=self._options.address,
                password="",
                registrar=self._options.edge.address if self._options.edge else None,
                reg_interval=0,
                audio_codecs=("pcma", "pcmu"),
            )
            self._agents[caller_number] = await UserAgent.create(self._runtime, account)
            self._agents[caller_number].on_incoming(self._turn_away)
        return self._agents[caller_number]

    def _turn_away(self, call: Call) -> None:
        """Refuse a call that comes in; this line only dials."""
        self.strangers += 1
        refusing = asyncio.create_task(self._refuse(call))
        self._refusing.add(refusing)
        refusing.add_done_callback(self._refusing.discard)

    @staticmethod
    async def _refuse(call: Call) -> None:
        with contextlib.suppress(BaresipError):  # it has gone by itself
            await call.reject()


_SIGNALS: dict[Event, Signal] = {
    Event.CALL_RINGING: Ringing(),
    Event.CALL_PROGRESS: EarlyMedia(),
    Event.CALL_ESTABLISHED: Answered(),
}


class BaresipCall:
    """One call of a baresip line; see `fairdial.ports.LineCall`."""

    def __init__(self, call: Call, wire: WireLog, *, on_closed: Callable[[], object]) -> None:
        self._call = call
        self._wire = wire
        self._signals: asyncio.Queue[Signal] = asyncio.Queue()
        self._on_closed = on_closed
        self._is_closed = False
        self._call_id: str | None = call.call_id

    @property
    def call_id(self) -> str | None:
        return self._call_id

    def take_wire(self) -> tuple[WireMessage, ...]:
        passed = self._wire.of(self._call_id)
        self._wire.forget(self._call_id)
        return passed

    async def next_signal(self) -> Signal:
        return await self._signals.get()

    def read(self) -> bytes:
        try:
            return bytes(self._call.audio.read(_READ_BYTES))
        except (AudioNotActive, AudioRestarted):
            return b""

    def write(self, pcm: bytes) -> None:
        with contextlib.suppress(AudioNotActive, AudioRestarted):
            self._call.audio.write(pcm)

    def flush(self) -> None:
        with contextlib.suppress(AudioNotActive, AudioRestarted):
            self._call.audio.flush_tx()

    async def hang_up(self) -> None:
        if self._is_closed:
            return
        try:
            await self._call.hangup()
        except StaleHandleError:
            return
        except BaresipError as error:
            _log.warning("hang-up not confirmed: %s", type(error).__name__)
            self.close(Closed(status=None, reason="hang-up not confirmed"))

    def close(self, closed: Closed) -> None:
        """Report the end once, whoever noticed it first."""
        if not self._is_closed:
            self._is_closed = True
            self._signals.put_nowait(closed)
            self._on_closed()

    def take(self, event: StackEvent) -> None:
        """Turn an event of the stack into a signal."""
        self._call_id = self._call_id or event.call_id
        if event.event is Event.CALL_CLOSED:
            status, reason = split_status(event.text or "")
            self.close(Closed(status=status, reason=reason or ""))
        elif event.event is Event.CALL_DTMF_START and event.text:
            self._signals.put_nowait(Pressed(key=event.text))
        elif signal := _SIGNALS.get(event.event):
            self._signals.put_nowait(signal)
