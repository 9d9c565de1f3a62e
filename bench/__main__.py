"""`make bench`: run every benchmark, or those that are named (`python -m bench live api`), and write docs/benchmarks.md."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.calls.speech import can_speak
from bench.load.carrier import is_here
from bench.turn_clips import PEERS

ROOT = Path(__file__).parents[1]

PARTS = ("__init__", "__main__", "harness", "person", "soak", "sounds", "turn_clips")
"""Files here that are no benchmark."""


PAGE = ROOT / "docs" / "benchmarks.md"
HEAD = (
    "# Benchmarks\n\n"
    "Written by `make bench`; medians of five unless one run is named, peers in the same run, synthetic data. No test depends on them.\n"
)


def main() -> None:
    names = sys.argv[1:] or possible()
    for name in names:
        print(f"{name} …", file=sys.stderr)
        done = subprocess.run(
            [sys.executable, "-m", f"bench.{name}"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
        )
        print(done.stdout, end="")
        enter(json.loads(done.stdout))


def possible() -> list[str]:
    """Every benchmark whose data and peers are here; says which are not."""
    here = Path(__file__).parent
    files = {p.stem for p in here.glob("*.py") if p.stem not in PARTS} | {
        p.parent.name for p in here.glob("*/__main__.py")
    }
    names = sorted(files)
    if "FAIRDIAL_DATA" not in os.environ and not (ROOT.parent / "shared" / "data").is_dir():
        names = [name for name in names if name not in ("hearing", "understanding", "announcements")]
        print(
            "hearing, understanding and announcements are left out: FAIRDIAL_DATA names the folder of their data",
            file=sys.stderr,
        )
    if not Path(PEERS).is_file():
        names = [name for name in names if name not in ("endpoint", "interrupt")]
        print("endpoint and interrupt are left out: see bench/turn_clips.py on FAIRDIAL_PEERS", file=sys.stderr)
    if not is_here():
        names = [name for name in names if name != "load"]
        print("load is left out: its carrier is sipp (apt install sip-tester)", file=sys.stderr)
    if not can_speak():
        names = [name for name in names if name not in ("announcements", "machine")]
        print(
            "announcements and machine are left out: `make clips` installs what speaks their wordings", file=sys.stderr
        )
    return names


def enter(result: dict[str, Any]) -> None:
    """Put a result into docs/benchmarks.md in place of its earlier one."""
    _, *known = PAGE.read_text(encoding="utf-8").split("\n## ")
    told = {one.split("\n", 1)[0]: one.rstrip("\n") for one in known}
    told[result["name"]] = "\n".join(section(result)).removeprefix("## ").rstrip("\n")
    PAGE.write_text("\n## ".join([HEAD, *(told[name] + "\n" for name in sorted(told))]), encoding="utf-8")


def section(result: dict[str, Any]) -> list[str]:
    machine = result["machine"]
    lines = [
        f"## {result['name']}",
        "",
        f"{machine['processor']}, {machine['cpus']} cores, Python {machine['python']}{', one run' * (result['runs'] == 1)}.",
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
