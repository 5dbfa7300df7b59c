"""Confirmed by telephone (HC-11): an agent calls who was paged; it is recorded who was called, when, reached or not.

What is to be called about follows from what rings: there is no second list that could go astray. Whoever has confirmed
a page with one tap need not be called about it any more (EN-01).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import Invalid, NotFound
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.escalation.models import PageCall
from backend.features.escalation.repository import answering, listing
from backend.features.escalation.repository.listing import PageRow
from backend.features.escalation.repository.people import called
from backend.features.escalation.service.answering import Held, take
from backend.features.people.service import scope_of
from backend.platform.outbox import Waker
from backend.platform.threads import NewEntry, append_many

_AHEAD: Final = timedelta(minutes=2)
"""So far an agent's clock may be ahead of ours: what it says then was just now."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A call that was made: when, whether the person was reached, and what was said."""

    reached: bool
    at: datetime
    said: str | None


async def calls_page(
    work: Work, caller: Caller, now: datetime, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[PageRow]:
    """Whom to call about which pages, the longest unanswered first.

    Raises:
        NotAllowed: `not_in_your_role`.
    """
    scope = await scope_of(work, caller, "answer_hotline", now)
    return await listing.calls_to_make(work, caller.account_id, scope, after, limit)


async def call_shown(work: Work, caller: Caller, now: datetime, call_id: UUID) -> PageRow:
    """One of them, whether it is still to be made or not.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: none of the caller's.
    """
    scope = await scope_of(work, caller, "answer_hotline", now)
    found = await listing.call_of(work, caller.account_id, scope, call_id)
    if found is None:
        raise NotFound()
    return found


async def record_call(
    work: Work, waker: Waker, caller: Caller, now: datetime, call_id: UUID, spoken: Spoken
) -> PageRow:
    """Write a call down. Whoever was reached has the pages that ring still; else they go on ringing.

    Raises:
        NotAllowed, NotFound: as `call_shown`.
        Invalid: `call_in_the_future`, `call_before_it_rang`.
    """
    asked = await call_shown(work, caller, now, call_id)
    if spoken.at > now + _AHEAD:
        raise Invalid("call_in_the_future", field="at")
    if spoken.at < asked.rung_at:
        raise Invalid("call_before_it_rang", field="at")
    shown = {UUID(one["page_id"]) for one in asked.pages}
    pages = [one for one in await answering.pages_of_bundle(work, call_id) if one.id in shown]
    held = await Held.of(work, waker, now, [one.escalation_id for one in pages])
    work.add(
        PageCall(
            id=new_id(),
            bundle_id=call_id,
            account_id=asked.account_id,
            by_id=caller.account_id,
            at=min(spoken.at, now),
            reached=spoken.reached,
            said=spoken.said,
        )
    )
    people = await called(work, [asked.account_id])
    body = {
        "account": str(asked.account_id),
        "name": people[asked.account_id].name,
        "reached": spoken.reached,
        "at": min(spoken.at, now).isoformat(),
        "said": spoken.said,
    }
    entries = [
        NewEntry(chain.thread_id, "page_called", body | {"clock": chain.clock}, caller.account_id, "staff")
        for chain in held.chains.values()
    ]
    await append_many(work, entries)
    ringing = [one for one in held.pages if one.id in shown and one.state == "ringing"]
    if spoken.reached and ringing:
        await take(held, ringing, asked.account_id, "telephone")
    else:
        await held.settle([])
    return await call_shown(work, caller, now, call_id)
