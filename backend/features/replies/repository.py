"""Canned replies in SQL."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from backend.db.work import Work
from backend.features.replies.models import CannedReply
from backend.platform.tree import Node

_STANDING = CannedReply.withdrawn_at.is_(None)


def _of_project(project_id: UUID) -> Select[CannedReply]:
    """What stands for a project, by code: of one code the one nearest to it."""
    return (
        select(CannedReply)
        .ext(distinct_on(CannedReply.code))
        .join(Node, CannedReply.node_id == func.any(Node.path))
        .where(Node.id == project_id, _STANDING)
        .order_by(CannedReply.code, func.array_position(Node.path, CannedReply.node_id).desc())
    )


async def of_project(
    work: Work, project_id: UUID, after: str | None = None, limit: int | None = None
) -> Sequence[CannedReply]:
    """What stands for a project, by code; of one code the project's own before the company's."""
    wanted = _of_project(project_id).limit(limit)
    if after is not None:
        wanted = wanted.where(CannedReply.code > after)
    return (await work.scalars(wanted)).all()


async def of_company(work: Work, after: str | None, limit: int) -> Sequence[CannedReply]:
    """What stands for the whole company, by code."""
    wanted = (
        select(CannedReply)
        .join(Node, Node.id == CannedReply.node_id)
        .where(Node.kind == "company", _STANDING)
        .order_by(CannedReply.code)
        .limit(limit)
    )
    if after is not None:
        wanted = wanted.where(CannedReply.code > after)
    return (await work.scalars(wanted)).all()


async def standing_within(work: Work, reply_id: UUID, scope: Sequence[UUID]) -> CannedReply | None:
    """A reply that stands, locked, when its node is in the scope."""
    return await work.scalar(
        select(CannedReply)
        .join(Node, Node.id == CannedReply.node_id)
        .where(CannedReply.id == reply_id, _STANDING, Node.path.overlap(scope))
        .with_for_update(of=CannedReply)
    )
