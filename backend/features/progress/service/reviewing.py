"""Another person than the writer reads a post before it may be published."""

from datetime import datetime

from backend.core.caller import Caller
from backend.core.errors import Conflict, Invalid, NotAllowed
from backend.db.work import Work
from backend.features.progress.models import Post
from backend.features.progress.service.naming import require_consents


async def review(
    work: Work, caller: Caller, now: datetime, post: Post, *, approved: bool, opinion: str | None
) -> None:
    """Approve a draft that was found locked, or send it back with an opinion.

    Raises:
        Conflict: `post_not_draft`; `consent_missing`: approved, it would name somebody who does not consent.
        NotAllowed: `review_your_own`: the caller wrote it, or changed it last.
        Invalid: `opinion_required`, when it is sent back.
    """
    if post.state != "draft":
        raise Conflict("post_not_draft")
    if caller.account_id in (post.written_by, post.edited_by):
        raise NotAllowed("review_your_own")
    if not approved and opinion is None:
        raise Invalid("opinion_required", field="opinion")
    if approved:
        await require_consents(work, caller, now, post)
    post.reviewed_by, post.opinion = caller.account_id, opinion
    if approved:
        post.state, post.reviewed_at = "reviewed", now
    await work.flush()
