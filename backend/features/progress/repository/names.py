"""Whom posts name or picture, in SQL."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from backend.db.work import Work
from backend.features.progress.models import Post, PostName

_NAMED = text("SELECT post_id, account_id FROM post_name WHERE post_id = ANY (:ids) ORDER BY post_id, place")
_LIVE_IN = text(
    "SELECT DISTINCT m.account_id FROM household_member m JOIN ownership o ON o.id = m.ownership_id"
    " WHERE m.account_id = ANY (:ids) AND m.ended_at IS NULL AND o.ended_on IS NULL AND o.project_id = :project_id"
)


async def named_by(work: Work, post_ids: Sequence[UUID]) -> Sequence[Any]:
    """post_id, account_id; those of a post in their order."""
    return (await work.execute(_NAMED, {"ids": list(post_ids)})).all()


async def who_live_in(work: Work, project_id: UUID, account_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these accounts that belong to the household of a home of the project now."""
    return set(await work.scalars(_LIVE_IN, {"ids": list(account_ids), "project_id": project_id}))


async def posts_that_name(work: Work, account_id: UUID) -> Sequence[Post]:
    """The posts that name somebody and were not taken back, locked, in the order of their ids."""
    wanted = (
        select(Post)
        .join(PostName, PostName.post_id == Post.id)
        .where(PostName.account_id == account_id, Post.state != "taken_back")
        .order_by(Post.id)
        .with_for_update(of=Post)
        .execution_options(populate_existing=True)
    )
    return (await work.scalars(wanted)).all()
