"""Script files: read, bounded, with the line and column of everything that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fairdial.core.script.finding import Finding, meant
from fairdial.core.script.finding import Path as Where
from fairdial.core.script.include import merged
from fairdial.core.script.model import Script
from fairdial.core.script.parse import ScriptError, parse_script
from fairdial.errors import InputError
from fairdial.script_shape import FragmentShape, ScriptShape
from fairdial.script_shape_errors import shape_finding, wrong_shapes
from fairdial.script_shape_parts import Shape
from fairdial.shaped_yaml import MOST_BYTES, Unreadable, parsed, read_text, told, too_large
from fairdial.yaml_lines import LinedYaml, Place

_NAMES = ("unknown-step", "unknown-line")
"""Findings about a name that leads nowhere, of which a file that is included may know a better one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file of a script: itself, or one it includes; `trouble_at` when it is not even YAML."""

    path: Path
    content: Mapping[str, Any]
    document: LinedYaml | None
    trouble_at: Place | None = None

    def place(self, where: Where, *, at_key: bool) -> Place:
        if self.document is None:
            return self.trouble_at or Place(1, 1)
        return self.document.place(where, at_key=at_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A script file as far as it could be read; `script` is None when something in `findings` keeps it from being one.

    `content` is whole: with what it takes from the files it includes.
    """

    own: Part
    included: Mapping[str, Part]
    content: Mapping[str, Any]
    script: Script | None
    findings: tuple[Finding, ...]

    @property
    def path(self) -> Path:
        return self.own.path

    def place(self, finding: Finding) -> tuple[Path, Place]:
        """The file, line and column a finding is about."""
        part, where = self._part(finding.path)
        return part.path, part.place(where, at_key=finding.at_key)

    def told(self, finding: Finding) -> str:
        """One line: file, line, column; what is wrong and what to write, in both languages."""
        return told(*self.place(finding), finding)

    def _part(self, where: Where) -> tuple[Part, Where]:
        """The file that holds what a path of the whole leads to, and the path in it."""
        match where:
            case ("include", str(prefix), _, *rest) if prefix in self.included:
                return self.included[prefix], tuple(rest)
            case (("lines" | "steps") as kind, str(name), *rest) if name.partition(".")[0] in self.included:
                prefix, dot, own = name.partition(".")
                if dot:
                    return self.included[prefix], (kind, own, *rest)
            case ("anywhere", str(meaning), *rest) if meaning not in self.own.content.get("anywhere", {}):
                for part in self.included.values():
                    if meaning in (part.content.get("anywhere") or {}):
                        return part, where
        return self.own, where


def examine(path: Path) -> Examined:
    """Read a script file, and those it includes, as far as possible.

    Raises:
        InputError: The file cannot be read, is no text in UTF-8 or is larger than `MOST_BYTES`.
    """
    own, findings = _part(path, read_text(path), ScriptShape)
    included: dict[str, Part] = {}
    if not findings:
        for prefix, file in (own.content.get("include") or {}).items():
            part, wrong = _included(path.parent, prefix, file)
            included |= {prefix: part} if part else {}
            findings += wrong
    return _examined(own, included, findings)


def examine_text(text: str, *, name: str) -> Examined:
    """The same for a text that stands alone, and includes no files; `name` is told as its file.

    Raises:
        InputError: It is larger than `MOST_BYTES`.
    """
    path, size = Path(name), len(text.encode())
    if size > MOST_BYTES:
        raise too_large(path, size)
    own, findings = _part(path, text.removeprefix("\ufeff"), ScriptShape)
    if not findings and own.content.get("include"):
        wrong = ("这里不能引用别的文件", "no other files are included here")
        fix = (
            "把它们的内容写进来,或者用 fairdial script submit",
            "write what they hold here, or use `fairdial script submit`",
        )
        findings = (shape_finding("include", ("include",), wrong, fix),)
    return _examined(own, {}, findings)


def _examined(own: Part, included: Mapping[str, Part], findings: tuple[Finding, ...]) -> Examined:
    if findings:
        return Examined(own=own, included=included, content=own.content, script=None, findings=findings)
    content = merged(own.content, {prefix: part.content for prefix, part in included.items()})
    try:
        script = parse_script(content, name=str(own.path))
    except ScriptError as error:
        lost = tuple(_meant_in(content, included, f) for f in error.findings)
        return Examined(own=own, included=included, content=content, script=None, findings=lost)
    return Examined(own=own, included=included, content=content, script=script, findings=())


def _included(folder: Path, prefix: str, file: str) -> tuple[Part | None, tuple[Finding, ...]]:
    """A file that a script includes, and what is wrong with it; None when it is not even read."""
    try:
        if not _is_inside(folder, file):
            raise Unreadable(
                Path(file),
                (f"{file} 不在话术的文件夹里", f"{file} is not in the script's folder"),
                ("把文件放在话术旁边,写相对路径", "put the file beside the script and write its name"),
            )
        part, wrong = _part(folder / file, read_text(folder / file), FragmentShape)
    except Unreadable as error:
        zh, en = (text if file in text else f"{file} {text}" for text in error.wrong)
        return None, (shape_finding("include", ("include", prefix), (zh, en), error.fix),)
    return part, tuple(replace(f, path=("include", prefix, "", *f.path)) for f in wrong)


def _is_inside(folder: Path, file: str) -> bool:
    """Whether a path, its links followed, stays in a folder."""
    try:
        return not Path(file).is_absolute() and (folder / file).resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        return False


def _meant_in(content: Mapping[str, Any], included: Mapping[str, Part], finding: Finding) -> Finding:
    """A finding about `common.left` with the names that the included file has."""
    value: Any = content
    for part in finding.path:
        value = value[part]
    prefix, dot, _ = str(value).partition(".")
    if finding.rule not in _NAMES or not dot or prefix not in included:
        return finding
    shared = included[prefix].content.get("steps" if finding.rule == "unknown-step" else "lines") or {}
    fix_zh, fix_en = meant(str(value), [f"{prefix}.{name}" for name in shared])
    return replace(finding, fix_zh=fix_zh, fix_en=fix_en)


def _part(path: Path, text: str, shape: type[Shape]) -> tuple[Part, tuple[Finding, ...]]:
    """One file and everything that is wrong with its shape."""
    document = parsed(text)
    if not isinstance(document, LinedYaml):
        found, at = document
        return _unread(path, at), (found,)
    if not isinstance(document.content, dict):
        found = shape_finding(
            "shape",
            (),
            ("不是话术", "holds no script"),
            ("照 examples/insurance-renewal/script.yaml 写", "write one like examples/insurance-renewal/script.yaml"),
        )
        return _unread(path, Place(1, 1)), (found,)
    part = Part(path=path, content=document.content, document=document)
    return part, tuple(wrong_shapes(document.content, shape))


def read_script_file(path: Path) -> tuple[Mapping[str, Any], Script]:
    """Read a script file whose shape and names are right.

    Raises:
        InputError: They are not; names file, line, column and remedy of everything that is wrong.
    """
    examined = examine(path)
    if examined.script is None:
        raise InputError("\n".join(examined.told(f) for f in examined.findings))
    return examined.content, examined.script


def _unread(path: Path, at: Place) -> Part:
    return Part(path=path, content={}, document=None, trouble_at=at)
