"""Reading tickets: one as somebody sees it, and the list of one's own."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import NotFound
from backend.core.locale import Locale, say
from backend.core.paging import decode_cursor, encode_cursor
from backend.db.direct import Direct
from backend.db.work import Work
from backend.features.repairs.models import TicketClock
from backend.features.repairs.repository import tickets, views
from backend.features.repairs.rules.gates import Standing, ticks
from backend.features.repairs.rules.states import STATES, legal
from backend.features.repairs.service.opening import Opened
from backend.features.repairs.service.parts import HOUSEHOLD, Acts, acts_on
from backend.features.standard.service import Label, stored
from backend.platform.http.digests import told_tag


@dataclass(frozen=True, slots=True)
class Found:
    """A ticket with its evidence and clocks, as one caller sees it. `promises`: the words of a clock's code."""

    row: Any
    acts: Acts
    clocks: list[TicketClock]
    promises: dict[str, Label]

    @property
    def can(self) -> list[str]:
        """The moves the caller may make now."""
        return legal(self.row.state, self.acts.parts)

    @property
    def ticks(self) -> dict[str, bool]:
        """The four ticks."""
        return ticks(self.acts.stands)


async def find_ticket(work: Work, caller: Caller, now: datetime, ticket_id: UUID) -> Found:
    """One ticket.

    Raises:
        NotFound: the caller sees none of that id.
    """
    ticket = await tickets.find(work, ticket_id)
    if ticket is None:
        raise NotFound()
    acts = await acts_on(work, caller, now, ticket)
    clocks = list(await tickets.clocks_of(work, ticket_id))
    promises = await _promises(work, ticket.standard_version_id)
    return Found(await views.one(work, ticket_id), acts, clocks, promises)


async def find_opened(work: Work, caller: Caller, now: datetime, opened: Opened) -> Found:
    """A ticket that the caller has just opened: as it was written, when it was by an owner. Raises as above."""
    new = opened.new
    if new is None or caller.kind != "owner":
        return await find_ticket(work, caller, now, opened.id)
    acts = Acts(frozenset({"owner"}), None, Standing(urgent=new.ticket.urgent))
    promises = await _promises(work, new.ticket.standard_version_id)
    return Found(views.opened(new.ticket, new.home, new.photos), acts, new.clocks, promises)


async def _promises(work: Work, version_id: UUID | None) -> dict[str, Label]:
    if version_id is None:
        return {}
    return {one.code: one.promise for one in (await stored(work, version_id)).document.clocks}


async def my_tickets(
    direct: Direct,
    caller: Caller,
    locale: Locale,
    *,
    live: bool,
    cursor: str | None,
    limit: int,
    shape: str,
    holds: Callable[[str], bool] | None,
) -> tuple[str, bytes | None]:
    """The entity tag of a page of the caller's tickets and, unless they hold that, the page as JSON.

    Raises:
        Invalid: `cursor_invalid`.
    """
    after = decode_cursor(cursor, tuple[datetime, UUID])
    if holds is not None:
        mark = await views.listed_mark(
            direct, caller.kind, caller.account_id, HOUSEHOLD, limit, after, live=live
        )
        if holds(tag := told_tag(mark, locale, live, shape)):
            return tag, None
    page = await views.listed(
        direct, caller.kind, caller.account_id, HOUSEHOLD, limit, after, _NAMES[locale], live=live
    )
    following = b"null" if page.next is None else f'"{encode_cursor(*page.next)}"'.encode()
    return told_tag(page.mark, locale, live, shape), b'{"items":[%b],"next":%b}' % (page.items, following)


def state_names(locale: Locale) -> dict[str, str]:
    """Every state in plain words."""
    return {state: say(locale, f"ticket.state_{state}") for state in STATES}


_NAMES: dict[Locale, str] = {
    locale: json.dumps(state_names(locale), ensure_ascii=False) for locale in ("zh-CN", "zh-TW", "en")
}
