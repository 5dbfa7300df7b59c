"""Journeys for an estate of any size, written by SQL as laying out writes them.

Each home has eight promises of its own and fifteen lines, three of them between employees. Each project has published
its progress for a year, and every day for two years there was something internal to do.
"""

import asyncpg

from backend.db.url import asyncpg_arguments
from bench.estate import PER_PROJECT

PROMISES = 20
"""How many promises an owner is shown: eight for the home, twelve for the project."""

_OWED = (
    ("cooling-off", "STEP-2", "2024-01-08", "done"),
    ("specialist-first-contact", "STEP-2", "2024-01-12", "done"),
    ("sales-visit", "STEP-2", "2024-01-16", "done"),
    ("delivery-pack", "STEP-4", "2026-09-08", "late"),
    ("three-month-visit", "STEP-5", "2026-12-20", "coming"),
    ("one-year-check", "STEP-6", "2027-09-20", "coming"),
    ("warranty-notice", "STEP-6", "2029-07-18", "coming"),
    ("warranty-expiry-notice", "STEP-6", "2029-09-18", "coming"),
)
_VALUES = ", ".join(
    f"({rank}, '{code}', '{step}', date '{due}', '{state}')"
    for rank, (code, step, due, state) in enumerate(_OWED)
)
_STATEMENTS = (
    """INSERT INTO thread (id, subject_kind, subject_id, head, open_head, head_at, open_at)
    SELECT bench_id(21, i), 'journey', bench_id(20, i), 15, 15, now(), now() FROM place""",
    """INSERT INTO journey (id, ownership_id, project_id, node_id, standard_version_id, thread_id, step, dates,
        begun_at)
    SELECT bench_id(20, i), ownership, project, building_node, {version}, bench_id(21, i),
        CASE WHEN i % 4 = 0 THEN 'STEP-4' ELSE 'STEP-3' END, '{{}}', now() FROM place""",
    """INSERT INTO milestone (id, journey_id, project_id, obligation, occurrence, step, rank, owner_sees,
        state, opens_at, due_on, due_at, first_due_on, promised_at, done_at, recorded_at)
    SELECT bench_id(22, i * 8 + rank), bench_id(20, i), project, code, NULL, step, rank, true,
        CASE WHEN state = 'late' AND i % 10 > 0 THEN 'coming' ELSE state END, due - 7, due, due + 1, due, due - 60,
        CASE state WHEN 'done' THEN due END, CASE state WHEN 'done' THEN due END
    FROM place CROSS JOIN (VALUES {owed}) AS owed (rank, code, step, due, state)""",
    """INSERT INTO entry (thread_id, seq, kind, body, author_id, audience, at, written_at)
    SELECT bench_id(21, i), seq, 'milestone_due',
        '{{"obligation": "delivery-pack", "due_on": "2026-09-08", "first_due_on": "2026-09-08"}}', NULL,
        CASE seq % 5 WHEN 2 THEN 'staff' ELSE 'all' END, now(), now()
    FROM place CROSS JOIN generate_series(1, 15) seq""",
    """INSERT INTO task (id, milestone_id, project_id, node_id, role, state, opened_at, due_at)
    SELECT bench_id(23, i), bench_id(22, i * 8 + 3), project, building_node, 'customer_service_specialist', 'open',
        now(), now() FROM place WHERE i % 10 = 0""",
    """INSERT INTO thread (id, subject_kind, subject_id)
    SELECT bench_id(25, n), 'journey', bench_id(24, n) FROM (SELECT DISTINCT i / {per} AS n FROM place) p""",
    """INSERT INTO journey (id, project_id, node_id, standard_version_id, thread_id, dates, begun_at)
    SELECT bench_id(24, n), project, project, {version}, bench_id(25, n), '{{}}', now()
    FROM (SELECT DISTINCT i / {per} AS n, project FROM place) p""",
    """INSERT INTO milestone (id, journey_id, project_id, obligation, occurrence, step, rank, owner_sees,
        state, opens_at, due_on, due_at, first_due_on, promised_at, done_at, recorded_at)
    SELECT bench_id(26, n * 1000 + number), bench_id(24, n), project, code, day, 'STEP-3', 9, shown,
        'done', day, day + 27, day + 28, day + 27, day, day + 20, day + 20
    FROM (SELECT DISTINCT i / {per} AS n, project FROM place) p CROSS JOIN (
        SELECT number, 'progress-post' AS code, true AS shown, (date '2025-11-01' + number * interval '1 month')::date
            AS day FROM generate_series(0, 11) number
        UNION ALL SELECT 100 + number, 'move-in-summary', false, date '2024-11-01' + number
            FROM generate_series(0, 729) number
    ) owed""",
    """INSERT INTO position (id, account_id, role, node_id, since) SELECT bench_id(27, n), bench_id(8, 2),
        'customer_relations_specialist', project, '2024-01-01'
    FROM (SELECT DISTINCT i / {per} AS n, project FROM place) p""",
)

# The places an estate was written from are gone with its connection.
_PLACES = """CREATE TEMP TABLE place AS
SELECT i, bench_id(2, i) AS ownership, bench_id(5, i / {per}) AS project, bench_id(6, i / 100) AS building_node
FROM generate_series(0, (SELECT count(*) FROM home) - 1) i"""


async def fill_journeys(database_url: str) -> None:
    """Write a journey for every home of an estate that `bench.estate.fill` has written."""
    connection = await asyncpg.connect(
        **asyncpg_arguments(database_url) | {"user": "postgres"}, command_timeout=3600
    )
    try:
        version = await connection.fetchval("SELECT id FROM standard_version WHERE code = 'six-plus-two'")
        await connection.execute("SET session_replication_role = replica")
        for statement in (_PLACES, *_STATEMENTS):
            await connection.execute(
                statement.format(per=PER_PROJECT, version=f"'{version}'::uuid", owed=_VALUES)
            )
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
