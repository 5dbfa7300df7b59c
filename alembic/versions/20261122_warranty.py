"""The warranty ledger, notices of its ends, the law's least terms; works contracts and batches of defects."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_warranty"
down_revision = "20261122_sending_is_counted"
branch_labels = None
depends_on = None

_FUNCTIONS = (
    """CREATE FUNCTION keep_defect_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    correcting text[] := ARRAY['corrected_at', 'corrected_by'];
    standing text;
BEGIN
    SELECT state INTO standing FROM defect_batch WHERE id = coalesce(NEW.batch_id, OLD.batch_id) FOR SHARE;
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - correcting = to_jsonb(NEW) - correcting THEN
        RETURN NEW;
    ELSIF standing <> 'gathering' OR TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'a defect stays as it was sent' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$""",
    """CREATE FUNCTION keep_first_deadline() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the first deadline is kept' USING ERRCODE = 'restrict_violation';
END $$""",
)
_TRIGGERS = (
    (
        "CREATE TRIGGER statutory_term_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON statutory_term"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    ),
    (
        "CREATE TRIGGER defect_line_kept BEFORE INSERT OR UPDATE OR DELETE ON defect_line FOR EACH ROW"
        " EXECUTE FUNCTION keep_defect_line()"
    ),
    (
        "CREATE TRIGGER defect_batch_first_deadline BEFORE UPDATE OF first_deadline, sent_at ON defect_batch FOR EACH ROW"
        " WHEN (OLD.sent_at IS NOT NULL AND (OLD.first_deadline IS DISTINCT FROM NEW.first_deadline"
        " OR OLD.sent_at IS DISTINCT FROM NEW.sent_at)) EXECUTE FUNCTION keep_first_deadline()"
    ),
)
# Journeys there are already have their homes' ledgers laid out by the worker.
_LAY_OUT = """
INSERT INTO outbox (id, job, payload)
SELECT gen_random_uuid(), 'journeys_followed', jsonb_build_object('ownership_ids', jsonb_agg(ownership_id))
FROM (
    SELECT ownership_id, (row_number() OVER (ORDER BY ownership_id) - 1) / 500 AS batch
    FROM journey WHERE ownership_id IS NOT NULL
) AS numbered GROUP BY batch"""


def upgrade() -> None:
    op.create_table(
        "statutory_term",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("component", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("years", sa.Integer(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        sa.CheckConstraint("years BETWEEN 1 AND 100", name=op.f("ck_statutory_term_years")),
        sa.ForeignKeyConstraint(["entered_by"], ["account.id"], name=op.f("fk_statutory_term_entered_by")),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_statutory_term_node_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statutory_term")),
    )
    op.create_index(
        "ix_statutory_term_node_id", "statutory_term", ["node_id", "component", "id"], unique=False
    )
    op.create_table(
        "defect_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("occasion", sa.String(), nullable=False),
        sa.Column("state", sa.String(), server_default="gathering", nullable=False),
        sa.Column("deadline", sa.Date(), nullable=False),
        sa.Column("first_deadline", sa.Date(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(state = 'corrected') = (corrected_at IS NOT NULL) AND corrected_at >= sent_at",
            name=op.f("ck_defect_batch_corrected"),
        ),
        sa.CheckConstraint("(state = 'gathering') = (sent_at IS NULL)", name=op.f("ck_defect_batch_sent")),
        sa.CheckConstraint(
            "answered_at >= sent_at AND (answered_at IS NULL) <= (state <> 'answered')",
            name=op.f("ck_defect_batch_answered"),
        ),
        sa.CheckConstraint("occasion IN ('warranty_end', 'delivery')", name=op.f("ck_defect_batch_occasion")),
        sa.CheckConstraint(
            "state IN ('gathering', 'sent', 'answered', 'corrected')", name=op.f("ck_defect_batch_state")
        ),
        sa.CheckConstraint(
            "(sent_at IS NULL) = (first_deadline IS NULL)", name=op.f("ck_defect_batch_first_deadline")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_defect_batch_created_by")),
        sa.ForeignKeyConstraint(["project_id"], ["project.node_id"], name=op.f("fk_defect_batch_project_id")),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_defect_batch_thread_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_defect_batch")),
    )
    op.create_index("ix_defect_batch_list", "defect_batch", ["project_id", "id"], unique=False)
    op.create_index(
        "ix_defect_batch_running",
        "defect_batch",
        ["project_id", "deadline"],
        unique=False,
        postgresql_where=sa.text("state IN ('sent', 'answered')"),
    )
    op.create_table(
        "works_contract",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("works", sa.Text(), nullable=False),
        sa.Column("components", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("stage", sa.String(), server_default="under_warranty", nullable=False),
        sa.Column("staged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staged_by", sa.Uuid(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        sa.CheckConstraint(
            "(stage = 'settled') = (settled_on IS NOT NULL)", name=op.f("ck_works_contract_settled")
        ),
        sa.CheckConstraint(
            "stage IN ('under_warranty', 'settling', 'settled')", name=op.f("ck_works_contract_stage")
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_works_contract_days")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.node_id"], name=op.f("fk_works_contract_project_id")
        ),
        sa.ForeignKeyConstraint(["staged_by"], ["account.id"], name=op.f("fk_works_contract_staged_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_works_contract")),
    )
    op.create_index(
        "ix_works_contract_ledger", "works_contract", ["project_id", "ends_on", "id"], unique=False
    )
    op.create_index("uq_works_contract_number", "works_contract", ["project_id", "number"], unique=True)
    op.create_table(
        "defect_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("component", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False
        ),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("corrected_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(corrected_at IS NULL) = (corrected_by IS NULL)", name=op.f("ck_defect_line_corrected")
        ),
        sa.ForeignKeyConstraint(["added_by"], ["account.id"], name=op.f("fk_defect_line_added_by")),
        sa.ForeignKeyConstraint(["batch_id"], ["defect_batch.id"], name=op.f("fk_defect_line_batch_id")),
        sa.ForeignKeyConstraint(["corrected_by"], ["account.id"], name=op.f("fk_defect_line_corrected_by")),
        sa.ForeignKeyConstraint(["home_id"], ["home.id"], name=op.f("fk_defect_line_home_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_defect_line")),
    )
    op.create_index("ix_defect_line_batch_id", "defect_line", ["batch_id", "id"], unique=False)
    op.create_index("uq_defect_line_ticket_id", "defect_line", ["ticket_id", "component"], unique=True)
    op.create_table(
        "warranty_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("standard_version_id", sa.Uuid(), nullable=False),
        sa.Column("component", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("starts_from", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("base_years", sa.Integer(), nullable=True),
        sa.Column("extension_years", sa.Integer(), nullable=True),
        sa.Column("statutory_years", sa.Integer(), nullable=True),
        sa.Column("base_ends_on", sa.Date(), nullable=True),
        sa.Column("extension_ends_on", sa.Date(), nullable=True),
        sa.Column("statutory_ends_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "starts_from IN ('delivered_on', 'keys_on', 'moved_in_on')",
            name=op.f("ck_warranty_item_starts_from"),
        ),
        sa.CheckConstraint(
            "(starts_on IS NOT NULL OR ends_on IS NULL) AND (base_ends_on IS NULL OR base_years IS NOT NULL AND base_ends_on >= starts_on) AND (extension_ends_on IS NULL OR extension_ends_on > base_ends_on) AND (statutory_ends_on IS NULL OR statutory_years IS NOT NULL AND statutory_ends_on >= starts_on)",
            name=op.f("ck_warranty_item_ends_in_order"),
        ),
        sa.CheckConstraint(
            "ends_on IS NOT DISTINCT FROM greatest(base_ends_on, extension_ends_on, statutory_ends_on)",
            name=op.f("ck_warranty_item_ends_on"),
        ),
        sa.CheckConstraint(
            "least(base_years, extension_years, statutory_years) >= 0 AND (base_years IS NULL) = (extension_years IS NULL)",
            name=op.f("ck_warranty_item_years"),
        ),
        sa.ForeignKeyConstraint(["home_id"], ["home.id"], name=op.f("fk_warranty_item_home_id")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.node_id"], name=op.f("fk_warranty_item_project_id")
        ),
        sa.ForeignKeyConstraint(
            ["standard_version_id"],
            ["standard_version.id"],
            name=op.f("fk_warranty_item_standard_version_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warranty_item")),
    )
    op.create_index(
        "ix_warranty_item_component",
        "warranty_item",
        ["project_id", "component", "ends_on", "id"],
        unique=False,
    )
    op.create_index("ix_warranty_item_ledger", "warranty_item", ["project_id", "ends_on", "id"], unique=False)
    op.create_index("uq_warranty_item_place", "warranty_item", ["home_id", "component"], unique=True)
    op.create_table(
        "warranty_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ownership_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("people", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "(state = 'told') = (told_at IS NOT NULL AND people > 0)", name=op.f("ck_warranty_notice_told")
        ),
        sa.CheckConstraint("kind IN ('ending', 'ended')", name=op.f("ck_warranty_notice_kind")),
        sa.CheckConstraint(
            "state IN ('planned', 'told', 'unreachable', 'dropped', 'passed')",
            name=op.f("ck_warranty_notice_state"),
        ),
        sa.ForeignKeyConstraint(
            ["ownership_id"], ["ownership.id"], name=op.f("fk_warranty_notice_ownership_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warranty_notice")),
    )
    op.create_index(
        "ix_warranty_notice_planned",
        "warranty_notice",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.create_index(
        "uq_warranty_notice_place", "warranty_notice", ["ownership_id", "kind", "ends_on"], unique=True
    )
    # ### end Alembic commands ###
    for statement in (*_FUNCTIONS, *_TRIGGERS, _LAY_OUT):
        op.execute(statement)


def downgrade() -> None:
    op.execute(
        "DROP TABLE defect_line, defect_batch, works_contract, warranty_notice, warranty_item, statutory_term"
    )
    op.execute("DROP FUNCTION keep_defect_line")
    op.execute("DROP FUNCTION keep_first_deadline")
