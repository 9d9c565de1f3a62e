"""Count where sentences of the telephone end: `python -m training.endings --data ../shared/data`."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from fairdial.core.dialogue.refusal import normalise
from training.understanding.rows import own, telemarketing

ROOT = Path(__file__).parents[1]
LEAST = 3
"""Times a gram must have been seen."""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--data", type=Path, required=True, help="folder of the training data 训练数据目录")
    out = ROOT / "src" / "fairdial" / "voice" / "trained" / "endings.tsv"
    asked.add_argument("--out", type=Path, default=out, help="file to write 输出文件")
    given = asked.parse_args()
    sentences = {normalise(row.text) for row in (*telemarketing(given.data), *own())}
    counted = count(sentences)
    rows = sorted(f"{gram}\t{times}\t{ends}\n" for gram, (times, ends) in counted.items() if times >= LEAST)
    given.out.write_text("".join(rows), encoding="utf-8")
    print(f"{len(sentences)} sentences, {len(rows)} grams, {given.out.stat().st_size} bytes")


def count(sentences: set[str]) -> dict[str, tuple[int, int]]:
    """Every gram of one to three characters, the beginning of the sentence as `^`: how often, how often at the end."""
    times: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    for sentence in sentences:
        padded = "^^" + sentence
        for end in range(3, len(padded) + 1):
            grams = [padded[end - length : end] for length in (1, 2, 3)]
            times.update(grams)
            if end == len(padded):
                ends.update(grams)
    return {gram: (times[gram], ends[gram]) for gram in times}


if __name__ == "__main__":
    main()
