"""Visits that are offered and agreed, quotes with consent, costs, defects, emergencies."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_visits_and_charges"
down_revision = "20261122_prices_and_builders"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "CREATE TRIGGER appointment_time_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON appointment_time FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    """CREATE FUNCTION appointment_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ending text[] := ARRAY['outcome', 'ended_by', 'ended_at', 'reason'];
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.ended_at IS NULL AND (
        to_jsonb(OLD) - ending = to_jsonb(NEW) - ending
        OR to_jsonb(OLD) - 'engineer_id' = to_jsonb(NEW) - 'engineer_id'
            AND EXISTS (
                SELECT FROM succession WHERE ticket_id = NEW.ticket_id AND from_id = OLD.engineer_id
                    AND to_id = NEW.engineer_id AND transaction = pg_current_xact_id()::text::bigint
            )
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an appointment ends once and is never rewritten'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'appointment_keeps';
END $$""",
    "CREATE TRIGGER appointment_keeps BEFORE UPDATE OR DELETE ON appointment FOR EACH ROW EXECUTE FUNCTION appointment_keeps()",
    "CREATE TRIGGER quote_line_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON quote_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    """CREATE FUNCTION quote_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    answer text[] := ARRAY['state', 'answered_by', 'answered_at', 'opinion'];
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state = 'offered' AND EXISTS (
            SELECT FROM ticket WHERE id = NEW.ticket_id AND cover ->> 'state' = 'not_covered'
        ) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'only work outside the warranty is quoted'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'quote_keeps';
    ELSIF TG_OP = 'UPDATE' AND OLD.state = 'offered' AND to_jsonb(OLD) - answer = to_jsonb(NEW) - answer
        AND (NEW.state = 'withdrawn' OR EXISTS (
            SELECT FROM account WHERE id = NEW.answered_by AND kind = 'owner'
        )) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a quote is answered once, by the owner, and never rewritten'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'quote_keeps';
END $$""",
    "CREATE TRIGGER quote_keeps BEFORE INSERT OR UPDATE OR DELETE ON quote FOR EACH ROW EXECUTE FUNCTION quote_keeps()",
    """CREATE FUNCTION ticket_cost_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    striking text[] := ARRAY['struck_by', 'struck_at', 'struck_reason'];
    consented bigint;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.quote_id IS NULL THEN
            RETURN NEW;
        END IF;
        SELECT total_fen INTO consented FROM quote
            WHERE id = NEW.quote_id AND ticket_id = NEW.ticket_id AND state = 'consented' FOR NO KEY UPDATE;
        IF consented - NEW.amount_fen >= (
            SELECT coalesce(sum(amount_fen), 0) FROM ticket_cost WHERE quote_id = NEW.quote_id AND struck_at IS NULL
        ) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'the owner bears what they consented to'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ticket_cost_consented';
    ELSIF TG_OP = 'UPDATE' AND OLD.struck_at IS NULL AND to_jsonb(OLD) - striking = to_jsonb(NEW) - striking THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a cost is struck out, never rewritten'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ticket_cost_keeps';
END $$""",
    "CREATE TRIGGER ticket_cost_keeps BEFORE INSERT OR UPDATE OR DELETE ON ticket_cost FOR EACH ROW EXECUTE FUNCTION ticket_cost_keeps()",
    """CREATE FUNCTION ticket_is_consented() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.cover ->> 'state' = 'not_covered' AND (
        NOT EXISTS (SELECT FROM quote WHERE ticket_id = NEW.id AND state = 'consented')
        OR EXISTS (SELECT FROM quote WHERE ticket_id = NEW.id AND state = 'offered')
    ) THEN
        RAISE EXCEPTION 'paid work begins with the owner''s consent'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ticket_is_consented';
    END IF;
    RETURN NEW;
END $$""",
    "CREATE TRIGGER ticket_is_consented BEFORE UPDATE OF state ON ticket FOR EACH ROW WHEN (NEW.state = 'working' AND OLD.state <> 'working') EXECUTE FUNCTION ticket_is_consented()",
    "ALTER TABLE ticket ENABLE ALWAYS TRIGGER ticket_is_consented",
)


def upgrade() -> None:
    op.create_table(
        "appointment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("engineer_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed_by", sa.Uuid(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(), server_default="agreed", nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("engineer_id"), "="),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            where=sa.text("outcome = 'agreed'"),
            using="gist",
            name="ex_appointment_one_place_at_a_time",
        ),
        sa.CheckConstraint("(outcome = 'agreed') = (ended_at IS NULL)", name=op.f("ck_appointment_ended")),
        sa.CheckConstraint(
            "outcome IN ('agreed', 'kept', 'moved', 'called_off', 'missed_by_owner', 'missed_by_engineer', 'abortive')",
            name=op.f("ck_appointment_outcome"),
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_appointment_ended_whole")
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_appointment_number")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_appointment_times")),
        sa.ForeignKeyConstraint(["agreed_by"], ["account.id"], name=op.f("fk_appointment_agreed_by")),
        sa.ForeignKeyConstraint(["ended_by"], ["account.id"], name=op.f("fk_appointment_ended_by")),
        sa.ForeignKeyConstraint(["engineer_id"], ["account.id"], name=op.f("fk_appointment_engineer_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_appointment_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
    )
    op.create_index("ix_appointment_day", "appointment", ["engineer_id", "starts_at"], unique=False)
    op.create_index(
        "uq_appointment_agreed",
        "appointment",
        ["ticket_id"],
        unique=True,
        postgresql_where=sa.text("outcome = 'agreed'"),
    )
    op.create_index("uq_appointment_number", "appointment", ["ticket_id", "number"], unique=True)
    op.create_table(
        "appointment_offer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(), server_default="open", nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(answer = 'open') = (answered_at IS NULL)", name=op.f("ck_appointment_offer_answered")
        ),
        sa.CheckConstraint(
            "answer IN ('open', 'chosen', 'declined', 'replaced')", name=op.f("ck_appointment_offer_answer")
        ),
        sa.CheckConstraint("side IN ('owner', 'engineer')", name=op.f("ck_appointment_offer_side")),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_by IS NULL)", name=op.f("ck_appointment_offer_answered_whole")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["account.id"], name=op.f("fk_appointment_offer_answered_by")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_appointment_offer_made_by")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_appointment_offer_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment_offer")),
    )
    op.create_index(
        "ix_appointment_offer_ticket_id", "appointment_offer", ["ticket_id", "made_at"], unique=False
    )
    op.create_index(
        "uq_appointment_offer_open",
        "appointment_offer",
        ["ticket_id"],
        unique=True,
        postgresql_where=sa.text("answer = 'open'"),
    )
    op.create_table(
        "quote",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), server_default="offered", nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.CheckConstraint("(state = 'offered') = (answered_at IS NULL)", name=op.f("ck_quote_answered")),
        sa.CheckConstraint(
            "state IN ('offered', 'consented', 'declined', 'withdrawn')", name=op.f("ck_quote_state")
        ),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_by IS NULL)", name=op.f("ck_quote_answered_whole")
        ),
        sa.CheckConstraint("total_fen >= 0", name=op.f("ck_quote_total_fen")),
        sa.ForeignKeyConstraint(["answered_by"], ["account.id"], name=op.f("fk_quote_answered_by")),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_quote_made_by")),
        sa.ForeignKeyConstraint(
            ["project_id", "number"],
            ["price_list.project_id", "price_list.number"],
            name=op.f("fk_quote_project_id_number"),
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_quote_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote")),
    )
    op.create_index("ix_quote_ticket_id", "quote", ["ticket_id", "made_at"], unique=False)
    op.create_index(
        "uq_quote_offered", "quote", ["ticket_id"], unique=True, postgresql_where=sa.text("state = 'offered'")
    )
    op.create_table(
        "ticket_defect",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("component", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("lesson", sa.Boolean(), nullable=False),
        sa.Column("noted_by", sa.Uuid(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["construction_company.id"], name=op.f("fk_ticket_defect_company_id")
        ),
        sa.ForeignKeyConstraint(["noted_by"], ["account.id"], name=op.f("fk_ticket_defect_noted_by")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_defect_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_ticket_defect")),
    )
    op.create_index("ix_ticket_defect_company_id", "ticket_defect", ["company_id"], unique=False)
    op.create_table(
        "ticket_emergency",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), server_default="declared", nullable=False),
        sa.Column("declared_by", sa.Uuid(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told", sa.Integer(), server_default="0", nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state IN ('safe', 'not_urgent')) = (ended_at IS NOT NULL)",
            name=op.f("ck_ticket_emergency_ended"),
        ),
        sa.CheckConstraint(
            "state <> 'taken' OR taken_at IS NOT NULL", name=op.f("ck_ticket_emergency_taken_first")
        ),
        sa.CheckConstraint(
            "state IN ('declared', 'taken', 'safe', 'not_urgent')", name=op.f("ck_ticket_emergency_state")
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL) AND (ended_at IS NULL) = (outcome IS NULL)",
            name=op.f("ck_ticket_emergency_ended_whole"),
        ),
        sa.CheckConstraint("(taken_at IS NULL) = (taken_by IS NULL)", name=op.f("ck_ticket_emergency_taken")),
        sa.ForeignKeyConstraint(
            ["declared_by"], ["account.id"], name=op.f("fk_ticket_emergency_declared_by")
        ),
        sa.ForeignKeyConstraint(["ended_by"], ["account.id"], name=op.f("fk_ticket_emergency_ended_by")),
        sa.ForeignKeyConstraint(["taken_by"], ["account.id"], name=op.f("fk_ticket_emergency_taken_by")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_emergency_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_ticket_emergency")),
    )
    op.create_index(
        "ix_ticket_emergency_open",
        "ticket_emergency",
        ["declared_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('declared', 'taken')"),
    )
    op.create_table(
        "appointment_time",
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_appointment_time_times")),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["appointment_offer.id"], name=op.f("fk_appointment_time_offer_id")
        ),
        sa.PrimaryKeyConstraint("offer_id", "place", name=op.f("pk_appointment_time")),
    )
    op.create_table(
        "quote_line",
        sa.Column("quote_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("hundredths", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "amount_fen = (price_fen * hundredths + 50) / 100", name=op.f("ck_quote_line_amount_fen")
        ),
        sa.CheckConstraint("price_fen >= 0 AND hundredths > 0", name=op.f("ck_quote_line_positive")),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name=op.f("fk_quote_line_quote_id")),
        sa.PrimaryKeyConstraint("quote_id", "place", name=op.f("pk_quote_line")),
    )
    op.create_table(
        "ticket_cost",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("hundredths", sa.BigInteger(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("borne_by", sa.String(), nullable=False),
        sa.Column("quote_id", sa.Uuid(), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=True),
        sa.Column("contractor", sa.Text(), nullable=True),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("struck_by", sa.Uuid(), nullable=True),
        sa.Column("struck_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("struck_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(borne_by = 'construction_company') = (company_id IS NOT NULL)",
            name=op.f("ck_ticket_cost_company"),
        ),
        sa.CheckConstraint(
            "(borne_by = 'owner') = (quote_id IS NOT NULL)", name=op.f("ck_ticket_cost_consented")
        ),
        sa.CheckConstraint(
            "(kind = 'contractor') = (contractor IS NOT NULL)", name=op.f("ck_ticket_cost_contractor")
        ),
        sa.CheckConstraint(
            "borne_by <> 'owner' OR kind NOT IN ('cleaning', 'water', 'electricity', 'loss', 'living_conditions')",
            name=op.f("ck_ticket_cost_ours"),
        ),
        sa.CheckConstraint(
            "borne_by IN ('company', 'construction_company', 'owner')", name=op.f("ck_ticket_cost_borne_by")
        ),
        sa.CheckConstraint(
            "kind IN ('part', 'material', 'labour', 'contractor', 'cleaning', 'water', 'electricity', 'loss', 'living_conditions')",
            name=op.f("ck_ticket_cost_kind"),
        ),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_ticket_cost_amount_fen")),
        sa.CheckConstraint(
            "hundredths > 0 AND (hundredths IS NULL) = (unit IS NULL)", name=op.f("ck_ticket_cost_quantity")
        ),
        sa.CheckConstraint(
            "num_nonnulls(struck_by, struck_at, struck_reason) IN (0, 3)",
            name=op.f("ck_ticket_cost_struck_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["construction_company.id"], name=op.f("fk_ticket_cost_company_id")
        ),
        sa.ForeignKeyConstraint(["entered_by"], ["account.id"], name=op.f("fk_ticket_cost_entered_by")),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name=op.f("fk_ticket_cost_quote_id")),
        sa.ForeignKeyConstraint(["struck_by"], ["account.id"], name=op.f("fk_ticket_cost_struck_by")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_cost_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_cost")),
    )
    op.create_index(
        "ix_ticket_cost_quote_id",
        "ticket_cost",
        ["quote_id"],
        unique=False,
        postgresql_where=sa.text("quote_id IS NOT NULL"),
    )
    op.create_index("ix_ticket_cost_ticket_id", "ticket_cost", ["ticket_id", "id"], unique=False)
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("ticket_cost")
    op.drop_table("quote_line")
    op.drop_table("appointment_time")
    op.drop_table("ticket_emergency")
    op.drop_table("ticket_defect")
    op.drop_table("quote")
    op.drop_table("appointment_offer")
    op.drop_table("appointment")
    op.execute("DROP TRIGGER ticket_is_consented ON ticket")
    op.execute("DROP FUNCTION ticket_is_consented")
    op.execute("DROP FUNCTION ticket_cost_keeps")
    op.execute("DROP FUNCTION quote_keeps")
    op.execute("DROP FUNCTION appointment_keeps")
