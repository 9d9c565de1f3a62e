"""`fairdial understand`: what sentences mean, and how often that is right. 理解句子。"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from fairdial.core.dialogue.classifier import Classifier
from fairdial.core.dialogue.meaning import Meaning, Understood
from fairdial.errors import InputError
from fairdial.voice.meanings import LabelSet, Meanings, embedding, load_classifier

EPILOG = "Example 例: fairdial understand sentences.tsv --json; echo 多少钱 | fairdial understand -"

_MOST_BYTES = 50_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    text: str
    expected: str | None
    meaning: str
    confidence: float


def understand_command(
    path: Annotated[
        Path,
        typer.Argument(help="A sentence a line, or label TAB sentence; - reads standard input. 每行一句,可带标签。"),
    ],
    label_set: Annotated[
        LabelSet, typer.Option(help="universal: meanings of any call 通用; telemarketing: 89 labels 电销语料。")
    ] = LabelSet.UNIVERSAL,
    fast: Annotated[bool, typer.Option("--fast", help="Without e5: faster, less right. 不用 e5,更快。")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable answer. 机器可读。")] = False,
) -> None:
    """Tell what sentences mean, with confidence; with labels, how often that is right. 理解句子,并统计准确率。

    Nothing is written and nobody is called. A sentence is read up to 200 characters.
    """
    asked = read_sentences(path)
    console = Console(stderr=True)
    classifier = load_classifier(label_set)
    known = {*classifier.labels} if label_set is LabelSet.TELEMARKETING else {meaning.value for meaning in Meaning}
    given = {label for label, _ in asked if label}
    unknown = sorted(given - known)
    if unknown:
        console.print(
            f"没有这样的标签,不计入准确率 no such labels, left out of the accuracy: {', '.join(unknown)};"
            f" 可用的有 known are {', '.join(sorted(known))}",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
    meaning_of = _reader(classifier, label_set, fast=fast, expected=given & known)
    shown = track(asked, "理解 understanding", console=console, transient=True, disable=not console.is_terminal)
    rows = []
    for label, text in shown:
        meaning, confidence = meaning_of(text)
        rows.append(Row(text=text, expected=label, meaning=meaning, confidence=round(confidence, 4)))
    labelled = [row for row in rows if row.expected in known]
    accuracy = sum(row.meaning == row.expected for row in labelled) / len(labelled) if labelled else None
    if as_json:
        print(
            json.dumps(
                {"accuracy": accuracy, "unknown_labels": unknown, "rows": [asdict(row) for row in rows]},
                ensure_ascii=False,
            )
        )
    else:
        _show(Console(soft_wrap=True), rows, accuracy, labelled=labelled)


def _reader(
    classifier: Classifier, label_set: LabelSet, *, fast: bool, expected: set[str]
) -> Callable[[str], tuple[str, float]]:
    embed = None if fast else embedding()
    if label_set is LabelSet.TELEMARKETING:

        def label(text: str) -> tuple[str, float]:
            return classifier.best(classifier.probabilities(text, None if embed is None else embed(text)))

        return label
    meanings = Meanings(classifier, embed=embed)

    def meaning(text: str) -> tuple[str, float]:
        understood = meanings.of(text)
        told = understood.meaning
        if expected and told not in expected:
            told = among_labels(understood)
        return told, understood.confidence

    return meaning


def among_labels(understood: Understood) -> Meaning:
    """The meaning where labelled sentences know neither fillers nor greetings.

    A filler alone is a yes; 喂 alone asks whether anybody is there; 你好 alone says nothing.
    """
    if understood.meaning is Meaning.BACKCHANNEL:
        return Meaning.ACCEPT
    if understood.meaning is Meaning.GREETING:
        return Meaning.OTHER if re.search("好|哈喽", understood.evidence) else Meaning.ASK_REPEAT
    return understood.meaning


def read_sentences(path: Path) -> list[tuple[str | None, str]]:
    """Read sentences with their label, if they have one; empty lines are left out.

    Raises:
        InputError: The file cannot be read, is not UTF-8, is too long or has no sentence.
    """
    try:
        content = sys.stdin.buffer.read(_MOST_BYTES + 1) if str(path) == "-" else _bytes(path)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: 无法读取 cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: 不是 UTF-8 not UTF-8 (byte {error.start}); 请另存为 UTF-8 save it as UTF-8"
        ) from error
    if len(content) > _MOST_BYTES:
        raise InputError(f"{path}: 超过 50 MB over 50 MB; 请拆分 split it")
    rows = [_labelled(line) for line in text.split("\n") if line.strip()]
    if not rows:
        raise InputError(
            f"{path}: 没有句子 no sentence in it; 每行写一句 write one a line, label TAB sentence or the sentence"
        )
    return rows


def _bytes(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(_MOST_BYTES + 1)


def _labelled(line: str) -> tuple[str | None, str]:
    label, tab, sentence = line.rstrip("\r").partition("\t")
    return (label.strip() or None, sentence) if tab else (None, label)


def _show(console: Console, rows: Sequence[Row], accuracy: float | None, *, labelled: Sequence[Row]) -> None:
    for row in rows:
        wrong = row.expected is not None and row.expected != row.meaning
        mark = f"  ≠ {row.expected}" if wrong else ""
        console.print(f"{row.meaning:12} {row.confidence:.2f}  {row.text[:60]}{mark}", highlight=False, markup=False)
    if accuracy is None:
        return
    taken = Counter((row.expected, row.meaning) for row in labelled if row.expected != row.meaning)
    for (expected, meaning), count in taken.most_common(10):
        console.print(f"{count} × {expected} → {meaning}", highlight=False, markup=False)
    console.print(f"准确率 accuracy {accuracy:.3f} ({len(labelled)})", highlight=False)
