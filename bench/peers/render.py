"""Speak sentences with Kokoro, in a virtual environment of the peers: JSON lines `{path, voice, text}` on standard input."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import soundfile

from fairdial.core.script.clip import Wording
from fairdial.voice.kokoro import Kokoro


def main() -> None:
    speaker = Kokoro(Path(sys.argv[1]), threads=1)
    for line in sys.stdin:
        wanted = json.loads(line)
        speech = speaker.speak(Wording(text=wanted["text"], voice=wanted["voice"]))
        soundfile.write(wanted["path"], speech.samples, speech.rate_hz, subtype="PCM_16")


if __name__ == "__main__":
    main()
