"""A case that was closed although nobody accepted it is looked at again on a day (HC-40, HC-41, CT-28)."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.core.clock import local_date
from backend.db.work import Work
from backend.features.hotline.models import Case
from backend.features.hotline.repository import cases, flow
from backend.features.hotline.service.acting import SUBJECT, in_each_language
from backend.features.notices.service import About, Telling, Value, tell_many
from backend.features.roster.service import on_duty_at
from backend.platform.outbox import Waker
from backend.platform.threads import NewEntry, append_many
from backend.platform.timers import cancel, schedule

REVIEW: Final = "case_review"
"""The kind of timer at which a closed case is looked at again; its key is the case's id."""

SPECIALIST: Final = "complaint_specialist"
"""Who looks (HC-04)."""

_MORNING: Final = time(9, tzinfo=ZoneInfo("Asia/Shanghai"))
"""When on that day somebody is told. Ours."""


async def schedule_review(work: Work, waker: Waker, case_id: UUID, review_on: date) -> None:
    """Have somebody told on that day."""
    at = datetime.combine(review_on, _MORNING)
    await schedule(work, waker, REVIEW, str(case_id), at, {"case": str(case_id)})


async def forget_review(work: Work, case_id: UUID) -> None:
    """Nobody needs to be told: it is open again."""
    await cancel(work, REVIEW, [str(case_id)])


async def tell_reviews(work: Work, now: datetime, case_ids: Sequence[UUID]) -> None:
    """The day has come: a line for staff, and a notice to the specialists on duty, else to those there are.

    Nothing else happens to a case by itself: a person looks, and opens it again or does not.
    """
    found = [one for one in (await flow.find_many(work, case_ids)) if one.state == "closed"]
    people = await specialists_of(work, now, found)
    what = in_each_language("case.told_review")
    entries, tellings = [], []
    for one in found:
        entries.append(
            NewEntry(one.thread_id, "review_due", {"reason": one.close_reason}, None, audience="staff")
        )
        if people[one.id]:
            about = About(SUBJECT, one.id, one.thread_id)
            data: dict[str, Value] = {"number": one.number, "what": what}
            tellings.append(
                Telling("case_moved", people[one.id], data, about, f"case:{one.id}:{one.version}:review")
            )
    await append_many(work, entries)
    await tell_many(work, tellings)


async def specialists_of(work: Work, now: datetime, found: Sequence[Case]) -> dict[UUID, list[UUID]]:
    """Of each case the specialists on duty, else those there are; without whoever is kept from it."""
    duty = await on_duty_at(work, {(one.node_id, SPECIALIST) for one in found}, now)
    kept = await cases.barred(work, [one.id for one in found])
    people = {}
    for one in found:
        there = [post.account_id for post in duty.get((one.node_id, SPECIALIST), [])]
        if not there:
            holders = await cases.holders(work, one.node_id, [SPECIALIST], local_date(now))
            there = [holder.account_id for holder in holders]
        people[one.id] = [account for account in there if account not in kept[one.id]]
    return people
