"""Calls for the benchmarks of what networks and people say first: wordings, voices, the telephone channel."""
