"""The committed contract is the one that is served."""

from __future__ import annotations

from pathlib import Path

from fairdial.web.contract import contract

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.json"


def test_the_committed_contract_is_the_one_that_is_served() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == contract(), "run `make docs`, and look at what changed"


def test_no_two_parts_of_the_api_give_different_things_one_name() -> None:
    assert "fairdial__" not in contract(), "two models have one name; the contract then tells where they lie"
