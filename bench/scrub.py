"""A million numbers against ten million refusals in the ledger, beside Polars, pyroaring and a set of Python.

Synthetic: numbers of the practice range, hashes drawn with a fixed seed, one list row in ten refused, every refused one
of them with an older consent and one in a hundred with a later one, which lifts the refusal. The look-up compares the
same integers; the whole way begins with E.164 strings, which Polars' side hashes as ours does, because the ledger keeps
nothing else. Ours also reads what was committed since and the consents; Polars' does not.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import psycopg
import pyroaring

from bench.harness import RUNS, goal, median, report, seconds_each
from fairdial.core.contacts.people_by_key import NOBODY, Keys, PeopleByKey, keys_of
from fairdial.core.policy.case import Purpose, RefusalScope
from fairdial.ledger.database import Database
from fairdial.ledger.embedded import embedded_server
from fairdial.ledger.people.refusals import RefusalNotice, add_refusal
from fairdial.ledger.people.scrub import Scrub, find_in_parts
from fairdial.ledger.protection.person_key import HASH_BYTES, PersonKey
from tests.ledger.stories import KEYS, TENANT, ledger, one

REFUSED, ASKED = 10_000_000, 1_000_000
HITS, LIFTED = ASKED // 10, ASKED // 1000
KEY = PersonKey(str(KEYS.number))

Answer = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Synthetic:
    """The list; the hashes of all who refused, in order; which rows of the list are theirs, and which consents lift."""

    numbers: list[str]
    hashes: npt.NDArray[np.bytes_]
    is_hit: Answer
    is_lifted: Answer

    @property
    def refused_keys(self) -> Keys:
        return keys_of(self.hashes.tobytes(), each=HASH_BYTES)


def draw() -> Synthetic:
    chance = np.random.default_rng(20261124)
    numbers = [f"+86154{i:08d}" for i in chance.permutation(10 * ASKED)[:ASKED].tolist()]
    hit = chance.permutation(ASKED)[:HITS]
    is_hit, is_lifted = np.zeros(ASKED, dtype=bool), np.zeros(ASKED, dtype=bool)
    is_hit[hit], is_lifted[hit[:LIFTED]] = True, True
    others = chance.bytes((REFUSED - HITS) * HASH_BYTES)
    drawn = np.frombuffer(others + KEY.of_all([numbers[i] for i in hit.tolist()]), dtype=f"V{HASH_BYTES}")
    high, low = keys_of(drawn.tobytes(), each=HASH_BYTES)
    return Synthetic(numbers=numbers, hashes=drawn[np.lexsort((low, high))], is_hit=is_hit, is_lifted=is_lifted)


def fill(url: str, drawn: Synthetic) -> None:
    """Put the refusals into the ledger past its triggers, which would write ten million events."""
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        with connection.cursor().copy("COPY person_number (number_key, person_id) FROM STDIN") as copy:
            for begin in range(0, REFUSED, 100_000):
                lines = drawn.hashes[begin : begin + 100_000].tobytes().hex("\n", HASH_BYTES).split("\n")
                copy.write("".join(f"{key}\t{person}\n" for person, key in enumerate(lines, start=begin + 1)))
        connection.execute(
            "INSERT INTO refusal (tenant_id, person_id, scope, purpose, source, kind, understood_at, recorded_at)"
            " SELECT 1, i, (array['platform', 'tenant', 'purpose'])[1 + mod(i, 3)],"
            " CASE mod(i, 3) WHEN 2 THEN 'marketing' END, 'import', 'hard', '2026-02-01', '2026-02-01'"
            f" FROM generate_series(1, {REFUSED}) i"
        )
        hits = [KEY.of(n) for n, is_hit in zip(drawn.numbers, drawn.is_hit, strict=True) if is_hit]
        later = [KEY.of(n) for n, is_lifted in zip(drawn.numbers, drawn.is_lifted, strict=True) if is_lifted]
        for keys, at in ((hits, "2026-01-15"), (later, "2026-03-01")):
            connection.execute(
                "INSERT INTO consent (tenant_id, person_id, purposes, channels, obtained_at, evidence_file, evidence_sha256,"
                " recorded_at) SELECT 1, person_id, array['marketing'], array['call'], %s, 'e', repeat('e', 64), %s"
                " FROM person_number WHERE number_key = ANY(%s)",
                (at, at, keys),
            )
        connection.execute(f"SELECT setval('person_id_seq', {REFUSED})")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def semi_join(asked: npt.NDArray[np.uint64], refused: pl.DataFrame) -> Answer:
    """Polars' fastest semi-join here: 64-bit integers and the streaming engine; in memory it takes three times as long."""
    rows = pl.LazyFrame({"key": asked}).with_row_index().join(refused.lazy(), on="key", how="semi")
    return marked(rows.collect(engine="streaming"))


def asof_join(asked: npt.NDArray[np.uint64], refused: pl.DataFrame) -> Answer:
    """Polars' other way: both sides sorted, the list in the time that is measured, the refusals before."""
    right = refused.lazy().with_columns(pl.col("key").alias("found"))
    rows = pl.LazyFrame({"key": asked}).with_row_index().sort("key").join_asof(right, on="key")
    return marked(rows.filter(pl.col("key") == pl.col("found")).collect())


def one_by_one(holds: Callable[[int], bool], asked: list[int]) -> Answer:
    return np.fromiter(map(holds, asked), bool, ASKED)


def marked(rows: pl.DataFrame) -> Answer:
    answer = np.zeros(ASKED, dtype=bool)
    answer[rows["index"].to_numpy()] = True
    return answer


def timed(work: Callable[[], Answer], expected: Answer) -> dict[str, Any]:
    """Median milliseconds of a way to the answer, and how many of its answers are wrong."""
    differing = int((work() != expected).sum())
    return {"ms": round(median(seconds_each(lambda: bool(work()[0]), count=1)) * 1e3, 1), "differing": differing}


def look_ups(drawn: Synthetic) -> dict[str, dict[str, Any]]:
    """Every way to look a million keys up among ten million that are ready, on the same keys."""
    asked = keys_of(KEY.of_all(drawn.numbers), each=HASH_BYTES)
    refused = drawn.refused_keys
    ours = PeopleByKey.nobody().added(refused, np.arange(1, REFUSED + 1, dtype=np.int32))
    frame = pl.DataFrame({"key": refused[0]}).with_columns(pl.col("key").set_sorted())
    plain = asked[0].tolist()
    figures = {
        "ours": timed(lambda: find_in_parts(ours, asked) != NOBODY, drawn.is_hit)
        | {"bytes_a_key": round(ours.nbytes / REFUSED, 1)},
        "polars semi-join": timed(partial(semi_join, asked[0], frame), drawn.is_hit),
        "polars join_asof": timed(partial(asof_join, asked[0], frame), drawn.is_hit),
    }
    for name, kind in {"python set": set, "pyroaring BitMap64": pyroaring.BitMap64}.items():
        holds = kind(refused[0].tolist()).__contains__
        figures[name] = timed(partial(one_by_one, holds, plain), drawn.is_hit)
    return figures


async def whole_way(url: str, drawn: Synthetic) -> dict[str, dict[str, Any]]:
    """From E.164 strings to the answer, before and after one more refusal."""
    frame = pl.DataFrame({"key": drawn.refused_keys[0]}).with_columns(pl.col("key").set_sorted())
    expected, figures = drawn.is_hit & ~drawn.is_lifted, {}
    async with ledger(url) as database:
        scrub = Scrub(database)
        began = perf_counter()
        await scrub.catch_up()
        figures["first look"] = {"s": round(perf_counter() - began, 1), "mb": round(scrub.nbytes / 1e6)}

        def polars() -> Answer:
            return semi_join(keys_of(KEY.of_all(drawn.numbers), each=HASH_BYTES)[0], frame)

        figures["polars"] = timed(polars, drawn.is_hit)
        figures["ours"] = await _rounds(database, scrub, drawn.numbers, expected)
        figures["ours after a refusal"] = await _rounds(database, scrub, drawn.numbers, expected, adding=True)
    return figures


async def _rounds(
    database: Database, scrub: Scrub, numbers: list[str], expected: Answer, *, adding: bool = False
) -> dict[str, Any]:
    times, differing = [], 0
    for row in np.flatnonzero(~expected)[: RUNS + 1].tolist():
        if adding:
            notice = RefusalNotice(number=numbers[row], source="bench", evidence="", scope=RefusalScope.TENANT)
            await add_refusal(database, tenant=TENANT, notice=notice)
            expected = expected.copy()
            expected[row] = True
        began = perf_counter()
        answer = await scrub.refused(numbers, tenant=TENANT, purpose=Purpose.MARKETING)
        times.append(perf_counter() - began)
        differing += int((answer != expected).sum())
    return {"ms": round(median(times[1:]) * 1e3, 1), "differing": differing}


async def prepare(url: str) -> None:
    async with ledger(url) as database:
        await one(database, "INSERT INTO tenant (name) VALUES (:name) RETURNING id", name=TENANT)


def main() -> None:
    drawn = draw()
    looked_up = look_ups(drawn)
    with tempfile.TemporaryDirectory() as folder:
        server = embedded_server(Path(folder) / "pg" / "postgres", cleanup_mode="delete")
        asyncio.run(prepare(server.get_uri()))
        fill(server.get_uri(), drawn)
        ways = asyncio.run(whole_way(server.get_uri(), drawn))
        server.cleanup()
    ours, peer, after = ways["ours"], ways["polars"], ways["ours after a refusal"]
    mine = looked_up.pop("ours")
    fastest_join = looked_up["polars semi-join"]["ms"]
    report(
        "scrub",
        ours={
            "look_up_ms": mine["ms"],
            "bytes_a_key": mine["bytes_a_key"],
            "whole_way_ms": ours["ms"],
            "whole_way_after_a_refusal_ms": after["ms"],
            "first_look_s": ways["first look"]["s"],
            "memory_mb": ways["first look"]["mb"],
            "synthetic": True,
        },
        peers=looked_up | {"polars, whole way": peer},
        goals=[
            goal("seconds from E.164 strings, after one more refusal", 2, after["ms"] / 1e3, at_least=False),
            goal("times as fast as a Polars semi-join, look-up alone", 3, fastest_join / mine["ms"]),
            goal("times as fast as Polars, whole way with the same hashing", 3, peer["ms"] / ours["ms"]),
            goal("differing answers", 0, mine["differing"] + ours["differing"] + after["differing"], at_least=False),
        ],
    )


if __name__ == "__main__":
    main()
