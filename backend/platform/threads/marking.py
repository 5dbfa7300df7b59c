"""Read marks: how far an account has read a thread."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from backend.db.work import Work
from backend.platform.threads.audience import Audience

_MARK = text(
    "INSERT INTO thread_member AS m (thread_id, account_id, read_seq)"
    " SELECT id, :account_id, least(:seq, CASE :sees WHEN 'staff' THEN head ELSE open_head END)"
    " FROM thread WHERE id = :thread_id"
    " ON CONFLICT (thread_id, account_id) DO UPDATE SET read_seq = greatest(m.read_seq, excluded.read_seq)"
    " RETURNING new.read_seq, old.read_seq IS DISTINCT FROM new.read_seq AS moved"
)


async def mark_read(
    work: Work, thread_id: UUID, sees: Audience, account_id: UUID, seq: int
) -> tuple[int, bool]:
    """Note that an account has read up to `seq`: never back, nor beyond the last line it may see.

    Returns the mark, and whether it has moved.
    """
    asked = {"thread_id": thread_id, "sees": sees, "account_id": account_id, "seq": seq}
    row = (await work.execute(_MARK, asked)).one()
    return row.read_seq, row.moved


_MARK_MANY = text(
    "INSERT INTO thread_member AS m (thread_id, account_id, read_seq)"
    " SELECT t.id, g.account_id, least(g.seq, CASE WHEN g.staff THEN t.head ELSE t.open_head END)"
    " FROM unnest(CAST(:threads AS uuid[]), CAST(:accounts AS uuid[]), CAST(:seqs AS int[]), CAST(:staff AS boolean[]))"
    " AS g(thread_id, account_id, seq, staff) JOIN thread t ON t.id = g.thread_id"
    # In one order, so that two nodes never wait in a circle.
    " ORDER BY t.id, g.account_id"
    " ON CONFLICT (thread_id, account_id) DO UPDATE SET read_seq = excluded.read_seq"
    " WHERE m.read_seq < excluded.read_seq"
    " RETURNING thread_id, account_id, read_seq"
)


async def mark_many(
    work: Work, marks: Sequence[tuple[UUID, UUID, int, bool]]
) -> list[tuple[UUID, UUID, int]]:
    """As `mark_read`, for many by one statement: each a thread, an account, a seq, and whether it sees staff lines.

    An account stands once for a thread. Returns those that moved, with where they are now.
    """
    threads, accounts, seqs, staff = zip(*marks, strict=True)
    moved = await work.execute(
        _MARK_MANY, {"threads": threads, "accounts": accounts, "seqs": seqs, "staff": staff}
    )
    return [(row.thread_id, row.account_id, row.read_seq) for row in moved]
