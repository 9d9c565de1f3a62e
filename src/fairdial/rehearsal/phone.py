"""One simulated phone from INVITE to its end: the hands of a persona."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import assert_never

import numpy as np
from aiosipua import DialogState, IncomingCall, SdpNegotiationError

from fairdial.errors import LineError
from fairdial.rehearsal.journal import By, CallName, Happened, Journal
from fairdial.rehearsal.leg import Leg, PortPairs, open_leg
from fairdial.rehearsal.persona import (
    Action,
    Beep,
    Behaviour,
    Event,
    FrameHeard,
    HangUp,
    Persona,
    Press,
    Say,
    SpeechEnded,
    State,
    StopRtp,
    Waiting,
    advance,
)
from fairdial.rehearsal.sip_front import SipFront
from fairdial.rehearsal.sounds import Sounds
from fairdial.voice.sound import TELEPHONE_RATE

_BETWEEN_ANNOUNCEMENTS = np.zeros(TELEPHONE_RATE * 6 // 10, dtype=np.int16)
"""0.6 s of silence after each repetition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What all phones of a network share."""

    host: str
    front: SipFront
    ports: PortPairs
    sounds: Sounds
    journal: Journal


class Phone:
    """Answers one call as its persona does.

    `ring` comes first, while the INVITE is being received. `live` owns the
    call: it runs until the call is over and then gives the ports back. `tick`
    comes every 20 ms in between. What this side sends is in the journal before
    it is on the wire.
    """

    def __init__(self, call: IncomingCall, name: CallName, persona: Persona, house: House) -> None:
        self._call = call
        self._name = name
        self._persona = persona
        self._house = house
        self._leg: Leg | None = None
        self._state: State | None = None
        self._answered_s = 0.0
        self._over = asyncio.Event()

    async def live(self) -> None:
        """Wait while it rings, behave and clean up."""
        behaving = asyncio.create_task(self._behave())
        ending = asyncio.create_task(self._over.wait())
        try:
            await asyncio.wait((behaving, ending), return_when=asyncio.FIRST_COMPLETED)
        finally:
            behaving.cancel()
            ending.cancel()
            await asyncio.gather(behaving, ending, return_exceptions=True)
            if self._leg is not None:
                await self._leg.close()
        if not behaving.cancelled():
            behaving.result()  # a defect must not pass in silence

    def tick(self, now_s: float) -> None:
        """Send one frame, hear one frame, decide; `now_s` is the loop's time."""
        if self._leg is None or self._over.is_set():
            return
        has_ended = self._leg.send_frame()
        if self._state is None:
            return
        at_ms = round((now_s - self._answered_s) * 1000)
        if has_ended:
            self._take(SpeechEnded(at_ms=at_ms))
        self._take(FrameHeard(at_ms=at_ms, is_speech=self._leg.take_speech()))

    def ring(self) -> None:
        """Send 180, unless the persona does not ring."""
        if self._persona.ring_ms:
            self._house.journal.write(Happened.RING, self._name)
            self._call.ringing()

    def cancelled(self) -> None:
        """The caller gave up before an answer."""
        if not self._over.is_set():
            self._house.journal.write(Happened.CANCEL, self._name)
            self._over.set()

    def hung_up(self) -> None:
        """The caller hung up."""
        if not self._over.is_set():
            self._house.journal.write(Happened.BYE, self._name, by=By.CALLER)
            self._over.set()

    def end(self) -> None:
        """End the call from this side, whatever its state; harmless when it is over."""
        if self._over.is_set():
            return
        if self._call.dialog.state is not DialogState.CONFIRMED:
            self._reject(480)
            return
        self._house.journal.write(Happened.BYE, self._name, by=By.NETWORK)
        self._over.set()
        self._call.hangup()
        self._house.front.forget(self._call)

    async def _behave(self) -> None:
        persona = self._persona
        await asyncio.sleep(persona.ring_ms / 1000)
        if self._over.is_set():  # cancelled in this very turn of the loop
            return
        match persona.behaviour:
            case Behaviour.ANSWER:
                await self._answer()
            case Behaviour.NO_ANSWER | Behaviour.REJECT:
                self._reject(persona.status)
            case Behaviour.EARLY_MEDIA:
                await self._announce()
            case Behaviour.MALFORMED_SDP:
                self._house.journal.write(Happened.ANSWER, self._name)
                self._house.front.answer_with_garbage(self._call)
                await asyncio.sleep(persona.patience_ms / 1000)
                self.end()
            case Behaviour.IGNORE:
                return  # never comes this far: the door does not let it in
            case _:
                assert_never(persona.behaviour)

    async def _answer(self) -> None:
        leg = await self._open_leg()
        if leg is None:
            return
        self._house.journal.write(Happened.ANSWER, self._name)
        self._call.accept(leg.sdp)
        self._answered_s = asyncio.get_running_loop().time()
        self._state = Waiting()
        await self._over.wait()

    async def _announce(self) -> None:
        """Play the network's announcement before any answer, then refuse."""
        leg = await self._open_leg()
        if leg is None or self._persona.early is None:
            return
        self._house.journal.write(Happened.EARLY, self._name)
        self._house.front.progress(self._call, leg.sdp)
        for _ in range(self._persona.early_times):
            leg.play(np.concatenate((self._house.sounds.speech(self._persona.early), _BETWEEN_ANNOUNCEMENTS)))
        await leg.until_played()
        self._reject(self._persona.status)

    async def _open_leg(self) -> Leg | None:
        """Prepare the sound, or refuse: 488 without a common codec, 503 without a port."""
        offer = self._call.sdp_offer
        try:
            if offer is None:
                raise SdpNegotiationError("the INVITE carries no offer")
            opening = asyncio.ensure_future(open_leg(offer, host=self._house.host, ports=self._house.ports))
            try:
                self._leg = await asyncio.shield(opening)
            except asyncio.CancelledError:
                self._leg = await opening  # half a leg would keep its port for ever
                raise
        except SdpNegotiationError:
            self._reject(488)
        except LineError:
            self._reject(503)
        return None if self._over.is_set() else self._leg

    def _reject(self, status: int) -> None:
        if self._over.is_set():
            return
        self._house.journal.write(Happened.REJECT, self._name, status=status)
        self._over.set()
        self._call.reject(status)

    def _take(self, event: Event) -> None:
        if self._state is not None:
            self._state, actions = advance(self._persona, self._state, event)
            for action in actions:
                self._do(action)

    def _do(self, action: Action) -> None:
        assert self._leg is not None
        match action:
            case Say(wording=wording):
                self._leg.play(self._house.sounds.speech(wording))
            case Beep():
                self._leg.play(self._house.sounds.beep(action))
            case Press(key=key):
                self._leg.press(key)
            case StopRtp():
                self._leg.stop()
            case HangUp():
                self.end()
            case _:
                assert_never(action)
