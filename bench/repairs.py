"""Repairs for an estate of any size, written by SQL as reporting writes them.

Every home has reported as many; one in five lives. A hundred homes have one engineer; that of the first hundred is the
employee who asks, with a visit a day from today on. Each has its thread with two lines and two clocks.
"""

from typing import Final
from uuid import UUID

import asyncpg

from backend.db.url import asyncpg_arguments
from bench.estate import MINE, PER_PROJECT

A_HOME: Final = 2
"""How many repairs a home has reported."""

ENGINEER: Final = UUID("00000008-0000-7000-8000-000000000002")
"""The employee who asks, as `bench.estate` numbers them."""

OWNERS: Final = 32
"""How many accounts ask for their tickets at once: each of a household in `bench.estate.MINE` homes."""

_KEEPERS: Final = ("ticket_keeps_engineer", "ticket_passes_gates", "ticket_is_consented")
_STATEMENTS: Final = (
    """CREATE TEMP TABLE repair AS SELECT i * {each} + n AS nr, i, n, (i * {each} + n) % 5 = 0 AS lives,
        CASE WHEN i < 100 THEN bench_id(8, 2) ELSE bench_id(49, i / 100) END AS engineer,
        now() - ((i * {each} + n) % 1000) * interval '8 hours' AS at
    FROM generate_series(0, (SELECT count(*) FROM home) - 1) i CROSS JOIN generate_series(0, {each} - 1) n""",
    """INSERT INTO account (id, kind, name, employee_no)
    SELECT bench_id(49, n), 'staff', '工程师', 'RE' || n
    FROM generate_series(1, (SELECT max(i) FROM repair) / 100) n""",
    """INSERT INTO position (id, account_id, role, node_id, trades, since)
    SELECT bench_id(50, row_number() OVER ()), engineer, 'repair_engineer', bench_id(4, 0), ARRAY['plumbing'],
        '2024-01-01' FROM (SELECT DISTINCT engineer FROM repair) e""",
    """INSERT INTO thread (id, subject_kind, subject_id, head, open_head, head_at, open_at)
    SELECT bench_id(41, nr), 'ticket', bench_id(40, nr), 2, 2, at, at FROM repair""",
    """INSERT INTO entry (thread_id, seq, kind, body, author_id, audience, at)
    SELECT bench_id(41, nr), line, CASE line WHEN 1 THEN 'opened' ELSE 'engineer_named' END,
        '{{"photos": [], "description": "水槽下面在漏水"}}', bench_id(3, i), 'all', at
    FROM repair CROSS JOIN generate_series(1, 2) line""",
    # They are written as they became, which only its owner's hand can do.
    *(f"ALTER TABLE ticket DISABLE TRIGGER {name}" for name in _KEEPERS),
    """INSERT INTO ticket (id, project_id, node_id, home_id, ownership_id, thread_id, opened_by, reporter_id,
        contact_name, contact_phone, place, component, trade, description, cover, state, engineer_id, opened_at,
        ended_at, changed_at)
    SELECT bench_id(40, nr), bench_id(5, i / {per}), bench_id(6, i / 100), bench_id(1, i), bench_id(2, i),
        bench_id(41, nr), bench_id(3, i), bench_id(3, i), '赵先生', '+8613800000000', '厨房' || n, 'pipes', 'plumbing',
        '水槽下面在漏水', '{{"state": "covered", "why": "base"}}', CASE WHEN lives THEN 'accepted' ELSE 'closed' END,
        engineer, at, CASE WHEN lives THEN NULL ELSE at + interval '2 days' END, at FROM repair""",
    *(f"ALTER TABLE ticket ENABLE ALWAYS TRIGGER {name}" for name in _KEEPERS),
    """INSERT INTO ticket_clock (id, ticket_id, code, starts_at, due_at, first_promise, state, ended_at, ended_act)
    SELECT bench_id(42 + code, nr), bench_id(40, nr), 'C' || code, at, at + code * interval '1 day',
        at + code * interval '1 day', CASE WHEN lives AND code = 3 THEN 'running' ELSE 'met' END,
        CASE WHEN lives AND code = 3 THEN NULL ELSE at + interval '1 hour' END,
        CASE WHEN lives AND code = 3 THEN NULL ELSE 'propose' END
    FROM repair CROSS JOIN generate_series(2, 3) code""",
    """INSERT INTO appointment (id, ticket_id, number, engineer_id, starts_at, ends_at, agreed_by, agreed_at, outcome)
    SELECT bench_id(46, nr), bench_id(40, nr), 1, engineer, day + interval '9 hours', day + interval '10 hours',
        bench_id(3, i), at, 'agreed'
    FROM repair, LATERAL (SELECT date_trunc('day', now()) + nr / 10 * interval '1 day' AS day) d
    WHERE lives AND i < 100 AND nr % 10 = 0""",
    """INSERT INTO account (id, kind, name, phone)
    SELECT bench_id(8, 100 + n), 'owner', bench_name(n), '+86137' || lpad(n::text, 8, '0')
    FROM generate_series(0, {owners} - 1) n""",
    """INSERT INTO household_member (id, ownership_id, account_id, role, since)
    SELECT bench_id(47, n), bench_id(2, n), bench_id(8, 100 + n / {mine}), 'family', now()
    FROM generate_series(0, {owners} * {mine} - 1) n""",
    """INSERT INTO session (id, account_id, token_digest, device, address, last_seen_at, expires_at)
    SELECT bench_id(48, n), bench_id(8, 100 + n), sha256(convert_to('bench-family-' || n, 'UTF8')), 'bench',
        '127.0.0.1', now(), now() + interval '12 hours' FROM generate_series(0, {owners} - 1) n""",
    "VACUUM ANALYZE",
)


def owners() -> list[tuple[UUID, dict[str, str]]]:
    """Those accounts, each with the header it asks by."""
    return [
        (UUID(f"00000008-0000-7000-8000-{100 + n:012x}"), {"authorization": f"Bearer bench-family-{n}"})
        for n in range(OWNERS)
    ]


async def fill_repairs(database_url: str, each: int = A_HOME) -> None:
    """Write the repairs of an estate that `bench.estate.fill` has written, `each` for every home."""
    connection = await asyncpg.connect(
        **asyncpg_arguments(database_url) | {"user": "postgres"}, command_timeout=3600
    )
    try:
        await connection.execute("SET session_replication_role = replica")
        for statement in _STATEMENTS:
            await connection.execute(statement.format(each=each, per=PER_PROJECT, owners=OWNERS, mine=MINE))
    finally:
        await connection.close()
