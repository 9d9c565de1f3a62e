"""A tenant's adjustments from a file or from the ledger: content in, checked adjustments out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from fairdial.core.policy.adjust import Adjustment, DutyAdjustment, RuleAdjustment, check_adjustments
from fairdial.core.policy.kinds import Test
from fairdial.core.policy.pack import Pack
from fairdial.errors import InputError
from fairdial.yaml_lines import LinedYaml

HOW = "see docs/examples/adjustments.yaml; `fairdial rules show ID` tells the parameters 参数见该命令"


class _OfRule(BaseModel):
    model_config = ConfigDict(extra="forbid")
    rule: str
    set: Annotated[dict[str, Any], Field(min_length=1)]


class _OfDuty(BaseModel):
    model_config = ConfigDict(extra="forbid")
    duty: str
    days: float


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    adjustments: list[Any]


Content = list[dict[str, Any]]
"""What is stored: the entries of a file, as they were written."""


def read_adjustments(path: Path, packs: Mapping[str, Pack]) -> Content:
    """Read and check a file of adjustments; an empty list takes all of them back.

    Raises:
        InputError: Names file and line, the path, why and what to do, in Chinese and English.
    """
    try:
        document = LinedYaml(path.read_text(encoding="utf-8"))
        content = _File.model_validate(document.content).adjustments
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: 无法读取 cannot be read ({type(error).__name__}); {HOW}") from error
    except yaml.YAMLError as error:
        raise InputError(f"{path}: 不是 YAML is not YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        raise InputError(f"{path}:1: {_first(error)}: write a list under 列表写在 adjustments; {HOW}") from error
    problems = _problems(content, packs)
    if problems:
        lines = [
            f"{path}:{document.line(('adjustments', *at))}: {'.'.join(map(str, at))}: {why}" for at, why in problems
        ]
        raise InputError("\n".join([*lines, HOW]))
    return content


def adjustments_from(content: Sequence[Any], packs: Mapping[str, Pack]) -> list[Adjustment]:
    """The adjustments that were stored, for the packs of today.

    Raises:
        InputError: Today's packs do not allow them any more; nothing is decided until they are stored anew.
    """
    if problems := _problems(content, packs):
        at, why = problems[0]
        raise InputError(
            f"stored adjustment 已存的调整 {'.'.join(map(str, at))}: {why}; the rule packs have changed since:"
            " store them anew with 规则包已变,请重新提交 `fairdial tenant adjust FILE.yaml`"
        )
    return [_parsed(entry, packs) for entry in content]


_Problem = tuple[tuple[str | int, ...], str]


def _problems(content: Sequence[Any], packs: Mapping[str, Pack]) -> list[_Problem]:
    """Every entry that cannot be read; when all can, whatever may not be made."""
    adjustments: list[Adjustment] = []
    unread: list[_Problem] = []
    for place, entry in enumerate(content):
        try:
            adjustments.append(_parsed(entry, packs))
        except ValidationError as error:
            where = error.errors()[0]["loc"]
            inside = where if error.title in ("_OfRule", "_OfDuty") else ("set", *where)
            unread.append(((place, *inside), f"无法识别 cannot be read: {error.errors()[0]['msg']}"))
        except InputError as error:
            unread.append(((place,), str(error)))
    if unread:
        return unread
    return [
        ((unfit.place, *_path_of(adjustments[unfit.place], unfit.parameter)), f"{unfit.zh}; {unfit.en}")
        for unfit in check_adjustments(packs, adjustments)
    ]


def _path_of(adjustment: Adjustment, parameter: str | None) -> tuple[str, ...]:
    if parameter is None:
        return ()
    return ("set", parameter) if isinstance(adjustment, RuleAdjustment) else (parameter,)


def _parsed(entry: Any, packs: Mapping[str, Pack]) -> Adjustment:
    if isinstance(entry, Mapping) and "duty" in entry:
        read = _OfDuty.model_validate(entry)
        return DutyAdjustment(duty=read.duty, days=read.days)
    wanted = _OfRule.model_validate(entry)
    found = next((rule for pack in packs.values() for rule in pack.rules if rule.id == wanted.rule), None)
    if found is None:
        raise InputError(f"没有规则 there is no rule {wanted.rule}; `fairdial rules list` names all 列出全部")
    before = {field.name: getattr(found.test, field.name) for field in fields(found.test)}
    test: Test = TypeAdapter(type(found.test)).validate_python(before | wanted.set)
    return RuleAdjustment(rule=wanted.rule, test=test)


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc'])) or 'the whole'}: {first['msg']}"
