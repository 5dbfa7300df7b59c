"""Whose faces stand beside a thread's lines."""

from typing import Final
from uuid import UUID

from backend.db.direct import Direct
from backend.platform.threads.audience import Audience

MOST: Final = 200

_PEOPLE: Final = """
SELECT account_id, bool_or(wrote) AS wrote FROM (
    SELECT DISTINCT author_id AS account_id, true AS wrote FROM entry
    WHERE thread_id = $1 AND author_id IS NOT NULL AND (audience = 'all' OR $2 = 'staff')
    UNION ALL SELECT account_id, false FROM thread_member WHERE thread_id = $1
) people
GROUP BY account_id ORDER BY wrote DESC, account_id LIMIT $3
"""


async def people_of(direct: Direct, thread_id: UUID, sees: Audience) -> dict[UUID, bool]:
    """The accounts that belong to a thread, at most `MOST`; and whether they wrote a line that this reader may see.

    Those who did come first. That the others belong to it is not for every reader.
    """
    rows = await direct.fetch(_PEOPLE, thread_id, sees, MOST)
    return {row["account_id"]: row["wrote"] for row in rows}
