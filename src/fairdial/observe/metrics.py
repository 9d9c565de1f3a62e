"""Every metric of fairdial; docs/howto/watch.md says which tells what.

A label has as many values as the configuration names, never as many as there are people or calls. `tests/observe` holds
the list of labels: a new one fails until somebody says that it is safe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from fairdial.core.hearing.punctuality import Punctuality
from fairdial.errors import kinds

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, which nobody reads

_FAST_S = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Bounds for transactions and recognition, in seconds."""

_NETWORK_S = (0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0)
_ANSWER_S = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0)
_LONG_S = (2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0)
_HTTP_S = (0.01, 0.05, 0.25, 1.0, 5.0)

LARGEST = frozenset(
    {
        "fairdial_voice_worst_lateness_seconds",
        "fairdial_line_silent_row",
        "fairdial_chore_last_success_timestamp_seconds",
        "fairdial_unsealed_events",
    }
)
"""Gauges of which several processes together have the largest; all others are added up."""


OPERATIONS = (
    "claim", "gate", "redeem", "placed", "refuse", "call_back", "owe", "end", "lose", "renew", "settle", "give_back",
)  # fmt: skip
"""Transactions that are counted by name. Rare counters begin at 0: Prometheus sees no increase in a series that begins with 1."""


class Meters:
    """The metrics of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()

        def counter(name: str, words: str, *labels: str) -> Counter:
            return Counter(f"fairdial_{name}", words, labels, registry=registry)

        def gauge(name: str, words: str, *labels: str) -> Gauge:
            return Gauge(f"fairdial_{name}", words, labels, registry=registry)

        def histogram(name: str, words: str, bounds: tuple[float, ...], *labels: str) -> Histogram:
            return Histogram(f"fairdial_{name}_seconds", words, labels, buckets=bounds, registry=registry)

        self.runs = counter("runs_ended", "Runs by how they ended: done, stopped, or the code of an error.", "how")
        self.processes = gauge("processes", "Processes of this machine that tell of themselves.", "kind")

        self.decisions = counter("gate_decisions", "Answers of the gate.", "campaign", "outcome")
        self.held = counter(
            "gate_held", "Rules that said wait or deny; one answer may have several.", "rule", "outcome"
        )
        self.given_back = counter("permits_given_back", "Permits that were not used.", "line")

        self.placed = counter("calls_placed", "INVITEs on their way.", "line")
        self.ended = counter("calls_ended", "Calls written down, by how they ended.", "line", "campaign", "disposition")
        self.grades = counter("call_grades", "Answered calls by grade.", "line", "grade")
        self.sip_refusals = counter("sip_refusals", "Final SIP answers that refused a call.", "line", "status")
        self.living = gauge("calls_living", "Calls now, by how far they have come.", "line", "stage")
        self.post_dial = histogram("post_dial_delay", "From INVITE to ringing or a refusal.", _NETWORK_S, "line")
        self.ring = histogram("ring", "From ringing to the answer.", _LONG_S, "line")
        self.talk = histogram("talk", "From the answer to the end.", _LONG_S, "line")
        self.first_word = histogram("first_word", "From the answer to our first word.", _ANSWER_S, "line")
        self.gap = histogram("turn_gap", "From the end of a person's words to ours.", _ANSWER_S, "line")
        self.silent_row = gauge("line_silent_row", "Calls in a row without a word from the network.", "line")
        self.stack_up = gauge("sip_stack_up", "SIP stacks that answer.", "line")
        self.stack_stopped = gauge(
            "sip_stack_stopped", "SIP stacks that stopped; their process wants a restart.", "line"
        )

        self.refusals = histogram("refusal_durable", "From a refusal understood to its being durable.", _FAST_S)
        self.ledger = histogram("ledger", "Transactions of the ledger.", _FAST_S, "operation")
        self.ledger_failures = counter("ledger_failures", "Transactions the ledger did not take.", "operation")
        self.ledger_away = counter("ledger_disconnects", "Connections to PostgreSQL that failed or broke.")
        self.pool = gauge("db_connections", "Connections of the pool; `most` is its limit.", "state")
        self.settled = counter("attempts_settled", "What dead workers left: calls unknown, permits released.", "what")
        self.workers_died = counter("workers_died", "Worker processes that died and were replaced.")
        self.chore = gauge("chore_last_success_timestamp_seconds", "When a chore was last done.", "chore")
        self.unsealed = gauge("unsealed_events", "Events that wait to be sealed, counted up to 10,000.")

        self.words = histogram("recognition", "To write down what was said.", _FAST_S)
        self.nothing_heard = counter("recognition_empty", "Utterances of which no word was understood.")
        self.recogniser_failures = counter("recogniser_failures", "Engines that did not answer.", "engine")
        self.meaning = histogram("understanding", "To understand a sentence.", _FAST_S)

        self.http = histogram("http_request", "To answer a request of the API.", _HTTP_S, "method", "route")
        self.http_answers = counter("http_requests", "Answers of the API.", "method", "route", "status")

        self.punctuality: Callable[[], Punctuality] = Punctuality
        """Reads the voice clock of the run this process is at."""
        registry.register(_Clock(self))

        for how in ("done", "stopped", *(kind.code for kind in kinds())):
            self.runs.labels(how)
        for operation in OPERATIONS:
            self.ledger_failures.labels(operation)


class _Clock(Collector):
    """Reads the voice clock when somebody asks, not at every tick."""

    def __init__(self, meters: Meters) -> None:
        self._meters = meters

    def collect(self) -> Iterator[Metric]:
        kept = self._meters.punctuality()
        yield CounterMetricFamily("fairdial_voice_ticks", "Ticks of 20 ms that moved sound.", value=kept.ticks)
        yield CounterMetricFamily("fairdial_voice_late_ticks", "Ticks that ended late.", value=kept.late)
        yield GaugeMetricFamily(
            "fairdial_voice_worst_lateness_seconds", "The latest tick.", value=max(0.0, kept.worst_ms) / 1000
        )
