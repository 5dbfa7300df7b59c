"""Tickets, their evidence, their clocks, successions; what the database holds of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_tickets"
down_revision = "20261122_warranty"
branch_labels = None
depends_on = None


_HELD = (
    """CREATE TRIGGER succession_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON succession FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER ticket_tick_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ticket_tick FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER ticket_finish_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ticket_finish FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER ticket_signature_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ticket_signature FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER ticket_return_visit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ticket_return_visit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER ticket_refusal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ticket_refusal FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER ticket_rating_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ticket_rating FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE FUNCTION ticket_keeps_engineer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.engineer_id IS NOT NULL AND NEW.engineer_id IS DISTINCT FROM OLD.engineer_id AND NOT EXISTS (
        SELECT FROM succession s
        JOIN entry e ON e.thread_id = s.thread_id AND e.seq = s.entry_seq
        WHERE s.ticket_id = OLD.id AND s.from_id = OLD.engineer_id AND s.to_id = NEW.engineer_id
            AND s.transaction = pg_current_xact_id()::text::bigint
            AND e.thread_id = OLD.thread_id AND e.audience = 'all' AND e.kind = 'engineer_changed'
    ) THEN
        RAISE EXCEPTION 'the engineer of a ticket changes only by a succession'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ticket_keeps_engineer';
    END IF;
    RETURN NEW;
END $$""",
    """CREATE TRIGGER ticket_keeps_engineer BEFORE UPDATE ON ticket FOR EACH ROW EXECUTE FUNCTION ticket_keeps_engineer()""",
    "ALTER TABLE ticket ENABLE ALWAYS TRIGGER ticket_keeps_engineer",
    """CREATE FUNCTION succession_is_approved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    today date := (app_now() AT TIME ZONE 'Asia/Shanghai')::date;
BEGIN
    NEW.transaction := pg_current_xact_id()::text::bigint;
    IF NOT EXISTS (
        SELECT FROM ticket t JOIN node n ON n.id = t.node_id
        JOIN position p ON p.node_id = ANY (n.path) AND p.account_id = NEW.approver_id
        JOIN account a ON a.id = p.account_id AND a.disabled_at IS NULL
        WHERE t.id = NEW.ticket_id AND t.engineer_id = NEW.from_id AND t.thread_id = NEW.thread_id
            AND p.role IN ('customer_manager', 'sales_site_manager', 'property_manager', 'head_of_customer_relations', 'leader_in_charge', 'administrator')
            AND p.since <= today AND (p.until IS NULL OR p.until > today)
    ) THEN
        RAISE EXCEPTION 'a succession is approved by a manager of the home''s node'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'succession_is_approved';
    END IF;
    RETURN NEW;
END $$""",
    """CREATE TRIGGER succession_is_approved BEFORE INSERT ON succession FOR EACH ROW EXECUTE FUNCTION succession_is_approved()""",
    "ALTER TABLE succession ENABLE ALWAYS TRIGGER succession_is_approved",
    """CREATE FUNCTION succession_happens() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM ticket WHERE id = NEW.ticket_id AND engineer_id = NEW.to_id) THEN
        RAISE EXCEPTION 'a succession stands beside the change it is about'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'succession_happens';
    END IF;
    RETURN NULL;
END $$""",
    """CREATE CONSTRAINT TRIGGER succession_happens AFTER INSERT ON succession DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION succession_happens()""",
    """CREATE FUNCTION ticket_passes_gates() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lacks text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'reported' OR NEW.visit <> 0 THEN
            lacks := 'a ticket begins as reported';
        END IF;
    ELSE
        IF (NEW.id, NEW.thread_id, NEW.ownership_id, NEW.home_id, NEW.project_id, NEW.node_id, NEW.opened_at)
            IS DISTINCT FROM
            (OLD.id, OLD.thread_id, OLD.ownership_id, OLD.home_id, OLD.project_id, OLD.node_id, OLD.opened_at) THEN
            lacks := 'what a ticket is about stays';
        ELSIF NEW.visit NOT IN (OLD.visit, OLD.visit + 1) THEN
            lacks := 'visits are counted one by one';
        ELSIF NEW.state <> OLD.state AND OLD.state || '>' || NEW.state NOT IN ('accepted>appointed', 'accepted>cancelled', 'accepted>held', 'accepted>not_a_repair', 'accepted>on_the_way', 'appointed>accepted', 'appointed>appointed', 'appointed>cancelled', 'appointed>held', 'appointed>not_a_repair', 'appointed>on_the_way', 'arrived>accepted', 'arrived>held', 'arrived>not_a_repair', 'arrived>working', 'cleaned>rejected', 'cleaned>signed', 'cleaned>visited', 'closed>rejected', 'contested>accepted', 'contested>closed', 'done>cleaned', 'done>rejected', 'done>visited', 'held>accepted', 'held>cancelled', 'not_a_repair>closed', 'not_a_repair>contested', 'on_the_way>accepted', 'on_the_way>arrived', 'on_the_way>held', 'rejected>appointed', 'rejected>arrived', 'rejected>cancelled', 'rejected>held', 'rejected>on_the_way', 'reported>accepted', 'reported>cancelled', 'signed>rejected', 'signed>visited', 'visited>closed', 'visited>rejected', 'working>done', 'working>held') THEN
            lacks := 'no move leads from ' || OLD.state || ' to ' || NEW.state;
        ELSIF NEW.state = OLD.state THEN
            lacks := NULL;
        ELSIF NEW.state = 'arrived' AND NEW.visit = OLD.visit THEN
            lacks := 'a visit is counted when somebody arrives';
        ELSIF NEW.state = 'working' AND (
            SELECT count(*) FROM ticket_tick WHERE ticket_id = NEW.id AND visit = NEW.visit
        ) < 6 THEN
            lacks := 'work starts when everything is protected';
        ELSIF NEW.state = 'working' AND NEW.livable IS NOT TRUE AND NOT EXISTS (
            SELECT FROM ticket_living WHERE ticket_id = NEW.id AND decided_at IS NOT NULL
        ) THEN
            lacks := 'whoever cannot live there is offered something first';
        ELSIF NEW.state = 'done' AND NOT EXISTS (
            SELECT FROM ticket_finish WHERE ticket_id = NEW.id AND visit = NEW.visit
        ) THEN
            lacks := 'work is recorded as done';
        ELSIF NEW.state = 'cleaned' AND NOT EXISTS (
            SELECT FROM ticket_cleaning c JOIN account a ON a.id = c.ticked_by
            WHERE c.ticket_id = NEW.id AND c.visit = NEW.visit AND a.kind = 'owner'
        ) THEN
            lacks := 'the owner ticks the cleaning';
        ELSIF NEW.state = 'signed' AND NOT EXISTS (
            SELECT FROM ticket_signature s JOIN account a ON a.id = s.by_id
            WHERE s.ticket_id = NEW.id AND s.visit = NEW.visit AND a.kind = 'owner'
        ) THEN
            lacks := 'the owner signs';
        ELSIF NEW.state = 'visited' AND NOT EXISTS (
            SELECT FROM ticket_return_visit v WHERE v.ticket_id = NEW.id AND v.visit = NEW.visit AND v.settled
                AND v.by_id <> NEW.engineer_id
                AND NOT EXISTS (SELECT FROM succession s WHERE s.ticket_id = NEW.id AND s.from_id = v.by_id)
        ) THEN
            lacks := 'a return visit is made by somebody who did not handle it';
        ELSIF NEW.state = 'not_a_repair' AND NOT EXISTS (
            SELECT FROM ticket_refusal WHERE ticket_id = NEW.id AND version = OLD.version
        ) THEN
            lacks := 'what is no repair is proved';
        END IF;
    END IF;
    IF lacks IS NOT NULL THEN
        RAISE EXCEPTION '%', lacks USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ticket_passes_gates';
    END IF;
    RETURN NEW;
END $$""",
    """CREATE TRIGGER ticket_passes_gates BEFORE INSERT OR UPDATE ON ticket FOR EACH ROW EXECUTE FUNCTION ticket_passes_gates()""",
    "ALTER TABLE ticket ENABLE ALWAYS TRIGGER ticket_passes_gates",
    """CREATE TRIGGER ticket_stays BEFORE DELETE OR TRUNCATE ON ticket FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE FUNCTION ticket_clock_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.ticket_id, NEW.code, NEW.round, NEW.first_promise, NEW.starts_at) IS DISTINCT FROM
        (OLD.ticket_id, OLD.code, OLD.round, OLD.first_promise, OLD.starts_at) OR OLD.ended_at IS NOT NULL THEN
        RAISE EXCEPTION 'a first promise stays, and so does what has ended'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ticket_clock_keeps';
    END IF;
    RETURN NEW;
END $$""",
    """CREATE TRIGGER ticket_clock_keeps BEFORE UPDATE ON ticket_clock FOR EACH ROW EXECUTE FUNCTION ticket_clock_keeps()""",
    """CREATE FUNCTION ticket_changed_hands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('rights_changed', OLD.engineer_id::text);
    RETURN NULL;
END $$""",
    """CREATE TRIGGER ticket_changed_hands AFTER UPDATE OF engineer_id ON ticket FOR EACH ROW WHEN (OLD.engineer_id IS NOT NULL AND OLD.engineer_id IS DISTINCT FROM NEW.engineer_id) EXECUTE FUNCTION ticket_changed_hands()""",
)
_FUNCTIONS = (
    "ticket_keeps_engineer",
    "succession_is_approved",
    "succession_happens",
    "ticket_passes_gates",
    "ticket_clock_keeps",
    "ticket_changed_hands",
)


def upgrade() -> None:
    # ### commands auto generated by Alembic - please adjust! ###
    op.create_table(
        "ticket",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("ownership_id", sa.Uuid(), nullable=False),
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("from_thread_id", sa.Uuid(), nullable=True),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("reporter_id", sa.Uuid(), nullable=True),
        sa.Column("contact_name", sa.Text(), nullable=True),
        sa.Column("contact_phone", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("component", sa.Text(), nullable=False),
        sa.Column("trade", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("suits", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("urgent", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("cover", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("standard_version_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), server_default="reported", nullable=False),
        sa.Column("engineer_id", sa.Uuid(), nullable=True),
        sa.Column("because", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("visit", sa.Integer(), server_default="0", nullable=False),
        sa.Column("visits_abortive", sa.Integer(), server_default="0", nullable=False),
        sa.Column("appointments_moved", sa.Integer(), server_default="0", nullable=False),
        sa.Column("proposed", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("livable", sa.Boolean(), nullable=True),
        sa.Column("hold_reason", sa.Text(), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(state = 'held') = (hold_reason IS NOT NULL) AND (state = 'held') = (held_at IS NOT NULL)",
            name=op.f("ck_ticket_held"),
        ),
        sa.CheckConstraint(
            "(state IN ('closed', 'cancelled')) = (ended_at IS NOT NULL)", name=op.f("ck_ticket_ended")
        ),
        sa.CheckConstraint(
            "engineer_id IS NOT NULL OR state IN ('reported', 'cancelled')",
            name=op.f("ck_ticket_one_engineer"),
        ),
        sa.CheckConstraint(
            "hold_reason IN ('waiting_for_owner', 'waiting_for_material', 'access_refused', 'weather')",
            name=op.f("ck_ticket_hold_reason"),
        ),
        sa.CheckConstraint(
            "jsonb_typeof(cover) = 'object' AND jsonb_typeof(suits) = 'array'", name=op.f("ck_ticket_json")
        ),
        sa.CheckConstraint(
            "state IN ('reported', 'accepted', 'appointed', 'on_the_way', 'arrived', 'working', 'done', 'cleaned', 'signed', 'visited', 'closed', 'rejected', 'held', 'not_a_repair', 'contested', 'cancelled')",
            name=op.f("ck_ticket_state"),
        ),
        sa.CheckConstraint(
            "visit >= 0 AND visits_abortive >= 0 AND appointments_moved >= 0", name=op.f("ck_ticket_counts")
        ),
        sa.ForeignKeyConstraint(["engineer_id"], ["account.id"], name=op.f("fk_ticket_engineer_id")),
        sa.ForeignKeyConstraint(["from_thread_id"], ["thread.id"], name=op.f("fk_ticket_from_thread_id")),
        sa.ForeignKeyConstraint(["home_id"], ["home.id"], name=op.f("fk_ticket_home_id")),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_ticket_node_id")),
        sa.ForeignKeyConstraint(["opened_by"], ["account.id"], name=op.f("fk_ticket_opened_by")),
        sa.ForeignKeyConstraint(["ownership_id"], ["ownership.id"], name=op.f("fk_ticket_ownership_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.node_id"], name=op.f("fk_ticket_project_id")),
        sa.ForeignKeyConstraint(["reporter_id"], ["account.id"], name=op.f("fk_ticket_reporter_id")),
        sa.ForeignKeyConstraint(
            ["standard_version_id"], ["standard_version.id"], name=op.f("fk_ticket_standard_version_id")
        ),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_ticket_thread_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("thread_id", name=op.f("uq_ticket_thread_id")),
    )
    op.create_index(
        "ix_ticket_engineer_live",
        "ticket",
        ["engineer_id", "id"],
        unique=False,
        postgresql_where=sa.text("state NOT IN ('closed', 'cancelled')"),
    )
    op.create_index("ix_ticket_from_thread_id", "ticket", ["from_thread_id"], unique=False)
    op.create_index("ix_ticket_ownership_id", "ticket", ["ownership_id", "opened_at", "id"], unique=False)
    op.create_index("ix_ticket_project_id", "ticket", ["project_id", "opened_at", "id"], unique=False)
    op.create_index("ix_ticket_reporter_id", "ticket", ["reporter_id", "opened_at", "id"], unique=False)
    op.create_table(
        "succession",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("approver_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("entry_seq", sa.Integer(), nullable=False),
        sa.Column("transaction", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("app_now()"), nullable=False),
        sa.CheckConstraint(
            "reason IN ('left_company', 'long_illness', 'owner_asks')", name=op.f("ck_succession_reason")
        ),
        sa.CheckConstraint("approver_id NOT IN (from_id, to_id)", name=op.f("ck_succession_approver")),
        sa.CheckConstraint("from_id <> to_id", name=op.f("ck_succession_another")),
        sa.ForeignKeyConstraint(["approver_id"], ["account.id"], name=op.f("fk_succession_approver_id")),
        sa.ForeignKeyConstraint(["from_id"], ["account.id"], name=op.f("fk_succession_from_id")),
        sa.ForeignKeyConstraint(
            ["thread_id", "entry_seq"],
            ["entry.thread_id", "entry.seq"],
            name=op.f("fk_succession_thread_id_entry_seq"),
        ),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name=op.f("fk_succession_thread_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_succession_ticket_id")),
        sa.ForeignKeyConstraint(["to_id"], ["account.id"], name=op.f("fk_succession_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_succession")),
    )
    op.create_index("uq_succession_transaction", "succession", ["ticket_id", "transaction"], unique=True)
    op.create_table(
        "ticket_cleaning",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("price_fen", sa.Integer(), server_default="0", nullable=False),
        sa.Column("booked_by", sa.Uuid(), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ticked_by", sa.Uuid(), nullable=True),
        sa.Column("ticked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(ticked_at IS NULL) = (ticked_by IS NULL)", name=op.f("ck_ticket_cleaning_ticked")
        ),
        sa.CheckConstraint("price_fen = 0", name=op.f("ck_ticket_cleaning_free_of_charge")),
        sa.ForeignKeyConstraint(["booked_by"], ["account.id"], name=op.f("fk_ticket_cleaning_booked_by")),
        sa.ForeignKeyConstraint(["ticked_by"], ["account.id"], name=op.f("fk_ticket_cleaning_ticked_by")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_cleaning_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", "visit", name=op.f("pk_ticket_cleaning")),
    )
    op.create_table(
        "ticket_clock",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), server_default="1", nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_promise", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rule", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("warn_at", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("calendar_version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.String(), server_default="running", nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pauses", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("breached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'paused') = (paused_at IS NOT NULL)", name=op.f("ck_ticket_clock_paused")
        ),
        sa.CheckConstraint(
            "(state IN ('met', 'met_late', 'void')) = (ended_at IS NOT NULL)",
            name=op.f("ck_ticket_clock_ended"),
        ),
        sa.CheckConstraint("code ~ '^C[1-9]$'", name=op.f("ck_ticket_clock_code")),
        sa.CheckConstraint(
            "state IN ('running', 'paused', 'breached', 'met', 'met_late', 'void')",
            name=op.f("ck_ticket_clock_state"),
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_clock_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_clock")),
    )
    op.create_index(
        "ix_ticket_clock_open",
        "ticket_clock",
        ["due_at", "ticket_id"],
        unique=False,
        postgresql_where=sa.text("state IN ('running', 'paused', 'breached')"),
    )
    op.create_index("uq_ticket_clock_code", "ticket_clock", ["ticket_id", "code", "round"], unique=True)
    op.create_table(
        "ticket_finish",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("photos", postgresql.ARRAY(sa.UUID()), nullable=False),
        sa.Column("losses", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("jsonb_typeof(losses) = 'object'", name=op.f("ck_ticket_finish_losses")),
        sa.CheckConstraint("cardinality(photos) > 0", name=op.f("ck_ticket_finish_photos")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_ticket_finish_by_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_finish_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", "visit", name=op.f("pk_ticket_finish")),
    )
    op.create_table(
        "ticket_living",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(granted, decided_by, decided_at, decision) IN (0, 4)",
            name=op.f("ck_ticket_living_decided_whole"),
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_ticket_living_asked_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_ticket_living_decided_by")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_living_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_living")),
    )
    op.create_index("ix_ticket_living_ticket_id", "ticket_living", ["ticket_id", "asked_at"], unique=False)
    op.create_index(
        "uq_ticket_living_open",
        "ticket_living",
        ["ticket_id"],
        unique=True,
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.create_table(
        "ticket_rating",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name=op.f("ck_ticket_rating_stars")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_ticket_rating_by_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_rating_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_ticket_rating")),
    )
    op.create_table(
        "ticket_refusal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("photos", postgresql.ARRAY(sa.UUID()), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("cardinality(photos) > 0", name=op.f("ck_ticket_refusal_photos")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_ticket_refusal_by_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_refusal_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_refusal")),
    )
    op.create_index(op.f("ix_ticket_refusal_ticket_id"), "ticket_refusal", ["ticket_id"], unique=False)
    op.create_table(
        "ticket_return_visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "reached OR NOT settled", name=op.f("ck_ticket_return_visit_settled_only_if_reached")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_ticket_return_visit_by_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_return_visit_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_return_visit")),
    )
    op.create_index(
        "ix_ticket_return_visit_ticket_id", "ticket_return_visit", ["ticket_id", "at"], unique=False
    )
    op.create_table(
        "ticket_signature",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("photo", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_ticket_signature_by_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_signature_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", "visit", name=op.f("pk_ticket_signature")),
    )
    op.create_table(
        "ticket_tick",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("visit", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("absent", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("photos", postgresql.ARRAY(sa.UUID()), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "item IN ('furniture', 'fit_out', 'appliances', 'shoe_covers', 'floor_mat', 'cut_elsewhere')",
            name=op.f("ck_ticket_tick_item"),
        ),
        sa.CheckConstraint(
            "item NOT IN ('furniture', 'fit_out', 'appliances', 'shoe_covers', 'floor_mat') OR cardinality(photos) > 0",
            name=op.f("ck_ticket_tick_photos"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_ticket_tick_by_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_tick_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", "visit", "item", name=op.f("pk_ticket_tick")),
    )
    # ### end Alembic commands ###
    for statement in _HELD:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("ticket_tick")
    op.drop_table("ticket_signature")
    op.drop_table("ticket_return_visit")
    op.drop_table("ticket_refusal")
    op.drop_table("ticket_rating")
    op.drop_table("ticket_living")
    op.drop_table("ticket_finish")
    op.drop_table("ticket_clock")
    op.drop_table("ticket_cleaning")
    op.drop_table("succession")
    op.drop_table("ticket")
    for function in _FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
