"""Read, confirmed or not: what owners say of a post, and what employees may know of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import Conflict
from backend.db.work import Work
from backend.features.people.service import mask_name, mask_phone
from backend.features.progress.models import Post
from backend.features.progress.repository import audience, posts, receipts
from backend.features.progress.repository.receipts import Standing
from backend.features.progress.service.reading import home_by_which
from backend.platform.process import Process


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody a post is for, as employees see them: name cut, phone masked (S3-23)."""

    row: Any
    name: str | None
    phone: str | None


async def mark_read(process: Process, work: Work, caller: Caller, now: datetime, post_id: UUID) -> None:
    """The caller has read a post.

    Raises:
        NotFound: there is none for them.
    """
    [home, *_] = await home_by_which(process, caller, post_id)
    await receipts.mark(work, post_id, caller.account_id, home, now, confirmed=False)


async def confirm(process: Process, work: Work, caller: Caller, now: datetime, post_id: UUID) -> None:
    """The caller says that they have read and understood a post that asks for it (S3-20). Said again, it stays.

    Raises:
        NotFound: there is none for them.
        Conflict: `nothing_to_confirm`.
    """
    [home, *_] = await home_by_which(process, caller, post_id)
    post = await posts.find(work, post_id)
    if post is None or not post.must_confirm:
        raise Conflict("nothing_to_confirm")
    await receipts.mark(work, post_id, caller.account_id, home, now, confirmed=True)


async def readers(
    work: Work, post: Post, standing: Standing | None, after: UUID | None, limit: int
) -> Sequence[Reader]:
    """Those a post was told to and who have read it, each with what became of it."""
    return [
        Reader(row, row.name and mask_name(row.name), row.phone and mask_phone(row.phone))
        for row in await receipts.page(work, post.id, standing, after, limit)
    ]


async def audience_now(work: Work, post: Post) -> tuple[int, int]:
    """How many homes and how many people a post would be told to, were it published now."""
    return await audience.count(work, post.id)
