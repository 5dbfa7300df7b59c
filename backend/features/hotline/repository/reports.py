"""What a report counts, from the figures that the database keeps of each case."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work

# A hash of the nodes, not a list of them: a list of thousands would be walked for each of a million cases.
_WITHIN: Final = """f.received_at >= :since AND f.received_at < :until
    AND f.node_id IN (SELECT id FROM node WHERE path && CAST(:scope AS uuid[]))"""
_DIMS: Final = text(f"SELECT f.dims, count(*) AS cases FROM case_figure f WHERE {_WITHIN} GROUP BY f.dims")
_CLOCKS: Final = text(
    f"SELECT f.clocks, count(*) AS cases FROM case_figure f WHERE {_WITHIN} GROUP BY f.clocks"
)
# How far up the chains of a case have come at most; a step that rang only.
_STEPS: Final = text(
    f"""SELECT step, role, count(*) AS cases FROM (
    SELECT DISTINCT ON (e.subject_id) e.step, e.steps -> e.step ->> 'role' AS role
    FROM case_figure f JOIN escalation e ON e.subject_id = f.case_id AND e.subject_kind = 'case' AND e.round > 0
    WHERE {_WITHIN} ORDER BY e.subject_id, e.step DESC
) reached GROUP BY step, role ORDER BY step, role"""
)


async def dims(work: Work, scope: Sequence[UUID], since: datetime, until: datetime) -> Sequence[Any]:
    """The cases received in a span, as `rules.figures` packs them: dims, cases."""
    return (await work.execute(_DIMS, _asked(scope, since, until))).all()


async def clocks(work: Work, scope: Sequence[UUID], since: datetime, until: datetime) -> Sequence[Any]:
    """Their clocks, packed likewise: clocks, cases."""
    return (await work.execute(_CLOCKS, _asked(scope, since, until))).all()


async def steps(work: Work, scope: Sequence[UUID], since: datetime, until: datetime) -> Sequence[Any]:
    """How many of them were called about up to which step of a chain: step (from 0), role, cases."""
    return (await work.execute(_STEPS, _asked(scope, since, until))).all()


def _asked(scope: Sequence[UUID], since: datetime, until: datetime) -> dict[str, Any]:
    return {"scope": list(scope), "since": since, "until": until}
