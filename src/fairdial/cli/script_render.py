"""`fairdial script render`: the clips of a script, recorded or spoken. 生成录音。"""

from __future__ import annotations

import importlib
import os
from enum import StrEnum
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, TaskID

from fairdial.app import App
from fairdial.app.clips import missing_clips, wanted_wordings
from fairdial.cli.output import in_app
from fairdial.cli.script import app, said_to
from fairdial.core.script.clip import Wording
from fairdial.errors import InputError
from fairdial.models import require
from fairdial.rehearsal.persona import wordings as persona_wordings
from fairdial.rehearsal.persona_file import load_personas
from fairdial.script_file import read_script_file
from fairdial.settings import read_settings
from fairdial.voice.recorded import Recorded
from fairdial.voice.render import Speaker, Speech, render_missing
from fairdial.voice.speech_endpoint import SpeechEndpoint


class Engine(StrEnum):
    KOKORO = "kokoro"
    ENDPOINT = "endpoint"
    NONE = "none"


Recordings = Annotated[
    Path | None,
    typer.Option(help="Recordings of a person, NAME.wav by the names of clips/index.tsv. 真人录音文件夹。"),
]
Speaks = Annotated[
    Engine,
    typer.Option(
        help="kokoro in this process 内置; endpoint: a speech server 语音服务; none: recordings only 只用录音。"
    ),
]
Url = Annotated[
    str | None, typer.Option(envvar="FAIRDIAL_SPEECH_URL", help="OpenAI-compatible server, to /v1. 语音服务地址。")
]
Model = Annotated[str, typer.Option(envvar="FAIRDIAL_SPEECH_MODEL", help="Its model. 模型。")]


@app.command("render", epilog="Example 例: fairdial script render my-script --recorded studio --engine none")
def render(
    folder: Annotated[Path, typer.Argument(help="Folder with script.yaml and customers.csv. 示例文件夹。")],
    recorded: Recordings = None,
    engine: Speaks = Engine.KOKORO,
    url: Url = None,
    model: Model = "tts-1",
) -> None:
    """Make every clip that is missing and remove those no longer said. 生成录音。

    Recordings come first, then the engine; all are trimmed and brought to equal loudness. kokoro needs its
    model and packages, which `make clips` fetches; a server's key is read from FAIRDIAL_SPEECH_KEY.
    """
    speakers = _speakers(recorded, engine, url, model)
    for target, wanted in _wanted(folder, people=engine is not Engine.NONE):
        with Progress(console=Console(stderr=True)) as progress:
            task = progress.add_task(f"{target.name}", total=len(wanted))
            rendered = render_missing(wanted, target, speakers, done=partial(_advance, progress, task))
        Console().print(f"{target}: {len(wanted)} clips, {rendered} rendered 新生成")


@app.command("clips", epilog="Example 例: fairdial script clips insurance-renewal --clips clips --list renewals")
def clips(
    name: Annotated[str, typer.Argument(help="Name of a script that the ledger keeps. 话术名称。")],
    folder: Annotated[Path, typer.Option("--clips", help="Folder of clips, of this script and others. 录音文件夹。")],
    version: Annotated[
        str | None, typer.Option(help="Hash of a version; without it, the text as it stands. 版本。")
    ] = None,
    contact_list: Annotated[
        str | None, typer.Option("--list", help="An imported list: clips for everybody on it. 名单。")
    ] = None,
    recorded: Recordings = None,
    engine: Speaks = Engine.KOKORO,
    url: Url = None,
    model: Model = "tts-1",
) -> None:
    """Make every clip that a script of the ledger still needs, and remove none. 为已存的话术补录音。

    Prints how many are done, of how many, one line each.
    """

    async def work(opened: App) -> list[Wording]:
        tenant = opened.settings.tenant
        return await wanted_wordings(
            opened.database, tenant=tenant, name=name, version=version, contact_list=contact_list
        )

    speakers, wanted = _speakers(recorded, engine, url, model), in_app(work)
    missing = len(missing_clips(wanted, folder))
    done = count(1)
    print(f"0/{missing}", flush=True)
    render_missing(
        wanted, folder, speakers, done=lambda _: print(f"{next(done)}/{missing}", flush=True), is_shared=True
    )


def _speakers(recorded: Path | None, engine: Engine, url: str | None, model: str) -> list[Speaker]:
    """Whoever speaks, in the order in which they are asked."""
    speakers: list[Speaker] = [Recorded(recorded).speak] if recorded else []
    match engine:
        case Engine.KOKORO:
            speakers.append(_kokoro())
        case Engine.ENDPOINT:
            if url is None:
                raise InputError("--url is missing: where is the speech server? 请用 --url 给出语音服务地址")
            key = os.environ.get("FAIRDIAL_SPEECH_KEY")
            speakers.append(SpeechEndpoint(url=url, model=model, key=key).speak)
    return speakers


def _advance(progress: Progress, task: TaskID, _wording: Wording) -> None:
    progress.advance(task)


def _kokoro() -> Speaker:
    """Kokoro, loaded when the first clip is missing."""
    models = require("kokoro-82m", read_settings(os.environ).models)

    @cache
    def loaded() -> Any:
        try:
            return importlib.import_module("fairdial.voice.kokoro").Kokoro(models)
        except ModuleNotFoundError as error:
            raise InputError(
                f"{error.name} is not installed; run `make clips`, which installs what rendering needs"
            ) from error

    def speak(wording: Wording) -> Speech | None:
        speech: Speech = loaded().speak(wording)
        return speech

    return speak


def _wanted(folder: Path, *, people: bool) -> list[tuple[Path, list[Wording]]]:
    """The clips of the script for everybody on the list, and those of the people who answer in a rehearsal."""
    _, script = read_script_file(folder / "script.yaml")
    clips = [(folder / "clips", said_to(folder / "customers.csv", script))]
    personas = folder / "personas.yaml"
    if people and personas.is_file():
        clips.append((folder / "persona-clips", list(persona_wordings(load_personas(personas).values()))))
    return clips
