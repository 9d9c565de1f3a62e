"""Sends the spans of recorded calls by OTLP over HTTP, on a thread of the SDK's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol
from uuid import UUID

from fairdial.core.call_trace import Span
from fairdial.errors import SettingsError

_QUEUED = 16_384
"""Spans that wait at most, about 2,000 calls; what comes while it is full is dropped."""

_EVERY_MS = 1000


class Tracer(Protocol):
    """Takes the spans of a call, the whole call first; never waits."""

    def __call__(self, permit: UUID, spans: Sequence[Span], /) -> None: ...


def traced_nowhere(_permit: UUID, _spans: Sequence[Span]) -> None:
    """Nobody asked for traces."""


@contextmanager
def open_tracer(url: str, *, process: str, version: str) -> Iterator[Tracer]:
    """A tracer to an OTLP endpoint; what waits is sent at its end.

    The SDK's own variables hold beside the address: `OTEL_EXPORTER_OTLP_HEADERS` for a token, `OTEL_TRACES_SAMPLER` for
    a share of the calls.

    Args:
        url: With its path, as `http://127.0.0.1:4318/v1/traces`.

    Raises:
        SettingsError: The SDK is not installed.
    """
    try:  # an extra: nobody loads six megabytes for traces they do not want
        from fairdial.observe.sdk import SdkTracer, exporter_to
    except ImportError as error:
        raise SettingsError(
            "FAIRDIAL_TRACES needs `pip install 'fairdial[traces]'` 需要安装 OpenTelemetry SDK"
        ) from error
    tracer = SdkTracer(exporter_to(url), process=process, version=version, queued=_QUEUED, every_ms=_EVERY_MS)
    try:
        yield tracer
    finally:
        tracer.close()
