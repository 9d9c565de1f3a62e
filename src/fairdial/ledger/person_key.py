"""Find a person by number without keeping the number: a keyed hash."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True, slots=True, repr=False)
class PersonKey:
    """The installation's secret; whoever lacks it cannot test numbers against the ledger."""

    secret: str

    def of(self, number: str) -> str:
        """Hash an E.164 number: HMAC-SHA-256 (RFC 2104), 64 hexadecimal digits."""
        return hmac.new(self.secret.encode(), number.encode(), sha256).hexdigest()
