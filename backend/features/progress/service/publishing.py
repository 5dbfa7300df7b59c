"""Publishing at a time, by a timer; and taking back soon after."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import Conflict, Invalid
from backend.db.work import Work
from backend.features.journey.service import fulfil, reopen
from backend.features.notices.service import withdraw
from backend.features.progress.models import Post
from backend.features.progress.repository import audience, bookings, posts
from backend.features.progress.rules import OBLIGATION, TAKE_BACK
from backend.features.progress.service.naming import names_without_consent, require_consents
from backend.features.progress.service.telling import SUBJECT, authors, tell_consent, tell_published
from backend.platform.outbox import Waker
from backend.platform.process import Process
from backend.platform.timers import DueTimer, NewTimer, cancel, schedule, schedule_many

PUBLISH: Final = "progress.publish"
"""The timer that publishes a post; its key is the post's id."""

_AGAIN: Final = timedelta(seconds=1)


async def set_time(
    process: Process, work: Work, caller: Caller, now: datetime, post: Post, at: datetime | None
) -> None:
    """Have a reviewed post, found locked, published at a moment; None: now. One that is scheduled is moved.

    Raises:
        Conflict: `post_not_reviewed`, `post_published`, `consent_missing`.
        Invalid: `publish_in_past`.
    """
    if post.published_at is not None:
        raise Conflict("post_published")
    if post.state not in ("reviewed", "scheduled"):
        raise Conflict("post_not_reviewed")
    if at is not None and at < now:
        raise Invalid("publish_in_past", field="at")
    await require_consents(work, caller, now, post)
    post.state, post.publish_at, post.scheduled_by = "scheduled", at or now, caller.account_id
    await work.flush()
    await schedule(work, process.waker, PUBLISH, str(post.id), post.publish_at, {})


async def unset_time(work: Work, post: Post) -> None:
    """Have a scheduled post, found locked, not published after all; it stays reviewed.

    Raises:
        Conflict: `post_not_scheduled`.
    """
    if post.state != "scheduled":
        raise Conflict("post_not_scheduled")
    await _call_off(work, post)


async def publish(process: Process, work: Work, now: datetime, due: Sequence[DueTimer]) -> None:
    """Publish the posts of these timers. One that somebody holds at this moment is tried again in a second; one that
    names somebody who does not consent any more is held back, and its authors are told (CC-14).
    """
    again = []
    for timer in due:
        post = await posts.free(work, UUID(timer.key))
        if post is None:
            again.append(NewTimer(PUBLISH, timer.key, now + _AGAIN, {}))
        elif post.state == "scheduled" and post.publish_at is not None and post.publish_at <= now:
            missing = await names_without_consent(work, post)
            if missing:
                await hold_back(work, post, missing)
            else:
                await _publish(process.waker, work, now, post)
    if again:
        present = {str(post.id) for post in await posts.those(work, [UUID(timer.key) for timer in again])}
        await schedule_many(work, process.waker, [timer for timer in again if timer.key in present])


async def hold_back(work: Work, post: Post, missing: Mapping[UUID, int]) -> None:
    """Have a post, found locked, not published for want of these people's consent, and tell its authors.

    `missing`: by account, the number of the word by which they withdrew it. For one word nobody is told twice.
    """
    concerned = authors(post)
    if post.state == "scheduled":
        await _call_off(work, post)
    await tell_consent(work, post, "post_held_back", concerned, missing)


async def posts_without_timer(work: Work) -> Sequence[Any]:
    """Scheduled posts that nothing will publish: always none. Each with `id` and `publish_at`."""
    return await posts.without_timer(work, PUBLISH)


async def take_back(
    process: Process, work: Work, caller: Caller, now: datetime, post: Post, reason: str
) -> None:
    """Take a published post, found locked, from everybody who sees it, and its notices from their inboxes; what was
    not sent of them yet is not sent. What it met is owed again.

    Raises:
        Conflict: `post_not_published`, `post_stands`: the time for it is over; a correction may follow.
    """
    if post.state != "published" or post.published_at is None:
        raise Conflict("post_not_published")
    if now >= post.published_at + TAKE_BACK:
        raise Conflict("post_stands", minutes=int(TAKE_BACK.total_seconds() // 60))
    post.state, post.taken_back_by, post.taken_back_at = "taken_back", caller.account_id, now
    post.taken_back_reason = reason
    await work.flush()
    await bookings.cancel_all(work, post.id, now)
    await withdraw(work, SUBJECT, post.id)
    if post.kind != "progress" or post.month is None:
        return
    opened = await reopen(
        work, process.waker, now, post.project_id, OBLIGATION, post.month, evidence_id=str(post.id)
    )
    if opened and (other := await posts.progress_of(work, post.project_id, post.month)) is not None:
        await _fulfil(process.waker, work, now, other)


async def _call_off(work: Work, post: Post) -> None:
    post.state, post.publish_at, post.scheduled_by = "reviewed", None, None
    await work.flush()
    await cancel(work, PUBLISH, [str(post.id)])


async def _publish(waker: Waker, work: Work, now: datetime, post: Post) -> None:
    if post.kind == "progress" and post.month is None:
        post.month = local_date(now).replace(day=1)
    post.state, post.published_at = "published", now
    await work.flush()
    await audience.tell(work, post.id, now)
    await tell_published(work, post)
    if post.kind == "progress":
        await _fulfil(waker, work, now, post)


async def _fulfil(waker: Waker, work: Work, now: datetime, post: Post) -> None:
    """S3-26: the month that the post reports on has its post."""
    assert post.month is not None, "set when it was published"
    assert post.scheduled_by is not None, "it was scheduled"
    await fulfil(
        work,
        waker,
        now,
        post.project_id,
        OBLIGATION,
        post.month,
        done_by=post.scheduled_by,
        evidence={"kind": "publication", "id": str(post.id)},
    )
