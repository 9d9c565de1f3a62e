"""The counts of several processes as one: told as exposition text, added up when somebody asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from threading import Lock

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from fairdial.observe.metrics import LARGEST

_Labels = tuple[tuple[str, str], ...]


class Joined(Collector):
    """What other processes of this machine have counted, and those that are gone; any thread may ask."""

    def __init__(self, own: CollectorRegistry) -> None:
        self._own = own
        self._told: dict[object, str] = {}
        self._gone = ""
        self._lock = Lock()

    def take(self, who: object, said: str) -> None:
        """What a process has counted by now, in place of what it said before."""
        with self._lock:
            self._told[who] = said

    def leave(self, who: object) -> None:
        """A process is gone: what it counted stays, its gauges go."""
        with self._lock:
            said = self._told.pop(who, "")
            if said:
                counted = (one for text in (self._gone, said) for one in _families(text) if one.type != "gauge")
                self._gone = _text(_together(counted))

    def collect(self) -> Iterator[Metric]:
        with self._lock:
            others = [self._gone, *self._told.values()]
        yield from _together(chain(self._own.collect(), *(_families(text) for text in others if text)))

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self)

    def value(self, name: str) -> float:
        """The sum of a metric over all its labels."""
        return sum(sample.value for family in self.collect() for sample in family.samples if sample.name == name)


_families = text_string_to_metric_families


def _together(told: Iterable[Metric]) -> list[Metric]:
    """Families of the same name added up, label by label."""
    families: dict[str, Metric] = {}
    values: dict[str, dict[tuple[str, _Labels], float]] = {}
    for family in told:
        families.setdefault(family.name, family)
        sums = values.setdefault(family.name, {})
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            before = sums.get(key)
            if before is None:
                sums[key] = sample.value
            else:
                sums[key] = max(before, sample.value) if family.name in LARGEST else before + sample.value
    return [_family(families[name], sums) for name, sums in values.items()]


def _family(like: Metric, values: dict[tuple[str, _Labels], float]) -> Metric:
    family = Metric(like.name, like.documentation, like.type)
    for (name, labels), value in values.items():
        family.add_sample(name, dict(labels), value)
    return family


def _text(families: list[Metric]) -> str:
    class Once(Collector):
        def collect(self) -> Iterator[Metric]:
            yield from families

    return generate_latest(Once()).decode()
