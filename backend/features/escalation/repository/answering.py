"""Pages that somebody answers, with their chains, locked in one order for everybody."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select, text

from backend.db.work import Work
from backend.features.escalation.models import Escalation, Page, PageBundle
from backend.features.escalation.rules import OPEN_PAGES

_LOCK_THREADS: Final = text(
    "SELECT FROM thread WHERE id IN (SELECT thread_id FROM escalation WHERE id = ANY (CAST(:ids AS uuid[])))"
    " ORDER BY id FOR NO KEY UPDATE"
)


async def pages(work: Work, page_ids: Sequence[UUID]) -> Sequence[Page]:
    """These pages as they stand, not locked."""
    return (await work.scalars(select(Page).where(Page.id.in_(page_ids)).order_by(Page.id))).all()


async def pages_of_bundle(work: Work, bundle_id: UUID) -> Sequence[Page]:
    """Every page that rang in a bundle, not locked."""
    return (await work.scalars(select(Page).where(Page.bundle_id == bundle_id).order_by(Page.id))).all()


async def lock_threads(work: Work, chain_ids: Sequence[UUID]) -> None:
    """Lock the threads of chains: whoever acts on their subjects holds those before it looks for the chain."""
    await work.execute(_LOCK_THREADS, {"ids": list(chain_ids)})


async def lock_chains(work: Work, chain_ids: Sequence[UUID]) -> list[Escalation]:
    """These chains, locked in the order of their ids. Their timers are to be locked before."""
    wanted = select(Escalation).where(Escalation.id.in_(chain_ids)).order_by(Escalation.id)
    locked = wanted.with_for_update(key_share=True).execution_options(populate_existing=True)
    return list(await work.scalars(locked))


async def lock_open_pages(work: Work, chain_ids: Sequence[UUID]) -> list[Page]:
    """The open pages of chains, locked in the order of their ids."""
    wanted = (
        select(Page).where(Page.escalation_id.in_(chain_ids), Page.state.in_(OPEN_PAGES)).order_by(Page.id)
    )
    locked = wanted.with_for_update(key_share=True).execution_options(populate_existing=True)
    return list(await work.scalars(locked))


async def lock_bundle(work: Work, bundle_id: UUID) -> PageBundle | None:
    """A bundle, locked."""
    return await work.get(PageBundle, bundle_id, with_for_update={"key_share": True}, populate_existing=True)


async def called_in_round(work: Work, page: Page, account_id: UUID) -> bool:
    """Whether somebody was called at the step and in the round of a page already, or has a page of its chain."""
    theirs = select(Page.id).where(Page.escalation_id == page.escalation_id, Page.account_id == account_id)
    same = (Page.step == page.step) & (Page.round == page.round)
    return await work.scalar(theirs.where(same | Page.state.in_(OPEN_PAGES)).limit(1)) is not None


async def bundle(work: Work, bundle_id: UUID) -> PageBundle | None:
    """A bundle as it stands."""
    return await work.get(PageBundle, bundle_id)
