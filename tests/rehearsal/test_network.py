"""The practice network as a process of its own, called over real SIP and RTP.

Calls that people could make go through baresip, the product's stack, all at
once in one evening (`evening`); what no stack does on purpose goes through a
bare UDP socket (`Caller`).
"""

from __future__ import annotations

import asyncio
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from baresip import Account, Config, Runtime, UserAgent
from baresip.errors import AudioNotActive, AudioRestarted, StaleHandleError
from baresip.events import Event, StackEvent

from fairdial.core.script.clip import Wording
from fairdial.rehearsal.sounds import load_sounds
from tests.rehearsal.practice import (
    NUMBER_OF,
    UNASSIGNED,
    Network,
    free_port,
    practice_network,
    start,
    write_files,
)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    with practice_network(write_files(tmp_path_factory.mktemp("network"))) as running:
        yield running


@dataclass
class Heard:
    """What the caller's stack saw of one call."""

    permit: str
    call_id: str = ""
    events: list[str] = field(default_factory=list)
    sound: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int16))
    early_samples: int = 0
    closed: str = ""


async def call(agent: UserAgent, uri: str, *, hang_up_s: float) -> Heard:
    """Call, speak from 1.0 to 2.2 s after the dial, read all sound; hang up after `hang_up_s`."""
    heard, over, began_s = Heard(permit=str(uuid4())), asyncio.Event(), time.monotonic()
    placed = await agent.dial(uri, headers={"X-Fairdial-Permit": heard.permit})

    def on_event(event: StackEvent) -> None:
        heard.events.append(event.event.name)
        heard.call_id = event.call_id or heard.call_id
        if event.event is Event.CALL_CLOSED:
            heard.closed = event.text or ""
            over.set()

    placed.on(on_event)
    noise = (3000 * np.random.default_rng(1).standard_normal(160)).astype("<i2").tobytes()
    sound, due_s, has_hung_up = bytearray(), began_s, False
    while not over.is_set() and time.monotonic() < began_s + hang_up_s + 3:
        due_s += 0.02
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        with suppress(AudioNotActive, AudioRestarted):
            sound += placed.audio.read(16_000)
            if 1.0 < due_s - began_s < 2.2:
                placed.audio.write(noise)
        if "CALL_ESTABLISHED" not in heard.events:
            heard.early_samples = len(sound) // 2
        if not has_hung_up and due_s - began_s > hang_up_s:
            has_hung_up = True
            with suppress(StaleHandleError):
                await placed.hangup()
    heard.sound = np.frombuffer(bytes(sound), dtype="<i2")
    return heard


async def all_calls(port: int) -> dict[str, Heard]:
    runtime = Runtime(command_timeout=5.0, native_log_level="error")
    first_rtp = 20_000 + port % 1000 * 8
    await runtime.start(
        Config(
            net_interface="127.0.0.1",
            max_concurrent_calls=None,
            rtp_timeout=2,
            extra_config_text=f"sip_listen 127.0.0.1:0\nrtp_ports {first_rtp}-{first_rtp + 200}\n",
        )
    )
    try:
        account = Account(
            user="+8615499990001",
            domain=f"127.0.0.1:{port}",
            password="",
            reg_interval=0,
            audio_codecs=("pcma", "pcmu"),
        )
        agent = await UserAgent.create(runtime, account)
        hang_up_s = {"talker": 4.5, "listener": 1.0, "unanswered": 0.5}
        names = ["talker", "leaver", "listener", "vacant", "busy", "unanswered", "garbage", "dead"]
        numbers = {name: NUMBER_OF[name] for name in names} | {"nobody": UNASSIGNED}
        calls = [
            call(agent, f"sip:{number}@127.0.0.1:{port}", hang_up_s=hang_up_s.get(name, 6.0))
            for name, number in numbers.items()
        ]
        return dict(zip(numbers, await asyncio.gather(*calls), strict=True))
    finally:
        await runtime.close()


@pytest.fixture(scope="module")
def evening(network: Network) -> dict[str, Heard]:
    return asyncio.run(all_calls(network.port))


@pytest.mark.parametrize(
    ("name", "events"),
    [
        ("talker", ["invite", "ring", "answer", "bye"]),
        ("leaver", ["invite", "answer", "bye"]),
        ("listener", ["invite", "answer", "bye"]),
        ("vacant", ["invite", "early", "reject"]),
        ("busy", ["invite", "reject"]),
        ("unanswered", ["invite", "ring", "cancel"]),
        ("garbage", ["invite", "answer", "bye"]),
        ("dead", ["invite", "answer", "bye"]),
        ("nobody", ["invite", "reject"]),
    ],
)
def test_everything_that_reached_the_network_is_in_its_journal(
    network: Network, evening: dict[str, Heard], name: str, events: list[str]
) -> None:
    lines = [line for line in network.lines if line["permit"] == evening[name].permit]
    assert [line["event"] for line in lines] == events
    assert {(line["to"], line["from"]) for line in lines} == {
        (NUMBER_OF.get(name, UNASSIGNED), "+8615499990001"),
    }


@pytest.mark.parametrize(("name", "by"), [("leaver", "network"), ("talker", "caller"), ("dead", "caller")])
def test_the_journal_tells_who_hung_up(network: Network, evening: dict[str, Heard], name: str, by: str) -> None:
    byes = [line for line in network.lines if line["permit"] == evening[name].permit and line["event"] == "bye"]
    assert [line["by"] for line in byes] == [by]


@pytest.mark.parametrize(("name", "closed"), [("busy", "486"), ("nobody", "404"), ("vacant", "404")])
def test_a_refusal_carries_its_status(evening: dict[str, Heard], name: str, closed: str) -> None:
    assert evening[name].closed.startswith(closed)


def spans(sound: np.ndarray) -> list[tuple[int, int]]:
    """Frames of 20 ms that carry sound, as spans; gaps under 0.2 s are filled."""
    frames = sound[: len(sound) // 160 * 160].reshape(-1, 160).astype(np.float64)
    found: list[tuple[int, int]] = []
    for i in np.flatnonzero(np.sqrt((frames**2).mean(axis=1)) > 300):
        if found and i - found[-1][1] < 10:
            found[-1] = (found[-1][0], int(i) + 1)
        else:
            found.append((int(i), int(i) + 1))
    return found


def likeness(sound: np.ndarray, clip: np.ndarray) -> float:
    """Highest correlation of the clip with any place of the sound; 1 is the same, -1 is inverted."""
    size = 1 << (len(sound) + len(clip)).bit_length()
    product = np.fft.irfft(np.fft.rfft(sound, size) * np.conj(np.fft.rfft(clip, size)), size)
    at = int(np.argmax(np.abs(product[: len(sound)])))
    part = sound[at : at + len(clip)].astype(np.float64)
    return float(part @ clip[: len(part)] / np.sqrt((part @ part) * (clip.astype(np.float64) @ clip)))


def test_a_person_speaks_and_answers_with_the_very_sound_of_the_clips(
    network: Network, evening: dict[str, Heard]
) -> None:
    """A-law left aiortp with every sample's sign inverted."""
    texts = [Wording(text=text, voice="zm_yunxi") for text in ("喂", "好的")]
    sounds = load_sounds(texts, network.folder / "clips")
    sound = evening["talker"].sound
    assert len(spans(sound)) == 2
    alike = [likeness(sound, sounds.speech(text)) for text in texts]
    assert alike == pytest.approx([1.0, 1.0], abs=0.2), "but for a frame a busy machine loses"


def test_sound_flows_without_gaps_from_answer_to_hang_up(evening: dict[str, Heard]) -> None:
    assert len(evening["talker"].sound) / 8000 == pytest.approx(4.3, abs=0.3)


def test_an_announcement_is_heard_before_any_answer(evening: dict[str, Heard]) -> None:
    vacant = evening["vacant"]
    assert "CALL_PROGRESS" in vacant.events and "CALL_ESTABLISHED" not in vacant.events
    assert len(spans(vacant.sound)) == 1 and vacant.early_samples > 0.5 * 8000


def test_a_dead_phone_sends_no_sound_and_no_bye(evening: dict[str, Heard]) -> None:
    assert evening["dead"].closed == "rtp stream error"
    assert len(evening["dead"].sound) / 8000 == pytest.approx(0.4, abs=0.2)


def test_garbage_instead_of_sdp_ends_the_call(evening: dict[str, Heard]) -> None:
    assert "CALL_ESTABLISHED" not in evening["garbage"].events and evening["garbage"].closed


def test_the_clock_offset_moves_the_journal(network: Network, evening: dict[str, Heard]) -> None:
    written = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 86_400))
    assert network.lines[-1]["t"].startswith(written) and network.lines[-1]["t"].endswith("+00:00")


class Caller:
    """A caller made of one UDP socket, which can break every rule."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.connect(("127.0.0.1", port))
        self._socket.settimeout(2.0)
        self.call_id = uuid4().hex
        self.to_tag = ""

    def close(self) -> None:
        self._socket.close()

    def send(self, method: str, number: str, *, cseq: int, branch: str, offer: bool = False) -> None:
        host, port = self._socket.getsockname()
        body = (
            f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio {port + 1} RTP/AVP 0\r\n"
            if offer
            else ""
        )
        lines = [
            f"{method} sip:{number}@127.0.0.1 SIP/2.0",
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{branch}",
            "From: <sip:+8615499990002@127.0.0.1>;tag=caller",
            f"To: <sip:{number}@127.0.0.1>" + (f";tag={self.to_tag}" if self.to_tag else ""),
            f"Call-ID: {self.call_id}",
            f"CSeq: {cseq} {method}",
            f"Contact: <sip:caller@{host}:{port}>",
            "Content-Type: application/sdp",
            f"Content-Length: {len(body)}",
        ]
        self._socket.send(("\r\n".join(lines) + "\r\n\r\n" + body).encode())

    def invite(self, name: str, *, cseq: int = 1, branch: str = "") -> None:
        self.send("INVITE", NUMBER_OF[name], cseq=cseq, branch=branch or self.call_id, offer=True)

    def response(self, *, within_s: float = 2.0) -> tuple[int, str] | None:
        """Status and method of the next response; None when none comes."""
        self._socket.settimeout(within_s)
        try:
            text = self._socket.recv(4096).decode()
        except TimeoutError:
            return None
        if tag := re.search(r"^To:.*;tag=(\w+)", text, re.MULTILINE):
            self.to_tag = tag.group(1)
        method = re.search(r"^CSeq: \d+ (\w+)", text, re.MULTILINE)
        return int(text.split()[1]), method.group(1) if method else ""

    def until(self, status: int, method: str) -> None:
        while (answer := self.response()) != (status, method):
            assert answer is not None, f"{status} to {method} never came"


NewCaller = Callable[[int], Caller]


@pytest.fixture
def new_caller() -> Iterator[NewCaller]:
    made: list[Caller] = []

    def make(port: int) -> Caller:
        made.append(Caller(port))
        return made[-1]

    yield make
    for caller in made:
        caller.close()


def test_a_repeated_invite_is_one_event_and_gets_the_same_answer_again(network: Network, new_caller: NewCaller) -> None:
    """aiosipua took the repetition for a new call, or answered it with 500."""
    caller = new_caller(network.port)
    caller.invite("busy")
    caller.until(486, "INVITE")
    caller.to_tag = ""
    caller.invite("busy")
    assert caller.response() == (486, "INVITE")
    assert network.about(caller.call_id) == ["invite", "reject"]


def test_an_invite_within_a_call_is_not_a_new_call(network: Network, new_caller: NewCaller) -> None:
    caller = new_caller(network.port)
    caller.invite("listener")
    caller.until(200, "INVITE")
    caller.send("ACK", NUMBER_OF["listener"], cseq=1, branch="ack1")
    caller.invite("listener", cseq=2, branch=uuid4().hex)
    caller.until(200, "INVITE")
    caller.send("ACK", NUMBER_OF["listener"], cseq=2, branch="ack2")
    caller.send("BYE", NUMBER_OF["listener"], cseq=3, branch="bye")
    caller.until(200, "BYE")
    network.wait_for(caller.call_id, "bye")
    assert network.about(caller.call_id) == ["invite", "answer", "bye"]


def test_a_cancel_that_comes_after_the_answer_leaves_the_call_to_its_bye(
    network: Network, new_caller: NewCaller
) -> None:
    """aiosipua forgot the call, answered its BYE with 481 and kept it open."""
    caller = new_caller(network.port)
    caller.invite("listener")
    caller.until(200, "INVITE")
    tag, caller.to_tag = caller.to_tag, ""
    caller.send("CANCEL", NUMBER_OF["listener"], cseq=1, branch=caller.call_id)
    caller.until(200, "CANCEL")
    caller.to_tag = tag
    caller.send("BYE", NUMBER_OF["listener"], cseq=2, branch="bye")
    caller.until(200, "BYE")
    network.wait_for(caller.call_id, "bye")
    assert network.about(caller.call_id) == ["invite", "answer", "bye"]


def test_a_cancelled_call_gets_487(network: Network, new_caller: NewCaller) -> None:
    caller = new_caller(network.port)
    caller.invite("unanswered")
    caller.until(180, "INVITE")
    caller.to_tag = ""
    caller.send("CANCEL", NUMBER_OF["unanswered"], cseq=1, branch=caller.call_id)
    caller.until(487, "INVITE")
    network.wait_for(caller.call_id, "cancel")
    assert network.about(caller.call_id) == ["invite", "ring", "cancel"]


def test_one_who_ignores_sip_sends_nothing_at_all(network: Network, new_caller: NewCaller) -> None:
    caller = new_caller(network.port)
    caller.invite("ignores")
    caller.invite("ignores")
    assert caller.response(within_s=0.3) is None
    assert network.about(caller.call_id) == ["invite"]


def test_an_offer_without_g711_is_not_acceptable(network: Network, new_caller: NewCaller) -> None:
    caller = new_caller(network.port)
    caller.send("INVITE", NUMBER_OF["listener"], cseq=1, branch=caller.call_id)
    caller.until(488, "INVITE")


def test_a_port_in_use_is_one_clear_line(network: Network) -> None:
    second = start(network.folder, network.port)
    _, message = second.communicate(timeout=10)
    assert (second.returncode, message.count("\n")) == (3, 1)
    assert f"cannot listen on 127.0.0.1:{network.port}" in message


def test_missing_clips_are_listed_with_their_texts(tmp_path: Path) -> None:
    write_files(tmp_path)
    for path in (tmp_path / "clips").iterdir():
        path.unlink()
    process = start(tmp_path, free_port())
    _, message = process.communicate(timeout=10)
    assert process.returncode == 2
    assert all(part in message for part in ("make clips", "zm_yunxi: 喂", "zm_yunxi: 好的", "zm_yunxi: 空号"))


def test_told_to_end_it_ends_its_calls_and_exits_clean(tmp_path: Path, new_caller: NewCaller) -> None:
    port = free_port()
    process = start(write_files(tmp_path), port)
    assert process.stdout is not None and process.stdout.readline()
    ending, caller, ringing = Network(tmp_path, port, process), new_caller(port), new_caller(port)
    caller.invite("listener")
    caller.until(200, "INVITE")
    caller.send("ACK", NUMBER_OF["listener"], cseq=1, branch="ack")
    ringing.invite("unanswered")
    ringing.until(180, "INVITE")
    assert ending.end() == 0
    assert process.communicate()[1] == ""
    assert ending.about(caller.call_id) == ["invite", "answer", "bye"]
    assert ending.about(ringing.call_id) == ["invite", "ring", "reject"]
