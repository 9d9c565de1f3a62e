"""Word lists from the files they are kept in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

import yaml
from pydantic import TypeAdapter, ValidationError

from fairdial.core.policy.case import STRICT
from fairdial.core.script.words import WordList
from fairdial.errors import SettingsError
from fairdial.yaml_lines import LinedYaml

_SHIPPED = Path(__file__).parent / "wordlists"
_IN_SOURCE = Path(__file__).parents[2] / "wordlists"


@dataclass(frozen=True, slots=True, kw_only=True)
class WordFile:
    """The lists of one jurisdiction."""

    __pydantic_config__: ClassVar = STRICT
    jurisdiction: str
    version: str
    lists: tuple[WordList, ...]


@cache
def _adapter() -> TypeAdapter[WordFile]:
    return TypeAdapter(WordFile)


def load_word_lists(folder: Path | None) -> tuple[WordList, ...]:
    """Read every list of a folder, in the order of the files; None reads those shipped with fairdial.

    Raises:
        SettingsError: A list is broken; names file, line and reason.
    """
    where = folder or (_SHIPPED if _SHIPPED.is_dir() else _IN_SOURCE)
    return tuple(words for path in sorted(where.glob("*.yaml")) for words in _read(path))


def _read(path: Path) -> tuple[WordList, ...]:
    try:
        document = LinedYaml(path.read_text(encoding="utf-8"))
        lists = _adapter().validate_python(document.content).lists
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read ({type(error).__name__})") from error
    except yaml.YAMLError as error:
        raise SettingsError(f"{path}: is not YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingsError(
            f"{path}:{document.line(first['loc'])}: {'.'.join(map(str, first['loc']))}: {first['msg']}"
        ) from error
    for place, words in enumerate(lists):
        for number, pattern in enumerate(words.patterns):
            try:
                re.compile(pattern)
            except re.error as error:
                line = document.line(("lists", place, "patterns", number))
                raise SettingsError(f"{path}:{line}: {pattern!r} is no regular expression: {error}") from error
    return lists
