"""Requests made from the contract's own examples."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CONTRACT: dict[str, Any] = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text(encoding="utf-8"))
_PLAIN: Mapping[str, Any] = {"integer": 1, "number": 1.0, "boolean": True, "object": {}, "array": [], "string": ""}


@dataclass(frozen=True)
class Operation:
    """One operation; `body` is an example of what it takes, None when it takes nothing or no JSON."""

    method: str
    path: str
    parameters: tuple[str, ...]
    body: Any


def operations() -> Iterator[Operation]:
    """Every operation of the contract."""
    for path, methods in CONTRACT["paths"].items():
        for method, told in methods.items():
            named = tuple(one["name"] for one in told.get("parameters", ()) if one["in"] == "path")
            sent = told.get("requestBody", {}).get("content", {}).get("application/json")
            body = None if sent is None else example(sent["schema"])
            yield Operation(method=method.upper(), path=path, parameters=named, body=body)


def example(schema: Mapping[str, Any]) -> Any:
    """A value of this schema, from its examples where it has any: the least that is required."""
    if "$ref" in schema:
        return example(CONTRACT["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return example(schema[key][0])
    if "properties" in schema:
        return {name: example(schema["properties"][name]) for name in schema.get("required", ())}
    return [example(schema["items"])] if schema.get("minItems") else _PLAIN[schema.get("type", "object")]
