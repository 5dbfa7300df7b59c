"""Threads, their entries, who has read how far; and the one function that writes entries."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, CreatedAt, Id
from backend.db.ddl import after_tables
from backend.platform.threads.audience import Audience


class Thread(Base):
    """The record of one subject. `head` is the last entry's seq, `open_head` that of the last one everybody may see.

    `head_at` and `open_at` are when those two were written, `erased` how many lines were blanked. `direct`: what people
    say is written as it comes; else only by the subject's own verb, because something follows from each line.

    The row is what writers of a thread wait on: whoever holds it gives the next numbers. No index names what changes
    with each line: so a line costs no index but those of the entry.
    """

    __tablename__ = "thread"
    __table_args__ = (
        CheckConstraint("open_head BETWEEN 0 AND head", name="heads"),
        CheckConstraint(
            "(head = 0) = (head_at IS NULL) AND (open_head = 0) = (open_at IS NULL)", name="heads_at"
        ),
        Index("uq_thread_subject", "subject_kind", "subject_id", unique=True),
    )

    id: Mapped[Id]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    head: Mapped[int] = mapped_column(default=0, server_default="0")
    open_head: Mapped[int] = mapped_column(default=0, server_default="0")
    head_at: Mapped[datetime | None]
    open_at: Mapped[datetime | None]
    erased: Mapped[int] = mapped_column(default=0, server_default="0")
    direct: Mapped[bool] = mapped_column(default=True, server_default="true")
    created_at: Mapped[CreatedAt]


class Entry(Base):
    """A line: what happened at `at`, on record since `written_at` (CT-45: a late line keeps both).

    `cid` is its author's own name for it, once in a thread. `hides` is the seq of the line that this one takes back.
    The database refuses to change or delete a line; all it allows is to blank the body of one and say when.
    """

    __tablename__ = "entry"
    __table_args__ = (
        CheckConstraint("seq >= 1", name="seq"),
        CheckConstraint("audience IN ('all', 'staff')", name="audience"),
        CheckConstraint("jsonb_typeof(body) = 'object'", name="body"),
        CheckConstraint("(kind = 'withdrawn') = (hides IS NOT NULL)", name="withdrawn"),
        CheckConstraint("hides < seq", name="hides_earlier"),
        ForeignKeyConstraint(["thread_id", "hides"], ["entry.thread_id", "entry.seq"]),
        # By author: nobody can take the name of a line that somebody else, or the system, is about to write.
        Index(
            "uq_entry_cid",
            "thread_id",
            "cid",
            "author_id",
            unique=True,
            postgresql_where=text("cid IS NOT NULL"),
            postgresql_nulls_not_distinct=True,
        ),
        # Who names a file is asked whenever one is shown; most lines name none.
        Index(
            "ix_entry_file",
            text("(body ->> 'file')"),
            postgresql_where=text("(body ->> 'file') IS NOT NULL"),
        ),
        Index(
            "uq_entry_hides", "thread_id", "hides", unique=True, postgresql_where=text("hides IS NOT NULL")
        ),
    )

    thread_id: Mapped[UUID] = mapped_column(ForeignKey("thread.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    author_id: Mapped[UUID | None]
    audience: Mapped[Audience] = mapped_column(String)
    cid: Mapped[str | None]
    hides: Mapped[int | None]
    at: Mapped[datetime]
    written_at: Mapped[CreatedAt]
    erased_at: Mapped[datetime | None]


class ThreadMember(Base):
    """Somebody who has written on a thread or read it; and how far: everything up to `read_seq`.

    To belong to a thread gives no right to see it: that is its subject's to say.
    """

    __tablename__ = "thread_member"
    __table_args__ = (
        CheckConstraint("read_seq >= 0", name="read_seq"),
        Index("ix_thread_member_account_id", "account_id", "thread_id"),
    )

    thread_id: Mapped[UUID] = mapped_column(ForeignKey("thread.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    read_seq: Mapped[int]


after_tables(
    """CREATE FUNCTION entry_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
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
)
after_tables(
    "CREATE TRIGGER entry_only_erased BEFORE UPDATE ON entry"
    " FOR EACH ROW EXECUTE FUNCTION entry_refuse_change()"
)
after_tables(
    "CREATE TRIGGER entry_append_only BEFORE DELETE OR TRUNCATE ON entry"
    " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
)

# Numbers and writes entries of any threads. A function, because what another writer committed while we waited for the
# lock is seen only by a statement that begins after it; and the caller still sends one.
# `spoken`: what people say; a line for a thread that is not direct is not written. `waits`: false leaves a thread that
# somebody else is writing on, and says `busy` of its lines. Both have no seq, unless their cid stands there already.
# `prev_open` is the last line before a new one that everybody may see, 0 before the first.
# Its plan is kept for as long as the connection lives, and it may be made while there are no entries yet: so that it
# does not read all of them for each line once there are many, it may only look them up.
after_tables(
    """CREATE FUNCTION append_entries(
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
)
