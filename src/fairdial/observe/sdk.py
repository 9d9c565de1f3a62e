"""The OpenTelemetry SDK: spans of the core to spans of the wire. Needs the extra `traces`."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import SpanKind, StatusCode, set_span_in_context
from opentelemetry.trace import Status as SpanStatus

from fairdial.core.call_record import Disposition
from fairdial.core.call_trace import Span

_TIMEOUT_S = 5.0


def exporter_to(url: str) -> SpanExporter:
    """The exporter to an OTLP endpoint."""
    return OTLPSpanExporter(endpoint=url, timeout=_TIMEOUT_S, compression=Compression.Gzip)


class SdkTracer:
    """A `fairdial.observe.traces.Tracer`."""

    def __init__(self, exporter: SpanExporter, *, process: str, version: str, queued: int, every_ms: int) -> None:
        self._ids = _PermitIds()
        # Nothing of the machine is told but what is said here: no host name, no command line.
        resource = Resource({"service.name": "fairdial", "service.version": version, "service.instance.id": process})
        self._provider = TracerProvider(resource=resource, id_generator=self._ids, shutdown_on_exit=False)
        self._provider.add_span_processor(
            BatchSpanProcessor(exporter, max_queue_size=queued, schedule_delay_millis=every_ms)
        )
        self._tracer = self._provider.get_tracer("fairdial.call")

    def __call__(self, permit: UUID, spans: Sequence[Span]) -> None:
        self._ids.trace_id = permit.int
        whole, *inner = spans
        root = self._tracer.start_span(
            whole.name, kind=SpanKind.CLIENT, start_time=_ns(whole.took.begun), attributes=dict(whole.attributes)
        )
        for name, at in whole.moments.items():
            root.add_event(name, timestamp=_ns(at))
        if whole.attributes.get("disposition") == Disposition.FAILED:
            root.set_status(SpanStatus(StatusCode.ERROR))
        within = set_span_in_context(root)
        for span in inner:
            started = self._tracer.start_span(
                span.name, context=within, start_time=_ns(span.took.begun), attributes=dict(span.attributes)
            )
            started.end(_ns(span.took.ended))
        root.end(_ns(whole.took.ended))

    def close(self) -> None:
        """Send what waits."""
        self._provider.shutdown()


class _PermitIds(RandomIdGenerator):
    """A call's trace has its permit's id, a random UUID."""

    trace_id = 0

    def generate_trace_id(self) -> int:
        return self.trace_id


def _ns(seconds: float) -> int:
    return int(seconds * 1e9)
