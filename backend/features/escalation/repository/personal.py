"""People's own rules of how they are called."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backend.db.work import Work
from backend.features.escalation.models import PagingRules


async def rules_of(work: Work, account_ids: Collection[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """The rules of those of these accounts that have any."""
    wanted = select(PagingRules).where(PagingRules.account_id.in_(account_ids))
    return {one.account_id: one.again for one in await work.scalars(wanted)}


async def put_rules(work: Work, rules: PagingRules) -> None:
    """Have somebody's rules be these."""
    await work.merge(rules)
    await work.flush()
