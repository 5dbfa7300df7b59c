"""People's own rules of how they are called."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.dialects.postgresql import insert

from backend.db.work import Work
from backend.features.escalation.models import PagingRules

_STILL_RINGING: Final = text(
    "SELECT p.bundle_id, p.account_id, e.number, e.clock, e.due_at FROM page p JOIN escalation e ON e.id ="
    " p.escalation_id AND e.state <> 'paused' WHERE p.bundle_id = ANY (:bundles) AND p.state = 'ringing'"
    " ORDER BY p.bundle_id, e.due_at, p.id"
)


async def rules_of(work: Work, account_ids: Collection[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """The rules of those of these accounts that have any."""
    wanted = select(PagingRules).where(PagingRules.account_id.in_(account_ids))
    return {one.account_id: one.again for one in await work.scalars(wanted)}


async def put_rules(work: Work, account_id: UUID, again: list[dict[str, Any]], at: datetime) -> None:
    """Have somebody's rules be these; of two who say so at once the last holds."""
    said = {"again": again, "changed_at": at}
    put = insert(PagingRules).values(account_id=account_id, **said)
    await work.execute(put.on_conflict_do_update(index_elements=["account_id"], set_=said))


async def still_ringing(work: Work, bundle_ids: Sequence[UUID]) -> Sequence[Row[Any]]:
    """What of these bundles nobody has answered, by bundle, the earliest due first."""
    return (await work.execute(_STILL_RINGING, {"bundles": list(bundle_ids)})).all()
