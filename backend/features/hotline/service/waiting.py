"""A case that waits for somebody and is owed by no clock does not lie in silence: they are told, until they act.

A proposal waits for the owner, an answered or visited matter for whoever closes it. How often is ours: the method
names no time for either, and neither is a promise to the owner.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from backend.db.work import Work
from backend.features.hotline.models import Case
from backend.features.hotline.repository import cases
from backend.features.hotline.repository.clocks import lock_unclocked
from backend.features.hotline.rules.states import WAITING
from backend.features.hotline.service.acting import SUBJECT, in_each_language
from backend.features.hotline.service.parts import HOUSEHOLD
from backend.features.hotline.service.reviewing import specialists_of
from backend.features.notices.service import About, Telling, tell_many
from backend.platform.outbox import Waker
from backend.platform.timers import NewTimer, schedule_many

WAITS: Final = "case_waits"
"""The kind of timer at which a case that waits is looked at; its key is the case's id."""

_EVERY: Final = timedelta(days=2)


async def wait_for_somebody(work: Work, waker: Waker, now: datetime, case: Case) -> None:
    """Have whoever a case waits for told in two days, when its state is one in which nothing else is owed."""
    if case.state in WAITING:
        await schedule_many(work, waker, [_timer(case.id, now + _EVERY)])


async def tell_waiting(work: Work, waker: Waker, now: datetime, due: Sequence[tuple[UUID, datetime]]) -> None:
    """Tell them, and again in two days; what has gone on since is passed over."""
    at = dict(due)
    found = await lock_unclocked(work, list(at), WAITING)
    specialists = await specialists_of(work, now, [one for one in found if one.state != "proposed"])
    owners = await cases.addressees(work, [one.id for one in found if one.state == "proposed"], HOUSEHOLD)
    tellings = []
    for one in found:
        word = "answer" if one.state == "proposed" else "closing"
        people = owners.get(one.id, []) if one.state == "proposed" else specialists[one.id]
        what = in_each_language(f"case.told_waits_for_{word}")
        key = f"case:{one.id}:{one.version}:waits:{at[one.id].isoformat()}"
        about = About(SUBJECT, one.id, one.thread_id)
        tellings.append(Telling("case_moved", people, {"number": one.number, "what": what}, about, key))
    missed = {one.id: max((now - at[one.id]) // _EVERY, 0) for one in found}
    timers = [_timer(one.id, at[one.id] + (missed[one.id] + 1) * _EVERY) for one in found]
    await schedule_many(work, waker, timers)
    await tell_many(work, [one for one in tellings if one.accounts])


def _timer(case_id: UUID, at: datetime) -> NewTimer:
    return NewTimer(WAITS, str(case_id), at, {"case": str(case_id)})
