"""YAML with the line of every value, so that an error can name it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml


class LinedYaml:
    """A parsed document: `content`, and `line` for any path into it.

    Raises:
        yaml.YAMLError: The text is not YAML; the message carries line and column.
    """

    def __init__(self, text: str) -> None:
        self.content: Any = yaml.load(text, Loader=_Loader)
        self._root = yaml.compose(text, Loader=_Loader)

    def line(self, path: Sequence[str | int]) -> int:
        """The line, from 1, of the value a path leads to, or of the last part of the path that exists."""
        node = self._root
        line = 1
        for part in path:
            node = _child(node, part)
            if node is None:
                return line
            line = node.start_mark.line + 1
        return line


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """Reads dates and times as the text they are; whoever knows the field gives them a type."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _child(node: Any, part: str | int) -> Any:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part]
    return None
