"""Chains that call people while a promise is in danger, their pages, and the bundles in which pages ring."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, CreatedAt, Id
from backend.db.ddl import append_only
from backend.db.words import one_of
from backend.features.escalation.rules import (
    ENDED_WHY,
    OPEN_PAGES,
    PAGE_STATES,
    STATES,
    EndedWhy,
    PageState,
    State,
)

_LIVING = text("state <> 'ended'")
_OPEN = text(one_of("state", OPEN_PAGES))


class Escalation(Base):
    """The chain of one clock. What it began under stays: the steps with their waits, the clock's times, who is barred.

    `steps`: for each its role, its wait as a rule of a calendar, and whether the standard set that. `step` is the one
    that rang last, `first_step - 1` before any did, and `round` how often it has; `next_at` when the chain goes on.
    `held_state` and `held_next_at` are how it stood when it was paused. `version` counts the changes.
    """

    __tablename__ = "escalation"
    __table_args__ = (
        CheckConstraint(one_of("state", STATES), name="state"),
        CheckConstraint(one_of("ended_why", ENDED_WHY), name="ended_why"),
        CheckConstraint(
            "num_nonnulls(ended_at, ended_why) = CASE state WHEN 'ended' THEN 2 ELSE 0 END", name="ended"
        ),
        CheckConstraint("(state = 'ended') = (next_at IS NULL)", name="goes_on"),
        CheckConstraint(
            "num_nonnulls(held_state, held_next_at) = CASE state WHEN 'paused' THEN 2 ELSE 0 END"
            " OR state = 'ended'",
            name="paused",
        ),
        CheckConstraint("held_state IN ('calling', 'rested')", name="held_state"),
        CheckConstraint("jsonb_array_length(steps) > 0", name="steps"),
        CheckConstraint(
            "first_step BETWEEN 0 AND jsonb_array_length(steps) - 1"
            " AND step BETWEEN first_step - 1 AND jsonb_array_length(steps) - 1",
            name="step",
        ),
        CheckConstraint("round >= 0 AND (round = 0) = (step < first_step)", name="round"),
        # One living chain a clock.
        Index("uq_escalation_clock_id", "clock_id", unique=True, postgresql_where=_LIVING),
        Index("ix_escalation_living", "next_at", "id", postgresql_where=_LIVING),
        Index("ix_escalation_subject", "subject_kind", "subject_id"),
    )

    id: Mapped[Id]
    clock_id: Mapped[UUID]
    clock: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    number: Mapped[str]
    thread_id: Mapped[UUID] = mapped_column(ForeignKey("thread.id"))
    node_id: Mapped[UUID] = mapped_column(ForeignKey("node.id"))
    standard_version_id: Mapped[UUID] = mapped_column(ForeignKey("standard_version.id"))
    chain: Mapped[str]
    category: Mapped[str | None]
    channels: Mapped[list[str]] = mapped_column(ARRAY(String))
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    barred: Mapped[list[UUID]] = mapped_column(ARRAY(PgUUID(as_uuid=True)), default=list, server_default="{}")
    starts_at: Mapped[datetime]
    due_at: Mapped[datetime]
    rule: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    first_at: Mapped[datetime]
    first_step: Mapped[int] = mapped_column(default=0, server_default="0")
    state: Mapped[State] = mapped_column(String, default="calling", server_default="calling")
    step: Mapped[int]
    round: Mapped[int] = mapped_column(default=0, server_default="0")
    next_at: Mapped[datetime | None]
    held_state: Mapped[State | None] = mapped_column(String)
    held_next_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    begun_at: Mapped[CreatedAt]
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[EndedWhy | None] = mapped_column(String)


class PageBundle(Base):
    """Pages of one person that rang together: one notice, which names each case.

    `tapped_at`: when its link was used, which it can be once.
    """

    __tablename__ = "page_bundle"
    __table_args__ = (
        CheckConstraint("pages > 0", name="pages"),
        CheckConstraint("tapped_at >= rung_at", name="tapped"),
        Index("ix_page_bundle_account_id", "account_id", "rung_at"),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    pages: Mapped[int]
    rung_at: Mapped[datetime]
    tapped_at: Mapped[datetime | None]


class Page(Base):
    """One person called at one step of a chain, in one round of it.

    `due_at` is when the step was due, `rung_at` when the bundle with this page went out. `node_id` is where the person
    is on duty. `version` is what a button on it has to name: it counts the changes of the page. `from_page_id`: it was
    handed over from that one.

    `via`: by what it was acknowledged: in the app, by the link of its bundle, or on the telephone.

    States: `waiting` for its bundle; `ringing`; `acknowledged`, `declined`, `handed_over` by its person; `answered` by
    somebody else; `lapsed`, a later one of the same person has taken its place; `ended` with the chain.
    """

    __tablename__ = "page"
    __table_args__ = (
        CheckConstraint(one_of("state", PAGE_STATES), name="state"),
        CheckConstraint("(bundle_id IS NULL) = (rung_at IS NULL)", name="rung"),
        CheckConstraint("state <> 'ringing' OR rung_at IS NOT NULL", name="ringing"),
        CheckConstraint(f"({_OPEN.text}) = (closed_at IS NULL)", name="closed"),
        CheckConstraint("state <> 'declined' OR reason IS NOT NULL", name="reason"),
        CheckConstraint("via IN ('app', 'link', 'telephone')", name="via"),
        CheckConstraint("via IS NULL OR state = 'acknowledged'", name="acknowledged"),
        Index("uq_page_round", "escalation_id", "step", "round", "account_id", unique=True),
        # One that asks for something still, a chain and person; by person for their list and their bundle.
        Index("uq_page_open", "account_id", "escalation_id", unique=True, postgresql_where=_OPEN),
        Index("ix_page_waiting", "due_at", postgresql_where=text("state = 'waiting'")),
        Index("ix_page_bundle_id", "bundle_id", postgresql_where=text("bundle_id IS NOT NULL")),
        Index("ix_page_account_id", "account_id", "id"),
    )

    id: Mapped[Id]
    escalation_id: Mapped[UUID] = mapped_column(ForeignKey("escalation.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    step: Mapped[int]
    round: Mapped[int]
    role: Mapped[str]
    node_id: Mapped[UUID] = mapped_column(ForeignKey("node.id"))
    due_at: Mapped[datetime]
    state: Mapped[PageState] = mapped_column(String, default="waiting", server_default="waiting")
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    bundle_id: Mapped[UUID | None] = mapped_column(ForeignKey("page_bundle.id"))
    rung_at: Mapped[datetime | None]
    from_page_id: Mapped[UUID | None] = mapped_column(ForeignKey("page.id"))
    reason: Mapped[str | None]
    via: Mapped[str | None]
    made_at: Mapped[CreatedAt]
    closed_at: Mapped[datetime | None]


class PageCall(Base):
    """An agent called somebody about the pages of a bundle (HC-11): when, reached or not, and what was said.

    The database refuses to alter or delete one.
    """

    __tablename__ = "page_call"
    __table_args__ = (
        CheckConstraint("at <= recorded_at", name="at"),
        CheckConstraint("by_id <> account_id", name="by"),
        Index("ix_page_call_bundle_id", "bundle_id", "at"),
    )

    id: Mapped[Id]
    bundle_id: Mapped[UUID] = mapped_column(ForeignKey("page_bundle.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    reached: Mapped[bool]
    said: Mapped[str | None]
    recorded_at: Mapped[CreatedAt]


append_only("page_call")


class EscalationPause(Base):
    """A chain held for maintenance: why, until when at most, by whom; and who had it go on before that, if anybody."""

    __tablename__ = "escalation_pause"
    __table_args__ = (
        CheckConstraint("until > since", name="until"),
        CheckConstraint("length(reason) >= 2", name="reason"),
        CheckConstraint("(resumed_at IS NULL) = (resumed_by IS NULL)", name="resumed"),
        Index("ix_escalation_pause_escalation_id", "escalation_id", "since"),
    )

    id: Mapped[Id]
    escalation_id: Mapped[UUID] = mapped_column(ForeignKey("escalation.id"))
    reason: Mapped[str]
    since: Mapped[datetime]
    until: Mapped[datetime]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    resumed_at: Mapped[datetime | None]
    resumed_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))


class PagingRules(Base):
    """How somebody has themselves called again while they have not answered; no row: not at all.

    `again`: `[{"after": minutes, "by": [channels]}]`, in their order. What the company's policy does at once is not
    theirs to lessen.
    """

    __tablename__ = "paging_rules"
    __table_args__ = (CheckConstraint("jsonb_typeof(again) = 'array'", name="again"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    again: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    changed_at: Mapped[datetime]
