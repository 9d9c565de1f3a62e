"""The recognisers of a process, as its settings name them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from pathlib import Path

import httpx

from fairdial.models import require
from fairdial.settings import RecognitionSettings
from fairdial.voice.recognise import WhisperRecogniser
from fairdial.voice.recognise_endpoint import TranscriptionEndpoint
from fairdial.voice.recognise_funasr import FunasrRecogniser
from fairdial.voice.recognise_sherpa import SherpaRecogniser
from fairdial.voice.recognition import BlockingRecogniser, Engine, InThread, Recognition


async def open_recognition(
    settings: RecognitionSettings, models: Path, *, failed: Callable[[str], None] = lambda _engine: None
) -> Recognition:
    """Load or connect every recogniser that is named; `close` it in the end.

    Args:
        models: Cache folder of model files.
        failed: Is told the name of an engine that did not answer.

    Raises:
        ModelError: A model file is missing, differs or cannot be loaded.
        SettingsError: sherpa-onnx is not installed, or the folder of its model tells no kind.
    """
    held = AsyncExitStack()
    worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ears")
    held.callback(worker.shutdown, wait=False, cancel_futures=True)

    def here(name: str, recogniser: BlockingRecogniser) -> Engine:
        return Engine(name=name, recogniser=InThread(recogniser, worker))

    engines: list[Engine] = []
    for name in settings.engines:
        if name == "sherpa" and settings.sherpa_model is not None:
            engines.append(here(name, await asyncio.to_thread(SherpaRecogniser, settings.sherpa_model)))
        elif name == "openai" and settings.endpoint is not None:
            client = httpx.AsyncClient(timeout=settings.timeout_s, trust_env=False)
            await held.enter_async_context(client)
            endpoint = TranscriptionEndpoint(settings.endpoint, client)
            engines.append(
                Engine(name=name, recogniser=endpoint, timeout_s=settings.timeout_s, retries=settings.retries)
            )
        elif name == "funasr" and settings.funasr_url is not None:
            server = FunasrRecogniser(settings.funasr_url)
            engines.append(Engine(name=name, recogniser=server, timeout_s=settings.timeout_s, retries=settings.retries))
        else:
            engines.append(here(name, await asyncio.to_thread(WhisperRecogniser, require("whisper-base", models))))
    return Recognition(engines, held=held, failed=failed)
