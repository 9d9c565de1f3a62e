"""Asterisk's AMD() written anew from its documentation: durations of voice and silence against fixed limits.

Source: docs.asterisk.org, Dialplan Applications, AMD; parameters and their meaning as documented there, values as in its sample
amd.conf. The first limit that is passed decides; nothing passed within the total analysis time is NOTSURE.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fairdial.voice.sound import Samples

FRAME_MS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Milliseconds; `silence_threshold` is the mean of absolute s16 samples, `most_words` a count that may not be exceeded."""

    initial_silence: int = 2500
    greeting: int = 1500
    after_greeting_silence: int = 800
    total_analysis: int = 5000
    least_word: int = 100
    between_words: int = 50
    most_words: int = 3
    longest_word: int = 5000
    silence_threshold: int = 256


def amd(sound: Samples, limits: Limits) -> tuple[str, int]:
    """Decide on what is heard from the answer on: `HUMAN`, `MACHINE` or `NOTSURE`, and the millisecond it is known."""
    voice = silence = words = speech = 0
    is_word, has_greeted = False, False
    for at_ms in range(FRAME_MS, limits.total_analysis + 1, FRAME_MS):
        frame = sound[(at_ms - FRAME_MS) * 8 : at_ms * 8]
        is_silent = not len(frame) or float(np.abs(frame.astype(np.int32)).mean()) < limits.silence_threshold
        if is_silent:
            silence += FRAME_MS
            if silence >= limits.between_words:
                voice, is_word = 0, False
            if not has_greeted and silence >= limits.initial_silence:
                return "MACHINE", at_ms
            if has_greeted and silence >= limits.after_greeting_silence:
                return "HUMAN", at_ms
            continue
        silence, voice, speech = 0, voice + FRAME_MS, speech + FRAME_MS
        if voice >= limits.least_word and not is_word:
            is_word, has_greeted, words = True, True, words + 1
            if words > limits.most_words:
                return "MACHINE", at_ms
        if voice >= limits.longest_word or speech >= limits.greeting:
            return "MACHINE", at_ms
    return "NOTSURE", limits.total_analysis
