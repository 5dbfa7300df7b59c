"""Clocks of tickets are what clocks of cases are: with the moments of their warnings, and every change of their time."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261123_one_kind_of_clock"
down_revision = "20261123_live_cases"
branch_labels = None
depends_on = None

_KEEPS = """CREATE OR REPLACE FUNCTION ticket_clock_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.ticket_id, NEW.code, NEW.{counted}, NEW.first_promise, NEW.starts_at) IS DISTINCT FROM
        (OLD.ticket_id, OLD.code, OLD.{counted}, OLD.first_promise, OLD.starts_at) OR OLD.ended_at IS NOT NULL THEN
        RAISE EXCEPTION 'a first promise stays, and so does what has ended'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ticket_clock_keeps';
    END IF;
    RETURN NEW;
END $$"""
_OPEN = "state IN ('running', 'paused', 'breached')"
_CHECKS = {
    "numbers": "number > 0",
    "promised": "starts_at <= first_promise",
    "ended_act": "(ended_at IS NULL) = (ended_act IS NULL)",
    "breached": "state <> 'breached' OR breached_at IS NOT NULL",
    "marks": "jsonb_typeof(marks) = 'array' AND warned >= 0",
}


def upgrade() -> None:
    op.execute("ALTER TABLE ticket_clock DISABLE TRIGGER ticket_clock_keeps")
    op.drop_index("uq_ticket_clock_code", "ticket_clock")
    op.add_column("ticket_clock", sa.Column("number", sa.SmallInteger(), server_default="1", nullable=False))
    op.execute("UPDATE ticket_clock SET number = round")
    op.drop_column("ticket_clock", "round")
    op.add_column(
        "ticket_clock",
        sa.Column("marks", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
    )
    op.add_column("ticket_clock", sa.Column("warned", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column(
        "ticket_clock", sa.Column("provisional", sa.Boolean(), server_default="false", nullable=False)
    )
    op.add_column(
        "ticket_clock",
        sa.Column("revisions", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
    )
    op.add_column("ticket_clock", sa.Column("ended_by", sa.Uuid(), nullable=True))
    op.add_column("ticket_clock", sa.Column("ended_act", sa.Text(), nullable=True))
    # Their warnings stay where they were: at shares of the time as it passes. What comes later is counted as it counts.
    op.execute(
        """UPDATE ticket_clock c SET (marks, warned) = (
            SELECT coalesce(jsonb_agg(to_jsonb(w.at) ORDER BY w.at), '[]'), count(*) FILTER (WHERE w.at <= app_now())
            FROM (SELECT c.starts_at + (c.due_at - c.starts_at) * share.value::int / 100 AS at
                FROM jsonb_array_elements_text(c.warn_at) AS share (value)) AS w
        ) WHERE c.due_at > c.starts_at"""
    )
    op.execute(
        "UPDATE ticket_clock SET breached_at = due_at WHERE state = 'breached' AND breached_at IS NULL"
    )
    # By which move they ended was not kept.
    op.execute("UPDATE ticket_clock SET ended_act = 'not_kept' WHERE ended_at IS NOT NULL")
    # Of two that were owed at once the later one goes on.
    op.execute(
        """UPDATE ticket_clock c SET state = 'void', paused_at = NULL, ended_act = 'not_kept',
            ended_at = greatest(c.starts_at, app_now()) WHERE state IN ('running', 'paused', 'breached') AND EXISTS (
                SELECT FROM ticket_clock o WHERE o.ticket_id = c.ticket_id AND o.code = c.code
                AND o.number > c.number AND o.state IN ('running', 'paused', 'breached'))"""
    )
    op.drop_column("ticket_clock", "warn_at")
    for name, condition in _CHECKS.items():
        op.create_check_constraint(name, "ticket_clock", condition)
    op.create_foreign_key(op.f("fk_ticket_clock_ended_by"), "ticket_clock", "account", ["ended_by"], ["id"])
    op.create_index("uq_ticket_clock_number", "ticket_clock", ["ticket_id", "code", "number"], unique=True)
    op.create_index(
        "uq_ticket_clock_open",
        "ticket_clock",
        ["ticket_id", "code"],
        unique=True,
        postgresql_where=sa.text(_OPEN),
    )
    op.execute(_KEEPS.format(counted="number"))
    op.execute("ALTER TABLE ticket_clock ENABLE TRIGGER ticket_clock_keeps")


def downgrade() -> None:
    op.execute("ALTER TABLE ticket_clock DISABLE TRIGGER ticket_clock_keeps")
    op.drop_index("uq_ticket_clock_open", "ticket_clock")
    op.drop_index("uq_ticket_clock_number", "ticket_clock")
    op.drop_constraint(op.f("fk_ticket_clock_ended_by"), "ticket_clock", type_="foreignkey")
    for name in reversed(_CHECKS):
        op.drop_constraint(op.f(f"ck_ticket_clock_{name}"), "ticket_clock", type_="check")
    op.add_column(
        "ticket_clock",
        sa.Column("warn_at", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
    )
    op.execute(
        """UPDATE ticket_clock c SET warn_at = (
            SELECT coalesce(jsonb_agg(greatest(1, least(99, round(100 * extract(epoch FROM m.at - c.starts_at)
                / extract(epoch FROM c.due_at - c.starts_at))))::int ORDER BY m.at), '[]')
            FROM (SELECT value::timestamptz AS at FROM jsonb_array_elements_text(c.marks)) AS m
        ) WHERE c.due_at > c.starts_at"""
    )
    for name in ("ended_act", "ended_by", "revisions", "provisional", "warned", "marks"):
        op.drop_column("ticket_clock", name)
    op.add_column("ticket_clock", sa.Column("round", sa.Integer(), server_default="1", nullable=False))
    op.execute("UPDATE ticket_clock SET round = number")
    op.drop_column("ticket_clock", "number")
    op.create_index("uq_ticket_clock_code", "ticket_clock", ["ticket_id", "code", "round"], unique=True)
    op.execute(_KEEPS.format(counted="round"))
    op.execute("ALTER TABLE ticket_clock ENABLE TRIGGER ticket_clock_keeps")
