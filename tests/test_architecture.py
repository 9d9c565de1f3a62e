"""One door: what the source itself must keep, read from its syntax trees."""

from __future__ import annotations

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "fairdial"


def calls(name: str) -> set[str]:
    """Files that call something of this name, as `name(…)` or `x.name(…)`."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                if called == name:
                    found.add(str(path.relative_to(SOURCE)))
    return found


def test_only_the_ledger_makes_a_spent_permit() -> None:
    assert calls("SpentPermit") == {"ledger/calls/permits.py"}


def test_only_the_gate_makes_a_permit() -> None:
    assert calls("Permit") == {"ledger/calls/permits.py"}


def test_only_a_call_dials_and_only_the_line_sends_the_invite() -> None:
    assert calls("dial") == {"call/conduct.py", "line/baresip_line.py"}


def test_nothing_in_the_source_makes_up_numbers() -> None:
    """Numbers come from lists; chance belongs to the people of text rehearsals, who have none."""
    imports = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imports |= {(alias.name, str(path.relative_to(SOURCE))) for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imports.add((node.module or "", str(path.relative_to(SOURCE))))
    places = {place for name, place in imports if name in ("random", "faker")}
    assert places and all(place == "rehearsal/noise.py" or place.startswith("rehearsal/text/") for place in places)


def test_the_core_reads_no_clock() -> None:
    for path in (SOURCE / "core").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("now", "utcnow", "today", "uuid4") or _is_field(node), path


def _is_field(node: ast.Attribute) -> bool:
    """`case.now` is a fact that was given; `datetime.now` is a clock."""
    return isinstance(node.value, ast.Name) and node.value.id in ("case", "given", "self")


def test_files_stay_readable() -> None:
    long = {
        str(path.relative_to(SOURCE)): count
        for path in SOURCE.rglob("*.py")
        if "versions" not in path.parts and (count := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


WORKERS_OWN = ("campaign", "ledger/calls", "app/work.py", "app/worker.py", "app/run.py", "app/runs.py", "upkeep.py")
"""What decides between workers: claims, leases, permits, places, slots, orders."""


def test_workers_read_no_wall_clock() -> None:
    """The database's clock decides between workers; durations are the loop's. A worker whose clock is an hour off is as any other."""
    paths = [
        path
        for one in WORKERS_OWN
        for path in ([SOURCE / one] if one.endswith(".py") else (SOURCE / one).rglob("*.py"))
    ]
    assert len(paths) > 20
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
            ):
                asked = f"{node.func.value.id}.{node.func.attr}"
                assert asked not in ("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"), (
                    path
                )
