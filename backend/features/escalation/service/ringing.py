"""Bundles: all pages of one person that come within a minute ring as one notice, and nothing is dropped.

The first page of a person rings at once, together with whatever else comes in the same instant. What comes in the
minute after it waits for that minute's end. Quiet hours do not apply, and nobody can switch pages off (HC-10).
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row

from backend.core.ids import new_id
from backend.core.locale import LOCALES
from backend.db.work import Work
from backend.features.escalation.repository import bundles as repository
from backend.features.escalation.words import every_one, first_few, time_left
from backend.features.notices.service import About, Telling, tell_many
from backend.platform.outbox import Waker
from backend.platform.timers import NewTimer, schedule_many

BUNDLE: Final = "page_bundle"
"""The kind of timer at which somebody's waiting pages ring; its key is the account."""

KIND: Final = "page"
"""The kind of notice."""

THROTTLE: Final = timedelta(minutes=1)
"""Nobody is called more often."""

_LATELY: Final = timedelta(minutes=1)
_GATHERS: Final = timedelta(seconds=30)
_SOON: Final = timedelta(milliseconds=500)


async def ring_soon(work: Work, waker: Waker, now: datetime, accounts: Collection[UUID]) -> None:
    """Have what waits for these people ring, as soon as they may be called. Before any page of theirs is locked."""
    await schedule_many(work, waker, await bundle_timers(work, now, accounts))


async def bundle_timers(work: Work, now: datetime, accounts: Collection[UUID]) -> list[NewTimer]:
    """The timers at which these people may be called next."""
    if not accounts:
        return []
    last = await repository.last_rung(work, accounts)
    return [
        _timer(account, max(now, last[account] + THROTTLE) if account in last else now)
        for account in accounts
    ]


async def ring(work: Work, waker: Waker, now: datetime, accounts: Sequence[UUID]) -> list[tuple[UUID, UUID]]:
    """Have what waits for these people ring: a notice each. Who was called within a minute is called after it.

    While many chains go on in one instant, what they make is gathered for some seconds, so that it is one notice.
    Returns what has rung: each a bundle with its person.
    """
    last = await repository.last_rung(work, accounts)
    due = {one: last[one] + THROTTLE for one in accounts if one in last and last[one] + THROTTLE > now}
    more = await repository.gathering(work, accounts, lately=_LATELY, most=_GATHERS)
    due |= {one: now + _SOON for one in accounts if one in more and one not in due}
    timers = [_timer(account, at) for account, at in due.items()]
    may = [one for one in accounts if one not in due]
    taken = sorted(await repository.take(work, may), key=lambda row: row.account_id) if may else []
    rung: list[tuple[UUID, UUID, UUID]] = []
    tellings: list[Telling] = []
    for account, rows in groupby(taken, key=lambda row: row.account_id):
        bundle, pages = new_id(), list(rows)
        rung += [(row.id, bundle, account) for row in pages]
        about = About(BUNDLE, bundle)
        tellings.append(Telling(KIND, [account], words_of(pages, now), about, f"{BUNDLE}:{bundle}"))
    if rung:
        await repository.ring(work, now, rung)
    left = await repository.left(work, may, [page for page, _, _ in rung]) if may else []
    timers += [_timer(account, now + THROTTLE) for account in left]
    await schedule_many(work, waker, timers)
    await tell_many(work, tellings)
    return list(dict.fromkeys((bundle, account) for _, bundle, account in rung))


def _timer(account: UUID, at: datetime) -> NewTimer:
    return NewTimer(BUNDLE, str(account), at, {"account": str(account)})


def words_of(pages: Sequence[Row[Any]], now: datetime) -> dict[str, dict[str, str]]:
    """What a notice says of pages, the earliest due first."""
    numbers = list(dict.fromkeys(row.number for row in pages))
    lines = [(row.number, row.clock, row.due_at) for row in pages]
    return {
        "cases": {locale: first_few(numbers, locale) for locale in LOCALES},
        "left": {locale: time_left(pages[0].due_at - now, locale) for locale in LOCALES},
        "all": {locale: every_one(lines, now, locale) for locale in LOCALES},
    }
