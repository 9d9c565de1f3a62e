"""How much the telephone costs recognition: 100 utterances heard through the whole path, beside the same ones from file.

Path: the practice network speaks each utterance as G.711 in RTP packets that leave up to 60 ms late, in bursts; the
SIP stack, the voice clock and the detector of a call hear it and cut it. Then the same recogniser writes both
down. The utterances are read Mandarin of two speakers, AISHELL-1 (Apache-2.0), real voices in a simulated telephone band.
Each of the five runs takes a fifth of them; digits and scripts are not normalised, for either side.
"""

from __future__ import annotations

import asyncio
import csv
import os
import random
import re
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bench.harness import RUNS, goal, median, report
from fairdial.core.hearing.turns import TurnTaking
from fairdial.core.policy.case import LineKind
from fairdial.core.script.clip import Wording
from fairdial.line.baresip_line import open_line
from fairdial.line.options import LineOptions
from fairdial.models import require
from fairdial.ports import Answered, Line, Ringing
from fairdial.rehearsal.journal import Journal
from fairdial.rehearsal.network import Network, NetworkOptions
from fairdial.rehearsal.persona import Behaviour, Persona, Say, Turn, When
from fairdial.rehearsal.sounds import Sounds
from fairdial.settings import read_settings
from fairdial.voice.call_voice import CallVoice, Spoke, VoiceEvent
from fairdial.voice.clock import VoiceClock, running
from fairdial.voice.recognisers import open_recognition
from fairdial.voice.sound import FRAME_MS, TELEPHONE_RATE, Samples, read_sound
from fairdial.voice.vad import SileroVad
from tests.line.contract import spent
from tests.rehearsal.practice import free_port

DATA = Path(os.environ.get("FAIRDIAL_DATA", Path(__file__).parents[2] / "shared" / "data")) / "audio" / "aishell-8k"
AT_ONCE = 6
JITTER_S = 0.06


@dataclass(frozen=True)
class Utterance:
    number: str
    text: str
    samples: Samples


class JitteryNetwork(Network):
    """The practice network, whose packets leave up to `JITTER_S` late, several at once then."""

    async def run(self) -> None:
        loop, chance = asyncio.get_running_loop(), random.Random(5)
        due_s = loop.time()
        while True:
            due_s += FRAME_MS / 1000
            await asyncio.sleep(max(0.0, due_s + chance.uniform(0, JITTER_S) - loop.time()))
            for phone in tuple(self._phones.values()):
                phone.tick(loop.time())


def utterances() -> list[Utterance]:
    with (DATA / "transcripts.tsv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    return [
        Utterance(f"+8615400{at:06}", row["text"], read_sound(DATA / f"{row['id']}.wav")) for at, row in enumerate(rows)
    ]


@contextmanager
def practice(people: Mapping[str, Persona], sounds: Sounds, folder: Path) -> Iterator[int]:
    """The network on a thread of its own; yields its SIP port."""
    port, loop, ready = free_port(), asyncio.new_event_loop(), threading.Event()
    ticking: list[asyncio.Task[None]] = []

    async def serve(journal: Journal) -> None:
        network = JitteryNetwork(NetworkOptions(sip_port=port), people=people, sounds=sounds, journal=journal)
        await network.open()
        ticking.append(asyncio.create_task(network.run()))
        ready.set()
        await asyncio.wait(ticking)
        await network.close()

    with Journal(folder / "network.jsonl", clock=lambda: datetime.now(UTC)) as journal:
        thread = threading.Thread(target=lambda: loop.run_until_complete(serve(journal)))
        thread.start()
        ready.wait(10)
        try:
            yield port
        finally:
            loop.call_soon_threadsafe(ticking[0].cancel)
            thread.join()


async def heard(line: Line, clock: VoiceClock, utterance: Utterance) -> list[Samples]:
    """What a call hears of one utterance, cut by its detector."""
    spoken: list[Samples] = []

    def take(event: VoiceEvent) -> None:
        if isinstance(event, Spoke):
            spoken.append(event.samples)

    call = await line.dial(spent(utterance.number))
    while not isinstance(signal := await call.next_signal(), Answered):
        assert isinstance(signal, Ringing), signal
    voice = CallVoice(call, taking=TurnTaking(), report=take)
    clock.add(voice)
    await asyncio.sleep(len(utterance.samples) / TELEPHONE_RATE + 2.0)
    clock.remove(voice)
    await call.hang_up()
    return spoken


async def through_the_path(some: list[Utterance], port: int, vad: SileroVad) -> tuple[dict[str, list[Samples]], int]:
    """What was heard of each, and how many ticks of the voice clock were late because the machine was busy."""
    options = LineOptions(name="practice", kind=LineKind.PRACTICE, address=f"127.0.0.1:{port}", capacity=AT_ONCE)
    places, found = asyncio.Semaphore(AT_ONCE - 2), {}

    async def one(line: Line, clock: VoiceClock, utterance: Utterance) -> None:
        async with places:
            found[utterance.number] = await heard(line, clock, utterance)
            await asyncio.sleep(0.3)

    async with open_line(options) as line, running(VoiceClock(vad)) as clock:
        await asyncio.gather(*(one(line, clock, utterance) for utterance in some))
    return found, clock.punctuality.late


def errors(truth: str, written: str) -> int:
    """Least number of characters to change, add or remove; marks do not count."""
    one, other = re.sub(r"\W", "", truth), re.sub(r"\W", "", written)
    costs = np.arange(len(other) + 1)
    for at, character in enumerate(one, start=1):
        before, costs[0] = costs.copy(), at
        for to, written_one in enumerate(other, start=1):
            costs[to] = min(before[to] + 1, costs[to - 1] + 1, before[to - 1] + (character != written_one))
    return int(costs[-1])


async def main() -> None:
    settings = read_settings(os.environ)
    recognition = await open_recognition(settings.recognition, settings.models)
    vad = SileroVad(require("silero-vad", settings.models))
    every = utterances()
    wordings = {u.number: Wording(text=f"{u.number} {u.text}", voice="aishell") for u in every}
    people = {
        u.number: Persona(
            name=u.number,
            behaviour=Behaviour.ANSWER,
            ring_ms=100,
            turns=(Turn(when=When.ANSWERED, after_ms=500, act=Say(wording=wordings[u.number])),),
        )
        for u in every
    }
    sounds = Sounds(clips={wordings[u.number]: u.samples for u in every})
    ratios, by_path, by_file, characters, unheard, late = [], 0, 0, 0, 0, 0
    for run in range(RUNS):
        some = every[run::RUNS]
        with tempfile.TemporaryDirectory() as folder, practice(people, sounds, Path(folder)) as port:
            found, were_late = await through_the_path(some, port, vad)
        late += were_late
        path = file = 0
        for u in some:
            parts = found[u.number]
            unheard += not parts
            path += errors(u.text, "".join([(await recognition.words(part)).text for part in parts]))
            file += errors(u.text, (await recognition.words(u.samples)).text)
        ratios.append(path / file)
        by_path, by_file, characters = by_path + path, by_file + file, characters + sum(len(u.text) for u in some)
    await recognition.close()
    report(
        "hearing",
        ours={
            "utterances": len(every),
            "character error rate through SIP, G.711 and 60 ms of jitter": round(by_path / characters, 3),
            "character error rate of the same recogniser on the file": round(by_file / characters, 3),
            "ratio of each run": [round(ratio, 3) for ratio in ratios],
            "utterances not heard at all": unheard,
            "late ticks; many: the machine was too busy to be measured": late,
        },
        peers={},
        goals=[
            goal("ratio of error rates, path to file, median", 1.1, median(ratios), at_least=False),
            goal("ratio of error rates, path to file, all", 1.1, by_path / by_file, at_least=False),
        ],
    )


if __name__ == "__main__":
    asyncio.run(main())
