"""The report as one page: Chinese and English, with every recording inside it."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import soundfile
from jinja2 import Environment, PackageLoader, StrictUndefined

_OPERATOR = ZoneInfo("Asia/Shanghai")

_WORDS = {
    "allow": ("可以呼叫", "may be called"),
    "wait": ("稍后", "wait"),
    "deny": ("不可呼叫", "must not be called"),
    "answered": ("已接听", "answered"),
    "no_answer": ("无人接听", "no answer"),
    "busy": ("占线", "busy"),
    "rejected": ("拒接", "rejected"),
    "powered_off": ("关机", "powered off"),
    "suspended": ("停机", "suspended"),
    "invalid_number": ("空号", "invalid number"),
    "unreachable": ("无法接通", "unreachable"),
    "barred": ("呼叫受限", "barred"),
    "forwarded": ("呼叫转移", "forwarded"),
    "caller_arrears": ("主叫欠费", "our line is in arrears"),
    "call_reminder": ("来电提醒", "call reminder"),
    "voicemail": ("语音信箱或助理", "voicemail or assistant"),
    "cancelled": ("主动取消", "given up by us"),
    "failed": ("呼叫失败", "failed"),
    "unknown": ("结果未知", "unknown"),
    "not_dialled": ("未拨出", "not dialled"),
}


def write_html(report: Mapping[str, Any], *, folder: Path) -> Path:
    """Write `report.html` beside the recordings it embeds; returns its path."""
    environment = Environment(
        loader=PackageLoader("fairdial.followup"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["both"] = _both
    environment.filters["clock"] = lambda iso: _local(iso, "%H:%M:%S")
    environment.filters["moment"] = lambda iso: _local(iso, "%Y-%m-%d %H:%M")
    page = environment.get_template("report.html.j2").render(
        report=report, sound={a["permit_id"]: _embedded(folder, a["recording"]) for a in report["attempts"]}
    )
    path = folder / "report.html"
    path.write_text(page, encoding="utf-8")
    return path


def _local(iso: str | None, form: str) -> str:
    """A moment as the operator's clock shows it (Beijing time)."""
    return datetime.fromisoformat(iso).astimezone(_OPERATOR).strftime(form) if iso else "—"


def _both(word: str | None) -> str:
    """A word of the vocabulary in Chinese and English."""
    zh, en = _WORDS.get(word or "", (word or "—", ""))
    return f"{zh} {en}".strip()


def _embedded(folder: Path, recording: str | None) -> str | None:
    """A recording as a data address (Ogg Opus), so that the page needs no other file; one that is sealed stays so."""
    if recording is None or not recording.endswith(".wav") or not (folder / recording).is_file():
        return None
    samples, rate_hz = soundfile.read(folder / recording, dtype="float32")
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate_hz, format="OGG", subtype="OPUS")
    return "data:audio/ogg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
