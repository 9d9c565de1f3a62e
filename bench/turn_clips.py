"""Synthetic turns for the benchmarks of turn taking: whole sentences, and sentences with a pause in their middle.

Sentences are people's answers from `event-marketing-intents-dev.tsv`, without those the endings were counted over; half
of them serve development and half are kept aside, and so do the voices (Kokoro). A pause stands between two words or
after a word of hesitation; what is before it is rendered by itself, ending in a comma, and its length is drawn.
Everything passes the telephone band and A-law.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from pypinyin.seg.mmseg import seg

from bench.sounds import a_law
from fairdial.core.dialogue.refusal import normalise
from fairdial.rehearsal.sounds import telephone_band
from fairdial.voice.sound import TELEPHONE_RATE, Samples, read_sound
from training.understanding.rows import own, telemarketing

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("FAIRDIAL_DATA", ROOT.parent / "shared" / "data"))
CACHE = Path(os.environ.get("FAIRDIAL_BENCH_CLIPS", "~/.cache/fairdial/bench/turns")).expanduser()
PEERS = os.environ.get("FAIRDIAL_PEERS", str(ROOT / ".venv-peers" / "bin" / "python"))
"""Python of a virtual environment with `pipecat-ai`, `misaki[zh]`, `onnxruntime`, `soundfile` and `soxr`."""

VOICES = {"development": ("zf_xiaobei", "zm_yunjian"), "kept aside": ("zf_xiaoyi", "zm_yunxi", "zm_yunxia")}
HESITATION = ("嗯", "那个", "就是", "我想问一下", "不是", "这个")
FEWEST, MOST = 4, 18
"""Characters of a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn at 8000 Hz; positions in samples. `pause` is where the speaker paused, None when they did not."""

    text: str
    samples: Samples
    pause: tuple[int, int] | None
    end: int


def turns(part: str, *, count: int, most: int | None = None) -> list[Turn]:
    """`count` whole turns and about as many with a pause, of one part, always the same; or the first `most` of each."""
    chance = random.Random(part)
    sentences = _sentences(part)
    chance.shuffle(sentences)
    wanted: list[tuple[str, str | None]] = [(text, None) for text in sentences[:count]]
    for number, text in enumerate(sentences[count : 2 * count]):
        words = list(seg.cut(text))
        if number % 2 or len(words) < 2:
            wanted.append((text, chance.choice(HESITATION)))
        else:
            wanted.append(("".join(words[(cut := chance.randrange(1, len(words))) :]), "".join(words[:cut])))
    drawn = [(before, text, chance.choice(VOICES[part]), chance.lognormvariate(-0.5, 0.5)) for text, before in wanted]
    drawn = drawn[:most] + drawn[count : count + most] if most is not None else drawn
    rests = spoken([(text, voice) for _, text, voice, _ in drawn])
    begun = iter(spoken([(f"{before},", voice) for before, _, voice, _ in drawn if before]))
    made = [
        _turn(
            f"{before or ''}{text}", next(begun) if before else None, rest, pause_s=min(max(pause_s, 0.3), 1.5), seed=n
        )
        for n, ((before, text, _, pause_s), rest) in enumerate(zip(drawn, rests, strict=True))
    ]
    return [turn for turn in made if turn is not None]


def _sentences(part: str) -> list[str]:
    rows = (DATA / "event-marketing-intents-dev.tsv").read_text(encoding="utf-8").splitlines()[1:]
    texts = sorted({normalise(row.split("\t")[0]) for row in rows if row.split("\t")[2] != "call_assistant"})
    counted = {normalise(row.text) for row in (*telemarketing(DATA), *own())}
    kept = [t for t in texts if FEWEST <= len(t) <= MOST and t.isalpha() and t not in counted]
    return [t for t in kept if (sha256(t.encode()).digest()[0] % 2 == 0) == (part == "development")]


def spoken(wanted: list[tuple[str, str]]) -> list[Samples]:
    """Each sentence by its voice; what is missing is rendered once and kept."""
    CACHE.mkdir(parents=True, exist_ok=True)
    paths = [CACHE / f"{sha256(f'{voice}|{text}'.encode()).hexdigest()[:20]}.wav" for text, voice in wanted]
    missing = {
        path: {"path": str(path), "voice": voice, "text": text}
        for path, (text, voice) in zip(paths, wanted, strict=True)
        if not path.is_file()
    }
    if missing:
        models = Path(os.environ.get("FAIRDIAL_MODELS", "~/.cache/fairdial/models")).expanduser()
        subprocess.run(
            [PEERS, "-m", "bench.peers.render", str(models / "kokoro-82m")],
            input="\n".join(json.dumps(one) for one in missing.values()),
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
            cwd=ROOT,
            text=True,
            check=True,
        )
    return [telephone_band(read_sound(path)) for path in paths]


def _turn(text: str, before: Samples | None, rest: Samples, *, pause_s: float, seed: int) -> Turn | None:
    """One line: `before`, a pause and the rest; None where the renderer said nothing."""
    parts = [_voiced(part) for part in (before, rest) if part is not None]
    if not all(map(len, parts)):
        return None
    lead, gap, tail = (np.zeros(int(s * TELEPHONE_RATE), dtype=np.int16) for s in (0.5, pause_s, 4.0))
    pause = (len(lead) + len(parts[0]), len(lead) + len(parts[0]) + len(gap)) if before is not None else None
    said = np.concatenate([lead, parts[0], *([gap, parts[1]] if before is not None else [])])
    line = np.concatenate([said, tail])
    line = a_law(line + np.random.default_rng(seed).normal(0, 12, len(line)))
    return Turn(text=text, samples=line, pause=pause, end=len(said))


_STEP = 80
"""Samples (10 ms) of one measure of loudness."""


def _voiced(samples: Samples) -> Samples:
    """From the first loud sound to the last."""
    frames = samples[: len(samples) // _STEP * _STEP].reshape(-1, _STEP).astype(np.float64)
    rms = np.sqrt(np.mean(frames**2, axis=1))
    loud = np.flatnonzero(rms > 0.03 * np.quantile(rms, 0.95)) if len(rms) else np.zeros(0, dtype=np.intp)
    return samples[int(loud[0]) * _STEP : (int(loud[-1]) + 1) * _STEP] if len(loud) else samples[:0]
