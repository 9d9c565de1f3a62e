"""What a recogniser wrote, made fit to be understood, or nothing at all.

Pure: no sound comes here, only its levels and length. Whatever engine listened, no
words come from noise or silence, loops are cut, nobody says more than the time allows,
characters are simplified and figures are closed up.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fairdial.core.hearing.simplified import simplified

LEAST_LEVEL_DB = -55.0
"""Loudest frame (dBFS) below which nobody spoke into the telephone; the detector asks from there too."""

LEAST_SWING_DB = 6.0
"""Between loud and quiet frames of speech; steady noise, tones and hum have less: frames of white noise scatter by 0.5 dB."""

MOST_REPEATS = 3
"""People say 对对对 and 不要不要不要; a recogniser that repeats more has lost its way."""

NO_SPEECH = 0.5
"""From here on nobody spoke. Whisper writes 嗯 for a cough, and 嗯 says yes to a question of fact (docs/why/hearing.md)."""

_CHARACTERS_A_SECOND, _CHARACTERS_SPARE = 9, 4
"""More than anybody says; what is longer was made up."""

_MADE_UP = re.compile("字幕|订阅|点赞|谢谢观看|感谢观看|请不吝|以下是普通话")
"""What Whisper and its kin write when they hear no speech: lines of video subtitles and their own prompts."""

_TAG = re.compile(r"<\|[^|<>]*\|>")
"""SenseVoice's marks of language, mood and event."""

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_NUMERAL = "0-9零〇一二两三四五六七八九幺十百千万亿"
_LOOP = re.compile(rf"([^{_NUMERAL}]{{1,12}}?)\1{{{MOST_REPEATS},}}")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．％", "0123456789.%")
_THOUSANDS = re.compile(r"(?<![0-9.])([0-9]{1,3})((?:,[0-9]{3})+)(?![0-9])")
_GAP = re.compile(rf"(?<=[{_HAN}0-9])\s+(?=[{_HAN}0-9])")
_SAID = re.compile(r"[A-Za-z]{1,3}|\w")
"""A character of Chinese, or a syllable of English, for which three letters stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What was heard; `confidence` and `no_speech`, that nobody spoke at all, are the recogniser's own, in [0, 1]."""

    text: str
    confidence: float
    no_speech: float = 0.0


NOTHING = Recognised(text="", confidence=0.0)


def holds_speech(levels_db: Sequence[float]) -> bool:
    """Whether somebody may have spoken: loud enough somewhere, and not steady.

    Args:
        levels_db: Level of each frame of 20 ms, dBFS.
    """
    if not levels_db:
        return False
    ordered = sorted(levels_db)
    loud, quiet = ordered[-1 - len(ordered) // 20], ordered[len(ordered) // 10]
    return loud >= LEAST_LEVEL_DB and loud - quiet >= LEAST_SWING_DB


def words_heard(recognised: Recognised, *, seconds: float, sure_from: float = 0.0) -> Recognised:
    """The words that can be believed; `NOTHING` when none can.

    Args:
        seconds: Length of the sound.
        sure_from: Least confidence.
    """
    is_doubtful = recognised.no_speech >= NO_SPEECH or recognised.confidence < sure_from
    if is_doubtful or len(recognised.text) > 100 + 20 * seconds:  # tags are never that many
        return NOTHING
    text = without_loops(figures_closed(simplified(_TAG.sub("", recognised.text))).strip())
    said = len(_SAID.findall(text))
    if not said or said > _CHARACTERS_SPARE + _CHARACTERS_A_SECOND * seconds or _MADE_UP.search(text):
        return NOTHING
    return Recognised(text=text, confidence=min(1.0, max(0.0, recognised.confidence)))


def without_loops(text: str) -> str:
    """Cut what is repeated more than `MOST_REPEATS` times; figures and numerals may repeat as they like."""
    while (cut := _LOOP.sub(lambda found: found.group(1) * MOST_REPEATS, text)) != text:
        text = cut
    return text


def figures_closed(text: str) -> str:
    """Write figures as one word, 1,980 → 1980 and 1 3 8 → 138, and Chinese without blanks."""
    closed = _GAP.sub("", text.translate(_FULL_WIDTH))
    return _THOUSANDS.sub(lambda found: found.group(0).replace(",", ""), closed)
