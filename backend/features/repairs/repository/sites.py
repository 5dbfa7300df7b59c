"""Construction companies and joint repair teams in SQL."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, tuple_

from backend.db.work import Work
from backend.features.repairs.models.sites import ConstructionCompany, JointTeamMember

_MEMBERS = text(
    "SELECT m.id, m.account_id, a.name, a.employee_no, m.duty, m.unit, m.joined_at, m.left_at"
    " FROM joint_team_member m JOIN account a ON a.id = m.account_id"
    " WHERE m.project_id = :project_id ORDER BY m.joined_at, m.id"
)


_DEFECTS = text(
    "SELECT t.id, t.home_id, t.thread_id, d.component, t.description, d.cause, l.batch_id FROM ticket t"
    " JOIN ticket_defect d ON d.ticket_id = t.id"
    " LEFT JOIN defect_line l ON l.ticket_id = t.id AND l.component = d.component"
    " WHERE t.project_id = :project_id AND t.id = ANY (:ids) ORDER BY t.id"
)


async def defects_noted(work: Work, project_id: UUID, ids: Sequence[UUID]) -> Sequence[Any]:
    """What was found on these tickets of a project, and the batch it is in; without those on which nothing was."""
    return (await work.execute(_DEFECTS, {"project_id": project_id, "ids": list(ids)})).all()


async def company_of(work: Work, project_id: UUID, company_id: UUID) -> ConstructionCompany | None:
    """A construction company of this project."""
    wanted = select(ConstructionCompany).where(
        ConstructionCompany.id == company_id, ConstructionCompany.project_id == project_id
    )
    return await work.scalar(wanted)


async def companies_page(
    work: Work, project_id: UUID, after: tuple[str, UUID] | None, limit: int
) -> Sequence[ConstructionCompany]:
    """The construction companies of a project by name."""
    by_name = func.lower(ConstructionCompany.name)
    wanted = select(ConstructionCompany).where(ConstructionCompany.project_id == project_id)
    if after is not None:
        wanted = wanted.where(tuple_(by_name, ConstructionCompany.id) > after)
    return (await work.scalars(wanted.order_by(by_name, ConstructionCompany.id).limit(limit))).all()


async def team_of(work: Work, project_id: UUID) -> Sequence[Any]:
    """Everybody who is or was in the team, the first to join first: the member's columns and their name."""
    return (await work.execute(_MEMBERS, {"project_id": project_id})).all()


async def member_locked(work: Work, project_id: UUID, member_id: UUID) -> JointTeamMember | None:
    """A member of this project's team, locked."""
    wanted = select(JointTeamMember).where(
        JointTeamMember.id == member_id, JointTeamMember.project_id == project_id
    )
    return await work.scalar(wanted.with_for_update().execution_options(populate_existing=True))
