"""A fresh operator for each journey."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.console.conftest import browser as browser
from tests.journeys.operator import Operator


@pytest.fixture
def operator(tmp_path: Path, database_url: str, example: Path) -> Operator:
    return Operator(folder=tmp_path, database_url=database_url, example=example)
