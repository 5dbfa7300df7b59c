"""The lines of a conversation with their authors, in SQL."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from backend.db.direct import Direct
from backend.platform.threads import Audience

_LINES: Final = """
SELECT e.seq, e.kind, e.body::text AS body, e.at, e.audience, e.author_id, e.erased_at IS NOT NULL AS erased,
    a.kind AS author_kind, a.name AS author_name
FROM entry e LEFT JOIN account a ON a.id = e.author_id
WHERE e.thread_id = $1 AND e.seq > $2 AND (e.audience = 'all' OR $3 = 'staff') AND e.kind <> 'withdrawn'
    AND NOT EXISTS (SELECT FROM entry w WHERE w.thread_id = e.thread_id AND w.hides = e.seq)
ORDER BY e.seq LIMIT $4
"""


async def lines(direct: Direct, thread_id: UUID, sees: Audience, after: int, limit: int) -> Sequence[Any]:
    """The lines behind `after` as they are shown to this reader, without those that were taken back."""
    return await direct.fetch(_LINES, thread_id, after, sees, limit)
