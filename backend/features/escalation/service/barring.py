"""Keeping somebody from the chains of a subject that live already: they are called no more, and see nothing of them."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from backend.db.work import Work
from backend.features.escalation.repository import answering as repository
from backend.features.escalation.service.answering import Held, close, next_if_nobody_is_left
from backend.platform.outbox import Waker


async def bar(
    work: Work, waker: Waker, now: datetime, subject_kind: str, subject_id: UUID, accounts: Collection[UUID]
) -> None:
    """These are called about a subject no more; what rang for them is over.

    Where nobody else was called, the next step is called at once, as when they had declined. Takes the subject's
    thread first, as everybody does.
    """
    living = await repository.living_of(work, subject_kind, subject_id)
    if not living:
        return
    held = await Held.of(work, waker, now, living)
    for chain in held.chains.values():
        if chain.next_at is None:
            continue
        chain.barred = sorted({*chain.barred, *accounts})
        theirs = [one for one in held.pages if one.escalation_id == chain.id and one.account_id in accounts]
        for page in theirs:
            close(page, "ended", now)
        next_if_nobody_is_left(held, chain, {page.step for page in theirs})
    await held.settle([])
