"""An estate of any size, written by SQL: projects of a thousand homes, an owner to each, and the people who ask."""

from dataclasses import dataclass
from uuid import UUID

import asyncpg

from backend.db.url import asyncpg_arguments

PER_PROJECT = 1_000
MINE = 20
"""How many homes the owner has who asks for them."""

SESSIONS = 60_000

# Ids in the order of their making, as UUID v7 gives them; the first digit says of what.
_ID = """CREATE FUNCTION bench_id(kind int, i bigint) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    (lpad(to_hex(kind), 8, '0') || '-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid"""
_NAME = """CREATE FUNCTION bench_name(i bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    substr('赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许', 1 + (i % 20)::int, 1)
    || chr((20320 + i / 20 % 997)::int) || chr((24320 + i / 19940 % 499)::int)"""

# Fifty homes in a unit, two units in a building.
_PLACES = """
CREATE TEMP TABLE place AS
SELECT i, bench_id(1, i) AS home, bench_id(2, i) AS ownership, bench_id(3, i) AS owner,
    bench_id(5, i / {per}) AS project, bench_id(6, i / 100) AS building_node,
    (i % {per} / 100 + 1)::text AS building, (i % 100 / 50 + 1)::text AS unit,
    (i % 50 / 2 + 1)::text || lpad((i % 2 + 1)::text, 2, '0') AS room
FROM generate_series(0, {homes} - 1) i
"""
_TREE = (
    """INSERT INTO node (id, parent_id, kind, name, key, path) VALUES
    (bench_id(4, 0), NULL, 'company', '集团', 'company', ARRAY[bench_id(4, 0)]),
    (bench_id(4, 1), bench_id(4, 0), 'region', '上海', '上海', ARRAY[bench_id(4, 0), bench_id(4, 1)])""",
    """INSERT INTO node (id, parent_id, kind, name, key, path)
    SELECT project, bench_id(4, 1), 'project', '朗润园' || n, '朗润园' || n,
        ARRAY[bench_id(4, 0), bench_id(4, 1), project]
    FROM (SELECT DISTINCT project, i / {per} AS n FROM place) p""",
    """INSERT INTO node (id, parent_id, kind, name, key, path)
    SELECT building_node, project, 'building', building || '号楼', building,
        ARRAY[bench_id(4, 0), bench_id(4, 1), project, building_node]
    FROM (SELECT DISTINCT building_node, project, building FROM place) b""",
    """INSERT INTO project (node_id, region_id, name, phase, address, service_centre, hotline, service_hours)
    SELECT id, parent_id, name, '一期', '上海市浦东新区示例路1号',
        '示例物业服务中心', '4001001000', '周一至周日 9:00-18:00'
    FROM node WHERE kind = 'project'""",
)
_HOMES = (
    """INSERT INTO account (id, kind, name, phone)
    SELECT owner, 'owner', bench_name(i), '+86138' || lpad(i::text, 8, '0') FROM place""",
    """INSERT INTO ownership (id, home_id, project_id, contract_no, subscribed_on, signed_on, delivery_due_on,
        delivered_on, keys_on, current_from)
    SELECT ownership, home, project, '销2024第' || lpad(i::text, 7, '0') || '号',
        '2024-01-05', '2024-01-09', '2026-09-18',
        '2026-09-18', '2026-09-20', '2024-01-05' FROM place""",
    """INSERT INTO household_member (id, ownership_id, account_id, role, since)
    SELECT bench_id(7, i), ownership, owner, 'owner', now() FROM place""",
    "ANALYZE",
    # Last, because each home is written with the words its people are found by.
    """INSERT INTO home (id, project_id, building_id, building, building_key, unit, unit_key, room, room_key, sort_key,
        layout, area, fitout, search_words)
    SELECT home, project, building_node, building || '号楼', building, unit || '单元', unit, room, room,
        lpad(building, 6, '0') || ' ' || lpad(unit, 6, '0') || ' ' || lpad(room, 6, '0'),
        'A1 三室两厅', 89.5, '毛坯', home_search_words(home) FROM place""",
)
_PEOPLE = (
    "INSERT INTO account (id, kind, name, phone) VALUES (bench_id(8, 1), 'owner', '钱多多', '+8613900000001')",
    "INSERT INTO account (id, kind, name, employee_no) VALUES (bench_id(8, 2), 'staff', '管理员', 'B1')",
    """INSERT INTO position (id, account_id, role, node_id, since)
    VALUES (bench_id(8, 3), bench_id(8, 2), 'administrator', bench_id(4, 0), '2024-01-01')""",
    """INSERT INTO household_member (id, ownership_id, account_id, role, since)
    SELECT bench_id(9, i), ownership, bench_id(8, 1), 'owner', now() FROM place WHERE i < {mine}""",
    """INSERT INTO session (id, account_id, token_digest, device, address, last_seen_at, expires_at)
    SELECT bench_id(10, i), bench_id(8, CASE i WHEN 0 THEN 2 ELSE 1 END), sha256(convert_to('bench-' || i, 'UTF8')),
        'bench', '127.0.0.1', now(), now() + interval '12 hours' FROM generate_series(0, {sessions}) i""",
)


@dataclass(frozen=True, slots=True)
class People:
    """Who asks, by `authorization` headers: staff over everything, an owner of `MINE` homes. And who is looked for."""

    staff: dict[str, str]
    owner: dict[str, str]
    account_id: UUID
    project_id: UUID
    neighbour_name: str
    neighbour_phone: str


def bearer(number: int) -> dict[str, str]:
    """The header of one of the owner's `SESSIONS` sessions, counted from 1; 0 is the employee's."""
    return {"authorization": f"Bearer bench-{number}"}


async def fill(database_url: str, homes: int, *, per_project: int = PER_PROJECT) -> People:
    """Write `homes` homes into an empty, migrated database. A million take some minutes."""
    # Triggers and foreign keys are checked a row at a time: off, which takes a superuser.
    connection = await asyncpg.connect(
        **asyncpg_arguments(database_url) | {"user": "postgres"}, command_timeout=3600
    )
    try:
        await connection.execute("SET session_replication_role = replica")
        for statement in (_ID, _NAME, _PLACES, *_TREE, *_HOMES, *_PEOPLE):
            await connection.execute(
                statement.format(homes=homes, per=per_project, mine=MINE, sessions=SESSIONS)
            )
        await connection.execute("VACUUM ANALYZE")
        row = await connection.fetchrow(
            "SELECT bench_id(8, 1), bench_id(5, 0), name, substr(phone, 4) FROM account WHERE id = bench_id(3, 777)"
        )
    finally:
        await connection.close()
    assert row is not None
    return People(bearer(0), bearer(1), *row)
