"""fairdial (善呼): outbound calls that carry their permission."""

__version__ = "0.1.0"
