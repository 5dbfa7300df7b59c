"""Holding a chain for maintenance, for a reason, until a moment, and on the record; and letting it go on before that.

What was due meanwhile is not made up for in one go: the chain goes on with the step it was to take.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.escalation.models import Escalation, EscalationPause
from backend.features.escalation.repository import board, pausing
from backend.features.escalation.repository.people import called
from backend.features.escalation.service.answering import Held
from backend.features.people.service import scope_of
from backend.platform.outbox import Waker
from backend.platform.threads import NewEntry

LONGEST: Final = timedelta(days=3)
"""No chain is silent for longer by one decision. Ours: the method knows no pause."""


async def pause(
    work: Work, waker: Waker, caller: Caller, now: datetime, chain_id: UUID, reason: str, until: datetime
) -> Escalation:
    """Call nobody of this chain until a moment. What rings already may still be answered.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: none in the caller's scope.
        Invalid: `pause_in_the_past`, `pause_too_long`.
        Conflict: `escalation_not_calling`.
    """
    held, chain = await _held(work, waker, caller, now, chain_id)
    if until <= now:
        raise Invalid("pause_in_the_past", field="until")
    if until - now > LONGEST:
        raise Invalid("pause_too_long", field="until", hours=int(LONGEST / timedelta(hours=1)))
    if chain.state not in ("calling", "rested"):
        raise Conflict("escalation_not_calling")
    chain.held_state, chain.held_next_at = chain.state, chain.next_at
    chain.state, chain.next_at, chain.version = "paused", until, chain.version + 1
    work.add(
        EscalationPause(
            id=new_id(),
            escalation_id=chain.id,
            reason=reason,
            since=now,
            until=until,
            by_id=caller.account_id,
        )
    )
    body = {"clock": chain.clock, "reason": reason, "until": until.isoformat()}
    await _settle(held, chain, caller, "chain_paused", body)
    return chain


async def resume(
    work: Work, waker: Waker, caller: Caller, now: datetime, chain_id: UUID, reason: str
) -> Escalation:
    """Have a paused chain go on before its pause ends.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: none in the caller's scope.
        Conflict: `escalation_not_paused`.
    """
    held, chain = await _held(work, waker, caller, now, chain_id)
    if chain.state != "paused" or chain.held_state is None or chain.held_next_at is None:
        raise Conflict("escalation_not_paused")
    chain.state, chain.next_at = chain.held_state, max(chain.held_next_at, now)
    chain.held_state, chain.held_next_at, chain.version = None, None, chain.version + 1
    await pausing.resumed(work, chain.id, caller.account_id, now)
    await _settle(held, chain, caller, "chain_resumed", {"clock": chain.clock, "reason": reason})
    return chain


async def _held(
    work: Work, waker: Waker, caller: Caller, now: datetime, chain_id: UUID
) -> tuple[Held, Escalation]:
    scope = await scope_of(work, caller, "operate", now)
    if not await board.is_within(work, chain_id, scope, caller.account_id):
        raise NotFound()
    held = await Held.of(work, waker, now, [chain_id])
    return held, held.chains[chain_id]


async def _settle(held: Held, chain: Escalation, caller: Caller, kind: str, body: dict[str, str]) -> None:
    people = await called(held.work, [caller.account_id])
    told = body | {"name": people[caller.account_id].name}
    await held.settle([NewEntry(chain.thread_id, kind, told, caller.account_id, "staff")])
