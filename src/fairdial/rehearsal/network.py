"""The practice phone network: numbers, the phones behind them and one clock."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from aiosipua import IncomingCall

from fairdial.rehearsal.journal import CallName, Happened, Journal
from fairdial.rehearsal.leg import PortPairs
from fairdial.rehearsal.persona import Behaviour, Persona
from fairdial.rehearsal.phone import House, Phone
from fairdial.rehearsal.sip_front import SipFront
from fairdial.rehearsal.sounds import Sounds
from fairdial.voice.sound import FRAME_MS

_MOST_LAG_S = 1.0
"""Lag behind the clock above which frames are skipped instead of sent in a burst."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkOptions:
    """Where the network listens: SIP on `host:sip_port`, RTP on the ports from `rtp_ports[0]` to `[1]`."""

    host: str = "127.0.0.1"
    sip_port: int = 5070
    rtp_ports: tuple[int, int] = (34000, 36000)


class Network:
    """Answers calls to the numbers of `people`; any other number gets 404.

    Use `open`, then `run`, which returns only by cancellation, then `close`.
    """

    def __init__(
        self, options: NetworkOptions, *, people: Mapping[str, Persona], sounds: Sounds, journal: Journal
    ) -> None:
        self._people = people
        self._journal = journal
        self._front = SipFront((options.host, options.sip_port), self)
        self._house = House(
            host=options.host,
            front=self._front,
            ports=PortPairs(options.host, *options.rtp_ports),
            sounds=sounds,
            journal=journal,
        )
        self._phones: dict[str, Phone] = {}
        self._lives: set[asyncio.Task[None]] = set()
        self._ignored: dict[str, CallName] = {}

    async def open(self) -> None:
        """Listen.

        Raises:
            LineError: The SIP port cannot be bound.
        """
        await self._front.open()

    async def run(self) -> None:
        """Tick every phone each 20 ms; the deadlines are absolute, so nothing drifts."""
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        while True:
            due_s += FRAME_MS / 1000
            now_s = loop.time()
            if now_s - due_s > _MOST_LAG_S:
                due_s = now_s
            await asyncio.sleep(max(0.0, due_s - now_s))
            for phone in tuple(self._phones.values()):
                phone.tick(loop.time())

    async def close(self) -> None:
        """End every call, wait until its ports are free, stop listening."""
        for phone in tuple(self._phones.values()):
            phone.end()
        await asyncio.gather(*self._lives)
        await self._front.close()

    def reached(self, name: CallName) -> bool:
        self._journal.write(Happened.INVITE, name)
        persona = self._people.get(name.to)
        if persona is not None and persona.behaviour is Behaviour.IGNORE:
            self._ignored[name.call_id] = name
            return False
        return True

    def opened(self, name: CallName, call: IncomingCall) -> None:
        persona = self._people.get(name.to)
        if persona is None:
            self._journal.write(Happened.REJECT, name, status=404)
            call.reject(404, "Not Found")
            return
        phone = Phone(call, name, persona, self._house)
        self._phones[name.call_id] = phone
        phone.ring()
        life = asyncio.create_task(phone.live())
        self._lives.add(life)
        life.add_done_callback(lambda done: self._buried(name.call_id, done))

    def cancelled(self, call_id: str) -> None:
        if phone := self._phones.get(call_id):
            phone.cancelled()
        elif name := self._ignored.pop(call_id, None):
            self._journal.write(Happened.CANCEL, name)

    def hung_up(self, call_id: str) -> None:
        if phone := self._phones.get(call_id):
            phone.hung_up()

    def lost(self, call_id: str) -> None:
        if phone := self._phones.get(call_id):
            phone.end()

    def _buried(self, call_id: str, life: asyncio.Task[None]) -> None:
        self._lives.discard(life)
        self._phones.pop(call_id, None)
        if not life.cancelled() and (defect := life.exception()):
            asyncio.get_running_loop().call_exception_handler(
                {"message": "a simulated phone broke", "exception": defect}
            )
