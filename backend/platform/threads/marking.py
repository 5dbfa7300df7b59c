"""Read marks: how far an account has read a thread."""

from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work
from backend.platform.threads.audience import Audience

_MARK = text(
    "INSERT INTO thread_member AS m (thread_id, account_id, read_seq)"
    " SELECT id, :account_id, least(:seq, CASE :sees WHEN 'staff' THEN head ELSE open_head END)"
    " FROM thread WHERE id = :thread_id"
    " ON CONFLICT (thread_id, account_id) DO UPDATE SET read_seq = greatest(m.read_seq, excluded.read_seq)"
    " RETURNING read_seq"
)


async def mark_read(work: Work, thread_id: UUID, sees: Audience, account_id: UUID, seq: int) -> int:
    """Note that an account has read up to `seq`: never back, nor beyond the last line it may see. Returns the mark."""
    marked: int = (
        await work.execute(
            _MARK, {"thread_id": thread_id, "sees": sees, "account_id": account_id, "seq": seq}
        )
    ).scalar_one()
    return marked
