"""Cases of the hotline: their clocks, talks, proposals, closings, claims; what the database holds of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_cases"
down_revision = "20261122_visits"
branch_labels = None
depends_on = None

_HELD = (
    """CREATE TRIGGER case_talk_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON case_talk FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER case_visit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON case_visit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER case_handler_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON case_handler FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER case_link_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON case_link FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER approval_table_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON approval_table FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER approval_level_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON approval_level FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE FUNCTION hotline_case_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lacks text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state NOT IN ('received', 'dispatched', 'passed_on') THEN
            lacks := 'a case begins as received, dispatched or passed on';
        END IF;
    ELSIF (NEW.id, NEW.number, NEW.thread_id, NEW.project_id, NEW.received_at, NEW.opened_at, NEW.opened_by)
        IS DISTINCT FROM
        (OLD.id, OLD.number, OLD.thread_id, OLD.project_id, OLD.received_at, OLD.opened_at, OLD.opened_by) THEN
        lacks := 'what a case is, and when it came, stays';
    ELSIF NEW.round NOT IN (OLD.round, OLD.round + 1) THEN
        lacks := 'rounds are counted one by one';
    ELSIF NEW.state <> OLD.state AND OLD.state || '>' || NEW.state NOT IN ('agreed>done', 'agreed>merged', 'closed>dispatched', 'declined>dispatched', 'declined>done', 'declined>merged', 'declined>passed_on', 'declined>proposed', 'dispatched>done', 'dispatched>merged', 'dispatched>passed_on', 'dispatched>proposed', 'done>closed', 'done>dispatched', 'done>visited', 'proposed>agreed', 'proposed>declined', 'proposed>dispatched', 'proposed>merged', 'received>dispatched', 'received>merged', 'received>passed_on', 'visited>closed', 'visited>dispatched') THEN
        lacks := 'no move leads from ' || OLD.state || ' to ' || NEW.state;
    ELSIF NEW.state = 'closed' AND OLD.state <> 'closed' THEN
        IF NOT EXISTS (
            SELECT FROM case_closing WHERE case_id = NEW.id AND round = NEW.round AND state = 'closed'
                AND reason = NEW.close_reason
        ) THEN
            lacks := 'a case is closed for a reason';
        ELSIF NEW.close_reason = 'no_contact' AND NEW.contactable AND NOT NEW.common_part THEN
            lacks := 'whoever can be reached is reached';
        ELSIF NEW.close_reason NOT IN ('no_contact', 'invalid') AND NEW.contactable AND NOT NEW.common_part
            AND NOT EXISTS (
            SELECT FROM case_visit v WHERE v.case_id = NEW.id AND v.round = NEW.round AND NOT v.low
                AND NOT EXISTS (SELECT FROM case_handler h WHERE h.case_id = NEW.id AND h.account_id = v.by_id
                    AND h.at < v.at)
        ) THEN
            lacks := 'nothing closes without a return visit by somebody who did not handle it';
        END IF;
    END IF;
    IF lacks IS NOT NULL THEN
        RAISE EXCEPTION '%', lacks USING ERRCODE = 'restrict_violation', CONSTRAINT = 'hotline_case_keeps';
    END IF;
    RETURN NEW;
END $$""",
    """CREATE TRIGGER hotline_case_keeps BEFORE INSERT OR UPDATE ON hotline_case FOR EACH ROW EXECUTE FUNCTION hotline_case_keeps()""",
    """ALTER TABLE hotline_case ENABLE ALWAYS TRIGGER hotline_case_keeps""",
    """CREATE TRIGGER hotline_case_stays BEFORE DELETE OR TRUNCATE ON hotline_case FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE FUNCTION case_visit_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM case_handler WHERE case_id = NEW.case_id AND account_id = NEW.by_id)
        OR EXISTS (SELECT FROM case_bar WHERE case_id = NEW.case_id AND account_id = NEW.by_id) THEN
        RAISE EXCEPTION 'a return visit is made by somebody who did not handle it'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'case_visit_by_another';
    END IF;
    RETURN NEW;
END $$""",
    """CREATE TRIGGER case_visit_by_another BEFORE INSERT ON case_visit FOR EACH ROW EXECUTE FUNCTION case_visit_by_another()""",
    """CREATE FUNCTION case_clock_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.case_id, NEW.code, NEW.number, NEW.round, NEW.first_promise, NEW.starts_at) IS DISTINCT FROM
        (OLD.case_id, OLD.code, OLD.number, OLD.round, OLD.first_promise, OLD.starts_at)
        OR OLD.ended_at IS NOT NULL THEN
        RAISE EXCEPTION 'a first promise stays, and so does what has ended'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'case_clock_keeps';
    END IF;
    RETURN NEW;
END $$""",
    """CREATE TRIGGER case_clock_keeps BEFORE UPDATE ON case_clock FOR EACH ROW EXECUTE FUNCTION case_clock_keeps()""",
    """CREATE FUNCTION case_decided_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    deciding text[] := ARRAY['answer', 'answered_by', 'answered_at', 'words', 'state', 'decided_by', 'decided_at',
        'decision'];
BEGIN
    IF TG_OP = 'UPDATE' AND coalesce(to_jsonb(OLD) ->> 'answer', to_jsonb(OLD) ->> 'state')
        IN ('open', 'asked', 'waiting') AND to_jsonb(OLD) - deciding = to_jsonb(NEW) - deciding THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what is decided stays as it was'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'case_decided_once';
END $$""",
    """CREATE TRIGGER case_proposal_once BEFORE UPDATE OR DELETE ON case_proposal FOR EACH ROW EXECUTE FUNCTION case_decided_once()""",
    """CREATE TRIGGER case_closing_once BEFORE UPDATE OR DELETE ON case_closing FOR EACH ROW EXECUTE FUNCTION case_decided_once()""",
    """CREATE TRIGGER case_claim_step_once BEFORE UPDATE OR DELETE ON case_claim_step FOR EACH ROW EXECUTE FUNCTION case_decided_once()""",
    """CREATE FUNCTION case_bar_tells() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('rights_changed', NEW.account_id::text);
    RETURN NULL;
END $$""",
    """CREATE TRIGGER case_bar_tells AFTER INSERT ON case_bar FOR EACH ROW EXECUTE FUNCTION case_bar_tells()""",
)
_FUNCTIONS = (
    "hotline_case_keeps",
    "case_visit_by_another",
    "case_clock_keeps",
    "case_decided_once",
    "case_bar_tells",
)
_TABLES = (
    "case_claim_step",
    "case_visit",
    "case_talk",
    "case_proposal",
    "case_link",
    "case_handler",
    "case_closing",
    "case_clock",
    "case_claim",
    "case_bar",
    "hotline_case",
    "approval_level",
    "approval_table",
    "case_numbers",
)


def upgrade() -> None:
    op.create_table(
        "case_numbers",
        sa.Column("year", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("given", sa.Integer(), nullable=False),
        sa.CheckConstraint("given > 0", name=op.f("ck_case_numbers_given")),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_case_numbers")),
    )
    op.create_table(
        "approval_table",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('compensation', 'house_change')", name=op.f("ck_approval_table_kind")),
        sa.CheckConstraint("number > 0", name=op.f("ck_approval_table_number")),
        sa.ForeignKeyConstraint(["set_by"], ["account.id"], name=op.f("fk_approval_table_set_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_table")),
    )
    op.create_index("uq_approval_table_number", "approval_table", ["kind", "number"], unique=True)
    op.create_table(
        "approval_level",
        sa.Column("table_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("limit_fen", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("place >= 0 AND limit_fen > 0", name=op.f("ck_approval_level_values")),
        sa.ForeignKeyConstraint(["table_id"], ["approval_table.id"], name=op.f("fk_approval_level_table_id")),
        sa.PrimaryKeyConstraint("table_id", "place", name=op.f("pk_approval_level")),
    )
    op.create_table(
        "hotline_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=True),
        sa.Column("ownership_id", sa.Uuid(), nullable=True),
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("from_thread_id", sa.Uuid(), nullable=True),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("reporter_id", sa.Uuid(), nullable=True),
        sa.Column("anonymous", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("common_part", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("contact_name", sa.Text(), nullable=True),
        sa.Column("contact_phone", sa.Text(), nullable=True),
        sa.Column("contact_email", sa.Text(), nullable=True),
        sa.Column("contactable", sa.Boolean(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), server_default="general", nullable=False),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("service", sa.String(), nullable=True),
        sa.Column("provider", sa.Text(), nullable=True),
        sa.Column("gist", sa.Text(), nullable=False),
        sa.Column("customer_position", sa.Text(), nullable=True),
        sa.Column("company_position", sa.Text(), nullable=True),
        sa.Column("standard_version_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), server_default="received", nullable=False),
        sa.Column("round", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("responsible_role", sa.Text(), nullable=True),
        sa.Column("responsible_id", sa.Uuid(), nullable=True),
        sa.Column("because", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column(
            "informed_roles", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False
        ),
        sa.Column("validity", sa.String(), nullable=True),
        sa.Column("cause", sa.String(), nullable=True),
        sa.Column("harm", sa.String(), nullable=True),
        sa.Column("paused_for", sa.String(), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("late_reason", sa.Text(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("close_reason", sa.String(), nullable=True),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(kind = 'service_order') = (service IS NOT NULL)", name=op.f("ck_hotline_case_ordered")
        ),
        sa.CheckConstraint(
            "(state = 'closed') = (close_reason IS NOT NULL)", name=op.f("ck_hotline_case_closed")
        ),
        sa.CheckConstraint(
            "(state = 'merged') = (merged_into_id IS NOT NULL)", name=op.f("ck_hotline_case_merged")
        ),
        sa.CheckConstraint(
            "(state IN ('closed', 'merged', 'passed_on')) = (ended_at IS NOT NULL)",
            name=op.f("ck_hotline_case_ended"),
        ),
        sa.CheckConstraint(
            "(validity IS NOT DISTINCT FROM 'valid') = (cause IS NOT NULL) AND (cause IS NULL) = (harm IS NULL)",
            name=op.f("ck_hotline_case_judged"),
        ),
        sa.CheckConstraint(
            "category IN ('customer', 'sales', 'works', 'property')", name=op.f("ck_hotline_case_category")
        ),
        sa.CheckConstraint(
            "cause IN ('neglect', 'mistake', 'excess', 'loss_of_control')", name=op.f("ck_hotline_case_cause")
        ),
        sa.CheckConstraint(
            "channel IN ('hotline', 'walk_in', 'call_to_employee', 'email', 'online_form', 'complaint_forum', 'external_post', 'return_visit', 'survey', 'face_to_face', 'owners_meeting', 'ambassador_visit', 'service_desk')",
            name=op.f("ck_hotline_case_channel"),
        ),
        sa.CheckConstraint(
            "close_reason IN ('accepted', 'no_contact', 'invalid', 'lawful', 'beyond_authority')",
            name=op.f("ck_hotline_case_close_reason"),
        ),
        sa.CheckConstraint("harm IN ('self_respect', 'interest')", name=op.f("ck_hotline_case_harm")),
        sa.CheckConstraint(
            "kind IN ('complaint', 'repair', 'enquiry', 'service_order', 'suggestion')",
            name=op.f("ck_hotline_case_kind"),
        ),
        sa.CheckConstraint("number ~ '^G[0-9]{4}-[0-9]{6,}$'", name=op.f("ck_hotline_case_number")),
        sa.CheckConstraint(
            "paused_for IN ('waiting_for_owner', 'access_refused')", name=op.f("ck_hotline_case_paused_for")
        ),
        sa.CheckConstraint(
            "service IN ('bill_payment', 'furnishing', 'computer_helper', 'waste_disposal')",
            name=op.f("ck_hotline_case_service"),
        ),
        sa.CheckConstraint(
            "severity IN ('general', 'urgent', 'suspected_invalid')", name=op.f("ck_hotline_case_severity")
        ),
        sa.CheckConstraint(
            "state <> 'passed_on' OR ticket_id IS NOT NULL", name=op.f("ck_hotline_case_passed_on")
        ),
        sa.CheckConstraint(
            "state = 'received' OR category IS NOT NULL", name=op.f("ck_hotline_case_classified")
        ),
        sa.CheckConstraint(
            "state = 'received' OR responsible_role IS NOT NULL", name=op.f("ck_hotline_case_dispatched")
        ),
        sa.CheckConstraint(
            "state IN ('received', 'dispatched', 'proposed', 'declined', 'agreed', 'done', 'visited', 'closed', 'merged', 'passed_on')",
            name=op.f("ck_hotline_case_state"),
        ),
        sa.CheckConstraint("validity IN ('valid', 'invalid')", name=op.f("ck_hotline_case_validity")),
        sa.CheckConstraint("(home_id IS NULL) = (ownership_id IS NULL)", name=op.f("ck_hotline_case_home")),
        sa.CheckConstraint("(paused_for IS NULL) = (paused_at IS NULL)", name=op.f("ck_hotline_case_paused")),
        sa.CheckConstraint(
            "(received_at < opened_at) = (late_reason IS NOT NULL)", name=op.f("ck_hotline_case_late")
        ),
        sa.CheckConstraint(
            "NOT anonymous OR num_nonnulls(reporter_id, contact_name, contact_phone, contact_email) = 0",
            name=op.f("ck_hotline_case_anonymous"),
        ),
        sa.CheckConstraint(
            "contactable = (num_nonnulls(reporter_id, contact_phone, contact_email) > 0)",
            name=op.f("ck_hotline_case_contactable"),
        ),
        sa.CheckConstraint("merged_into_id <> id", name=op.f("ck_hotline_case_merged_into_another")),
        sa.CheckConstraint("received_at <= opened_at", name=op.f("ck_hotline_case_received")),
        sa.CheckConstraint("round > 0", name=op.f("ck_hotline_case_round")),
        sa.ForeignKeyConstraint(
            ["from_thread_id"], ["thread.id"], name=op.f("fk_hotline_case_from_thread_id")
        ),
        sa.ForeignKeyConstraint(["home_id"], ["home.id"], name=op.f("fk_hotline_case_home_id")),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["hotline_case.id"], name=op.f("fk_hotline_case_merged_into_id")
        ),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_hotline_case_node_id")),
        sa.ForeignKeyConstraint(["opened_by"], ["account.id"], name=op.f("fk_hotline_case_opened_by")),
        sa.ForeignKeyConstraint(
            ["ownership_id"], ["ownership.id"], name=op.f("fk_hotline_case_ownership_id")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["project.node_id"], name=op.f("fk_hotline_case_project_id")),
        sa.ForeignKeyConstraint(["reporter_id"], ["account.id"], name=op.f("fk_hotline_case_reporter_id")),
        sa.ForeignKeyConstraint(
            ["responsible_id"], ["account.id"], name=op.f("fk_hotline_case_responsible_id")
        ),
        sa.ForeignKeyConstraint(
            ["standard_version_id"], ["standard_version.id"], name=op.f("fk_hotline_case_standard_version_id")
        ),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_hotline_case_thread_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_hotline_case_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hotline_case")),
        sa.UniqueConstraint("number", name=op.f("uq_hotline_case_number")),
        sa.UniqueConstraint("thread_id", name=op.f("uq_hotline_case_thread_id")),
    )
    op.create_index(
        "ix_hotline_case_contact_phone", "hotline_case", ["contact_phone", "received_at"], unique=False
    )
    op.create_index("ix_hotline_case_from_thread_id", "hotline_case", ["from_thread_id"], unique=False)
    op.create_index("ix_hotline_case_merged_into_id", "hotline_case", ["merged_into_id"], unique=False)
    op.create_index(
        "ix_hotline_case_opened_by", "hotline_case", ["opened_by", "received_at", "id"], unique=False
    )
    op.create_index(
        "ix_hotline_case_ownership_id", "hotline_case", ["ownership_id", "received_at", "id"], unique=False
    )
    op.create_index(
        "ix_hotline_case_project_id", "hotline_case", ["project_id", "received_at", "id"], unique=False
    )
    op.create_index(
        "ix_hotline_case_reporter_id", "hotline_case", ["reporter_id", "received_at", "id"], unique=False
    )
    op.create_index(
        "ix_hotline_case_responsible_live",
        "hotline_case",
        ["responsible_id", "id"],
        unique=False,
        postgresql_where=sa.text("state NOT IN ('closed', 'merged', 'passed_on')"),
    )
    op.create_index("ix_hotline_case_ticket_id", "hotline_case", ["ticket_id"], unique=False)
    op.create_table(
        "case_bar",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False),
        sa.CheckConstraint(
            "why IN ('complained_about', 'conflict_of_interest')", name=op.f("ck_case_bar_why")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_case_bar_account_id")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_case_bar_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["hotline_case.id"], name=op.f("fk_case_bar_case_id")),
        sa.PrimaryKeyConstraint("case_id", "account_id", name=op.f("pk_case_bar")),
    )
    op.create_index("ix_case_bar_account_id", "case_bar", ["account_id", "case_id"], unique=False)
    op.create_table(
        "case_claim",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), server_default="asked", nullable=False),
        sa.Column("table_id", sa.Uuid(), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind = 'compensation') = (amount_fen IS NOT NULL)", name=op.f("ck_case_claim_amount")
        ),
        sa.CheckConstraint("(state = 'asked') = (ended_at IS NULL)", name=op.f("ck_case_claim_ended")),
        sa.CheckConstraint("kind IN ('compensation', 'house_change')", name=op.f("ck_case_claim_kind")),
        sa.CheckConstraint(
            "state IN ('asked', 'approved', 'refused', 'withdrawn')", name=op.f("ck_case_claim_state")
        ),
        sa.CheckConstraint(
            "state IN ('asked', 'withdrawn') OR table_id IS NOT NULL", name=op.f("ck_case_claim_by_the_table")
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_case_claim_amount_fen")),
        sa.ForeignKeyConstraint(["case_id"], ["hotline_case.id"], name=op.f("fk_case_claim_case_id")),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_case_claim_made_by")),
        sa.ForeignKeyConstraint(["table_id"], ["approval_table.id"], name=op.f("fk_case_claim_table_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_claim")),
    )
    op.create_index("ix_case_claim_case_id", "case_claim", ["case_id", "made_at"], unique=False)
    op.create_index(
        "uq_case_claim_asked",
        "case_claim",
        ["case_id", "kind"],
        unique=True,
        postgresql_where=sa.text("state = 'asked'"),
    )
    op.create_table(
        "case_clock",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("number", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("round", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_promise", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rule", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("marks", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("warned", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("calendar_version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("provisional", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("state", sa.String(), server_default="running", nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pauses", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("revisions", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("breached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_act", sa.Text(), nullable=True),
        sa.CheckConstraint("(state = 'paused') = (paused_at IS NOT NULL)", name=op.f("ck_case_clock_paused")),
        sa.CheckConstraint(
            "(state IN ('met', 'met_late', 'void')) = (ended_at IS NOT NULL)",
            name=op.f("ck_case_clock_ended"),
        ),
        sa.CheckConstraint("code ~ '^C[1-9]$'", name=op.f("ck_case_clock_code")),
        sa.CheckConstraint("jsonb_typeof(marks) = 'array' AND warned >= 0", name=op.f("ck_case_clock_marks")),
        sa.CheckConstraint(
            "state <> 'breached' OR breached_at IS NOT NULL", name=op.f("ck_case_clock_breached")
        ),
        sa.CheckConstraint(
            "state IN ('running', 'paused', 'breached', 'met', 'met_late', 'void')",
            name=op.f("ck_case_clock_state"),
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_act IS NULL)", name=op.f("ck_case_clock_ended_act")),
        sa.CheckConstraint("round > 0 AND number > 0", name=op.f("ck_case_clock_numbers")),
        sa.CheckConstraint("starts_at <= first_promise", name=op.f("ck_case_clock_promised")),
        sa.ForeignKeyConstraint(["case_id"], ["hotline_case.id"], name=op.f("fk_case_clock_case_id")),
        sa.ForeignKeyConstraint(["ended_by"], ["account.id"], name=op.f("fk_case_clock_ended_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_clock")),
    )
    op.create_index(
        "ix_case_clock_open",
        "case_clock",
        ["due_at", "case_id"],
        unique=False,
        postgresql_where=sa.text("state IN ('running', 'paused', 'breached')"),
    )
    op.create_index("uq_case_clock_number", "case_clock", ["case_id", "code", "number"], unique=True)
    op.create_index(
        "uq_case_clock_open",
        "case_clock",
        ["case_id", "code"],
        unique=True,
        postgresql_where=sa.text("state IN ('running', 'paused', 'breached')"),
    )
    op.create_table(
        "case_closing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), server_default="asked", nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name=op.f("ck_case_closing_decided")),
        sa.CheckConstraint(
            "reason <> 'lawful' OR legal_basis IS NOT NULL", name=op.f("ck_case_closing_legal_basis")
        ),
        sa.CheckConstraint(
            "reason IN ('accepted', 'no_contact', 'invalid', 'lawful', 'beyond_authority')",
            name=op.f("ck_case_closing_reason"),
        ),
        sa.CheckConstraint(
            "reason NOT IN ('invalid', 'lawful', 'beyond_authority') OR review_on IS NOT NULL",
            name=op.f("ck_case_closing_review_on"),
        ),
        sa.CheckConstraint(
            "state <> 'closed' OR reason NOT IN ('invalid', 'lawful', 'beyond_authority') OR decided_by <> asked_by",
            name=op.f("ck_case_closing_approved_by_another"),
        ),
        sa.CheckConstraint("state IN ('asked', 'refused', 'closed')", name=op.f("ck_case_closing_state")),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL)", name=op.f("ck_case_closing_decided_whole")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_case_closing_asked_by")),
        sa.ForeignKeyConstraint(["case_id"], ["hotline_case.id"], name=op.f("fk_case_closing_case_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_case_closing_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_closing")),
    )
    op.create_index("ix_case_closing_case_id", "case_closing", ["case_id", "asked_at"], unique=False)
    op.create_index(
        "ix_case_closing_review_on",
        "case_closing",
        ["review_on"],
        unique=False,
        postgresql_where=sa.text("state = 'closed'"),
    )
    op.create_index(
        "uq_case_closing_asked",
        "case_closing",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("state = 'asked'"),
    )
    op.create_table(
        "case_handler",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("first_move", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_case_handler_account_id")),
        sa.ForeignKeyConstraint(["case_id"], ["hotline_case.id"], name=op.f("fk_case_handler_case_id")),
        sa.PrimaryKeyConstraint("case_id", "account_id", name=op.f("pk_case_handler")),
    )
    op.create_index("ix_case_handler_account_id", "case_handler", ["account_id", "case_id"], unique=False)
    op.create_table(
        "case_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("thread_id", sa.Uuid(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False),
        sa.CheckConstraint("kind IN ('case', 'ticket', 'thread', 'visit')", name=op.f("ck_case_link_kind")),
        sa.CheckConstraint(
            "why IN ('came_from', 'became', 'duplicate', 'related')", name=op.f("ck_case_link_why")
        ),
        sa.CheckConstraint("subject_id <> case_id", name=op.f("ck_case_link_another")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_case_link_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["hotline_case.id"], name=op.f("fk_case_link_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_link")),
    )
    op.create_index("ix_case_link_subject_id", "case_link", ["subject_id"], unique=False)
    op.create_index("uq_case_link_subject", "case_link", ["case_id", "kind", "subject_id"], unique=True)
    op.create_table(
        "case_proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("customer_position", sa.Text(), nullable=False),
        sa.Column("company_position", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("proposal", sa.Text(), nullable=False),
        sa.Column("done_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(), server_default="open", nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(answer = 'open') = (answered_at IS NULL)", name=op.f("ck_case_proposal_answered")
        ),
        sa.CheckConstraint(
            "answer IN ('open', 'accepted', 'declined', 'withdrawn')", name=op.f("ck_case_proposal_answer")
        ),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_by IS NULL)", name=op.f("ck_case_proposal_answered_whole")
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_case_proposal_number")),
        sa.ForeignKeyConstraint(["answered_by"], ["account.id"], name=op.f("fk_case_proposal_answered_by")),
        sa.ForeignKeyConstraint(["case_id"], ["hotline_case.id"], name=op.f("fk_case_proposal_case_id")),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_case_proposal_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_proposal")),
    )
    op.create_index("uq_case_proposal_number", "case_proposal", ["case_id", "number"], unique=True)
    op.create_index(
        "uq_case_proposal_open",
        "case_proposal",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("answer = 'open'"),
    )
    op.create_table(
        "case_talk",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("spoken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "channel IN ('hotline', 'walk_in', 'call_to_employee', 'email', 'online_form', 'complaint_forum', 'external_post', 'return_visit', 'survey', 'face_to_face', 'owners_meeting', 'ambassador_visit', 'service_desk')",
            name=op.f("ck_case_talk_channel"),
        ),
        sa.CheckConstraint(
            "kind IN ('contact', 'interim', 'answer', 'explanation')", name=op.f("ck_case_talk_kind")
        ),
        sa.CheckConstraint("spoken_at <= at", name=op.f("ck_case_talk_spoken")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_case_talk_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["hotline_case.id"], name=op.f("fk_case_talk_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_talk")),
    )
    op.create_index("ix_case_talk_case_id", "case_talk", ["case_id", "at"], unique=False)
    op.create_table(
        "case_visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("low", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.Column("visited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False),
        sa.CheckConstraint("NOT (low AND accepted)", name=op.f("ck_case_visit_low")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_case_visit_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["hotline_case.id"], name=op.f("fk_case_visit_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_visit")),
        sa.UniqueConstraint("visit_id", name=op.f("uq_case_visit_visit_id")),
    )
    op.create_index("ix_case_visit_case_id", "case_visit", ["case_id", "round"], unique=False)
    op.create_table(
        "case_claim_step",
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("limit_fen", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state = 'waiting') = (decided_at IS NULL)", name=op.f("ck_case_claim_step_decided")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'approved', 'refused')", name=op.f("ck_case_claim_step_state")
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL)", name=op.f("ck_case_claim_step_decided_whole")
        ),
        sa.ForeignKeyConstraint(["claim_id"], ["case_claim.id"], name=op.f("fk_case_claim_step_claim_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_case_claim_step_decided_by")),
        sa.PrimaryKeyConstraint("claim_id", "place", name=op.f("pk_case_claim_step")),
    )
    for held in _HELD:
        op.execute(held)


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"DROP TABLE {table}")
    for function in _FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
