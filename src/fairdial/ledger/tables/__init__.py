"""The tables of the ledger. Migrations build the same schema; a test compares the two.

Every row belongs to a tenant, except `person` and `person_number`: a person's
refusals and allowance count over all tenants. Numbers are found by keyed hash.
"""

from __future__ import annotations

from fairdial.ledger.tables import access, calls, evidence, parties, people
from fairdial.ledger.tables.columns import metadata

__all__ = ["access", "calls", "evidence", "metadata", "parties", "people"]
