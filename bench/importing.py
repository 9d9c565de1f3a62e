"""A list of a million people into the ledger, as `fairdial list import` takes it in; beside it, a bare COPY of the same file.

Synthetic: mainland mobile numbers drawn with a fixed seed over all prefixes that are in use, every one once; names, premiums
and dates as lists have them. Nobody is known before. The limit is what the same server takes in of the same bytes as one
column of text, without index, check or key.

One run by default: it takes a minute, and what is measured does not fit any cache twice. `BENCH_ROWS` asks for fewer.
"""

from __future__ import annotations

import asyncio
import os
import random
import resource
import tempfile
import time
from pathlib import Path

import psycopg

from bench.harness import goal, report
from fairdial.campaign.read_list import open_list
from fairdial.core.contacts.number import Number, read_number
from fairdial.ledger.embedded import embedded_server
from fairdial.ledger.people.intake import Source
from fairdial.list_intake import take_file_in
from tests.core.cases import PACKS
from tests.ledger.stories import TENANT, ledger

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
GOAL_S = 60


def write(path: Path) -> None:
    chance = random.Random(20261130)
    first = [str(p) for p in range(130, 200) if all(_is_number(f"{p}{end}") for end in ("00000000", "99999999"))]
    numbers = chance.sample(range(len(first) * 10**8), ROWS)
    with path.open("w", encoding="utf-8") as file:
        file.write("姓名,称呼,电话,产品,到期日,保费,数据来源,依据\n")
        for row, number in enumerate(numbers):
            prefix, rest = first[number // 10**8], number % 10**8
            file.write(
                f"王{row % 4999},女士,{prefix}{rest:08d},车险,2026-12-{1 + row % 31},{1000 + row % 4001},2025 年投保单登记,现有客户\n"
            )


def _is_number(text: str) -> bool:
    return isinstance(read_number(text, PACKS), Number)


async def take_in(url: str, path: Path) -> tuple[float, float]:
    """Seconds until all rows are read, and until they are committed."""
    read_s = 0.0
    async with ledger(url) as database:
        began = time.perf_counter()

        def so_far(share: float) -> None:
            nonlocal read_s
            if share <= 0.3:
                read_s = time.perf_counter() - began

        found = await asyncio.to_thread(open_list, path, packs=PACKS, now=await database.now())
        source = Source(file_name=path.name, sha256=found.sha256)
        outcome, _ = await take_file_in(
            database, found.table, found.columns, found.given, tenant=TENANT, name="big", source=source, done=so_far
        )
        assert (outcome.accepted, list(outcome.rejected)) == (ROWS, [])
        return read_s, time.perf_counter() - began


def bare_copy(url: str, path: Path) -> float:
    with psycopg.connect(url) as connection, path.open("rb") as file:
        connection.execute("CREATE TABLE bare (line text)")
        began = time.perf_counter()
        with connection.cursor().copy("COPY bare FROM STDIN (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02')") as copy:
            while piece := file.read(2**18):
                copy.write(piece)
        connection.commit()
        return time.perf_counter() - began


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        write(path)
        server = embedded_server(Path(folder) / "pg" / "postgres", cleanup_mode="delete")
        read_s, whole_s = asyncio.run(take_in(server.get_uri(), path))
        limit_s = bare_copy(server.get_uri(), path)
        server.cleanup()
        size = path.stat().st_size
    here, others = (
        resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    report(
        "importing",
        ours={
            "rows": ROWS,
            "file_mb": round(size / 1e6),
            "seconds": round(whole_s, 1),
            "rows_per_s": round(ROWS / whole_s),
            "seconds_until_all_rows_are_checked_and_staged": round(read_s, 1),
            "peak_mb": here,
            "peak_mb_of_the_largest_other_process": others,
            "synthetic": True,
        },
        peers={"COPY of the same file, unchecked": {"seconds": round(limit_s, 1), "rows_per_s": round(ROWS / limit_s)}},
        goals=[goal("seconds for a million rows", GOAL_S, whole_s * 1e6 / ROWS, at_least=False)],
        runs=1,
    )


if __name__ == "__main__":
    main()
