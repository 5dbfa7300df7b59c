"""Looking for words in one's threads. See docs/decisions for why no index of words stands behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from backend.db.direct import Direct
from backend.platform.threads.audience import Audience
from backend.platform.threads.composing import together
from backend.platform.threads.shown import SHOWN
from backend.platform.threads.sight import Mine

# $1: the account, $2: what it sees, $3: the pattern, $4: at most so many, $5 to $7: the last hit of the page before.
_FOUND: Final = """
SELECT t.id AS thread_id, t.subject_kind, t.subject_id, e.seq, e.at, e.author_id, e.body ->> 'text' AS words
FROM ({mine}) mine (id) JOIN thread t ON t.id = mine.id JOIN entry e ON e.thread_id = t.id
WHERE e.kind = 'text' AND e.body ->> 'text' ILIKE $3 AND {shown}
    AND ($5::timestamptz IS NULL OR (e.at, e.thread_id, e.seq) < ($5, $6::uuid, $7::int))
ORDER BY e.at DESC, e.thread_id DESC, e.seq DESC LIMIT $4 + 1
"""
_SHOWN: Final = SHOWN.format(thread="t.id", sees="$2")


@dataclass(frozen=True, slots=True)
class Hit:
    """A line in which the words stand."""

    thread_id: UUID
    subject_kind: str
    subject_id: UUID
    seq: int
    at: datetime
    author_id: UUID | None
    words: str


async def lines_with(
    direct: Direct,
    mine: Sequence[Mine],
    account_id: UUID,
    sees: Audience,
    words: str,
    limit: int,
    after: tuple[datetime, UUID, int] | None,
) -> list[Hit]:
    """The lines of people, among those this reader is shown, in which `words` stand; the newest first.

    One more than `limit` where there are further ones.
    """
    pattern = "%" + words.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
    arguments: list[Any] = [account_id, sees, pattern, limit, *(after or (None, None, None))]
    queries, theirs = together(mine, len(arguments))
    sql = _FOUND.format(mine=queries, shown=_SHOWN)
    return [Hit(*row) for row in await direct.fetch(sql, *arguments, *theirs)]
