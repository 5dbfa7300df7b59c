"""Who may set the timers right: the administrators of the whole company, and every act with a reason on record."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import NotAllowed, NotFound
from backend.db.work import Work
from backend.features.notices.service import channels as channels_of
from backend.features.notices.service import deliveries_page, drop_delivery, resend_delivery
from backend.features.people.service import scope_of
from backend.platform.audit import last_report
from backend.platform.audit.models import AuditReport
from backend.platform.timers import operating
from backend.platform.timers.models import State, Timer, TimerHold
from backend.platform.tree import root_node


async def timers_page(
    work: Work,
    caller: Caller,
    now: datetime,
    *,
    state: State,
    kind: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Timer]:
    """Timers in a state, in the order they come due.

    Raises:
        NotAllowed: `not_in_your_role`.
    """
    await _require_operator(work, caller, now)
    return await operating.timers_page(work, state=state, kind=kind, after=after, limit=limit)


async def retry(work: Work, caller: Caller, now: datetime, timer_id: UUID, reason: str) -> Timer:
    """Have a parked timer tried again at once.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: there is none.
        Conflict: `timer_not_parked`.
    """
    await _require_operator(work, caller, now)
    return await operating.retry(work, timer_id, actor_id=caller.account_id, reason=reason, now=now)


async def drop(work: Work, caller: Caller, now: datetime, timer_id: UUID, reason: str) -> Timer:
    """Call a parked timer off.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: there is none.
        Conflict: `timer_not_parked`.
    """
    await _require_operator(work, caller, now)
    return await operating.drop(work, timer_id, actor_id=caller.account_id, reason=reason, now=now)


async def release(work: Work, caller: Caller, now: datetime, reason: str) -> TimerHold:
    """Confirm the database's clock as it stands, so that timers fire again.

    Raises:
        NotAllowed: `not_in_your_role`.
        Conflict: `timers_not_held`.
    """
    await _require_operator(work, caller, now)
    return await operating.release(work, actor_id=caller.account_id, reason=reason, now=now)


async def last_audit(work: Work, caller: Caller, now: datetime) -> AuditReport:
    """What the audit found when it last looked.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: it never has.
    """
    await _require_operator(work, caller, now)
    report = await last_report(work)
    if report is None:
        raise NotFound()
    return report


async def deliveries(
    work: Work,
    caller: Caller,
    now: datetime,
    *,
    state: str,
    channel: str | None,
    after: UUID | None,
    limit: int,
) -> Sequence[Any]:
    """Deliveries in a state, the oldest first.

    Raises:
        NotAllowed: `not_in_your_role`.
    """
    await _require_operator(work, caller, now)
    return await deliveries_page(work, state=state, channel=channel, after=after, limit=limit)


async def resend(work: Work, caller: Caller, now: datetime, delivery_id: UUID, reason: str) -> Any:
    """Send one again of which nobody knows whether it was taken.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: there is none.
        Conflict: `delivery_not_ambiguous`.
    """
    await _require_operator(work, caller, now)
    return await resend_delivery(work, caller, delivery_id, reason)


async def let_be(work: Work, caller: Caller, now: datetime, delivery_id: UUID, reason: str) -> Any:
    """Drop such a one.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: there is none.
        Conflict: `delivery_not_ambiguous`.
    """
    await _require_operator(work, caller, now)
    return await drop_delivery(work, caller, delivery_id, reason)


async def channels(work: Work, caller: Caller, now: datetime) -> Sequence[Any]:
    """Each way out: whether it is stopped, how much waits for it.

    Raises:
        NotAllowed: `not_in_your_role`.
    """
    await _require_operator(work, caller, now)
    return await channels_of(work)


async def _require_operator(work: Work, caller: Caller, now: datetime) -> None:
    scope = await scope_of(work, caller, "operate", now)
    company = await root_node(work)
    if company.id not in scope:
        raise NotAllowed("not_in_your_role")
