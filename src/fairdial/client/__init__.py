"""The API of a server from Python: typed answers, problems as exceptions, writes that may be tried again."""

from fairdial.client.client import Client
from fairdial.client.live import LiveEvent
from fairdial.client.problems import RemoteProblem, Unreachable

__all__ = ["Client", "LiveEvent", "RemoteProblem", "Unreachable"]
