"""The sweep: every fifteen seconds what waits too long goes back to the queue, and what waits is given out.

It sets itself anew whenever it fires, from the first conversation on.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from backend.db.work import Work
from backend.features.chat.repository import agents, conversations, sweeping
from backend.features.chat.service.desk import Back, Desk
from backend.features.chat.service.duty import NobodyOnDuty
from backend.features.chat.service.promising import Promises, promises_of
from backend.features.roster.service import OnDuty, shifts_of
from backend.platform.outbox import Waker
from backend.platform.timers import keep, schedule

SWEEP: Final = "chat_sweep"
"""The kind of timer at which the desk is looked over; it has one key."""

_EVERY: Final = timedelta(seconds=15)
_KEY: Final = "chat"


async def keep_sweeping(work: Work, now: datetime) -> None:
    """Have the sweep run, if it does not already."""
    await keep(work, SWEEP, _KEY, now + _EVERY)


async def sweep(
    work: Work, waker: Waker, now: datetime, due_at: datetime, nobody_on_duty: NobodyOnDuty
) -> None:
    """Look the desk over once, and be there again in fifteen seconds; beats that were missed are not made up for."""
    over, untils = await _shifts(work, now)
    left = await sweeping.left_waiting(work, over)
    back = await _goes_back(work, now, left, over)
    found = await conversations.lock_many(work, back.keys())
    queues = await sweeping.queues(work)
    if found or queues or over or untils:
        desk = await Desk.open(
            work, now, nobody_on_duty, found, agent_ids=over | untils.keys(), queues=queues
        )
        await agents.note_shifts(work, untils)
        await agents.send_off(work, over)
        for one in found:
            why, since = back[one.id]
            desk.put_back(one, since, why)
        await desk.settle()
    missed = max((now - due_at) // _EVERY, 0)
    await schedule(work, waker, SWEEP, _KEY, due_at + (missed + 1) * _EVERY, {})


async def _goes_back(
    work: Work, now: datetime, left: Sequence[Any], over: Collection[UUID]
) -> dict[UUID, tuple[Back, datetime]]:
    """Which go back to the queue, why, and since when their owners have waited."""
    promises: dict[UUID, Promises] = {}
    back: dict[UUID, tuple[Back, datetime]] = {}
    for row in left:
        since = row.unanswered_since or now
        if row.agent_id in over:
            back[row.id] = ("shift_over", since)
        elif row.gone:
            back[row.id] = ("gone", since)
        elif row.unanswered_since is not None:
            if row.project_id not in promises:
                promises[row.project_id] = await promises_of(work, row.project_id, now)
            if promises[row.project_id].silent_since(since, now):
                back[row.id] = ("silence", since)
    return back


async def _shifts(work: Work, now: datetime) -> tuple[set[UUID], dict[UUID, datetime | None]]:
    """Whose shift is over, and whose has begun or ends at another time than was known, with its end.

    Everybody at the desk is asked about each time: an absence may be entered, shifts set, a position ended at any time.
    """
    over: set[UUID] = set()
    untils: dict[UUID, datetime | None] = {}
    at_desk = await agents.not_off(work)
    duties_of = await shifts_of(work, [one.account_id for one in at_desk], now) if at_desk else {}
    for one in at_desk:
        if duties := duties_of[one.account_id]:
            end = shift_end(duties)
            if (one.on_shift, one.shift_until) != (True, end):
                untils[one.account_id] = end
        elif one.on_shift:
            over.add(one.account_id)
    return over, untils


def shift_end(duties: Sequence[OnDuty]) -> datetime | None:
    """When the last of somebody's duties ends; None: no end in sight."""
    ends = [duty.until for duty in duties]
    return None if None in ends else max((end for end in ends if end is not None), default=None)
