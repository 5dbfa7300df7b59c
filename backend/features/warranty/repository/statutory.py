"""The law's least terms in SQL: entered at a node, they hold there and below, the nearest first."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work

_AT = text(
    """
SELECT place.id AS place_id, found.* FROM node place CROSS JOIN LATERAL (
    SELECT DISTINCT ON (t.component) t.id, t.component, t.name, t.years, t.source, t.node_id, t.entered_by,
        t.created_at, n.kind AS node_kind, n.name AS node_name
    FROM statutory_term t JOIN node n ON n.id = t.node_id
    WHERE t.node_id = ANY (place.path)
    ORDER BY t.component, array_position(place.path, t.node_id) DESC, t.id DESC
) AS found
WHERE place.id = ANY (CAST(:nodes AS uuid[])) ORDER BY found.component"""
)


async def terms_at(work: Work, nodes: Sequence[UUID]) -> Sequence[Any]:
    """What stands at each of these nodes (`place_id`), by component; `years` null: none is asked for there."""
    return (await work.execute(_AT, {"nodes": list(nodes)})).all()
