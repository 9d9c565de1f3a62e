"""`fairdial rehearse --audio`: a script by telephone in one command, in a database that is gone afterwards."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from fairdial.core.dialogue.meaning import Meaning
from fairdial.core.dialogue.retrace import Moment
from fairdial.rehearsal.heard import intended
from fairdial.rehearsal.persona_file import load_personas
from tests.core.scripts import opened, renewal
from tests.core.test_examples import heard as heard_as
from tests.journeys.operator import Operator

SURVEY = Path(__file__).parents[2] / "examples" / "satisfaction-survey"
CALLED = {"refuses", "declines"}


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    """The example with two of its people."""
    folder = tmp_path / "survey"
    shutil.copytree(SURVEY, folder)
    assigned = json.loads((SURVEY / "personas-assign.json").read_text(encoding="utf-8"))
    numbers = {number.removeprefix("+86") for number, name in assigned.items() if name in CALLED}
    header, *rows = (SURVEY / "customers.csv").read_text(encoding="utf-8").splitlines()
    kept = [row for row in rows if row.split(",")[2] in numbers]
    (folder / "customers.csv").write_text("\n".join([header, *kept]) + "\n", encoding="utf-8")
    return folder


def test_a_script_is_rehearsed_by_telephone(operator: Operator, survey: Path) -> None:
    out = operator.folder / "heard"
    printed = operator.runs("rehearse", str(survey / "script.yaml"), "--audio", "--out", str(out), "--json")
    told, _ = json.JSONDecoder().raw_decode(printed[printed.index("{") :])
    assert told["calls"] == len(CALLED) and told["dispositions"] == {"answered": 2}
    assert told["refusals"]["recorded"]["hard"] == 1 and told["refusals"]["violations"] == []
    assert set(told["outcomes"]) == {"refused", "declined"}
    assert told["gap_ms"]["count"] >= 2 and told["first_word_ms"]["most"] <= 1500
    assert "明湖物业" in (out / "report.html").read_text(encoding="utf-8")
    assert operator.reads("SELECT count(*) FROM tenant") == [(0,)], "the operator's own database is not touched"


def test_what_is_missing_for_it_is_named(operator: Operator, survey: Path) -> None:
    (survey / "personas.yaml").unlink()
    assert "personas.yaml" in operator.runs("rehearse", str(survey / "script.yaml"), "--audio", code=2)
    assert "--text" in operator.runs("rehearse", str(survey / "script.yaml"), "--audio", "--seed", "3", code=2)


def test_a_sentence_is_found_again_in_what_was_heard_of_it() -> None:
    persona = load_personas(SURVEY / "personas.yaml")["corrects"]
    script = renewal()
    _, said = opened(script)
    state, _ = opened(script)
    texts = ["未。", "是我。", "没有休好还在漏水", "我打右粉"]
    moments = [Moment(before=state, event=heard_as(text, Meaning.UNCLEAR), after=state, actions=said) for text in texts]
    found = intended(persona, moments, lambda text: Meaning.ACCEPT)
    assert {at: meant.said for at, meant in found.items()}[2].startswith("没有修好")
