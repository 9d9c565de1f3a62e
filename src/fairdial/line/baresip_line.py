"""The embedded SIP stack: baresip in this process, behind `fairdial.ports`.

baresip runs one stack a process on a thread of its own. Beyond about 150 calls
on two busy cores its commands time out, so a line has a cap below that, every
command is bounded, and a stack that stops answering closes the line for good.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
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
from fairdial.core.trunk import written_for
from fairdial.core.wire import WireMessage
from fairdial.errors import LedgerError, LineError, UncertainLineError
from fairdial.line.options import LineOptions, as_written, check, headers_of, shared_interface, transport_of
from fairdial.line.wire_log import WireLog, listening_to_wire
from fairdial.ports import Answered, Closed, EarlyMedia, Pressed, Ringing, Signal

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


REGISTER_EVERY_S = 300
"""Seconds between two registrations of a trunk that wants them; it keeps the way through a NAT open, too."""

_TLS = "sip_verify_server yes\nsip_cafile {}\n"


@asynccontextmanager
async def open_line(options: LineOptions) -> AsyncIterator[BaresipLine]:
    """Open a stack with one line; see `open_lines`."""
    async with open_lines([options], capacity=options.capacity) as line:
        yield line


@asynccontextmanager
async def open_lines(lines: Sequence[LineOptions], *, capacity: int) -> AsyncIterator[BaresipLine]:
    """Start the stack, yield the lines as one, which dials each permit over its own, close the stack.

    Args:
        lines: At least one; where we listen and our media ports are those of the first.
        capacity: Calls at once of this process, over all lines.

    Raises:
        LineError: A practice line leads off this machine, the lines leave by interfaces that one stack cannot serve, a registration
            is refused, or the stack cannot start.
    """
    for options in lines:
        check(options)
    first, names = lines[0], ", ".join(one.name for one in lines)
    if not 1 <= capacity <= MOST_CALLS:
        raise LineError(f"line {names}: capacity must be 1 … {MOST_CALLS}, not {capacity}")
    interface = shared_interface(lines)
    listen = first.listen or f"{interface or '0.0.0.0'}:0"
    runtime = Runtime(command_timeout=5.0, watchdog_interval=5.0, native_log_level="error")
    config = Config(
        net_interface=listen.rpartition(":")[0] if interface else None,
        max_concurrent_calls=capacity + _SPARE,
        sip_trace=True,
        extra_config_text=(
            f"sip_listen {listen}\nrtp_ports {first.rtp_ports[0]}-{first.rtp_ports[1]}\n{_JITTER_BUFFER}"
            f"{_TLS.format(first.ca_file)}"
        ),
    )
    with listening_to_wire() as wire:
        try:
            await runtime.start(config)
        except BaresipError as error:
            raise LineError(f"line {names}: the SIP stack did not start on {listen}: {error}") from error
        line = BaresipLine(lines, runtime, wire, capacity=capacity)
        runtime.on_dead = line.stop_for_good
        runtime.subscribe(line.take)
        try:
            await line.register()
            yield line
        finally:
            if line.strangers:
                _log.warning("line %s: %d calls came in and were refused 呼入已拒绝", names, line.strangers)
            with contextlib.suppress(BaresipError):
                await runtime.close()


class BaresipLine:
    """Lines on the embedded stack, as one; see `fairdial.ports.Line`."""

    def __init__(self, lines: Sequence[LineOptions], runtime: Runtime, wire: WireLog, *, capacity: int) -> None:
        self._lines = {one.name: one for one in lines}
        self._capacity = capacity
        self._wire = wire
        self._runtime = runtime
        self._agents: dict[tuple[str, str], UserAgent] = {}
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
        return ", ".join(self._lines)

    @property
    def capacity(self) -> int:
        return self._capacity

    @property
    def is_alive(self) -> bool:
        """Whether the stack answers; once it has stopped it stays so."""
        return not self._is_dead

    def stop_for_good(self) -> None:
        """The stack died or stopped answering: no call is started on this line again."""
        self._is_dead = True
        for call in list(self._calls.values()):
            call.close(Closed(status=None, reason="SIP stack stopped"))

    async def register(self) -> None:
        """Register where a trunk wants it.

        Raises:
            LineError: The carrier refuses, or does not answer.
        """
        for options in self._lines.values():
            if options.trunk.registers and options.trunk.login and options.edge is None:
                agent = await self._open_agent(options, options.trunk.login, every_s=REGISTER_EVERY_S)
                try:
                    await agent.register()
                except BaresipError as error:
                    raise LineError(f"line {options.name}: it could not be registered: {error} 线路注册失败") from error

    async def dial(self, spent: SpentPermit) -> BaresipCall:
        if self._is_dead:
            raise LineError(f"line {self.name}: the SIP stack has stopped; restart the worker")
        permit = spent.permit
        options = self._lines.get(permit.line)
        if options is None:
            raise LineError(f"line {self.name}: the permit is for line {permit.line}")
        if permit.id in self._dialled:
            raise LineError(f"line {self.name}: permit {permit.id} has been dialled already")
        if len(self._calls) + self._dialling >= self.capacity:
            raise LineError(f"line {self.name}: all {self.capacity} places are taken")
        self._dialled.add(permit.id)
        self._dialling += 1
        try:
            agent = await self._agent(options, permit.caller_number)
            written = as_written(permit, options)
            uri = f"sip:{written.number}@{options.address}{transport_of(options)}"
            headers = headers_of(options, written) | await self._signature(options, replace(spent, permit=written))
            call = await agent.dial(uri, headers=headers)
        except (CommandTimeout, RuntimeDead) as error:  # the order may have been carried out all the same
            self.stop_for_good()
            raise UncertainLineError(f"line {self.name}: the SIP stack does not answer ({error})") from error
        except BaresipError as error:
            raise LineError(f"line {options.name}: {error}") from error
        else:
            return self._place(call)
        finally:
            self._dialling -= 1
            if not self._dialling:
                self._before_handle.clear()

    @staticmethod
    async def _signature(options: LineOptions, spent: SpentPermit) -> dict[str, str]:
        if options.edge is None:
            return {}
        try:
            return {SIGNATURE_HEADER: await options.edge.sign(spent)}
        except LedgerError as error:
            raise LineError(f"line {options.name}: {error}") from error

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

    async def _agent(self, options: LineOptions, caller_number: str) -> UserAgent:
        """One SIP identity for each line and caller number."""
        key = (options.name, caller_number)
        if key not in self._agents:
            shown = written_for(caller_number, options.trunk.number_format)
            self._agents[key] = await self._open_agent(options, shown, every_s=0)
        return self._agents[key]

    async def _open_agent(self, options: LineOptions, user: str, *, every_s: int) -> UserAgent:
        trunk = options.trunk
        account = Account(
            user=user,
            domain=options.address,
            password=(options.password or "") if trunk.login else "",
            auth_user=trunk.login,
            registrar=options.edge.address if options.edge else None,
            reg_interval=every_s,
            transport=str(options.transport),  # type: ignore[arg-type]
            audio_codecs=("pcma", "pcmu"),
            extra_params=("mediaenc=srtp-mand",) if trunk.srtp and options.edge is None else (),
        )
        agent = await UserAgent.create(self._runtime, account)
        agent.on_incoming(self._turn_away)
        return agent

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


_NO_CONNECTION = "Connection refused"
"""What the stack says when a TCP or TLS trunk takes no connection."""

_TRACE_S, _TRACE_TRIES = 0.02, 10

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

    @property
    def is_taken_up(self) -> bool:
        return any(not message.is_ours for message in self._wire.of(self._call_id))

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

    def _close_when_traced(self, closed: Closed, *, tries: int) -> None:
        """The trace comes by another way than the event: what refused the call is waited for, for a moment."""
        if closed.status is None or not tries or self._wire.has_status(self._call_id, closed.status):
            self.close(closed)
        else:
            loop = asyncio.get_running_loop()
            loop.call_later(_TRACE_S, lambda: self._close_when_traced(closed, tries=tries - 1))

    def take(self, event: StackEvent) -> None:
        """Turn an event of the stack into a signal."""
        self._call_id = self._call_id or event.call_id
        if event.event is Event.CALL_CLOSED:
            status, reason = split_status(event.text or "")
            is_unsent = status is None and (reason or "").startswith(_NO_CONNECTION) and not self.is_taken_up
            self._close_when_traced(Closed(status=status, reason=reason or "", is_unsent=is_unsent), tries=_TRACE_TRIES)
        elif event.event is Event.CALL_DTMF_START and event.text:
            self._signals.put_nowait(Pressed(key=event.text))
        elif signal := _SIGNALS.get(event.event):
            self._signals.put_nowait(signal)
