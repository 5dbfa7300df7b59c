"""Cases, their numbers, who has handled them, who is kept from them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, CreatedAt, Id
from backend.db.words import listed, one_of
from backend.features.hotline.rules.states import ENDED, STATES, State
from backend.features.hotline.rules.words import (
    BAR_REASONS,
    CATEGORIES,
    CAUSES,
    CHANNELS,
    CLOSING_REASONS,
    HARMS,
    KINDS,
    PAUSE_REASONS,
    SERVICES,
    SEVERITIES,
    VALIDITIES,
    BarReason,
    Category,
    Cause,
    Channel,
    ClosingReason,
    Harm,
    Kind,
    PauseReason,
    Service,
    Severity,
    Validity,
)
from backend.platform.threads.models import Thread


class Case(Base):
    """One matter that somebody brought, from receipt to close; what happens stands on its thread.

    `node_id`: the home's building or the project, by which staff see it. `home_id`, `ownership_id` null: it is about
    common parts, or nobody knows whose. `reporter_id`: the owner's account whose matter it is; null: none, `contact_*`
    say whom to reach, as it was when received. `contactable`: somebody can be reached, so C2 and C5 are owed.
    `received_at`: when it was received; `opened_at`: when it was written down; where these differ, it is a late entry
    and says why (CT-45). `responsible_role`: the position that answers for it, `responsible_id`: the person who has it,
    `because`: where that was found. `round`: 1, and one more each time it is reopened. `paused_for`: its clocks stand
    still for the owner's sake. `provider`: who does the service that was ordered. `standard_version_id`: by which its
    clocks run and its chain calls.
    """

    __tablename__ = "hotline_case"
    __table_args__ = (
        CheckConstraint("number ~ '^G[0-9]{4}-[0-9]{6,}$'", name="number"),
        CheckConstraint(one_of("state", STATES), name="state"),
        CheckConstraint(one_of("kind", KINDS), name="kind"),
        CheckConstraint(one_of("severity", SEVERITIES), name="severity"),
        CheckConstraint(one_of("channel", CHANNELS), name="channel"),
        CheckConstraint(one_of("category", CATEGORIES), name="category"),
        CheckConstraint(one_of("service", SERVICES), name="service"),
        CheckConstraint(one_of("validity", VALIDITIES), name="validity"),
        CheckConstraint(one_of("cause", CAUSES), name="cause"),
        CheckConstraint(one_of("harm", HARMS), name="harm"),
        CheckConstraint(one_of("paused_for", PAUSE_REASONS), name="paused_for"),
        CheckConstraint(one_of("close_reason", CLOSING_REASONS), name="close_reason"),
        CheckConstraint("(home_id IS NULL) = (ownership_id IS NULL)", name="home"),
        CheckConstraint("(kind = 'service_order') = (service IS NOT NULL)", name="ordered"),
        CheckConstraint("received_at <= opened_at", name="received"),
        CheckConstraint("(received_at < opened_at) = (late_reason IS NOT NULL)", name="late"),
        CheckConstraint(
            "NOT anonymous OR num_nonnulls(reporter_id, contact_name, contact_phone, contact_email) = 0",
            name="anonymous",
        ),
        CheckConstraint(
            "contactable = (num_nonnulls(reporter_id, contact_phone, contact_email) > 0)", name="contactable"
        ),
        CheckConstraint("state = 'received' OR responsible_role IS NOT NULL", name="dispatched"),
        CheckConstraint("state = 'received' OR category IS NOT NULL", name="classified"),
        CheckConstraint(
            "(validity IS NOT DISTINCT FROM 'valid') = (cause IS NOT NULL)"
            " AND (cause IS NULL) = (harm IS NULL)",
            name="judged",
        ),
        CheckConstraint("(paused_for IS NULL) = (paused_at IS NULL)", name="paused"),
        CheckConstraint(f"({one_of('state', ENDED)}) = (ended_at IS NOT NULL)", name="ended"),
        CheckConstraint("(state = 'closed') = (close_reason IS NOT NULL)", name="closed"),
        CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name="merged"),
        CheckConstraint("merged_into_id <> id", name="merged_into_another"),
        CheckConstraint("state <> 'passed_on' OR ticket_id IS NOT NULL", name="passed_on"),
        CheckConstraint("round > 0", name="round"),
        Index("ix_hotline_case_ownership_id", "ownership_id", "received_at", "id"),
        Index("ix_hotline_case_project_id", "project_id", "received_at", "id"),
        Index("ix_hotline_case_reporter_id", "reporter_id", "received_at", "id"),
        Index("ix_hotline_case_opened_by", "opened_by", "received_at", "id"),
        Index("ix_hotline_case_contact_phone", "contact_phone", "received_at"),
        Index("ix_hotline_case_from_thread_id", "from_thread_id"),
        Index("ix_hotline_case_ticket_id", "ticket_id"),
        Index("ix_hotline_case_merged_into_id", "merged_into_id"),
        # The audit: what lives, of however many that have ended.
        Index("ix_hotline_case_live", "id", postgresql_where=text(f"state NOT IN ({listed(ENDED)})")),
        Index(
            "ix_hotline_case_responsible_live",
            "responsible_id",
            "id",
            postgresql_where=text(f"state NOT IN ({listed(ENDED)})"),
        ),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.node_id"))
    node_id: Mapped[UUID] = mapped_column(ForeignKey("node.id"))
    home_id: Mapped[UUID | None] = mapped_column(ForeignKey("home.id"))
    ownership_id: Mapped[UUID | None] = mapped_column(ForeignKey("ownership.id"))
    thread_id: Mapped[UUID] = mapped_column(ForeignKey(Thread.id), unique=True)
    from_thread_id: Mapped[UUID | None] = mapped_column(ForeignKey(Thread.id))
    ticket_id: Mapped[UUID | None] = mapped_column(ForeignKey("ticket.id"))
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    reporter_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    anonymous: Mapped[bool] = mapped_column(default=False, server_default="false")
    common_part: Mapped[bool] = mapped_column(default=False, server_default="false")
    contact_name: Mapped[str | None]
    contact_phone: Mapped[str | None]
    contact_email: Mapped[str | None]
    contactable: Mapped[bool]
    channel: Mapped[Channel] = mapped_column(String)
    kind: Mapped[Kind] = mapped_column(String)
    severity: Mapped[Severity] = mapped_column(String, default="general", server_default="general")
    category: Mapped[Category | None] = mapped_column(String)
    step: Mapped[str | None]
    service: Mapped[Service | None] = mapped_column(String)
    provider: Mapped[str | None]
    gist: Mapped[str]
    customer_position: Mapped[str | None]
    company_position: Mapped[str | None]
    standard_version_id: Mapped[UUID | None] = mapped_column(ForeignKey("standard_version.id"))
    state: Mapped[State] = mapped_column(String, default="received", server_default="received")
    round: Mapped[int] = mapped_column(SmallInteger, default=1, server_default="1")
    responsible_role: Mapped[str | None]
    responsible_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    because: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    informed_roles: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default="[]")
    validity: Mapped[Validity | None] = mapped_column(String)
    cause: Mapped[Cause | None] = mapped_column(String)
    harm: Mapped[Harm | None] = mapped_column(String)
    paused_for: Mapped[PauseReason | None] = mapped_column(String)
    paused_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    opened_at: Mapped[datetime]
    late_reason: Mapped[str | None]
    done_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    close_reason: Mapped[ClosingReason | None] = mapped_column(String)
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("hotline_case.id"))
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}


class CaseNumbers(Base):
    """How many cases a year has had: the next one's number follows, without a gap, as a ledger wants it (CS-09)."""

    __tablename__ = "case_numbers"
    __table_args__ = (CheckConstraint("given > 0", name="given"),)

    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    given: Mapped[int]


class CaseHandler(Base):
    """Somebody of the company who wrote a move on a case: they never make its return visit (HC-38, CT-30)."""

    __tablename__ = "case_handler"
    __table_args__ = (Index("ix_case_handler_account_id", "account_id", "case_id"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("hotline_case.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    first_move: Mapped[str]
    at: Mapped[CreatedAt]


class CaseBar(Base):
    """Somebody who has nothing to do with a case, is never called about it and does not see it: it is about them."""

    __tablename__ = "case_bar"
    __table_args__ = (
        CheckConstraint(one_of("why", BAR_REASONS), name="why"),
        Index("ix_case_bar_account_id", "account_id", "case_id"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("hotline_case.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    why: Mapped[BarReason] = mapped_column(String)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[CreatedAt]
