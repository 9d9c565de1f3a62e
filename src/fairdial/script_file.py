"""Script files: read, bounded, with the line and column of everything that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from fairdial.core.script.finding import Finding
from fairdial.core.script.finding import Path as Where
from fairdial.core.script.include import merged
from fairdial.core.script.model import Script
from fairdial.core.script.parse import ScriptError, parse_script
from fairdial.errors import InputError
from fairdial.script_shape import FragmentShape, ScriptShape
from fairdial.script_shape_errors import shape_finding, wrong_shapes
from fairdial.script_shape_parts import Shape
from fairdial.yaml_lines import LinedYaml, Place, YamlTrouble

MOST_BYTES = 256 * 1024
"""A script of a thousand lines takes about 100 KB."""


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
        path, at = self.place(finding)
        cite = f" [{finding.cite}]" if finding.cite else ""
        return (
            f"{path}:{at.line}:{at.column}: {finding.zh};{finding.fix_zh}。"
            f" {finding.en}; {finding.fix_en} ({finding.rule}){cite}"
        )

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
        InputError: A file cannot be read, is no text in UTF-8 or is larger than `MOST_BYTES`.
    """
    own, findings = _read_part(path, ScriptShape)
    included: dict[str, Part] = {}
    if not findings:
        for prefix, file in (own.content.get("include") or {}).items():
            included[prefix], wrong = _read_part(path.parent / file, FragmentShape)
            findings += tuple(replace(f, path=("include", prefix, "", *f.path)) for f in wrong)
    if findings:
        return Examined(own=own, included=included, content=own.content, script=None, findings=findings)
    content = merged(own.content, {prefix: part.content for prefix, part in included.items()})
    try:
        script = parse_script(content, name=str(path))
    except ScriptError as error:
        return Examined(own=own, included=included, content=content, script=None, findings=error.findings)
    return Examined(own=own, included=included, content=content, script=script, findings=())


def _read_part(path: Path, shape: type[Shape]) -> tuple[Part, tuple[Finding, ...]]:
    """One file and everything that is wrong with its shape."""
    text = _read(path)
    try:
        document = LinedYaml(text)
    except YamlTrouble as error:
        found = shape_finding("yaml", (), (error.zh, error.en), (error.fix_zh, error.fix_en))
        return _unread(path, Place(error.line, error.column)), (found,)
    except yaml.YAMLError as error:
        found, at = _not_yaml(error, text)
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


def _read(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise InputError(
                f"{path}: 有 {size // 1024} KB,话术文件最大 {MOST_BYTES // 1024} KB;拆成几个话术。"
                f" has {size // 1024} KB, a script has at most {MOST_BYTES // 1024} KB; split it"
            )
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: 不是 UTF-8;另存为 UTF-8。 is not UTF-8; save it as UTF-8") from error
    except OSError as error:
        raise InputError(f"{path}: 读不了({type(error).__name__})。 cannot be read; give a script file") from error


def _unread(path: Path, at: Place) -> Part:
    return Part(path=path, content={}, document=None, trouble_at=at)


def _not_yaml(error: yaml.YAMLError, text: str) -> tuple[Finding, Place]:
    mark = getattr(error, "problem_mark", None)
    here = text.splitlines()[mark.line : mark.line + 1] if mark else []
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    fix = ("检查缩进、冒号后的空格和引号", "check indentation, the space after a colon, and quotes")
    if mark and here and here[0][mark.column :].startswith("\t"):
        fix = ("用空格缩进,不用制表符", "indent with spaces, not with tabs")
    found = shape_finding("yaml", (), (f"不是 YAML({problem})", f"is not YAML: {problem}"), fix)
    return found, Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
