"""Threads are spoken on.

When a thread's last lines were written, how many were blanked, whether people's lines go on it as they come, and who
belongs to it: everybody who has written on it or read it.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_threads_are_spoken_on"
down_revision = "20261122_canned_replies"
branch_labels = None
depends_on = None

_BEFORE = """CREATE FUNCTION append_entries(
    thread_ids uuid[], kinds text[], bodies jsonb[], author_ids uuid[], audiences text[], cids text[], hidden int[],
    moments timestamptz[]
) RETURNS TABLE (place bigint, seq int, at timestamptz, first boolean) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    present timestamptz := app_now();
BEGIN
    -- In the order of ids, so that nobody waits in a circle.
    PERFORM FROM thread WHERE id = ANY (thread_ids) ORDER BY id FOR NO KEY UPDATE;
    RETURN QUERY
    WITH given AS (
        SELECT g.*, t.head, e.seq AS earlier_seq, e.at AS earlier_at,
            CASE WHEN g.cid IS NULL THEN g.place
                ELSE min(g.place) OVER (PARTITION BY g.thread_id, g.author_id, g.cid) END AS first_place
        FROM unnest(thread_ids, kinds, bodies, author_ids, audiences, cids, hidden, moments) WITH ORDINALITY
            AS g(thread_id, kind, body, author_id, audience, cid, hides, at, place)
        JOIN thread t ON t.id = g.thread_id
        LEFT JOIN entry e ON e.thread_id = g.thread_id AND e.cid = g.cid
            AND e.author_id IS NOT DISTINCT FROM g.author_id
    ), numbered AS (
        SELECT thread_id, kind, body, author_id, audience, cid, hides, coalesce(at, present) AS at, place,
            (head + row_number() OVER (PARTITION BY thread_id ORDER BY place))::int AS seq
        FROM given WHERE earlier_seq IS NULL AND place = first_place
    ), written AS (
        INSERT INTO entry (thread_id, seq, kind, body, author_id, audience, cid, hides, at, written_at)
        SELECT thread_id, seq, kind, body, author_id, audience, cid, hides, at, present FROM numbered
    ), headed AS (
        UPDATE thread SET head = last.seq, open_head = coalesce(last.open_seq, open_head)
        FROM (
            SELECT thread_id, max(seq) AS seq, max(seq) FILTER (WHERE audience = 'all') AS open_seq
            FROM numbered GROUP BY thread_id
        ) last
        WHERE id = last.thread_id
    )
    SELECT g.place, coalesce(g.earlier_seq, n.seq), coalesce(g.earlier_at, n.at),
        g.earlier_seq IS NULL AND g.place = g.first_place
    FROM given g LEFT JOIN numbered n ON n.place = g.first_place
    ORDER BY g.place;
END $$"""

_NOW = """CREATE FUNCTION append_entries(
    thread_ids uuid[], kinds text[], bodies jsonb[], author_ids uuid[], audiences text[], cids text[], hidden int[],
    moments timestamptz[], spoken boolean DEFAULT false, waits boolean DEFAULT true
) RETURNS TABLE (place bigint, seq int, at timestamptz, first boolean, prev_open int, busy boolean)
LANGUAGE plpgsql SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    present timestamptz := app_now();
    held uuid[];
BEGIN
    -- In the order of ids, so that nobody waits in a circle.
    IF waits THEN
        PERFORM FROM thread WHERE id = ANY (thread_ids) ORDER BY id FOR NO KEY UPDATE;
    ELSE
        held := ARRAY(
            SELECT id FROM thread WHERE id = ANY (thread_ids) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
        );
    END IF;
    RETURN QUERY
    WITH given AS (
        SELECT g.*, t.head, t.open_head, e.seq AS earlier_seq, e.at AS earlier_at, t.direct OR NOT spoken AS allowed,
            NOT waits AND g.thread_id NOT IN (SELECT unnest(held)) AS busy,
            CASE WHEN g.cid IS NULL THEN g.place
                ELSE min(g.place) OVER (PARTITION BY g.thread_id, g.author_id, g.cid) END AS first_place
        FROM unnest(thread_ids, kinds, bodies, author_ids, audiences, cids, hidden, moments) WITH ORDINALITY
            AS g(thread_id, kind, body, author_id, audience, cid, hides, at, place)
        JOIN thread t ON t.id = g.thread_id
        LEFT JOIN LATERAL (
            SELECT e.seq, e.at FROM entry e WHERE e.thread_id = g.thread_id AND e.cid = g.cid
                AND e.author_id IS NOT DISTINCT FROM g.author_id LIMIT 1
        ) e ON true
    ), numbered AS (
        SELECT thread_id, kind, body, author_id, audience, cid, hides, coalesce(at, present) AS at, place, open_head,
            (head + row_number() OVER (PARTITION BY thread_id ORDER BY place))::int AS seq
        FROM given WHERE earlier_seq IS NULL AND place = first_place AND allowed AND NOT busy
    ), linked AS (
        SELECT place, seq, at, greatest(open_head, max(seq) FILTER (WHERE audience = 'all') OVER (
            PARTITION BY thread_id ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        )) AS prev_open
        FROM numbered
    ), written AS (
        INSERT INTO entry (thread_id, seq, kind, body, author_id, audience, cid, hides, at, written_at)
        SELECT thread_id, seq, kind, body, author_id, audience, cid, hides, at, present FROM numbered
    ), joined AS (
        INSERT INTO thread_member (thread_id, account_id, read_seq)
        SELECT DISTINCT thread_id, author_id, 0 FROM numbered WHERE author_id IS NOT NULL
        ON CONFLICT DO NOTHING
    ), headed AS (
        UPDATE thread SET head = last.seq, head_at = present, open_head = coalesce(last.open_seq, open_head),
            open_at = CASE WHEN last.open_seq IS NULL THEN open_at ELSE present END
        FROM (
            SELECT thread_id, max(seq) AS seq, max(seq) FILTER (WHERE audience = 'all') AS open_seq
            FROM numbered GROUP BY thread_id
        ) last
        WHERE id = last.thread_id
    )
    SELECT g.place, coalesce(g.earlier_seq, n.seq), coalesce(g.earlier_at, n.at),
        n.seq IS NOT NULL AND g.place = g.first_place, n.prev_open, g.busy
    FROM given g LEFT JOIN linked n ON n.place = g.first_place
    ORDER BY g.place;
END $$"""

_BLANKED_BEFORE = """CREATE FUNCTION entry_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    erased entry := OLD;
BEGIN
    erased.body := '{}';
    erased.erased_at := app_now();
    IF OLD.erased_at IS NULL AND NEW IS NOT DISTINCT FROM erased THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$"""

_BLANKED_NOW = """CREATE FUNCTION entry_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    erased entry := OLD;
BEGIN
    erased.body := '{}';
    erased.erased_at := app_now();
    IF OLD.erased_at IS NULL AND NEW IS NOT DISTINCT FROM erased THEN
        -- So that "unchanged?" is asked of the thread alone.
        UPDATE thread t SET erased = t.erased + 1 WHERE t.id = OLD.thread_id;
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$"""


def upgrade() -> None:
    op.add_column("thread", sa.Column("head_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("thread", sa.Column("open_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("thread", sa.Column("direct", sa.Boolean(), server_default="true", nullable=False))
    op.add_column("thread", sa.Column("erased", sa.Integer(), server_default="0", nullable=False))
    op.execute(
        "UPDATE thread t SET head_at = e.written_at FROM entry e WHERE e.thread_id = t.id AND e.seq = t.head"
    )
    op.execute(
        "UPDATE thread t SET open_at = e.written_at FROM entry e WHERE e.thread_id = t.id AND e.seq = t.open_head"
    )
    op.execute(
        "UPDATE thread t SET erased = e.erased FROM (SELECT thread_id, count(erased_at) AS erased FROM entry"
        " GROUP BY thread_id) e WHERE e.thread_id = t.id"
    )
    op.create_check_constraint(
        op.f("ck_thread_heads_at"),
        "thread",
        "(head = 0) = (head_at IS NULL) AND (open_head = 0) = (open_at IS NULL)",
    )
    op.create_index("ix_thread_member_account_id", "thread_member", ["account_id", "thread_id"])
    op.execute(
        "INSERT INTO thread_member (thread_id, account_id, read_seq)"
        " SELECT DISTINCT thread_id, author_id, 0 FROM entry WHERE author_id IS NOT NULL ON CONFLICT DO NOTHING"
    )
    op.execute("DROP FUNCTION append_entries")
    op.execute(_NOW)
    op.execute(_BLANKED_NOW.replace("CREATE", "CREATE OR REPLACE", 1))


def downgrade() -> None:
    op.execute("DROP FUNCTION append_entries")
    op.execute(_BEFORE)
    op.execute(_BLANKED_BEFORE.replace("CREATE", "CREATE OR REPLACE", 1))
    op.drop_index("ix_thread_member_account_id", "thread_member")
    op.drop_constraint(op.f("ck_thread_heads_at"), "thread")
    op.drop_column("thread", "erased")
    op.drop_column("thread", "direct")
    op.drop_column("thread", "open_at")
    op.drop_column("thread", "head_at")
