"""Whom permitted calls are to, read ahead: once for all contacts that were asked for together."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Sequence

from fairdial.core.permit import Claimed, Permit
from fairdial.core.policy.decide import Verdict
from fairdial.errors import LedgerError
from fairdial.ledger.database import Database
from fairdial.ledger.people.contacts import Addressee, addressees

Ask = Callable[[Sequence[Claimed]], Awaitable[dict[int, tuple[Verdict, Permit | None]]]]


class Addressing:
    """The people of one dialer's permits; each is read once, and forgotten when its call is placed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read: dict[int, Addressee] = {}

    def ahead(self, ask: Ask) -> Ask:
        """The same question to the gate, after which those who may be called are read."""

        async def asked(contacts: Sequence[Claimed]) -> dict[int, tuple[Verdict, Permit | None]]:
            answers = await ask(contacts)
            permitted = [contact for contact, (_, permit) in answers.items() if permit is not None]
            if permitted:
                with contextlib.suppress(LedgerError):  # the permits stand; `of` reads again
                    self._read = await addressees(self._database, permitted)
            return answers

        return asked

    async def of(self, permit: Permit) -> Addressee:
        """Whom a permit is for."""
        contact = permit.contact_id
        if contact not in self._read:
            self._read |= await addressees(self._database, [contact])
        return self._read.pop(contact)
