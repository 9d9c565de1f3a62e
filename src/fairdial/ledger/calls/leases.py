"""How long what is given to a worker is good for, all by the database's clock."""

from __future__ import annotations

from datetime import timedelta

LEASE = timedelta(seconds=15)
"""A worker that is silent for this long is dead; see `attempts.settle_dead`."""

PERMIT_LIFE = timedelta(seconds=20)
"""A permit not spent within this time is void; the contact is asked for anew."""

LINGERS = timedelta(seconds=30)
"""So long after its worker's last sign of life an attempt that is unknown keeps its place: the network has not hung up either."""
