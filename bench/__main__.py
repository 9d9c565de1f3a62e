"""`make bench`: run every benchmark and write docs/benchmarks.md."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.calls.speech import can_speak
from bench.turn_clips import PEERS

ROOT = Path(__file__).parents[1]

PARTS = ("__init__", "__main__", "harness", "person", "soak", "sounds", "turn_clips")
"""Files here that are no benchmark."""


def main() -> None:
    names = sorted(p.stem for p in Path(__file__).parent.glob("*.py") if p.stem not in PARTS)
    if "FAIRDIAL_DATA" not in os.environ and not (ROOT.parent / "shared" / "data").is_dir():
        names = [name for name in names if name not in ("hearing", "understanding", "announcements")]
        print(
            "hearing, understanding and announcements are left out: FAIRDIAL_DATA names the folder of their data",
            file=sys.stderr,
        )
    if not Path(PEERS).is_file():
        names = [name for name in names if name not in ("endpoint", "interrupt")]
        print("endpoint and interrupt are left out: see bench/turn_clips.py on FAIRDIAL_PEERS", file=sys.stderr)
    if not can_speak():
        names = [name for name in names if name not in ("announcements", "machine")]
        print(
            "announcements and machine are left out: `make clips` installs what speaks their wordings", file=sys.stderr
        )
    page = [
        "# Benchmarks",
        "",
        "Written by `make bench`; medians of five, peers in the same run, synthetic data. No test depends on them.",
        "",
    ]
    for name in names:
        print(f"{name} …", file=sys.stderr)
        done = subprocess.run(
            [sys.executable, "-m", f"bench.{name}"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        print(done.stdout, end="")
        page += section(json.loads(done.stdout))
    (ROOT / "docs" / "benchmarks.md").write_text("\n".join(page) + "\n", encoding="utf-8")


def section(result: dict[str, Any]) -> list[str]:
    machine = result["machine"]
    lines = [
        f"## {result['name']}",
        "",
        f"{machine['processor']}, {machine['cpus']} cores, Python {machine['python']}.",
        "",
    ]
    lines += ["| what | figure |", "| --- | --- |"]
    lines += [f"| ours: {name} | {value} |" for name, value in result["ours"].items()]
    for peer, figures in result["peers"].items():
        lines += [f"| {peer}: {name} | {value} |" for name, value in figures.items()]
    lines += ["", "| goal | wanted | measured | met |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {g['what']} | {g['goal']} | {g['measured']} | {'yes' if g['met'] else '**no**'} |" for g in result["goals"]
    ]
    return [*lines, ""]


if __name__ == "__main__":
    main()
