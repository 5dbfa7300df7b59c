"""What visits found, and the reports of their rounds."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, Id
from backend.db.ddl import append_only
from backend.db.words import one_of
from backend.features.visits.rules.findings import BECOMES, Becomes
from backend.features.visits.rules.kinds import KINDS, Kind


class VisitFinding(Base):
    """What a visit found, numbered from 1 within it; it becomes a ticket or a case, linked, or stays a note.

    `becomes`: what it is to become; `ticket_id`, `case_id`: what it has become.
    """

    __tablename__ = "visit_finding"
    __table_args__ = (
        CheckConstraint("number > 0", name="number"),
        CheckConstraint(one_of("becomes", BECOMES), name="becomes"),
        CheckConstraint("ticket_id IS NULL OR becomes = 'ticket'", name="ticket"),
        CheckConstraint("case_id IS NULL OR becomes = 'case'", name="case"),
        CheckConstraint("becomes <> 'ticket' OR place IS NOT NULL AND component IS NOT NULL", name="located"),
        Index(
            "ix_visit_finding_waiting",
            "visit_id",
            postgresql_where=text("becomes <> 'note' AND ticket_id IS NULL AND case_id IS NULL"),
        ),
    )

    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    becomes: Mapped[Becomes] = mapped_column(String)
    place: Mapped[str | None]
    component: Mapped[str | None]
    words: Mapped[str]
    photos: Mapped[list[UUID]] = mapped_column(ARRAY(PgUUID(as_uuid=True)), default=list, server_default="{}")
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    ticket_id: Mapped[UUID | None] = mapped_column(ForeignKey("ticket.id"))
    case_id: Mapped[UUID | None]


class VisitReport(Base):
    """The report of a round of visits: its figures as they stood, what is to be improved, and to whom it went.

    RV-09 (after the three months' round), RV-14 (repairs and complaints). `roles`: the departments it was put before.
    """

    __tablename__ = "visit_report"
    __table_args__ = (
        CheckConstraint(one_of("kind", KINDS), name="kind"),
        CheckConstraint("until_on >= from_on", name="days"),
        CheckConstraint("jsonb_typeof(figures) = 'object'", name="figures"),
        CheckConstraint("cardinality(roles) > 0", name="roles"),
        Index("ix_visit_report_node_id", "node_id", "id"),
    )

    id: Mapped[Id]
    node_id: Mapped[UUID] = mapped_column(ForeignKey("node.id"))
    kind: Mapped[Kind | None] = mapped_column(String)
    from_on: Mapped[date]
    until_on: Mapped[date]
    figures: Mapped[dict[str, Any]] = mapped_column(JSONB)
    words: Mapped[str]
    improvements: Mapped[list[str]] = mapped_column(ARRAY(String), default=list, server_default="{}")
    roles: Mapped[list[str]] = mapped_column(ARRAY(String))
    told: Mapped[int] = mapped_column(default=0, server_default="0")
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


append_only("visit_report")
