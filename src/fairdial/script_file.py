"""Script files: read, bounded, with the line and column of everything that is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from fairdial.core.script.finding import Finding, Severity, meant
from fairdial.core.script.finding import Path as Where
from fairdial.core.script.model import Script
from fairdial.core.script.parse import ScriptError, parse_script
from fairdial.errors import InputError
from fairdial.script_shape import ScriptShape, script_schema
from fairdial.yaml_lines import LinedYaml, Place, YamlTrouble

MOST_BYTES = 256 * 1024
"""A script of a thousand lines takes about 100 KB."""

_QUOTED = re.compile(r"'([^']+)'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A script file as far as it could be read; `script` is None when something in `findings` keeps it from being one."""

    path: Path
    content: Mapping[str, Any]
    script: Script | None
    document: LinedYaml | None
    findings: tuple[Finding, ...]
    trouble_at: Place | None = None

    def place(self, finding: Finding) -> Place:
        if self.document is None:
            return self.trouble_at or Place(1, 1)
        return self.document.place(finding.path, at_key=finding.at_key)

    def told(self, finding: Finding) -> str:
        """One line: file, line, column; what is wrong and what to write, in both languages."""
        at = self.place(finding)
        cite = f" [{finding.cite}]" if finding.cite else ""
        return (
            f"{self.path}:{at.line}:{at.column}: {finding.zh};{finding.fix_zh}。"
            f" {finding.en}; {finding.fix_en} ({finding.rule}){cite}"
        )


def examine(path: Path) -> Examined:
    """Read a script file as far as possible.

    Raises:
        InputError: The file cannot be read, is no text in UTF-8 or is larger than `MOST_BYTES`.
    """
    text = _read(path)
    try:
        document = LinedYaml(text)
    except YamlTrouble as error:
        found = _finding("yaml", (), (error.zh, error.en), (error.fix_zh, error.fix_en))
        return _unread(path, found, Place(error.line, error.column))
    except yaml.YAMLError as error:
        return _unread(path, *_not_yaml(error, text))
    content = document.content
    if not isinstance(content, dict):
        found = _finding(
            "shape",
            (),
            ("不是话术", "holds no script"),
            ("照 examples/insurance-renewal/script.yaml 写", "write one like examples/insurance-renewal/script.yaml"),
        )
        return _unread(path, found, Place(1, 1))
    script, findings = None, tuple(_wrong_shapes(content))
    if not findings:
        try:
            script = parse_script(content, name=str(path))
        except ScriptError as error:
            findings = error.findings
    return Examined(path=path, content=content, script=script, document=document, findings=findings)


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


def _unread(path: Path, finding: Finding, at: Place) -> Examined:
    return Examined(path=path, content={}, script=None, document=None, findings=(finding,), trouble_at=at)


def _not_yaml(error: yaml.YAMLError, text: str) -> tuple[Finding, Place]:
    mark = getattr(error, "problem_mark", None)
    here = text.splitlines()[mark.line : mark.line + 1] if mark else []
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    fix = ("检查缩进、冒号后的空格和引号", "check indentation, the space after a colon, and quotes")
    if mark and here and here[0][mark.column :].startswith("\t"):
        fix = ("用空格缩进,不用制表符", "indent with spaces, not with tabs")
    found = _finding("yaml", (), (f"不是 YAML({problem})", f"is not YAML: {problem}"), fix)
    return found, Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)


def _wrong_shapes(content: Mapping[str, Any]) -> Iterator[Finding]:
    try:
        text = json.dumps(content, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError):
        yield _finding(
            "shape",
            (),
            ("有不是文字、数字、列表的值", "holds a value that is neither text, number, list nor mapping"),
            ("去掉 !! 标记、.nan 和 .inf", "remove tags (!!), .nan and .inf"),
        )
        return
    try:
        ScriptShape.model_validate_json(text)
    except ValidationError as error:
        yield from (_wrong_shape(e, content) for e in error.errors(include_url=False))


def _wrong_shape(error: ErrorDetails, content: Mapping[str, Any]) -> Finding:
    """One error of pydantic as somebody who writes scripts would say it."""
    where = _path(error["loc"], content)
    kind, name = error["type"], str(where[-1] if where else "")
    given = str(error["input"])[:40]
    if kind == "missing":
        lacks = str(error["loc"][-1])
        at = ".".join(map(str, where))
        return _finding(
            "missing",
            where,
            (f"{at or '话术'} 缺少 {lacks}", f"{at or 'the script'} has no `{lacks}`"),
            (f"写上 {lacks}: …", f"write `{lacks}: …`"),
            at_key=True,
        )
    if kind == "extra_forbidden":
        known = _known_keys(where[:-1])
        return _finding(
            "unknown-key",
            where,
            (f"没有 {name} 这一项", f"`{name}` is not known here"),
            meant(name, known),
            at_key=True,
        )
    if kind in ("enum", "literal_error"):
        options = _QUOTED.findall(error.get("ctx", {}).get("expected", ""))
        is_key = error["loc"][-1] == "[key]"
        return _finding(
            "unknown-value",
            where,
            (f"{name}: 没有 {given}" if not is_key else f"没有 {given}", f"{given} is not known here"),
            meant(given, options),
            at_key=is_key,
        )
    zh, en, fix_zh, fix_en = _TYPES.get(kind, ("值不合要求", error["msg"], "看 docs/script.schema.json", "see there"))
    limits = {k: v for k, v in error.get("ctx", {}).items() if isinstance(v, int | float | str)}
    return _finding(
        "shape",
        where,
        (f"{name}: {zh}".format(**limits), f"{name}: {en}".format(**limits)),
        (fix_zh.format(**limits), fix_en.format(**limits)),
    )


_TYPES = {
    "string_type": ("应当是文字", "is not text", "写成文字,必要时加引号", "write text, in quotes if need be"),
    "int_type": ("应当是整数", "is not a whole number", "写整数", "write a whole number"),
    "float_type": ("应当是数字", "is not a number", "写数字", "write a number"),
    "dict_type": ("应当有下级项", "is not a mapping", "写成 键: 值", "write keys and values below it"),
    "model_type": ("应当有下级项", "is not a mapping", "写成 键: 值", "write keys and values below it"),
    "model_attributes_type": ("应当有下级项", "is not a mapping", "写成 键: 值", "write keys and values below it"),
    "list_type": ("应当是列表", "is not a list", "写成 [一, 二]", "write [one, two]"),
    "string_too_short": ("是空的", "is empty", "写上内容", "write something"),
    "string_too_long": (
        "超过 {max_length} 个字",
        "has more than {max_length} characters",
        "分成几句",
        "split it into several",
    ),
    "string_pattern_mismatch": (
        "名称里有不能用的字符",
        "holds characters a name cannot have",
        "只用文字、数字、_、-、.",
        "use letters, digits, _, - and . only",
    ),
    "too_short": ("是空的", "is empty", "写上内容", "write something"),
    "too_long": ("超过 {max_length} 项", "has more than {max_length} entries", "减少", "write fewer"),
    "greater_than_equal": ("小于 {ge}", "is less than {ge}", "写 {ge} 或更大", "write {ge} or more"),
    "less_than_equal": ("大于 {le}", "is more than {le}", "写 {le} 或更小", "write {le} or less"),
}
"""What is wrong and the remedy, in both languages, by pydantic's name of the error."""


def _finding(rule: str, path: Where, wrong: tuple[str, str], fix: tuple[str, str], *, at_key: bool = False) -> Finding:
    return Finding(
        rule=rule,
        path=path,
        zh=wrong[0],
        en=wrong[1],
        fix_zh=fix[0],
        fix_en=fix[1],
        severity=Severity.ERROR,
        at_key=at_key,
    )


def _path(loc: tuple[int | str, ...], content: Any) -> Where:
    """The parts of pydantic's place that exist in the file; it also names alternatives and keys."""
    path: list[str | int] = []
    node: Any = content
    for part in loc:
        is_there = part in node if isinstance(node, dict) else isinstance(node, list) and part in range(len(node))
        if is_there:
            node = node[part]
            path.append(part)
    return tuple(path)


@cache
def _known_keys(path: Where) -> tuple[str, ...]:
    """The keys the schema knows at a place."""
    schema = script_schema()
    nodes = [schema]
    for part in path:
        nodes = [below for node in nodes for below in _below(node, part, schema)]
    return tuple(key for node in nodes for flat in _flat(node, schema) for key in flat.get("properties", ()))


def _below(node: Mapping[str, Any], part: str | int, schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for flat in _flat(node, schema):
        if part in flat.get("properties", {}):
            yield flat["properties"][part]
            continue
        yield from flat.get("patternProperties", {}).values()
        if isinstance(flat.get("additionalProperties"), dict):
            yield flat["additionalProperties"]


def _flat(node: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A node with references followed and alternatives opened."""
    if "$ref" in node:
        yield from _flat(schema["$defs"][node["$ref"].rsplit("/", 1)[1]], schema)
    for kind in ("anyOf", "oneOf"):
        for alternative in node.get(kind, ()):
            yield from _flat(alternative, schema)
    yield node
