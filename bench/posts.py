"""A year's posts for an estate of any size, written by SQL as publishing writes them.

Every project has published twelve: one is for a single building, one puts another right; six photos each, in three
sizes, which every owner was told of and half of them have read.
"""

import asyncpg

from backend.db.url import asyncpg_arguments
from bench.estate import PER_PROJECT

POSTS = 12
PHOTOS = 6

_STATEMENTS = (
    """CREATE TEMP TABLE said AS SELECT n, number, n * 12 + number AS i
    FROM (SELECT DISTINCT i / {per} AS n FROM place) p CROSS JOIN generate_series(0, 11) number""",
    """INSERT INTO file (id, account_id, kind, name, media_type, format, length, received, state, sizes, expires_at,
        finished_at)
    SELECT bench_id(31, i * 6 + photo), bench_id(8, 2), 'photo', 'IMG.jpg', 'image/jpeg', 'jpeg', 900000, 900000,
        'ready',
        '{{"full": {{"width": 2560, "height": 1920, "bytes": 400000}},
           "screen": {{"width": 1280, "height": 960, "bytes": 120000}},
           "thumbnail": {{"width": 320, "height": 240, "bytes": 9000}}}}', now() + interval '1 day', now()
    FROM said CROSS JOIN generate_series(0, 5) photo""",
    """INSERT INTO post (id, project_id, kind, corrects_id, title, text, stage, month, everywhere, steps, must_confirm,
        state, digest, written_by, edited_by, edited_at, reviewed_by, reviewed_at, scheduled_by, publish_at,
        published_at)
    SELECT bench_id(30, i), bench_id(5, n), CASE number WHEN 6 THEN 'correction' ELSE 'progress' END,
        CASE number WHEN 6 THEN bench_id(30, i - 1) END, '工程进展 ' || number,
        repeat('主体结构施工至' || number || '层，外墙保温开始施工，小区道路与绿化同步进行。', 3), '主体施工',
        '2025-12-01', number <> 3, ARRAY['STEP-3'], false, 'published', '', bench_id(8, 1), bench_id(8, 1), at,
        bench_id(8, 2), at, bench_id(8, 2), at, at
    FROM said, LATERAL (SELECT now() - (12 - number) * interval '30 days' AS at) t""",
    """INSERT INTO post_building (post_id, building_id, percent)
    SELECT bench_id(30, i), bench_id(6, n * {per} / 100 + building), number * 8 FROM said
    CROSS JOIN generate_series(0, 1) building WHERE number <> 3 OR building = 0""",
    """INSERT INTO post_photo (post_id, file_id, place, viewpoint, caption)
    SELECT bench_id(30, i), bench_id(31, i * 6 + photo), photo, photo || '号楼南立面',
        '主体结构施工至' || number || '层'
    FROM said CROSS JOIN generate_series(0, 5) photo""",
    """INSERT INTO post_receipt (post_id, account_id, ownership_id, told_at, read_at)
    SELECT bench_id(30, s.i), m.account_id, p.ownership, now(), CASE WHEN (p.i + s.number) % 2 = 0 THEN now() END
    FROM said s JOIN place p ON p.i / {per} = s.n JOIN household_member m ON m.ownership_id = p.ownership
    WHERE s.number <> 3 ON CONFLICT DO NOTHING""",
)
_PLACES = """CREATE TEMP TABLE place AS
SELECT i, bench_id(2, i) AS ownership FROM generate_series(0, (SELECT count(*) FROM home) - 1) i"""


async def fill_posts(database_url: str) -> None:
    """Write the posts of an estate that `bench.estate.fill` and `bench.journeys.fill_journeys` have written."""
    connection = await asyncpg.connect(
        **asyncpg_arguments(database_url) | {"user": "postgres"}, command_timeout=3600
    )
    try:
        await connection.execute("SET session_replication_role = replica")
        for statement in (_PLACES, *_STATEMENTS):
            await connection.execute(statement.format(per=PER_PROJECT))
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
