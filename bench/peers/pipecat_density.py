"""Pipecat's side of `bench.density`: run by the Python of a venv that holds `pipecat-ai`; prints JSON.

Its leanest pipeline that listens: an input transport, its own Silero at 8000 Hz, a sink. No tracing, no metrics, no idle
time-out, no recording, no recogniser. Frames of 20 ms are handed to all calls at once; a tick is over when every sink has
its frame and every detector has looked at it. CPU seconds of each tick are printed, those of detector threads included.

Usage: python pipecat_density.py SOUND.npy CALLS TICKS      (SOUND: (tracks, samples) int16, 8000 Hz)
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time

import numpy as np
from loguru import logger
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.frames.frames import InputAudioRawFrame, StartFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.audio.vad_processor import VADProcessor
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.transports.base_input import BaseInputTransport
from pipecat.transports.base_transport import TransportParams
from pipecat.workers.runner import WorkerRunner

RATE, FRAME, WARM_UP = 8000, 160, 50


class Input(BaseInputTransport):
    """A transport whose sound is handed in."""

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)


class Analyzer(SileroVADAnalyzer):
    """Tells when all calls have been looked at, so that waiting costs nothing."""

    left = 0
    all_seen: asyncio.Event

    async def analyze_audio(self, buffer: bytes):
        state = await super().analyze_audio(buffer)
        Analyzer.left -= 1
        if not Analyzer.left:
            Analyzer.all_seen.set()
        return state


class Sink(FrameProcessor):
    async def process_frame(self, frame, direction) -> None:
        await super().process_frame(frame, direction)


async def main(path: str, calls: int, ticks: int) -> None:
    sound = np.load(path)
    inputs = []
    Analyzer.all_seen = asyncio.Event()
    runner = WorkerRunner(handle_sigint=False)
    for _ in range(calls):
        transport = Input(TransportParams(audio_in_enabled=True, audio_in_sample_rate=RATE))
        worker = PipelineWorker(
            Pipeline([transport, VADProcessor(vad_analyzer=Analyzer(sample_rate=RATE)), Sink()]),
            params=PipelineParams(audio_in_sample_rate=RATE, send_initial_empty_metrics=False),
            cancel_on_idle_timeout=False,
            enable_turn_tracking=False,
            enable_rtvi=False,
        )
        inputs.append(transport)
        await runner.add_workers(worker)
    running = asyncio.create_task(runner.run())
    async with asyncio.timeout(60):
        while any(transport._audio_task is None for transport in inputs):
            await asyncio.sleep(0.01)
    costs = []
    for tick in range(WARM_UP + ticks):
        began = time.process_time()
        Analyzer.left = calls
        Analyzer.all_seen.clear()
        for call, transport in enumerate(inputs):
            track = sound[call % len(sound)]
            at = (tick + call * 7) * FRAME % len(track)
            pcm = track[at : at + FRAME].tobytes()
            await transport.push_audio_frame(InputAudioRawFrame(audio=pcm, sample_rate=RATE, num_channels=1))
        await Analyzer.all_seen.wait()
        costs.append(time.process_time() - began)
    print(json.dumps(costs[WARM_UP:]), flush=True)
    running.cancel()
    os._exit(0)  # nothing is kept, and closing hundreds of pipelines takes longer than the measurement


logger.remove()
asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
