"""Phrases looked for by how they sound: recognition of a telephone writes the right syllables with wrong characters. Pure."""

from __future__ import annotations

import re

from fairdial.core.dialogue.sound_alike import syllables


def sounds_of(text: str) -> str:
    """The folded syllables of a sentence, parted by blanks; recognition puts commas anywhere, they are left out."""
    return " ".join(syllables(re.sub(r"[^\w]+", "", text)))


def phrases_by_sound(phrases: str) -> re.Pattern[str]:
    """Phrases parted by | as a pattern over `sounds_of` a sentence; one syllable of five or more may be another."""
    found = []
    for phrase in phrases.split("|"):
        sounds = [re.escape(sound) for sound in syllables(phrase)]
        found.append(" ".join(sounds))
        if len(sounds) >= 5:
            found += [" ".join([*sounds[:i], r"\S+", *sounds[i + 1 :]]) for i in range(len(sounds))]
    return re.compile(rf"(?<!\S)(?:{'|'.join(dict.fromkeys(found))})(?!\S)")
