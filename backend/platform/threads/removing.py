"""What can be done about a line that should not stand: its author takes it back at once, or its body is erased."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text

from backend.core.errors import Conflict, NotAllowed, NotFound
from backend.db.work import Work
from backend.platform.outbox import Waker, enqueue
from backend.platform.threads.audience import Audience
from backend.platform.threads.writing import Appended, NewEntry, append

WITHDRAWN_WITHIN: Final = timedelta(minutes=2)

SAID: Final = ("text", "photo", "file", "voice", "place")
"""What people say; every other kind is something that happened, and stays."""

_LINE = text(
    "SELECT e.author_id, e.kind, e.audience, w.seq AS hidden_by, app_now() - e.written_at AS age"
    " FROM entry e LEFT JOIN entry w ON w.thread_id = e.thread_id AND w.hides = e.seq"
    " WHERE e.thread_id = :thread_id AND e.seq = :seq AND (e.audience = 'all' OR :sees = 'staff')"
)

LINES_ERASED: Final = "threads.lines_erased"
"""The job that is told which files (`files`) the erased lines named."""

_ERASE = text(
    "UPDATE entry SET body = '{}', erased_at = app_now()"
    " WHERE thread_id = :thread_id AND seq = ANY (:seqs) AND erased_at IS NULL"
    " RETURNING old.body ->> 'file' AS file"
)


async def withdraw(work: Work, thread_id: UUID, sees: Audience, author_id: UUID, seq: int) -> Appended:
    """Take a line back: a new entry `withdrawn` hides it from every reader, and the record keeps both.

    Its author may do so within two minutes of writing. To do it again gives the first withdrawal.

    Raises:
        NotFound: no such line for this reader.
        NotAllowed: `not_your_line`.
        Conflict: `not_withdrawable`: something that happened; `too_late_to_withdraw`.
    """
    line = (await work.execute(_LINE, {"thread_id": thread_id, "seq": seq, "sees": sees})).one_or_none()
    mine = line is not None and line.author_id == author_id
    if line is None or (line.hidden_by is not None and not mine):
        raise NotFound()
    if not mine:
        raise NotAllowed("not_your_line")
    if line.kind not in SAID:
        raise Conflict("not_withdrawable")
    if line.hidden_by is None and line.age > WITHDRAWN_WITHIN:
        raise Conflict("too_late_to_withdraw")
    return await append(
        work,
        NewEntry(
            thread_id=thread_id,
            kind="withdrawn",
            body={},
            author_id=author_id,
            audience=line.audience,
            # No cid that a person sends has a colon.
            cid=f"withdrawn:{seq}",
            hides=seq,
        ),
    )


async def erase(work: Work, waker: Waker, thread_id: UUID, seqs: Sequence[int]) -> None:
    """Blank the bodies of lines for good, where personal data must go. The lines stay, with when it was done.

    Files that they named go too, by a job, unless another line names them.
    """
    erased = await work.scalars(_ERASE, {"thread_id": thread_id, "seqs": list(seqs)})
    if named := sorted({file for file in erased if file is not None}):
        await enqueue(work, waker, LINES_ERASED, {"files": named})
