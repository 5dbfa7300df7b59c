"""Defects noted on tickets, put on a batch for the unit that answers for them (WR-17, EN-12)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import Conflict, Invalid
from backend.db.work import Work
from backend.features.repairs.repository import sites
from backend.features.warranty.service import BatchView, Defect, add_defects, batch_to_move
from backend.platform.threads import NewEntry, append_many


async def batch_defects(
    work: Work, caller: Caller, now: datetime, batch_id: UUID, ticket_ids: Sequence[UUID]
) -> BatchView:
    """Put what was found on these tickets on a batch that is being gathered. One that it has already stays once.

    Employees read on each ticket's thread where its defect went.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: there is no such batch in the caller's scope.
        Invalid: `ticket_without_defect`: no ticket of the batch's project, or nothing was noted on it.
        Conflict: `defect_batched_already`: in another batch; `defect_batch_move`, once this one is sent.
    """
    held = await batch_to_move(work, caller, now, batch_id)
    found = await sites.defects_noted(work, held.batch.project_id, ticket_ids)
    if unknown := set(ticket_ids) - {one.id for one in found}:
        raise Invalid("ticket_without_defect", field="tickets", value=str(min(unknown)))
    if elsewhere := [one.id for one in found if one.batch_id not in (None, batch_id)]:
        raise Conflict("defect_batched_already", field="tickets", value=str(elsewhere[0]))
    fresh = [one for one in found if one.batch_id is None]
    if not fresh:
        return held
    wanted = [Defect(one.home_id, one.component, f"{one.description}\n{one.cause}", one.id) for one in fresh]
    view = await add_defects(work, caller, now, batch_id, wanted)
    if view.defects < held.defects + len(fresh):
        # Somebody has put one of them on another batch at this moment: the unique index let theirs through alone.
        raise Conflict(
            "defect_batched_already", field="tickets", value=", ".join(str(one.id) for one in fresh)
        )
    body = {"batch": str(batch_id), "unit": held.batch.unit}
    await append_many(
        work, [NewEntry(one.thread_id, "defect_batched", body, caller.account_id, "staff") for one in fresh]
    )
    return view
