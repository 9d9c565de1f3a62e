"""Smart Turn v3.2 as pipecat ships it, in a virtual environment of the peers.

Reads JSON lines `{path, ends: [sample, ...]}` of 8000 Hz WAV on standard input; writes for each a JSON list of
`[probability, seconds]`: that the turn is over, judged from the sound up to each position, and how long judging took.
"""

from __future__ import annotations

import json
import sys
import time

import soundfile
from pipecat.audio.turn.smart_turn.local_smart_turn_v3 import LocalSmartTurnAnalyzerV3


def main() -> None:
    analyzer = LocalSmartTurnAnalyzerV3(sample_rate=8000)
    for line in sys.stdin:
        asked = json.loads(line)
        sound, _ = soundfile.read(asked["path"], dtype="float32")
        judged = []
        for end in asked["ends"]:
            began = time.process_time()
            result = analyzer._predict_endpoint(sound[:end])
            judged.append([float(result["probability"]), time.process_time() - began])
        print(json.dumps(judged), flush=True)


if __name__ == "__main__":
    main()
