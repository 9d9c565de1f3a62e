"""Joins the ledger's lines and keys to the edge's renderer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fairdial.app import App
from fairdial.core.trunk import Trunk
from fairdial.edge.files import Change, Checked, ask_kamailio, fixed_files, own_certificate, put_files
from fairdial.edge.given import KEPT, Given, kept_in, options_of, to_keep, with_what_was_given
from fairdial.edge.plan import CALLS_EACH_SECOND, EdgeLine, render
from fairdial.ledger.edge_keys import edge_secrets
from fairdial.ledger.parties import LineEntry, stored_lines

_NEVER_HELD = datetime.fromtimestamp(0, UTC)
"""Of a line from before documents were asked for; the gate denies it, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedEdge:
    """What became of an edge's files; `keys` are the numbers of those it takes."""

    files: Mapping[str, Change]
    lines: tuple[str, ...]
    keys: tuple[int, ...]
    checked: Checked

    @property
    def has_changed(self) -> bool:
        """Whether the edge must be started anew to follow."""
        return any(change is not Change.SAME for name, change in self.files.items() if name != KEPT)


async def render_edge(app: App, folder: Path, given: Given, *, forgets: bool, makes_key: bool) -> RenderedEdge:
    """Write the files of an edge for all lines of the installation, and have Kamailio check them where it is installed.

    Args:
        forgets: Start from no options instead of those the folder was rendered with.

    Raises:
        InputError: An option, a line or the folder cannot be used; no file was written.
    """
    said = given if forgets else given.over(kept_in(folder))
    options = options_of(said, folder=folder)
    lines = with_what_was_given([_line(tenant, entry) for tenant, entry in await stored_lines(app.database)], said)
    secrets = await edge_secrets(app.database, makes_next=makes_key)
    files = {**fixed_files(), **render(lines, secrets, options), KEPT: to_keep(said)}
    if said.self_signed:
        known_as = (options.listeners[-1].advertised or options.listeners[-1].address).rpartition(":")[0]
        files |= own_certificate(folder, known_as)
    return RenderedEdge(
        files=put_files(folder, files),
        lines=tuple(sorted(line.name for line in lines)),
        keys=tuple(key.number for key in secrets.keys),
        checked=ask_kamailio(folder),
    )


def _line(tenant: str, entry: LineEntry) -> EdgeLine:
    trunk = entry.trunk or Trunk()
    paced = trunk.calls_per_second
    return EdgeLine(
        name=entry.name,
        tenant=tenant,
        kind=entry.kind,
        address=entry.address,
        calls=entry.capacity,
        purposes=entry.purposes,
        documents_until=entry.documents_until or _NEVER_HELD,
        transport=trunk.transport,
        srtp=trunk.srtp,
        each_second=CALLS_EACH_SECOND if paced is None else max(1, int(paced)),
    )
