"""YAML with the place of every value, so that an error can name it; bounded, so that no text takes long to read."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import yaml

DEEPEST = 24
"""Most levels of lists and mappings inside each other; rule packs and scripts need less than ten."""

_MOST_DIGITS = 40
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""No text that is spoken, shown or stored holds one; a database refuses NUL."""


class YamlTrouble(yaml.YAMLError):
    """YAML that is not read all the same; in both languages, with its place (line and column from 1)."""

    def __init__(self, zh: str, en: str, fix_zh: str, fix_en: str, *, line: int, column: int) -> None:
        super().__init__(f"line {line}, column {column}: {en}; {fix_en}")
        self.zh, self.en, self.fix_zh, self.fix_en = zh, en, fix_zh, fix_en
        self.line, self.column = line, column


class Place(NamedTuple):
    """Line and column, from 1."""

    line: int
    column: int


class LinedYaml:
    """A parsed document: `content`, and the place of any path into it.

    Raises:
        yaml.YAMLError: The text is not YAML; the message carries line and column.
        YamlTrouble: It is nested too deep, repeats itself by reference, holds tags, control characters or numbers
            nobody counts with, or writes a key twice.
    """

    def __init__(self, text: str) -> None:
        _check_events(text)
        loader = _Loader(text)
        try:
            self._root = loader.get_single_node()
            _check_keys(self._root)
            self.content: Any = None if self._root is None else loader.construct_document(self._root)
        finally:
            loader.dispose()

    def line(self, path: Sequence[str | int]) -> int:
        """The line, from 1, of the value a path leads to, or of the last part of the path that exists."""
        return self.place(path).line

    def place(self, path: Sequence[str | int], *, at_key: bool = False) -> Place:
        """Where a path leads to, or its last part that exists; with `at_key` its key and not its value.

        A list or mapping begins where its key stands: that is where somebody looks for it.
        """
        node, mark = self._root, None
        for part in path:
            key, value = _child(node, part)
            if value is None:
                break
            node = value
            is_whole = key is not None and (at_key or not isinstance(value, yaml.ScalarNode))
            mark = key.start_mark if is_whole else value.start_mark
        return Place(1, 1) if mark is None else Place(mark.line + 1, mark.column + 1)


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """Reads dates and times as the text they are; whoever knows the field gives them a type."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _number(loader: Any, node: yaml.ScalarNode) -> int | float:
    """A number, unless it is none or has more digits than anything that is counted."""
    number: int | float = math.inf
    if len(node.value) <= _MOST_DIGITS:
        is_whole = node.tag == "tag:yaml.org,2002:int"
        with suppress(ValueError, OverflowError):
            number = loader.construct_yaml_int(node) if is_whole else loader.construct_yaml_float(node)
    if not math.isfinite(number):
        raise _trouble(
            node.start_mark,
            f"{node.value[:_MOST_DIGITS]} 不是能用的数",
            f"{node.value[:_MOST_DIGITS]} is no number to count with",
            "写普通的数字,或者加引号写成文字",
            "write a plain number, or text in quotes",
        )
    return number


for _kind in ("int", "float"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_kind}", _number)


def _check_events(text: str) -> None:
    """Refuse what would take unbounded time or stack, or is no plain value, from the events, before anything is built."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if (tag := getattr(event, "tag", None)) is not None:
            raise _trouble(
                event.start_mark,
                f"不接受标记({tag.replace('tag:yaml.org,2002:', '!!')})",
                f"tags ({tag.replace('tag:yaml.org,2002:', '!!')}) are not read",
                "去掉 ! 标记,写普通的值",
                "remove the tag and write a plain value",
            )
        if isinstance(event, yaml.ScalarEvent) and _CONTROL.search(event.value):
            raise _trouble(
                event.start_mark,
                "有看不见的控制字符",
                "holds control characters, which nobody sees",
                "删掉它们,重新输入这一段",
                "remove them and type the text again",
            )
        if isinstance(event, yaml.AliasEvent):
            raise _trouble(
                event.start_mark,
                f"不接受引用(*{event.anchor})",
                f"references (*{event.anchor}) are not read: a short text with them can grow without bound",
                "把内容写出来",
                "write the value out",
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise _trouble(
                event.start_mark,
                f"嵌套超过 {DEEPEST} 层",
                f"is nested deeper than {DEEPEST} levels",
                "检查括号和缩进",
                "check brackets and indentation",
            )


def open_quote(text: str, line: int) -> Place | None:
    """Where a quote begins that is still open in a line (from 0), or ends there and began in another; for a text that is no YAML."""
    begun: Place | None = None
    try:
        for event in yaml.parse(text, Loader=_Loader):
            start, end = event.start_mark, event.end_mark
            is_quoted = isinstance(event, yaml.ScalarEvent) and event.style in ("'", '"')
            if is_quoted and start and end and start.line < end.line == line:
                begun = Place(start.line + 1, start.column + 1)
    except yaml.MarkedYAMLError as error:
        mark = error.context_mark
        if error.context == "while scanning a quoted scalar" and mark is not None and mark.line < line:
            return Place(mark.line + 1, mark.column + 1)
    except yaml.YAMLError:
        return None
    return begun


def _check_keys(root: Any) -> None:
    """Every key is text and is written once; YAML itself would keep the last and forget the others."""
    for node in _mappings(root):
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag != "tag:yaml.org,2002:str":
                written = key.value if isinstance(key, yaml.ScalarNode) else "…"
                raise _trouble(
                    key.start_mark,
                    f"键 {written} 不是文字",
                    f"the key {written} is not text",
                    f'加引号:"{written}"',
                    f'put it in quotes: "{written}"',
                )
            if key.value in seen:
                raise _trouble(
                    key.start_mark,
                    f"{key.value} 写了两次",
                    f"{key.value} is written twice",
                    "留下一个",
                    "keep one of them",
                )
            seen.add(key.value)


def _mappings(root: Any) -> Iterator[yaml.MappingNode]:
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, yaml.MappingNode):
            yield node
            stack += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            stack += node.value


def _trouble(mark: Any, zh: str, en: str, fix_zh: str, fix_en: str) -> YamlTrouble:
    return YamlTrouble(zh, en, fix_zh, fix_en, line=mark.line + 1, column=mark.column + 1)


def _child(node: Any, part: str | int) -> tuple[Any, Any]:
    """The key and the value a part of a path leads to; the key of a list's item is None."""
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == str(part)), (None, None))
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return None, node.value[part]
    return None, None
