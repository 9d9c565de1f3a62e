"""Pipecat's side of `bench.replies`: run by the Python of a venv that holds `pipecat-ai[silero]`; prints JSON.

Every call is a pipeline of its own in one process, with what answers soonest: no tracing, metrics, idle time-out or turn
model. Its Silero at 8000 Hz, begins after 64 ms as ours does (with its default of 200 ms short words are not heard at all);
a segmented recogniser, whose text is final and so ends the turn at once (its speech time-out strategy without a time-out,
on top of the detector's); an answer that is there as soon as the turn has ended; 20 ms of sound a write, paced as its
own transports pace it.

Usage: python pipecat_turns.py SENTENCES.npz CALLS TURNS STOP_S RECOGNITION_S [virtual]
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncGenerator
from pathlib import Path

import numpy as np
from loguru import logger
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.audio.vad.vad_analyzer import VADParams
from pipecat.frames.frames import (
    Frame,
    InputAudioRawFrame,
    LLMContextFrame,
    OutputAudioRawFrame,
    StartFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
    TTSStartedFrame,
    TTSStoppedFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair, LLMUserAggregatorParams
from pipecat.processors.audio.vad_processor import VADProcessor
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.settings import STTSettings
from pipecat.services.stt_service import SegmentedSTTService
from pipecat.transports.base_input import BaseInputTransport
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import TransportParams
from pipecat.turns.user_stop import SpeechTimeoutUserTurnStopStrategy
from pipecat.turns.user_turn_strategies import UserTurnStrategies
from pipecat.workers.runner import WorkerRunner
from talker import FRAME, FRAME_S, Talker, told

RATE, START_S = 8000, 0.064
PARAMS = TransportParams(
    audio_in_enabled=True,
    audio_in_sample_rate=RATE,
    audio_out_enabled=True,
    audio_out_sample_rate=RATE,
    audio_out_10ms_chunks=2,
)
ANSWER = np.random.default_rng(1).normal(0, 3000, RATE * 8 // 10).astype(np.int16).tobytes()


class Input(BaseInputTransport):
    """A transport whose sound is handed in."""

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)


class Output(BaseOutputTransport):
    """A transport whose sound the person hears; waits after a write as its own do, and never before a first one."""

    def __init__(self, person: Talker) -> None:
        super().__init__(PARAMS)
        self._person, self._next_s = person, 0.0

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def write_audio_frame(self, frame: OutputAudioRawFrame) -> bool:
        now_s = asyncio.get_running_loop().time()
        self._person.hear(frame.audio, now_s)
        self._next_s = max(self._next_s, now_s) + len(frame.audio) / 2 / FRAME * FRAME_S
        await asyncio.sleep(max(0.0, self._next_s - FRAME_S - now_s))
        return True


class Inline(SileroVADAnalyzer):
    """Looks at sound on the loop: in virtual time nothing may take place on a thread."""

    async def analyze_audio(self, buffer: bytes):
        return self._run_analyzer(buffer)


class Recogniser(SegmentedSTTService):
    """Hears 好的 after a scripted time."""

    def __init__(self, person: Talker, takes_s: float) -> None:
        settings = STTSettings(model="script", language=None)
        super().__init__(sample_rate=RATE, trailing_silence_secs=0, ttfs_p99_latency=takes_s, settings=settings)
        self._person, self._takes_s = person, takes_s

    async def run_stt(self, audio: bytes) -> AsyncGenerator[Frame | None, None]:
        loop = asyncio.get_running_loop()
        self._person.recognition_began(loop.time())
        await asyncio.sleep(self._takes_s)
        self._person.recognised(loop.time())
        yield TranscriptionFrame(text="好的", user_id="person", timestamp="")


class Answer(FrameProcessor):
    """In place of a language model and a synthesiser: sound, as soon as a turn has ended."""

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, LLMContextFrame):
            await self.push_frame(TTSStartedFrame())
            await self.push_frame(TTSAudioRawFrame(audio=ANSWER, sample_rate=RATE, num_channels=1))
            await self.push_frame(TTSStoppedFrame())
        else:
            await self.push_frame(frame, direction)


def pipeline(person: Talker, *, stop_s: float, takes_s: float, is_virtual: bool) -> tuple[Input, PipelineWorker]:
    transport = Input(PARAMS)
    vad = VADParams(start_secs=START_S, stop_secs=stop_s)
    analyzer = (Inline if is_virtual else SileroVADAnalyzer)(sample_rate=RATE, params=vad)
    stop = SpeechTimeoutUserTurnStopStrategy(user_speech_timeout=0.0)
    user, assistant = LLMContextAggregatorPair(
        LLMContext(), user_params=LLMUserAggregatorParams(user_turn_strategies=UserTurnStrategies(stop=[stop]))
    )
    stages = [
        transport,
        VADProcessor(vad_analyzer=analyzer),
        Recogniser(person, takes_s),
        user,
        Answer(),
        Output(person),
        assistant,
    ]
    worker = PipelineWorker(
        Pipeline(stages),
        params=PipelineParams(audio_in_sample_rate=RATE, audio_out_sample_rate=RATE, send_initial_empty_metrics=False),
        cancel_on_idle_timeout=False,
        enable_turn_tracking=False,
        enable_rtvi=False,
    )
    return transport, worker


async def live(person: Talker, transport: Input) -> None:
    """Hand the person's frames in as they are spoken, until everything is said and answered."""
    loop = asyncio.get_running_loop()
    while not person.is_done(loop.time()):
        await asyncio.sleep(max(0.0, person.due_s() - loop.time()))
        for pcm in person.frames_due(loop.time()):
            await transport.push_audio_frame(InputAudioRawFrame(audio=pcm, sample_rate=RATE, num_channels=1))


async def main(path: str, calls: int, turns: int, stop_s: float, takes_s: float, is_virtual: bool) -> None:
    stored = np.load(path)
    said = [stored[name] for name in stored.files]
    loop = asyncio.get_running_loop()
    runner = WorkerRunner(handle_sigint=False)
    people, inputs = [], []
    for index in range(calls):
        person = Talker(said, first=3 * index, turns=turns)
        transport, worker = pipeline(person, stop_s=stop_s, takes_s=takes_s, is_virtual=is_virtual)
        people.append(person)
        inputs.append(transport)
        await runner.add_workers(worker)
    running = asyncio.create_task(runner.run())
    while any(transport._audio_task is None for transport in inputs):
        await asyncio.sleep(0.01)
    began_s, began_cpu_s, began_wall_s = loop.time(), time.process_time(), time.monotonic()
    lives = []
    for index, (person, transport) in enumerate(zip(people, inputs, strict=True)):
        person.begin(began_s + 0.131 * index)  # not in step
        lives.append(live(person, transport))
    await asyncio.gather(*lives)
    spent = {"cpu_s": time.process_time() - began_cpu_s, "wall_s": time.monotonic() - began_wall_s}
    print(json.dumps(told(people, **spent)), flush=True)
    running.cancel()
    os._exit(0)  # nothing is kept, and closing hundreds of pipelines takes longer than the measurement


logger.remove()
given = sys.argv[1:6]
story = main(given[0], int(given[1]), int(given[2]), float(given[3]), float(given[4]), "virtual" in sys.argv)
if "virtual" in sys.argv:
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from tests.virtual_time import run_virtually

    run_virtually(story)
else:
    asyncio.run(story)
