"""Conversations on the hotline: their queue, who takes part, agents with their limits, ratings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_conversations"
down_revision = "20261122_files"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agent",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), server_default="off", nullable=False),
        sa.Column("limit", sa.Integer(), nullable=True),
        sa.Column("skills", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.Column("load", sa.Integer(), server_default="0", nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shift_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("state IN ('available', 'busy', 'away', 'off')", name=op.f("ck_agent_state")),
        sa.CheckConstraint('"limit" BETWEEN 1 AND 500', name=op.f("ck_agent_limit")),
        sa.CheckConstraint("load >= 0", name=op.f("ck_agent_load")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_agent_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_agent")),
    )
    op.create_table(
        "conversation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("ownership_id", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("caller_note", sa.Text(), nullable=True),
        sa.Column("shared", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), server_default="hotline_agent", nullable=False),
        sa.Column("skill", sa.Text(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("passed_agent_id", sa.Uuid(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("close_reason", sa.Text(), nullable=True),
        sa.Column("told_id", sa.Uuid(), nullable=True),
        sa.Column("told_role", sa.Text(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("continues_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL) AND (state = 'closed') = (close_reason IS NOT NULL)",
            name=op.f("ck_conversation_closed"),
        ),
        sa.CheckConstraint(
            "(state = 'snoozed') = (snoozed_until IS NOT NULL)", name=op.f("ck_conversation_snoozed")
        ),
        sa.CheckConstraint(
            "(state = 'waiting') <= (waiting_since IS NOT NULL)", name=op.f("ck_conversation_waiting")
        ),
        sa.CheckConstraint(
            "CASE state WHEN 'waiting' THEN agent_id IS NULL WHEN 'closed' THEN true ELSE agent_id IS NOT NULL END",
            name=op.f("ck_conversation_held"),
        ),
        sa.CheckConstraint(
            "channel IN ('app', 'hotline', 'walk_in', 'phone', 'email', 'online_form', 'forum', 'network_post', 'return_visit', 'survey', 'face_to_face', 'owners_meeting', 'ambassador_visit', 'front_desk')",
            name=op.f("ck_conversation_channel"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'assigned', 'snoozed', 'closed')", name=op.f("ck_conversation_state")
        ),
        sa.CheckConstraint("(told_at IS NULL) = (told_role IS NULL)", name=op.f("ck_conversation_told")),
        sa.CheckConstraint(
            "NOT shared OR ownership_id IS NOT NULL", name=op.f("ck_conversation_shared_in_a_household")
        ),
        sa.CheckConstraint("continues_id <> id", name=op.f("ck_conversation_continues_another")),
        sa.CheckConstraint(
            "num_nonnulls(account_id, ownership_id, caller_note) >= 1", name=op.f("ck_conversation_somebodys")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_conversation_account_id")),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.account_id"], name=op.f("fk_conversation_agent_id")),
        sa.ForeignKeyConstraint(
            ["continues_id"], ["conversation.id"], name=op.f("fk_conversation_continues_id")
        ),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_conversation_node_id")),
        sa.ForeignKeyConstraint(["opened_by"], ["account.id"], name=op.f("fk_conversation_opened_by")),
        sa.ForeignKeyConstraint(
            ["ownership_id"], ["ownership.id"], name=op.f("fk_conversation_ownership_id")
        ),
        sa.ForeignKeyConstraint(
            ["passed_agent_id"], ["agent.account_id"], name=op.f("fk_conversation_passed_agent_id")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["project.node_id"], name=op.f("fk_conversation_project_id")),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_conversation_thread_id")),
        sa.ForeignKeyConstraint(["told_id"], ["account.id"], name=op.f("fk_conversation_told_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
        sa.UniqueConstraint("thread_id", name=op.f("uq_conversation_thread_id")),
    )
    op.create_index(
        "ix_conversation_account_id", "conversation", ["account_id", "opened_at", "id"], unique=False
    )
    op.create_index(
        "ix_conversation_held",
        "conversation",
        ["agent_id", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'assigned'"),
    )
    op.create_index("ix_conversation_list", "conversation", ["opened_at", "id"], unique=False)
    op.create_index(
        "ix_conversation_ownership_id", "conversation", ["ownership_id", "opened_at", "id"], unique=False
    )
    op.create_index(
        "ix_conversation_queue",
        "conversation",
        ["project_id", "waiting_since", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "participant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("part IN ('owner', 'agent', 'helper')", name=op.f("ck_participant_part")),
        sa.CheckConstraint("until >= since", name=op.f("ck_participant_dates")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_participant_account_id")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_participant_conversation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participant")),
    )
    op.create_index(
        "ix_participant_account_id",
        "participant",
        ["account_id"],
        unique=False,
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_index(
        "uq_participant_agent",
        "participant",
        ["conversation_id"],
        unique=True,
        postgresql_where=sa.text("until IS NULL AND part = 'agent'"),
    )
    op.create_index(
        "uq_participant_current",
        "participant",
        ["conversation_id", "account_id", "part"],
        unique=True,
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_table(
        "rating",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name=op.f("ck_rating_stars")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_rating_account_id")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_rating_conversation_id")
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_rating")),
    )
    op.execute(
        """CREATE FUNCTION conversation_held() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    had uuid := CASE WHEN TG_OP = 'UPDATE' AND OLD.state = 'assigned' THEN OLD.agent_id END;
    has uuid := CASE WHEN NEW.state = 'assigned' THEN NEW.agent_id END;
    was uuid := CASE WHEN TG_OP = 'UPDATE' AND OLD.state <> 'closed' THEN OLD.agent_id END;
    is_now uuid := CASE WHEN NEW.state <> 'closed' THEN NEW.agent_id END;
BEGIN
    IF had IS DISTINCT FROM has THEN
        UPDATE agent SET load = load - 1 WHERE account_id = had;
        IF has IS NOT NULL THEN
            UPDATE agent SET load = load + 1, given_at = app_now()
            WHERE account_id = has AND (agent."limit" IS NULL OR load < agent."limit");
            IF NOT FOUND THEN
                RAISE EXCEPTION 'the agent holds as many conversations as they may'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'agent_full';
            END IF;
        END IF;
    END IF;
    IF was IS DISTINCT FROM is_now THEN
        UPDATE participant SET until = greatest(since, app_now())
        WHERE conversation_id = NEW.id AND part = 'agent' AND until IS NULL;
        IF is_now IS NOT NULL THEN
            INSERT INTO participant (id, conversation_id, account_id, part, since)
            VALUES (uuidv7(), NEW.id, is_now, 'agent', app_now());
        END IF;
    END IF;
    RETURN NULL;
END $$"""
    )
    op.execute(
        "CREATE TRIGGER conversation_held AFTER INSERT OR UPDATE OF state, agent_id ON conversation"
        " FOR EACH ROW EXECUTE FUNCTION conversation_held()"
    )
    op.execute(
        """CREATE FUNCTION participant_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('rights_changed', NEW.account_id::text);
    RETURN NULL;
END $$"""
    )
    op.execute(
        "CREATE TRIGGER participant_left AFTER UPDATE OF until ON participant FOR EACH ROW"
        " WHEN (OLD.until IS NULL AND NEW.until IS NOT NULL) EXECUTE FUNCTION participant_left()"
    )
    op.execute(
        """CREATE FUNCTION conversation_first_answer(thread uuid) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT e.at FROM entry e JOIN account a ON a.id = e.author_id
    WHERE e.thread_id = thread AND e.audience = 'all' AND a.kind = 'staff'
        AND e.kind IN ('text', 'photo', 'file', 'voice', 'place')
        AND NOT EXISTS (SELECT FROM entry w WHERE w.thread_id = e.thread_id AND w.hides = e.seq)
    ORDER BY e.seq LIMIT 1
$$"""
    )
    op.execute(
        """CREATE FUNCTION conversation_unanswered_since(thread uuid) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT e.at FROM entry e JOIN account a ON a.id = e.author_id
    WHERE e.thread_id = thread AND a.kind = 'owner' AND e.kind IN ('text', 'photo', 'file', 'voice', 'place')
        AND NOT EXISTS (SELECT FROM entry w WHERE w.thread_id = e.thread_id AND w.hides = e.seq)
        AND e.seq > coalesce((
            SELECT f.seq FROM entry f JOIN account b ON b.id = f.author_id
            WHERE f.thread_id = thread AND f.audience = 'all' AND b.kind = 'staff'
                AND f.kind IN ('text', 'photo', 'file', 'voice', 'place')
                AND NOT EXISTS (SELECT FROM entry w WHERE w.thread_id = f.thread_id AND w.hides = f.seq)
            ORDER BY f.seq DESC LIMIT 1
        ), 0)
    ORDER BY e.seq LIMIT 1
$$"""
    )
    op.execute(
        "CREATE TRIGGER rating_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON rating"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    for table in ("rating", "participant", "conversation", "agent"):
        op.drop_table(table)
    for function in (
        "conversation_held()",
        "participant_left()",
        "conversation_first_answer(uuid)",
        "conversation_unanswered_since(uuid)",
    ):
        op.execute(f"DROP FUNCTION {function}")
