"""Train the classifiers the package ships: `python -m training.understanding --data ../shared/data`."""

from __future__ import annotations

import argparse
from hashlib import sha256
from pathlib import Path

from fairdial.voice.meanings import LabelSet, write_classifier
from training.understanding.embedding import Embeddings
from training.understanding.fit import fit
from training.understanding.rows import corrected, telemarketing, universal

ROOT = Path(__file__).parents[2]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--data", type=Path, required=True, help="folder of the training data 训练数据目录")
    asked.add_argument("--out", type=Path, default=ROOT / "src" / "fairdial" / "voice" / "trained", help="输出目录")
    asked.add_argument("--cache", type=Path, help="file that keeps embeddings between runs 向量缓存")
    asked.add_argument("--only", type=LabelSet, help="one label set alone 只训练一个")
    asked.add_argument("--corrections", type=Path, help="file of `fairdial corrections export` 人工更正的句子")
    given = asked.parse_args()
    embed = Embeddings(given.cache)
    for labels, rows in ((LabelSet.UNIVERSAL, universal), (LabelSet.TELEMARKETING, telemarketing)):
        if given.only in (None, labels):
            known = rows(given.data)
            if given.corrections is not None and labels is LabelSet.UNIVERSAL:
                known += corrected(given.corrections, {row.label for row in known})
            model = fit(known, embed=embed, dress=labels is LabelSet.UNIVERSAL)
            path = given.out / f"{labels}.npz"
            write_classifier(model, path)
            print(f"{sha256(path.read_bytes()).hexdigest()}  {path.name}  {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
