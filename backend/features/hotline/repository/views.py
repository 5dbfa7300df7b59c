"""Cases as they are shown."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work

_ONE: Final = text(
    """SELECT c.*, p.name AS project, h.building, h.unit, h.room, r.name AS responsible_name,
    (SELECT en.body -> 'photos' FROM entry en WHERE en.thread_id = c.thread_id AND en.kind = 'opened'
        ORDER BY en.seq LIMIT 1) AS photos,
    (SELECT jsonb_agg(jsonb_build_object('kind', l.kind, 'id', l.subject_id, 'why', l.why) ORDER BY l.at, l.id)
        FROM case_link l WHERE l.case_id = c.id) AS links
FROM hotline_case c
JOIN project p ON p.node_id = c.project_id
LEFT JOIN home h ON h.id = c.home_id
LEFT JOIN account r ON r.id = c.responsible_id
WHERE c.id = :id"""
)


async def one(work: Work, id_: UUID) -> Any:
    """A case that there is, with its place and whoever has it."""
    return (await work.execute(_ONE, {"id": id_})).one()
