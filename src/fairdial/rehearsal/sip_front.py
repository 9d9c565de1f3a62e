"""The practice network's SIP door: what aiosipua leaves to its user.

aiosipua 0.7.1 takes a retransmitted INVITE for a new call, or answers it with
500; it forgets an answered call when a late CANCEL comes; it has no 183. All
of that is settled here, before and beside its `SipUAS`, by its public parts.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Protocol
from urllib.parse import unquote

from aiosipua import (
    DialogState,
    IncomingCall,
    SdpMessage,
    SipRequest,
    SipResponse,
    SipTransport,
    SipUAS,
    parse_uri,
    serialize_sdp,
)

from fairdial.errors import LineError
from fairdial.rehearsal.journal import CallName

PERMIT_HEADER = "X-Fairdial-Permit"

_REMEMBERED = 4096
"""INVITEs whose last answer is kept for retransmissions; far more than start within 32 s (RFC 3261, timer B)."""

GARBAGE = "v=zero\r\no=nobody\r\nm=audio none RTP/NONSENSE banana\r\n\x07\x07\x07"


class Exchange(Protocol):
    """What the door tells the house; `call_id` is the SIP Call-ID."""

    def reached(self, name: CallName) -> bool:
        """An INVITE for a new call came in; False when nothing may answer it."""

    def opened(self, name: CallName, call: IncomingCall) -> None:
        """The call is open and 100 has been sent."""

    def cancelled(self, call_id: str) -> None:
        """A CANCEL came; 487 has been sent unless the call is ignored."""

    def hung_up(self, call_id: str) -> None:
        """The caller's BYE came and was answered."""

    def lost(self, call_id: str) -> None:
        """The answer was never acknowledged (RFC 3261, section 13.3.1.4)."""


class _Transport(SipTransport, asyncio.DatagramProtocol):
    """SIP over UDP that remembers the last answer to each INVITE, by the branch of its Via.

    aiosipua's own UDP transport fails an assertion on Python 3.11 while it binds.
    """

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(local_addr=address)
        self.answers: OrderedDict[str, SipResponse | None] = OrderedDict()
        self._socket: asyncio.DatagramTransport | None = None

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._socket, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=self.local_addr)

    async def stop(self) -> None:
        if self._socket is not None:
            self._socket.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._dispatch(data, addr)

    def expect(self, branch: str) -> None:
        """Begin to remember what this INVITE is answered."""
        self.answers[branch] = None
        while len(self.answers) > _REMEMBERED:
            self.answers.popitem(last=False)

    def send(self, message: SipRequest | SipResponse, addr: tuple[str, int]) -> None:
        branch = _branch(message)
        is_to_invite = message.cseq is not None and message.cseq.method == "INVITE"  # not to a CANCEL of it
        if isinstance(message, SipResponse) and is_to_invite and branch in self.answers:
            self.answers[branch] = message
        if self._socket is not None:
            self._socket.sendto(bytes(message), addr)


class SipFront:
    """Listens for SIP over UDP and reports to an `Exchange`."""

    def __init__(self, address: tuple[str, int], exchange: Exchange) -> None:
        self._transport = _Transport(address)
        self._uas = SipUAS(self._transport, user_agent="fairdial rehearsal")
        self._exchange = exchange
        self._ignored: set[str] = set()
        self._uas.on_invite = lambda call: exchange.opened(call_name(call.invite), call)
        self._uas.on_reinvite = lambda call: call.accept(call.sdp_answer)
        self._uas.on_bye = lambda call, _request: exchange.hung_up(call.call_id)
        self._uas.on_cancel = lambda request, _address: exchange.cancelled(request.call_id or "")
        self._uas.on_ack_timeout = lambda call: exchange.lost(call.call_id)

    async def open(self) -> None:
        """Bind the socket.

        Raises:
            LineError: The port is in use or the address is not ours.
        """
        try:
            await self._uas.start()
        except OSError as error:
            host, port = self._transport.local_addr
            raise LineError(f"practice network: cannot listen on {host}:{port} ({error.strerror})") from error
        deliver = self._transport.on_message
        assert deliver is not None  # set by the UAS as it starts
        self._deliver = deliver
        self._transport.on_message = self._receive

    async def close(self) -> None:
        await self._uas.stop()

    def forget(self, call: IncomingCall) -> None:
        """Drop a call this side has ended; aiosipua drops those that the caller ends."""
        self._uas._calls.pop(call.call_id, None)

    def respond(self, call: IncomingCall, status: int, reason: str, body: str) -> None:
        """Answer an INVITE with a body aiosipua has no word for, such as 183 with SDP."""
        host, port = self._transport.local_addr
        response = call.dialog.create_response(call.invite, status, reason, contact=f"<sip:{host}:{port}>")
        response.text = body
        response.headers.set_single("Content-Type", "application/sdp")
        self._transport.send_reply(response)

    def progress(self, call: IncomingCall, sdp: SdpMessage) -> None:
        """Send 183 with the description of the early media (RFC 3960)."""
        self.respond(call, 183, "Session Progress", serialize_sdp(sdp))

    def answer_with_garbage(self, call: IncomingCall) -> None:
        """Send 200 with a body that only pretends to be SDP."""
        self.respond(call, 200, "OK", GARBAGE)
        call.dialog.confirm()

    def _receive(self, message: SipRequest | SipResponse, address: tuple[str, int]) -> None:
        if isinstance(message, SipRequest) and self._settle(message):
            return
        self._deliver(message, address)

    def _settle(self, request: SipRequest) -> bool:
        """Deal with what aiosipua would get wrong; True when nothing is left to do."""
        call_id = request.call_id or ""
        if request.method == "INVITE":
            return self._settle_invite(request, call_id)
        if call_id in self._ignored:
            if request.method == "CANCEL":
                self._exchange.cancelled(call_id)
            return True
        call = self._uas.get_call(call_id)
        if request.method == "CANCEL" and call is not None and call.dialog.state is DialogState.CONFIRMED:
            # Too late: the call is answered, the caller sends BYE next (RFC 3261, section 9.2).
            self._transport.send_reply(call.dialog.create_response(request, 200, "OK"))
            return True
        return False

    def _settle_invite(self, request: SipRequest, call_id: str) -> bool:
        branch = _branch(request)
        if branch in self._transport.answers:
            if answer := self._transport.answers[branch]:
                self._transport.send_reply(answer)
            return True
        self._transport.expect(branch)
        if request.to_addr is not None and request.to_addr.tag:
            return False
        if self._exchange.reached(call_name(request)):
            return False
        self._ignored.add(call_id)
        return True


def call_name(invite: SipRequest) -> CallName:
    """Read off an INVITE who is called by whom, and with which permit."""
    caller = invite.from_addr
    return CallName(
        to=unquote(parse_uri(invite.uri).user or ""),
        caller=unquote(caller.uri.user or "") if caller is not None else "",
        call_id=invite.call_id or "",
        permit=invite.get_header(PERMIT_HEADER),
    )


def _branch(message: SipRequest | SipResponse) -> str:
    """The transaction's name; an ACK or CANCEL of it carries the same (RFC 3261, section 17.2.3)."""
    return (message.via[0].branch or "") if message.via else ""
