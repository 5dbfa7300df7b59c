"""Who has joined tickets, by the lines that say so."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work

_JOINED = text(
    "SELECT thread_id, CAST(body ->> 'account' AS uuid) AS account_id FROM entry"
    " WHERE thread_id = ANY (CAST(:threads AS uuid[])) AND kind = 'joined'"
)


async def joined(work: Work, threads: Sequence[UUID]) -> set[tuple[UUID, UUID]]:
    """The thread and account of everybody who has joined."""
    rows = await work.execute(_JOINED, {"threads": sorted(set(threads))}) if threads else ()
    return {(row.thread_id, row.account_id) for row in rows}
