"""Threads.

The append-only record of conversations, cases, tickets and journeys, and how far each account has read.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_threads"
down_revision = "20261122_timers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "thread",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("head", sa.Integer(), server_default="0", nullable=False),
        sa.Column("open_head", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        sa.CheckConstraint("open_head BETWEEN 0 AND head", name=op.f("ck_thread_heads")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread")),
    )
    op.create_index("uq_thread_subject", "thread", ["subject_kind", "subject_id"], unique=True)
    op.create_table(
        "entry",
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("cid", sa.Text(), nullable=True),
        sa.Column("hides", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "written_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_entry_seq")),
        sa.CheckConstraint("audience IN ('all', 'staff')", name=op.f("ck_entry_audience")),
        sa.CheckConstraint("jsonb_typeof(body) = 'object'", name=op.f("ck_entry_body")),
        sa.CheckConstraint("(kind = 'withdrawn') = (hides IS NOT NULL)", name=op.f("ck_entry_withdrawn")),
        sa.CheckConstraint("hides < seq", name=op.f("ck_entry_hides_earlier")),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_entry_thread_id")),
        sa.ForeignKeyConstraint(
            ["thread_id", "hides"], ["entry.thread_id", "entry.seq"], name=op.f("fk_entry_thread_id_hides")
        ),
        sa.PrimaryKeyConstraint("thread_id", "seq", name=op.f("pk_entry")),
    )
    op.create_index(
        "uq_entry_cid",
        "entry",
        ["thread_id", "cid", "author_id"],
        unique=True,
        postgresql_where=sa.text("cid IS NOT NULL"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_index(
        "uq_entry_hides",
        "entry",
        ["thread_id", "hides"],
        unique=True,
        postgresql_where=sa.text("hides IS NOT NULL"),
    )
    op.create_table(
        "thread_member",
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("read_seq", sa.Integer(), nullable=False),
        sa.CheckConstraint("read_seq >= 0", name=op.f("ck_thread_member_read_seq")),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_thread_member_thread_id")),
        sa.PrimaryKeyConstraint("thread_id", "account_id", name=op.f("pk_thread_member")),
    )
    op.execute(
        """CREATE FUNCTION entry_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
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
    )
    op.execute(
        "CREATE TRIGGER entry_only_erased BEFORE UPDATE ON entry FOR EACH ROW EXECUTE FUNCTION entry_refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER entry_append_only BEFORE DELETE OR TRUNCATE ON entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        """CREATE FUNCTION append_entries(
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
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION append_entries")
    op.drop_table("thread_member")
    op.drop_table("entry")
    op.execute("DROP FUNCTION entry_refuse_change")
    op.drop_table("thread")
