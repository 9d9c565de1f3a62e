"""What is wrong with the shape of a script file, as somebody who writes scripts would say it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from fairdial.core.script.finding import Finding, meant
from fairdial.core.script.finding import Path as Where
from fairdial.script_shape_parts import Misfit, Shape

MOST = 1000
"""Findings that are told of one text: nobody reads more at once, and each costs a search for what was meant."""

_QUOTED = re.compile(r"'([^']+)'")


def wrong_shapes(content: Mapping[str, Any], shape: type[Shape]) -> Iterator[Finding]:
    """Everything in which parsed YAML differs from a shape, the first `MOST` of it."""
    text = json.dumps(content, ensure_ascii=False)
    try:
        shape.model_validate_json(text)
    except ValidationError as error:
        yield from (_wrong_shape(e, content, shape) for e in error.errors(include_url=False)[:MOST])


def _wrong_shape(error: ErrorDetails, content: Mapping[str, Any], shape: type[Shape]) -> Finding:
    """One error of pydantic as somebody who writes scripts would say it."""
    where = _path(error["loc"], content)
    kind, name = error["type"], next((str(part) for part in reversed(where) if part != ""), "文件 file")
    given = str(error["input"])[:40]
    if kind == "missing":
        lacks = str(error["loc"][-1])
        at = ".".join(map(str, where))
        return shape_finding(
            "missing",
            where,
            (f"{at or '文件'} 缺少 {lacks}", f"{at or 'the file'} has no `{lacks}`"),
            (f"写上 {lacks}: …", f"write `{lacks}: …`"),
            at_key=True,
        )
    if kind == "extra_forbidden":
        known = _known_keys(shape, where[:-1])
        return shape_finding(
            "unknown-key",
            where,
            (f"没有 {name} 这一项", f"`{name}` is not known here"),
            meant(name, known),
            at_key=True,
        )
    if kind in ("enum", "literal_error"):
        options = _QUOTED.findall(error.get("ctx", {}).get("expected", ""))
        is_key = error["loc"][-1] == "[key]"
        return shape_finding(
            "unknown-value",
            where,
            (f"{name}: 没有 {given}" if not is_key else f"没有 {given}", f"{given} is not known here"),
            meant(given, options),
            at_key=is_key,
        )
    is_key = error["loc"][-1:] == ("[key]",)
    if isinstance(wrong := error.get("ctx", {}).get("error"), Misfit):
        return shape_finding("shape", where, wrong.wrong, wrong.fix, at_key=True)
    if is_key and not given:
        return shape_finding(
            "shape", where, (f"{name} 里有空的键", f"a key of {name} is empty"), ("写上内容", "write something")
        )
    limits = {k: v for k, v in error.get("ctx", {}).items() if isinstance(v, int | float | str)}
    other = (
        "值不合要求",
        error["msg"].replace("{", "(").replace("}", ")"),
        "看 docs/reference.md",
        "see docs/reference.md",
    )
    zh, en, fix_zh, fix_en = (text.format(**limits) for text in _TYPES.get(kind, other))
    return shape_finding("shape", where, (f"{name}: {zh}", f"{name}: {en}"), (fix_zh, fix_en), at_key=is_key)


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
    "too_short": (
        "少于 {min_length} 项",
        "has fewer than {min_length} entries",
        "写 {min_length} 项以上",
        "write {min_length} or more",
    ),
    "too_long": ("超过 {max_length} 项", "has more than {max_length} entries", "减少", "write fewer"),
    "greater_than_equal": ("小于 {ge}", "is less than {ge}", "写 {ge} 或更大", "write {ge} or more"),
    "less_than_equal": ("大于 {le}", "is more than {le}", "写 {le} 或更小", "write {le} or less"),
}
"""What is wrong and the remedy, in both languages, by pydantic's name of the error."""


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
def _schema(shape: type[Shape]) -> dict[str, Any]:
    return shape.model_json_schema()


def _known_keys(shape: type[Shape], path: Where) -> tuple[str, ...]:
    """The keys a shape knows at a place; kept for no place, because the names in it are whoever's who writes."""
    schema = _schema(shape)
    nodes = [schema]
    for part in path:
        nodes = [below for node in nodes for below in _below(node, part, schema)]
    return tuple(key for node in nodes for flat in _flat(node, schema) for key in flat.get("properties", ()))


def _below(node: Mapping[str, Any], part: str | int, schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for flat in _flat(node, schema):
        if part in flat.get("properties", {}):
            yield flat["properties"][part]
            continue
        if isinstance(part, int) and "items" in flat:
            yield flat["items"]
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


def shape_finding(
    rule: str, path: Where, wrong: tuple[str, str], fix: tuple[str, str], *, at_key: bool = False
) -> Finding:
    return Finding(
        rule=rule,
        path=path,
        zh=wrong[0],
        en=wrong[1],
        fix_zh=fix[0],
        fix_en=fix[1],
        at_key=at_key,
    )
