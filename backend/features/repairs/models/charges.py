"""Price lists in versions; quotes with the owner's consent; what a repair costs, and who bears it. Money is in fen."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Id
from backend.db.ddl import after_tables, append_only
from backend.db.words import listed, one_of
from backend.features.repairs.rules.charges import (
    BEARERS,
    COST_KINDS,
    NEVER_THE_OWNERS,
    QUOTE_STATES,
    Bearer,
    CostKind,
    QuoteState,
)


class PriceList(Base):
    """The prices of a project's paid work as somebody published them; the highest number stands (CT-36)."""

    __tablename__ = "price_list"
    __table_args__ = (CheckConstraint("number > 0", name="number"),)

    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.node_id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reason: Mapped[str]
    published_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    published_at: Mapped[datetime]


class PriceItem(Base):
    """A price of a list: so many fen for one `unit` of what `code` names."""

    __tablename__ = "price_item"
    __table_args__ = (
        ForeignKeyConstraint(["project_id", "number"], ["price_list.project_id", "price_list.number"]),
        CheckConstraint("price_fen >= 0", name="price_fen"),
        Index("uq_price_item_place", "project_id", "number", "place", unique=True),
    )

    project_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(SmallInteger)
    name: Mapped[str]
    unit: Mapped[str]
    price_fen: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str | None]


class Quote(Base):
    """What paid work would cost by the price list that stood then, and whether the owner consented before it (CT-36).

    One quote of a ticket waits for an answer at a time. What was quoted is never rewritten.
    """

    __tablename__ = "quote"
    __table_args__ = (
        ForeignKeyConstraint(["project_id", "number"], ["price_list.project_id", "price_list.number"]),
        CheckConstraint(one_of("state", QUOTE_STATES), name="state"),
        CheckConstraint("total_fen >= 0", name="total_fen"),
        CheckConstraint("(state = 'offered') = (answered_at IS NULL)", name="answered"),
        CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name="answered_whole"),
        Index("uq_quote_offered", "ticket_id", unique=True, postgresql_where=text("state = 'offered'")),
        Index("ix_quote_ticket_id", "ticket_id", "made_at"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"))
    project_id: Mapped[UUID]
    number: Mapped[int]
    total_fen: Mapped[int] = mapped_column(BigInteger)
    words: Mapped[str | None]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime]
    state: Mapped[QuoteState] = mapped_column(String, default="offered", server_default="offered")
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[datetime | None]
    opinion: Mapped[str | None]


class QuoteLine(Base):
    """So many hundredths of a unit at a price of the list, as it stood when it was quoted."""

    __tablename__ = "quote_line"
    __table_args__ = (
        CheckConstraint("price_fen >= 0 AND hundredths > 0", name="positive"),
        CheckConstraint("amount_fen = (price_fen * hundredths + 50) / 100", name="amount_fen"),
    )

    quote_id: Mapped[UUID] = mapped_column(ForeignKey("quote.id"), primary_key=True)
    place: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    code: Mapped[str]
    name: Mapped[str]
    unit: Mapped[str]
    price_fen: Mapped[int] = mapped_column(BigInteger)
    hundredths: Mapped[int] = mapped_column(BigInteger)
    amount_fen: Mapped[int] = mapped_column(BigInteger)


class TicketCost(Base):
    """What was spent on a repair, and who bears it: the owner only by a quote they consented to (RP-12, CT-36).

    `contractor`: who was hired. `company_id`: the construction company that bears it. A mistake is struck out, with a
    reason, and stays readable.
    """

    __tablename__ = "ticket_cost"
    __table_args__ = (
        CheckConstraint(one_of("kind", COST_KINDS), name="kind"),
        CheckConstraint(one_of("borne_by", BEARERS), name="borne_by"),
        CheckConstraint("amount_fen >= 0", name="amount_fen"),
        CheckConstraint("hundredths > 0 AND (hundredths IS NULL) = (unit IS NULL)", name="quantity"),
        CheckConstraint(f"borne_by <> 'owner' OR kind NOT IN ({listed(NEVER_THE_OWNERS)})", name="ours"),
        CheckConstraint("(borne_by = 'owner') = (quote_id IS NOT NULL)", name="consented"),
        CheckConstraint("(borne_by = 'construction_company') = (company_id IS NOT NULL)", name="company"),
        CheckConstraint("(kind = 'contractor') = (contractor IS NOT NULL)", name="contractor"),
        CheckConstraint("num_nonnulls(struck_by, struck_at, struck_reason) IN (0, 3)", name="struck_whole"),
        Index("ix_ticket_cost_ticket_id", "ticket_id", "id"),
        Index("ix_ticket_cost_quote_id", "quote_id", postgresql_where=text("quote_id IS NOT NULL")),
    )

    id: Mapped[Id]
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"))
    kind: Mapped[CostKind] = mapped_column(String)
    what: Mapped[str]
    hundredths: Mapped[int | None] = mapped_column(BigInteger)
    unit: Mapped[str | None]
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    borne_by: Mapped[Bearer] = mapped_column(String)
    quote_id: Mapped[UUID | None] = mapped_column(ForeignKey("quote.id"))
    company_id: Mapped[UUID | None] = mapped_column(ForeignKey("construction_company.id"))
    contractor: Mapped[str | None]
    entered_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    entered_at: Mapped[datetime]
    struck_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    struck_at: Mapped[datetime | None]
    struck_reason: Mapped[str | None]


for _kept in ("price_list", "price_item", "quote_line"):
    append_only(_kept)

# Price 0 under warranty: what is not known to lie outside of it is never quoted. What was quoted stays.
after_tables(
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
END $$"""
)
after_tables(
    "CREATE TRIGGER quote_keeps BEFORE INSERT OR UPDATE OR DELETE ON quote"
    " FOR EACH ROW EXECUTE FUNCTION quote_keeps()"
)

# The owner bears what they consented to, and no fen more. Two costs of one quote wait for each other on its row.
after_tables(
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
END $$"""
)
after_tables(
    "CREATE TRIGGER ticket_cost_keeps BEFORE INSERT OR UPDATE OR DELETE ON ticket_cost"
    " FOR EACH ROW EXECUTE FUNCTION ticket_cost_keeps()"
)

# Consent before work (CT-36), whoever writes.
after_tables(
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
END $$"""
)
after_tables(
    "CREATE TRIGGER ticket_is_consented BEFORE UPDATE OF state ON ticket FOR EACH ROW"
    " WHEN (NEW.state = 'working' AND OLD.state <> 'working') EXECUTE FUNCTION ticket_is_consented()"
)
after_tables("ALTER TABLE ticket ENABLE ALWAYS TRIGGER ticket_is_consented")
