"""Conversations for an estate of a thousand homes, written by SQL as opening and giving them out writes them.

A thousand owners, each with a conversation of their own; five hundred agents, each with two of them; and one more
conversation, that everybody watches.
"""

from uuid import UUID

import asyncpg

from backend.db.url import asyncpg_arguments

MATTERS = 1_000
COMMON = MATTERS
"""The conversation that everybody watches."""

AGENTS = 500
DEVICES = 10
"""How many sessions each agent has; an owner has one."""

_STATEMENTS = (
    """INSERT INTO account (id, kind, name, employee_no)
    SELECT bench_id(30, i), 'staff', bench_name(i), 'C' || i FROM desk""",
    """INSERT INTO position (id, account_id, role, node_id, since)
    SELECT bench_id(31, i), bench_id(30, i), 'hotline_agent', bench_id(5, 0), '2024-01-01' FROM desk""",
    """INSERT INTO agent (account_id, state, load) SELECT bench_id(30, i), 'available', 2 FROM desk""",
    """INSERT INTO thread (id, subject_kind, subject_id, head, open_head, head_at, open_at)
    SELECT bench_id(32, i), 'conversation', bench_id(33, i), 1, 1, now(), now() FROM matter""",
    """INSERT INTO entry (thread_id, seq, kind, body, author_id, audience, at, written_at)
    SELECT bench_id(32, i), 1, 'text', '{{"text": "您好"}}', bench_id(3, i % {matters}), 'all', now(), now()
    FROM matter""",
    """INSERT INTO conversation (id, project_id, node_id, ownership_id, account_id, thread_id, opened_by, channel,
        state, agent_id, opened_at)
    SELECT bench_id(33, i), bench_id(5, 0), bench_id(6, i % {matters} / 100), bench_id(2, i % {matters}),
        bench_id(3, i % {matters}), bench_id(32, i), bench_id(3, i % {matters}), 'app', 'assigned',
        bench_id(30, i % {agents}), now() FROM matter""",
    """INSERT INTO participant (id, conversation_id, account_id, part, since)
    SELECT bench_id(34, i), bench_id(33, i), bench_id(3, i % {matters}), 'owner', now() FROM matter
    UNION ALL SELECT bench_id(35, i), bench_id(33, i), bench_id(30, i % {agents}), 'agent', now() FROM matter""",
    """INSERT INTO session (id, account_id, token_digest, device, address, last_seen_at, expires_at)
    SELECT bench_id(36, i), bench_id(3, i), sha256(convert_to('owner-' || i, 'UTF8')), 'bench', '127.0.0.1', now(),
        now() + interval '12 hours' FROM matter WHERE i < {matters}""",
    """INSERT INTO session (id, account_id, token_digest, device, address, last_seen_at, expires_at)
    SELECT bench_id(37, i * 100 + d), bench_id(30, i), sha256(convert_to('agent-' || i || '-' || d, 'UTF8')),
        'bench', '127.0.0.1', now(), now() + interval '12 hours' FROM desk, generate_series(0, {devices} - 1) d""",
)
_DESKS = "CREATE TEMP TABLE desk AS SELECT i FROM generate_series(0, {agents} - 1) i"
_MATTERS = "CREATE TEMP TABLE matter AS SELECT i FROM generate_series(0, {matters}) i"
_HEADS = "SELECT id::text AS id, head FROM thread WHERE subject_kind = 'conversation'"


def thread(matter: int) -> str:
    """The id of a conversation's thread."""
    return str(UUID(f"00000020-0000-7000-8000-{matter:012x}"))


def owner_token(matter: int) -> str:
    """The token of the owner whose conversation this is."""
    return f"owner-{matter % MATTERS}"


def agent_token(matter: int, device: int = 0) -> str:
    """A token of the agent who holds this conversation."""
    return f"agent-{matter % AGENTS}-{device}"


async def fill_conversations(database_url: str) -> None:
    """Write them into an estate that `bench.estate.fill` has written."""
    # Triggers and foreign keys are checked a row at a time: off, which takes a superuser.
    connection = await asyncpg.connect(**asyncpg_arguments(database_url) | {"user": "postgres"})
    try:
        await connection.execute("SET session_replication_role = replica")
        for statement in (_DESKS, _MATTERS, *_STATEMENTS):
            await connection.execute(statement.format(matters=MATTERS, agents=AGENTS, devices=DEVICES))
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


async def heads(database_url: str) -> dict[bytes, int]:
    """The last line of every conversation's thread."""
    connection = await asyncpg.connect(**asyncpg_arguments(database_url))
    try:
        return {row["id"].encode(): row["head"] for row in await connection.fetch(_HEADS)}
    finally:
        await connection.close()
