"""What the person called does with a page: acknowledge it, decline it, hand it over.

Acknowledged is not met: the chain rests for one wait, and rings again when nothing has happened (CT-05). A button is
pressed on what one saw: it names the version of its page, and an old one is refused.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import Conflict, Invalid, NotFound
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.escalation.models import Escalation, Page
from backend.features.escalation.repository import answering as repository
from backend.features.escalation.repository.people import Called, called, looks_after
from backend.features.escalation.rules import Stand, at_once, read_steps, rested
from backend.features.escalation.service.calendars import Calendars
from backend.features.escalation.service.ringing import ring_soon
from backend.features.escalation.service.silence import fall_silent
from backend.features.escalation.service.starting import STEP, timer_of
from backend.platform.outbox import Waker
from backend.platform.threads import NewEntry, append_many
from backend.platform.timers import cancel, schedule_many


@dataclass(slots=True)
class Held:
    """Chains with their open pages, locked until the unit of work ends; their timers are set anew by `settle`."""

    work: Work
    waker: Waker
    now: datetime
    chains: dict[UUID, Escalation]
    pages: list[Page]
    calendars: Calendars

    @classmethod
    async def of(cls, work: Work, waker: Waker, now: datetime, chain_ids: Collection[UUID]) -> "Held":
        """These chains: first their threads, as whoever acts on a case does; then their timers, then they themselves.

        A worker that takes a turn holds the timer, and passes over the chains that it cannot have at once.
        """
        wanted = sorted(set(chain_ids))
        await repository.lock_threads(work, wanted)
        await cancel(work, STEP, [str(one) for one in wanted])
        chains = await repository.lock_chains(work, wanted)
        pages = await repository.lock_open_pages(work, wanted)
        calendars = await Calendars.of(work, {one.node_id for one in chains})
        return cls(work, waker, now, {one.id: one for one in chains}, pages, calendars)

    def stand(self, chain: Escalation) -> Stand:
        """How a living chain stands, or stood when it was paused."""
        if chain.state == "paused":
            assert chain.held_state is not None
            assert chain.held_next_at is not None
            return Stand(chain.held_state, chain.step, chain.round, chain.held_next_at)
        assert chain.next_at is not None
        return Stand(chain.state, chain.step, chain.round, chain.next_at)

    def put(self, chain: Escalation, stand: Stand) -> None:
        """How a living chain stands from now on; while it is paused, when it goes on."""
        if chain.state == "paused":
            chain.held_state, chain.held_next_at = stand.state, stand.next_at
        else:
            chain.state, chain.next_at = stand.state, stand.next_at
        chain.version += 1

    async def settle(self, entries: Sequence[NewEntry]) -> None:
        """Set the timers of what lives, write the lines, and take back what calls for nothing any more."""
        await self.work.flush()
        living = [(one.id, one.next_at) for one in self.chains.values() if one.next_at is not None]
        await schedule_many(self.work, self.waker, [timer_of(id_, at) for id_, at in living])
        await append_many(self.work, entries)
        await fall_silent(self.work, [one.bundle_id for one in self.pages if one.closed_at is not None])


async def acknowledge(
    work: Work, waker: Waker, caller: Caller, now: datetime, page_id: UUID, version: int
) -> Page:
    """I have it: the others are called no more, and neither am I for one wait.

    Raises:
        NotFound: no such page of the caller's.
        Conflict: `page_stale`.
    """
    held, page = await _mine(work, waker, caller, now, page_id, version)
    await take(held, [page], caller.account_id, "app")
    return page


async def take(held: Held, pages: Sequence[Page], account_id: UUID, via: str) -> None:
    """Have these open pages of somebody acknowledged, each chain rest, and its other open pages be answered."""
    people = await called(held.work, [account_id])
    entries = []
    for page in pages:
        chain = held.chains[page.escalation_id]
        for other in held.pages:
            if other.escalation_id == chain.id:
                _close(other, "acknowledged" if other is page else "answered", held.now)
        page.via = via
        stand = rested(
            read_steps(chain.steps), held.stand(chain), held.now, held.calendars.count(chain.node_id)
        )
        held.put(chain, stand)
        body = _said(people[account_id], page, chain) | {"via": via, "rests_until": stand.next_at.isoformat()}
        entries.append(NewEntry(chain.thread_id, "page_acknowledged", body, account_id, "staff"))
    await held.settle(entries)


async def decline(
    work: Work, waker: Waker, caller: Caller, now: datetime, page_id: UUID, version: int, reason: str
) -> Page:
    """I cannot: who else was called goes on being called; with nobody left, the next step is called at once.

    The last step has no next: it is called again when its wait is over, as it would have been.

    Raises:
        NotFound: no such page of the caller's.
        Conflict: `page_stale`.
    """
    held, page = await _mine(work, waker, caller, now, page_id, version)
    chain = held.chains[page.escalation_id]
    _close(page, "declined", now)
    page.reason = reason
    left = [one for one in held.pages if one.state in ("waiting", "ringing") and one.step == chain.step]
    stand = held.stand(chain)
    called_now = page.step == chain.step and stand.state == "calling"
    if called_now and not left and chain.step < len(chain.steps) - 1 and stand.next_at > now:
        held.put(chain, at_once(stand, now))
    people = await called(work, [caller.account_id])
    body = _said(people[caller.account_id], page, chain) | {"reason": reason}
    await held.settle([NewEntry(chain.thread_id, "page_declined", body, caller.account_id, "staff")])
    return page


async def hand_over(
    work: Work, waker: Waker, caller: Caller, now: datetime, page_id: UUID, version: int, to: UUID
) -> tuple[Page, Page]:
    """Somebody else who looks after the place is called in my stead, by a page of their own; the chain goes on.

    Raises:
        NotFound: no such page of the caller's.
        Invalid: `handover_to_yourself`, `handover_unknown`.
        Conflict: `page_stale`, `handover_called_already`.
    """
    if to == caller.account_id:
        raise Invalid("handover_to_yourself", field="to")
    await ring_soon(work, waker, now, [to])
    held, page = await _mine(work, waker, caller, now, page_id, version)
    chain = held.chains[page.escalation_id]
    place = await looks_after(work, to, chain.node_id, local_date(now))
    # Whoever is barred is not there for this chain, and nobody learns why.
    if place is None or to in chain.barred:
        raise Invalid("handover_unknown", field="to")
    if await repository.called_in_round(work, page, to):
        raise Conflict("handover_called_already", field="to")
    _close(page, "handed_over", now)
    await work.flush()
    new = Page(
        id=new_id(),
        escalation_id=chain.id,
        account_id=to,
        step=page.step,
        round=page.round,
        role=place.role,
        node_id=place.node_id,
        due_at=now,
        state="waiting",
        version=1,
        from_page_id=page.id,
    )
    work.add(new)
    people = await called(work, [caller.account_id, to])
    body = _said(people[caller.account_id], page, chain) | {"to": str(to), "to_name": people[to].name}
    await held.settle([NewEntry(chain.thread_id, "page_handed_over", body, caller.account_id, "staff")])
    return page, new


async def _mine(
    work: Work, waker: Waker, caller: Caller, now: datetime, page_id: UUID, version: int
) -> tuple[Held, Page]:
    found = next(iter(await repository.pages(work, [page_id])), None)
    if found is None or found.account_id != caller.account_id:
        raise NotFound()
    held = await Held.of(work, waker, now, [found.escalation_id])
    page = next((one for one in held.pages if one.id == page_id), None)
    if page is None or page.version != version:
        raise Conflict("page_stale")
    return held, page


def _close(page: Page, state: Any, now: datetime) -> None:
    page.state, page.closed_at, page.version = state, now, page.version + 1


def _said(who: Called, page: Page, chain: Escalation) -> dict[str, Any]:
    return {"page": str(page.id), "clock": chain.clock, "name": who.name, "role": page.role}
