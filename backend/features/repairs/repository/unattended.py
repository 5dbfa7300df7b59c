"""What waits for somebody, in SQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select, text

from backend.db.work import Work
from backend.features.repairs.models import Ticket, TicketEmergency
from backend.features.repairs.rules.states import ENDED

_WAITS_UNSEEN = text(
    "SELECT (EXISTS (SELECT FROM ticket WHERE engineer_id IS NULL AND state = 'reported')"
    " OR EXISTS (SELECT FROM ticket_emergency WHERE state = 'declared'))"
    " AND NOT EXISTS (SELECT FROM timer WHERE kind = :kind AND state IN ('pending', 'parked'))"
)
_UNREMINDED = text(
    "SELECT a.ticket_id FROM appointment a WHERE a.outcome = 'agreed' AND a.ends_at > app_now() AND NOT EXISTS ("
    "SELECT FROM timer m WHERE m.kind = :kind AND m.key = a.id || '\\:0' AND m.state IN ('pending', 'parked'))"
    " ORDER BY a.ticket_id LIMIT 100"
)


async def lock_unnamed(work: Work, most: int) -> Sequence[Ticket]:
    """Open tickets without an engineer, the longest waiting first; those that somebody acts on now are left out."""
    wanted = select(Ticket).where(Ticket.engineer_id.is_(None), Ticket.state == "reported")
    return await _locked(work, wanted.order_by(Ticket.opened_at, Ticket.id), most)


async def lock_untaken(work: Work, most: int) -> Sequence[Ticket]:
    """Tickets whose emergency nobody has taken, the longest waiting first; left out likewise."""
    wanted = select(Ticket).join(TicketEmergency, TicketEmergency.ticket_id == Ticket.id)
    wanted = wanted.where(TicketEmergency.state == "declared", Ticket.state.not_in(ENDED))
    return await _locked(work, wanted.order_by(TicketEmergency.declared_at, Ticket.id), most)


async def waits_unseen(work: Work, kind: str) -> bool:
    """Whether something waits for somebody and no timer of the kind will look at it."""
    return bool(await work.scalar(_WAITS_UNSEEN, {"kind": kind}))


async def unreminded(work: Work, kind: str) -> Sequence[Any]:
    """Agreed visits still to come of which no timer will see whether they took place."""
    return (await work.execute(_UNREMINDED, {"kind": kind})).all()


async def _locked(work: Work, wanted: Select[Ticket], most: int) -> Sequence[Ticket]:
    taken = wanted.limit(most).with_for_update(key_share=True, skip_locked=True, of=Ticket)
    return (await work.scalars(taken.execution_options(populate_existing=True))).all()
