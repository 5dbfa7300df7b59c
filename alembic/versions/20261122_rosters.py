"""Rosters: shifts of positions in every version, and overrides."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_rosters"
down_revision = "20261122_journeys_are_read"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "roster_plan",
        sa.Column("position_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_roster_plan_number")),
        sa.ForeignKeyConstraint(["position_id"], ["position.id"], name=op.f("fk_roster_plan_position_id")),
        sa.ForeignKeyConstraint(["set_by"], ["account.id"], name=op.f("fk_roster_plan_set_by")),
        sa.PrimaryKeyConstraint("position_id", "number", name=op.f("pk_roster_plan")),
    )
    op.create_table(
        "roster_shift",
        sa.Column("position_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("weekdays", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("opens", sa.SmallInteger(), nullable=False),
        sa.Column("closes", sa.SmallInteger(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "cardinality(weekdays) > 0 AND weekdays <@ '{1,2,3,4,5,6,7}'::smallint[]",
            name=op.f("ck_roster_shift_weekdays"),
        ),
        sa.CheckConstraint(
            "opens BETWEEN 0 AND 1439 AND closes > opens AND closes <= opens + 1440",
            name=op.f("ck_roster_shift_hours"),
        ),
        sa.CheckConstraint("until > since", name=op.f("ck_roster_shift_dates")),
        sa.ForeignKeyConstraint(
            ["position_id", "number"],
            ["roster_plan.position_id", "roster_plan.number"],
            name=op.f("fk_roster_shift_position_id_number"),
        ),
        sa.PrimaryKeyConstraint("position_id", "number", "place", name=op.f("pk_roster_shift")),
    )
    op.create_table(
        "roster_override",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("position_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stand_in_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column(
            "entered_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("kind IN ('absent', 'extra')", name=op.f("ck_roster_override_kind")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_roster_override_times")),
        sa.CheckConstraint(
            "kind = 'absent' OR ends_at IS NOT NULL", name=op.f("ck_roster_override_extra_ends")
        ),
        sa.CheckConstraint(
            "kind = 'absent' OR stand_in_id IS NULL", name=op.f("ck_roster_override_stand_in")
        ),
        sa.CheckConstraint("stand_in_id <> position_id", name=op.f("ck_roster_override_stand_in_is_another")),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_roster_override_end_whole")
        ),
        postgresql.ExcludeConstraint(
            (sa.column("position_id"), "="),
            (sa.text("tstzrange(starts_at, LEAST(ends_at, ended_at))"), "&&"),
            where=sa.text("ended_at IS NULL OR ended_at > starts_at"),
            using="gist",
            name="ex_roster_override_one_at_a_time",
        ),
        sa.ForeignKeyConstraint(
            ["position_id"], ["position.id"], name=op.f("fk_roster_override_position_id")
        ),
        sa.ForeignKeyConstraint(
            ["stand_in_id"], ["position.id"], name=op.f("fk_roster_override_stand_in_id")
        ),
        sa.ForeignKeyConstraint(["entered_by"], ["account.id"], name=op.f("fk_roster_override_entered_by")),
        sa.ForeignKeyConstraint(["ended_by"], ["account.id"], name=op.f("fk_roster_override_ended_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_override")),
    )
    op.create_index(
        "ix_roster_override_stand_in_id",
        "roster_override",
        ["stand_in_id"],
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    for table in ("roster_plan", "roster_shift"):
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(
        """CREATE FUNCTION roster_override_only_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.ended_at IS NULL
        AND to_jsonb(NEW) - 'ended_at' - 'ended_by' = to_jsonb(OLD) - 'ended_at' - 'ended_by' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an override is ended, never changed or deleted' USING ERRCODE = 'restrict_violation';
END $$"""
    )
    op.execute(
        "CREATE TRIGGER roster_override_only_ends BEFORE UPDATE OR DELETE ON roster_override"
        " FOR EACH ROW EXECUTE FUNCTION roster_override_only_ends()"
    )


def downgrade() -> None:
    for table in ("roster_override", "roster_shift", "roster_plan"):
        op.drop_table(table)
    op.execute("DROP FUNCTION roster_override_only_ends()")
