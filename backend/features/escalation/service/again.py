"""Calling somebody again by their own rules, while what rang is not answered: the same bundle, under the same link."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final
from uuid import UUID

from backend.db.work import Work
from backend.features.escalation.personal import Way, calls_again
from backend.features.escalation.repository import personal as repository
from backend.features.escalation.service.personal import read
from backend.features.escalation.service.ringing import BUNDLE, KIND, words_of
from backend.features.notices.service import About, Telling, tell_many
from backend.platform.outbox import Waker
from backend.platform.timers import NewTimer, schedule_many

AGAIN: Final = "page_again"
"""The kind of timer at which somebody is called again; its key is the bundle and the place among their rules."""


@dataclass(frozen=True, slots=True)
class Due:
    """A bundle whose person is to be called again, by these ways; `key` tells this call from the others."""

    bundle_id: UUID
    by: tuple[Way, ...]
    key: str


async def call_again_later(
    work: Work, waker: Waker, now: datetime, rung: Sequence[tuple[UUID, UUID]]
) -> None:
    """Set when those are called again whose pages have just rung: each a bundle with its person."""
    rules = await repository.rules_of(work, {account for _, account in rung}) if rung else {}
    timers = [
        NewTimer(AGAIN, f"{bundle}:{place}", at, {"bundle": str(bundle), "by": list(by)})
        for bundle, account in rung
        if account in rules
        for place, (at, by) in enumerate(calls_again(now, read(rules[account])))
    ]
    await schedule_many(work, waker, timers)


async def call_again(work: Work, now: datetime, due: Sequence[Due]) -> None:
    """Call these people again, about what of their bundles rings still; a chain that is held calls nobody."""
    rows = await repository.still_ringing(work, [one.bundle_id for one in due])
    left = {bundle: list(pages) for bundle, pages in groupby(rows, key=lambda row: row.bundle_id)}
    await tell_many(
        work,
        [
            Telling(
                KIND,
                [left[one.bundle_id][0].account_id],
                words_of(left[one.bundle_id], now),
                About(BUNDLE, one.bundle_id),
                f"{AGAIN}:{one.key}",
                frozenset(one.by),
            )
            for one in due
            if one.bundle_id in left
        ],
    )
