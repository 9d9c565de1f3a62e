"""The committed contract is the one that is served."""

from __future__ import annotations

import json
from pathlib import Path

from fairdial.web.contract import contract
from fairdial.web.problems import MEDIA_TYPE

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.json"


def test_the_committed_contract_is_the_one_that_is_served() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == contract(), "run `make docs`, and look at what changed"


def test_no_two_parts_of_the_api_give_different_things_one_name() -> None:
    assert "fairdial__" not in contract(), "two models have one name; the contract then tells where they lie"


def test_every_error_of_the_contract_is_a_problem_document() -> None:
    told = {
        (path, method, status): list(answer["content"])
        for path, methods in json.loads(contract())["paths"].items()
        for method, operation in methods.items()
        for status, answer in operation["responses"].items()
        if status >= "400" and "content" in answer
    }
    assert len(told) > 500 and all(types == [MEDIA_TYPE] for types in told.values())
