"""The tickets of a project for those who answer for it: which, how old, whose work (EN-11, SN-05)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.db.work import Work
from backend.features.estate.service import project_scope
from backend.features.repairs.repository import ledger as repository
from backend.features.repairs.repository.ledger import By, Filter

__all__ = ["By", "Filter", "ages", "tickets_page"]


async def tickets_page(
    work: Work,
    caller: Caller,
    now: datetime,
    project_id: UUID,
    wanted: Filter,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Any]:
    """The tickets of a project in the caller's scope, the last opened first. Nobody's contact is among them.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project there.
    """
    scope = await project_scope(work, caller, now, project_id, "see_people")
    return await repository.page(work, project_id, scope, now, wanted, after, limit)


async def ages(
    work: Work, caller: Caller, now: datetime, project_id: UUID, wanted: Filter, by: By
) -> Sequence[Any]:
    """How many live tickets are how old, by state, component, engineer or company. Raises as `tickets_page`."""
    scope = await project_scope(work, caller, now, project_id, "see_people")
    return await repository.ages(work, project_id, scope, now, wanted, by)
