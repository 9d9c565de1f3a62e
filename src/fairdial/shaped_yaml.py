"""YAML files of a known shape: read, bounded, with file, line and column of everything that is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml

from fairdial.core.script.finding import Finding
from fairdial.errors import InputError
from fairdial.script_shape_errors import shape_finding, wrong_shapes
from fairdial.script_shape_parts import Shape
from fairdial.yaml_lines import LinedYaml, Place, YamlTrouble, open_quote

MOST_BYTES = 256 * 1024
"""A script of a thousand lines takes about 100 KB."""

_Shape = TypeVar("_Shape", bound=Shape)


class Unreadable(InputError):
    """A file that cannot be read as text; what is wrong and the remedy, in both languages."""

    def __init__(self, path: Path, wrong: tuple[str, str], fix: tuple[str, str]) -> None:
        super().__init__(f"{path}: {wrong[0]};{fix[0]}。 {wrong[1]}; {fix[1]}")
        self.wrong, self.fix = wrong, fix


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaped(Generic[_Shape]):
    """A file whose shape is right; `told` gives the line of something else that is wrong in it."""

    path: Path
    value: _Shape
    document: LinedYaml

    def told(self, finding: Finding) -> str:
        return told(self.path, self.document.place(finding.path, at_key=finding.at_key), finding)


def read_text(path: Path) -> str:
    """The text of a file of at most `MOST_BYTES`.

    Raises:
        Unreadable: It is no file (a folder, a device, a pipe), too large, or no text in UTF-8.
    """
    try:
        if path.exists() and not path.is_file():
            raise Unreadable(
                path, ("不是普通文件", "is no ordinary file"), ("换成一个 YAML 文件", "give a file of YAML")
            )
        with path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise too_large(path, path.stat().st_size)
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(path, ("不是 UTF-8", "is not UTF-8"), ("另存为 UTF-8", "save it as UTF-8")) from error
    except (OSError, RuntimeError) as error:  # a circle of links is a RuntimeError before Python 3.13
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise Unreadable(
            path, (f"读不了({reason})", f"cannot be read ({reason})"), ("检查路径和权限", "check path and permissions")
        ) from error


def too_large(path: Path, size: int) -> Unreadable:
    """A text of more than `MOST_BYTES`."""
    return Unreadable(
        path,
        (
            f"有 {size // 1024} KB,最大 {MOST_BYTES // 1024} KB",
            f"has {size // 1024} KB and may have at most {MOST_BYTES // 1024} KB",
        ),
        ("拆成几个", "split it"),
    )


def parsed(text: str) -> LinedYaml | tuple[Finding, Place]:
    """The document a text holds, or why it holds none, and where."""
    try:
        return LinedYaml(text)
    except YamlTrouble as error:
        found = shape_finding("yaml", (), (error.zh, error.en), (error.fix_zh, error.fix_en))
        return found, Place(error.line, error.column)
    except yaml.YAMLError as error:
        return _not_yaml(error, text)


def read_shaped(path: Path, shape: type[_Shape]) -> Shaped[_Shape]:
    """Read a file of a shape.

    Raises:
        InputError: It cannot be read or its shape is wrong; a line for everything that is wrong.
    """
    document = parsed(read_text(path))
    if not isinstance(document, LinedYaml):
        raise InputError(told(path, document[1], document[0]))
    content: Any = document.content if document.content is not None else {}
    _refuse(path, document, wrong_shapes(content, shape))
    return Shaped(path=path, value=shape.model_validate_json(json.dumps(content)), document=document)


def _refuse(path: Path, document: LinedYaml, findings: Iterable[Finding]) -> None:
    if lines := [told(path, document.place(f.path, at_key=f.at_key), f) for f in findings]:
        raise InputError("\n".join(lines))


def told(path: Path, at: Place, finding: Finding) -> str:
    """One line: file, line, column; what is wrong and what to write, in both languages."""
    return f"{path}:{at.line}:{at.column}: {sentence(finding)}"


def sentence(finding: Finding) -> str:
    """What is wrong and what to write, in both languages, wherever it is."""
    cite = f" [{finding.cite}]" if finding.cite else ""
    return f"{finding.zh};{finding.fix_zh}。 {finding.en}; {finding.fix_en} ({finding.rule}){cite}"


def _not_yaml(error: yaml.YAMLError, text: str) -> tuple[Finding, Place]:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    if mark and (quote := open_quote(text, mark.line)) is not None:
        wrong = (
            f"这里的引号到第 {mark.line + 1} 行才结束,或者没有结束",
            f"the quote that begins here ends in line {mark.line + 1}, or not at all",
        )
        fix = ("在这一行写上后面的引号", "close it in its own line")
        return shape_finding("yaml", (), wrong, fix), quote
    here = text.splitlines()[mark.line : mark.line + 1] if mark else []
    fix = ("检查缩进、冒号后的空格和引号", "check indentation, the space after a colon, and quotes")
    if mark and here and here[0][mark.column :].startswith("\t"):
        fix = ("用空格缩进,不用制表符", "indent with spaces, not with tabs")
    found = shape_finding("yaml", (), (f"不是 YAML({problem})", f"is not YAML: {problem}"), fix)
    return found, Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
