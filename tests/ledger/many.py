"""A ledger with very many synthetic people and calls, made by SQL in seconds, past triggers and foreign keys."""

from __future__ import annotations

import psycopg

from tests.ledger.stories import campaign as a_campaign
from tests.ledger.stories import ledger, person

NAME = "many"


async def fill(url: str, *, contacts: int, calls: int) -> None:
    """A campaign over so many contacts, none asked yet, and so many answered calls of other contacts, in 30 days past.

    Beside it stands a campaign of one real person, whose script, line and law the big one has.
    """
    async with ledger(url) as database:
        await a_campaign(database, [person(1)], name="small")
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        about = {"n": contacts, "calls": calls, "name": NAME}
        for order in _ORDERS:
            connection.execute(order, about)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


_ORDERS = (
    "INSERT INTO person (id) SELECT 1000 + i FROM generate_series(1, %(n)s + %(calls)s) i",
    "INSERT INTO person_number (number_key, person_id) SELECT encode(sha256(i::text::bytea), 'hex'), 1000 + i"
    " FROM generate_series(1, %(n)s + %(calls)s) i",
    "INSERT INTO list (id, tenant_id, name) VALUES (1000, 1, %(name)s)",
    "INSERT INTO list_import (id, tenant_id, list_id, file_name, file_sha256, accepted, rejected)"
    " VALUES (1000, 1, 1000, 'synthetic', '', 0, '[]')",
    "INSERT INTO contact (id, tenant_id, list_id, person_id, number_key, number_kind, region, zone, country, data_source,"
    " basis, line_no, list_import_id) SELECT 1000 + i, 1, 1000, 1000 + i, encode(sha256(i::text::bytea), 'hex'), 'practice',"
    " '上海', 'Asia/Shanghai', 'CN', '保单', 'existing_customer', i, 1000 FROM generate_series(1, %(n)s + %(calls)s) i",
    "INSERT INTO campaign (id, tenant_id, name, purpose, list_id, script_hash, line, caller_number, topics)"
    " SELECT 1000, 1, %(name)s, purpose, 1000, script_hash, line, caller_number, topics FROM campaign WHERE id = 1",
    "INSERT INTO run (id, tenant_id, campaign_id, number) VALUES (1000, 1, 1000, 1)",
    "INSERT INTO campaign_contact (tenant_id, campaign_id, contact_id, due_at, outcome)"
    " SELECT 1, 1000, 1000 + i, CASE WHEN i <= %(n)s THEN fairdial_now() - interval '1 hour' END,"
    " CASE WHEN i > %(n)s THEN 'answered' END FROM generate_series(1, %(n)s + %(calls)s) i",
    "INSERT INTO verdict (id, tenant_id, run_id, contact_id, decided_at, outcome, opinions, pack_versions)"
    " SELECT 1000 + i, 1, 1000, 1000 + %(n)s + i, t.now - i * interval '30 days' / %(calls)s, 'allow', '[]', '{}'"
    " FROM generate_series(1, %(calls)s) i, (SELECT fairdial_now() AS now) t",
    "INSERT INTO permit (id, tenant_id, verdict_id, contact_id, caller_number, line, script_hash, issued_at, expires_at, used_at)"
    " SELECT md5(v.id::text)::uuid, 1, v.id, v.contact_id, k.caller_number, k.line, k.script_hash, v.decided_at, v.decided_at,"
    " v.decided_at FROM verdict v, campaign k WHERE k.id = 1000 AND v.id > 1000",
    "INSERT INTO attempt (tenant_id, permit_id, run_id, contact_id, person_id, state, worker, lease_until, dialled_at,"
    " answered_at, ended_at, disposition, first_word_ms) SELECT 1, p.id, 1000, p.contact_id, p.contact_id, 'ended', 'w',"
    " p.issued_at, p.issued_at, p.issued_at, p.issued_at, 'answered', 400 FROM permit p WHERE p.contact_id > 1000",
    "INSERT INTO answered_hour (campaign_id, hour, tenant_id, answered, abandoned)"
    " SELECT 1000, date_trunc('hour', answered_at, 'UTC'), 1, count(*), 0 FROM attempt WHERE run_id = 1000 GROUP BY 2",
    "INSERT INTO refusal (tenant_id, person_id, scope, source, kind, understood_at)"
    " SELECT 1, 1000 + i, 'tenant', 'import', 'hard', '2026-01-01' FROM generate_series(1, %(n)s / 10) i",
    "SELECT setval('person_id_seq', 100000000), setval('contact_id_seq', 100000000), setval('list_id_seq', 2000),"
    " setval('verdict_id_seq', 100000000), setval('run_id_seq', 2000), setval('campaign_id_seq', 2000)",
)
