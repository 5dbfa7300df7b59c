"""Figures of visits in SQL, and their reports."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text

from backend.db.work import Work
from backend.features.visits.models import VisitReport
from backend.platform.tree import Node

_BELOW: Final = "v.node_id IN (SELECT n.id FROM node n WHERE CAST(:node AS uuid) = ANY (n.path))"
_KIND: Final = "(CAST(:kind AS text) IS NULL OR v.kind = :kind)"
_MADE: Final = (
    f"v.state = 'completed' AND {_BELOW} AND {_KIND} AND v.completed_at >= :begins AND v.completed_at < :ends"
)

_BY_KIND: Final = text(
    f"""SELECT v.kind,
    count(*) FILTER (WHERE v.state = 'completed') AS completed,
    count(*) FILTER (WHERE v.state = 'completed' AND v.due_at < v.completed_at) AS late,
    count(*) FILTER (WHERE v.state IN ('planned', 'booked')) AS open,
    count(*) FILTER (WHERE v.state IN ('planned', 'booked') AND v.due_at <= :now) AS overdue,
    count(*) FILTER (WHERE v.low) AS low,
    count(*) FILTER (WHERE v.accepted) AS accepted,
    count(*) FILTER (WHERE NOT v.accepted) AS refused,
    count(v.stars) AS rated, coalesce(sum(v.stars), 0) AS star_sum,
    count(*) FILTER (WHERE v.mode = 'house') AS at_home,
    coalesce(sum((SELECT count(*) FROM visit_attempt a WHERE a.visit_id = v.id AND NOT a.reached)), 0)::bigint AS missed
FROM visit v WHERE {_BELOW} AND {_KIND} AND (v.state IN ('planned', 'booked') AND v.planned_at < :ends
    OR v.state = 'completed' AND v.completed_at >= :begins AND v.completed_at < :ends)
GROUP BY v.kind ORDER BY v.kind"""
)
_BY_ANSWER: Final = text(
    f"""SELECT a.part, a.line, v.kind, count(*) AS given, count(*) FILTER (WHERE a.yes) AS yes,
    count(*) FILTER (WHERE NOT a.yes) AS no, count(a.score) AS scored, coalesce(sum(a.score), 0) AS score_sum
FROM visit v JOIN visit_answer a ON a.visit_id = v.id WHERE {_MADE}
GROUP BY a.part, a.line, v.kind ORDER BY v.kind, a.part, a.line"""
)
_BY_FINDING: Final = text(
    f"""SELECT v.kind, f.becomes, f.component, count(*) AS found, count(f.ticket_id) + count(f.case_id) AS linked
FROM visit v JOIN visit_finding f ON f.visit_id = v.id WHERE {_MADE}
GROUP BY v.kind, f.becomes, f.component ORDER BY v.kind, f.becomes, f.component"""
)


async def by_kind(
    work: Work, node: UUID, begins: datetime, ends: datetime, kind: str | None, now: datetime
) -> Sequence[Any]:
    """Each kind: made, late, low, rated; and what is still open of what was planned before the end."""
    values = {"node": node, "begins": begins, "ends": ends, "kind": kind, "now": now}
    return (await work.execute(_BY_KIND, values)).all()


async def by_answer(
    work: Work, node: UUID, begins: datetime, ends: datetime, kind: str | None
) -> Sequence[Any]:
    """Each question, check, and A2 and A3 of each action: how often it was answered, and how."""
    values = {"node": node, "begins": begins, "ends": ends, "kind": kind}
    return (await work.execute(_BY_ANSWER, values)).all()


async def by_finding(
    work: Work, node: UUID, begins: datetime, ends: datetime, kind: str | None
) -> Sequence[Any]:
    """What was found, by component, and how much of it has become something."""
    values = {"node": node, "begins": begins, "ends": ends, "kind": kind}
    return (await work.execute(_BY_FINDING, values)).all()


async def page(work: Work, scope: Sequence[UUID], after: UUID | None, limit: int) -> Sequence[VisitReport]:
    """Reports at and below these nodes, the newest first."""
    wanted = (
        select(VisitReport).join(Node, Node.id == VisitReport.node_id).where(Node.path.overlap(list(scope)))
    )
    if after is not None:
        wanted = wanted.where(VisitReport.id < after)
    return (await work.scalars(wanted.order_by(VisitReport.id.desc()).limit(limit))).all()
