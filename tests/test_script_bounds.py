"""Texts of scripts that are made to take memory or time: each is told in bounds."""

from __future__ import annotations

import time
from pathlib import Path

from fairdial.packs import load_packs
from fairdial.script_check import Standards, check_script
from fairdial.script_file import examine, examine_text
from fairdial.script_shape_errors import MOST
from fairdial.voice.meanings import LabelSet, Meanings, load_classifier
from tests.broken_scripts import BASE

STANDARDS = Standards(
    packs=load_packs(None), words=(), understand=Meanings(load_classifier(LabelSet.UNIVERSAL), embed=None).of
)


def test_a_text_that_is_wrong_in_thousands_of_places_is_told_of_the_first() -> None:
    steps = "".join(f"  s{number}: {{x: 1}}\n" for number in range(10_000))
    found = examine_text(f"script: a\nsteps:\n{steps}", name="script.yaml")
    assert len(found.findings) == MOST
    assert {f.rule for f in found.findings} >= {"unknown-key", "missing"}


def test_two_thousand_ways_to_ask_are_compared_in_bounded_time(tmp_path: Path) -> None:
    """Each is looked up among all of them by its sound, not compared with every other."""
    file = tmp_path / "script.yaml"
    asked = "".join(
        f"  k{number}:\n    answer: about\n    asked:\n"
        + "".join(f"    - 你好吗多少你好吗多少{number}之{way}\n" for way in range(10))
        for number in range(200)
    )
    file.write_text(f"{BASE}knowledge:\n{asked}", encoding="utf-8")
    begun = time.process_time()
    examined = examine(file)
    assert examined.script is not None
    assert not [f for f in check_script(examined.script, STANDARDS) if f.rule == "ambiguous-question"]
    assert time.process_time() - begun < 20
