"""People's own rules of how they are called."""

from collections.abc import Collection, Sequence
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


async def put_rules(work: Work, rules: PagingRules) -> None:
    """Have somebody's rules be these, whoever else sets them at this moment."""
    theirs = {"again": rules.again, "changed_at": rules.changed_at}
    put = insert(PagingRules).values(account_id=rules.account_id, **theirs)
    await work.execute(put.on_conflict_do_update(index_elements=[PagingRules.account_id], set_=theirs))


async def still_ringing(work: Work, bundle_ids: Sequence[UUID]) -> Sequence[Row[Any]]:
    """What of these bundles nobody has answered, by bundle, the earliest due first."""
    return (await work.execute(_STILL_RINGING, {"bundles": list(bundle_ids)})).all()
