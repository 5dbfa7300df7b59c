"""How a clock is counted, for staff: its rule, its working time interval by interval, what is left (CT-05 to CT-07)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from backend.core.caller import Caller
from backend.db.work import Work
from backend.features.hotline.models import CaseClock
from backend.features.hotline.service.reading import Found, find_case
from backend.platform.calendar import Calendar, Interval, calendar_of, working_between
from backend.platform.clocks import OPEN, counts_working, due_at


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`counted`: what makes up the first promise, by the calendar as it stands; None: that has changed since.

    `left`: until it is due, counted as it counts; negative: late by that; None: it has ended or stands still.
    """

    clock: CaseClock
    counted: Sequence[Interval] | None
    left: timedelta | None


@dataclass(frozen=True, slots=True)
class Counted:
    """A case's clocks with their arithmetic. `contact_first`: C1 is due after C2, which it must precede (CT-05)."""

    found: Found
    clocks: Sequence[Arithmetic]
    contact_first: bool


async def clocks_counted(work: Work, caller: Caller, now: datetime, case_id: UUID) -> Counted:
    """The clocks of a case that the caller sees.

    Raises:
        NotFound: they see none of that id.
    """
    found = await find_case(work, caller, now, case_id)
    calendar = await calendar_of(work, found.row.node_id)
    firsts = {one.code: one for one in found.clocks if one.round == 1 and one.number == 1}
    dispatch, contact = firsts.get("C1"), firsts.get("C2")
    return Counted(
        found,
        [_counted(calendar, one, now) for one in found.clocks],
        dispatch is not None and contact is not None and dispatch.first_promise > contact.first_promise,
    )


def _counted(calendar: Calendar, clock: CaseClock, now: datetime) -> Arithmetic:
    promised = None if clock.rule is None else due_at(calendar, clock.starts_at, clock.rule)
    same = promised is not None and promised.moment == clock.first_promise
    left = None
    if clock.state in OPEN and clock.state != "paused":
        left = _left(calendar, clock, now)
    return Arithmetic(clock, promised.counted if same and promised is not None else None, left)


def _left(calendar: Calendar, clock: CaseClock, now: datetime) -> timedelta:
    if not counts_working(clock.rule):
        return clock.due_at - now
    if now <= clock.due_at:
        return working_between(calendar, now, clock.due_at)
    return -working_between(calendar, clock.due_at, now)
