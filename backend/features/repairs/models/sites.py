"""What a project's repairs stand on: who built it, and who is in its joint repair team."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, CreatedAt, Id
from backend.features.repairs.rules.team import TEAM_DUTIES, TeamDuty


class ConstructionCompany(Base):
    """Who built some part of a project, so that what breaks can be told to them and learned from (SN-05)."""

    __tablename__ = "construction_company"
    __table_args__ = (Index("uq_construction_company_name", "project_id", text("lower(name)"), unique=True),)

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.node_id"))
    name: Mapped[str]
    works: Mapped[str | None]
    added_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[CreatedAt]


class TicketDefect(Base):
    """What broke by whose work, as engineering sees it, and whether others should learn from it (SN-05, EN-11).

    The line of each change stands on the ticket's thread.
    """

    __tablename__ = "ticket_defect"
    __table_args__ = (Index("ix_ticket_defect_company_id", "company_id"),)

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    component: Mapped[str]
    company_id: Mapped[UUID | None] = mapped_column(ForeignKey("construction_company.id"))
    cause: Mapped[str]
    lesson: Mapped[bool]
    noted_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    noted_at: Mapped[datetime]


class JointTeamMember(Base):
    """Somebody in a project's joint repair team (SN-45 to SN-47). Who has left stays on record.

    When the team exists follows from the project's mass move-in and stands nowhere else (CT-18).
    """

    __tablename__ = "joint_team_member"
    __table_args__ = (
        CheckConstraint(f"duty IN ({', '.join(map(repr, TEAM_DUTIES))})", name="duty"),
        CheckConstraint("(left_at IS NULL) = (removed_by IS NULL)", name="left_whole"),
        CheckConstraint("left_at >= joined_at", name="left_after"),
        Index(
            "uq_joint_team_member_present",
            "project_id",
            "account_id",
            unique=True,
            postgresql_where=text("left_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.node_id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    duty: Mapped[TeamDuty] = mapped_column(String)
    unit: Mapped[str]
    added_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    removed_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
