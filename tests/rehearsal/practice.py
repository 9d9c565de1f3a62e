"""The practice network as a process, for every test that calls somebody."""

from __future__ import annotations

import json
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fairdial.core.script.clip import clip_id
from fairdial.rehearsal.persona import wordings
from fairdial.rehearsal.persona_file import load_personas
from fairdial.voice.sound import write_opus

PEOPLE = """
voice: zm_yunxi
personas:
  talker:
    behaviour: answer
    ring_ms: 100
    turns:
      - {when: answered, after_ms: 200, say: 喂}
      - {when: system_finished, after_ms: 100, say: 好的}
  leaver: {behaviour: answer, turns: [{when: system_speaking, for_ms: 300, hang_up: true}]}
  listener: {behaviour: answer}
  vacant: {behaviour: early_media, early: 空号, early_times: 1, status: 404}
  busy: {behaviour: reject, status: 486}
  unanswered: {behaviour: no_answer}
  garbage: {behaviour: malformed_sdp}
  dead: {behaviour: answer, turns: [{when: answered, after_ms: 400, stop_rtp: true}]}
  presser: {behaviour: answer, turns: [{when: answered, after_ms: 300, press: "9"}]}
  ignores: {behaviour: ignore}
"""
NUMBERS = {
    f"+861540000000{i}": name
    for i, name in enumerate(
        ("talker", "leaver", "listener", "vacant", "busy", "unanswered", "garbage", "dead", "presser", "ignores")
    )
}
NUMBER_OF = {name: number for number, name in NUMBERS.items()}
UNASSIGNED = "+8615400000099"


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def synthetic_clip(seed: int) -> np.ndarray:
    """0.6 s of noise whose loudness moves as fast as syllables do; synthetic, not speech."""
    noise = np.random.default_rng(seed).standard_normal(14_400)
    return (0.2 * noise * (0.6 + 0.4 * np.sin(np.arange(14_400) * 2 * np.pi * 4 / 24_000))).astype(np.float32)


@dataclass
class Network:
    """A running network and its files."""

    folder: Path
    port: int
    process: subprocess.Popen[str]

    @property
    def lines(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in (self.folder / "network.jsonl").read_text().splitlines()]

    def count(self, event: str) -> int:
        return sum(line["event"] == event for line in self.lines)

    def about(self, call_id: str) -> list[str]:
        """The events of one call, in order."""
        return [line["event"] for line in self.lines if line["call_id"] == call_id]

    def wait_for(self, call_id: str, event: str) -> None:
        give_up = time.monotonic() + 5
        while event not in self.about(call_id):
            assert time.monotonic() < give_up, f"{event} never came: {self.about(call_id)}"
            select.select([], [], [], 0.01)

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(10)


def write_files(folder: Path, people: str = PEOPLE) -> Path:
    """People, numbers and synthetic clips in an empty folder."""
    (folder / "people.yaml").write_text(people, encoding="utf-8")
    (folder / "assign.json").write_text(json.dumps(NUMBERS), encoding="utf-8")
    for seed, wording in enumerate(wordings(load_personas(folder / "people.yaml").values())):
        write_opus(folder / "clips" / f"{clip_id(wording)}.ogg", synthetic_clip(seed), rate_hz=24_000)
    return folder


def start(folder: Path, port: int) -> subprocess.Popen[str]:
    """Start the network of `write_files`; its log is `network.jsonl` in the same folder."""
    return _start(folder / "people.yaml", folder / "assign.json", folder / "clips", folder / "network.jsonl", port)


def _start(people: Path, assign: Path, clips: Path, log: Path, port: int) -> subprocess.Popen[str]:
    first_rtp = 40_000 + port % 1000 * 20
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "fairdial.rehearsal"),
            *("--personas", str(people), "--assign", str(assign), "--clips", str(clips), "--log", str(log)),
            *("--sip-port", str(port), "--rtp-ports", f"{first_rtp}-{first_rtp + 100}", "--clock-offset", "86400"),
            "--ends-with-parent",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def practice_network(folder: Path) -> Iterator[Network]:
    """The network of `write_files`, running."""
    with _running(folder, lambda port: start(folder, port)) as network:
        yield network


@contextmanager
def example_network(folder: Path, example: Path, persona_of: Mapping[str, str]) -> Iterator[Network]:
    """The people of the example with their recorded voices, at numbers of the test's choosing."""
    assign = folder / "assign.json"
    assign.write_text(json.dumps(persona_of), encoding="utf-8")
    log = folder / "network.jsonl"
    with _running(
        folder, lambda port: _start(example / "personas.yaml", assign, example / "persona-clips", log, port)
    ) as network:
        yield network


@contextmanager
def network_of(folder: Path, people: str, persona_of: Mapping[str, str]) -> Iterator[Network]:
    """A network of people of the test's own, who say nothing, at numbers of its choosing."""
    (folder / "people.yaml").write_text(people, encoding="utf-8")
    (folder / "assign.json").write_text(json.dumps(persona_of), encoding="utf-8")
    with _running(folder, lambda port: start(folder, port)) as network:
        yield network


@contextmanager
def _running(folder: Path, begin: Callable[[int], subprocess.Popen[str]]) -> Iterator[Network]:
    port = free_port()
    process = begin(port)
    assert process.stdout is not None
    assert process.stdout.readline() == f"READY 127.0.0.1:{port}\n", process.communicate()[1]
    try:
        yield Network(folder, port, process)
    finally:
        process.kill()
        process.communicate()
