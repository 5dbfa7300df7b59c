"""Somebody's own pages, what they do with them, and how they want to be called."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query

from backend.core.locale import Locale
from backend.core.paging import decode_cursor
from backend.core.wire import Page
from backend.db.present import present
from backend.features.escalation import schemas
from backend.features.escalation.personal import Again
from backend.features.escalation.repository.listing import PageRow
from backend.features.escalation.service import answering, board, personal
from backend.features.escalation.service.ringing import KIND
from backend.features.escalation.words import clock_words
from backend.features.notices.service import channels_of
from backend.platform.http.caller import Staff
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Lang, Uow, router

pages = router(tag="pages")
paging = router(tag="me")


@pages.get("/pages", responses=problems(401, 403))
async def list_my_pages(
    process: Here,
    work: Uow,
    caller: Staff,
    locale: Lang,
    all_: Annotated[
        bool, Query(alias="all", description="Also those that ask for nothing any more.")
    ] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[schemas.CallOut]:
    """What I am called about, the newest first."""
    before = decode_cursor(cursor, tuple[UUID])
    found = await board.pages_of_mine(
        work, caller, before[0] if before else None, limit + 1, open_only=not all_
    )
    now = process.clock.now()
    return page_of(found, limit, show=lambda one: call_out(one, now, locale), key=lambda one: (one.id,))


@pages.post("/pages/{page_id}/acknowledge", responses=problems(401, 403, 404, 409))
async def acknowledge_page(
    process: Here, work: Uow, caller: Staff, locale: Lang, page_id: UUID, asked: schemas.PageSeen
) -> schemas.CallOut:
    """I have it. Nobody is called about it for a while; when nothing happens, it rings again."""
    now = await present(work)
    await answering.acknowledge(work, process.waker, caller, now, page_id, asked.version)
    return call_out(await board.page_shown(work, page_id), now, locale)


@pages.post("/pages/{page_id}/decline", responses=problems(401, 403, 404, 409))
async def decline_page(
    process: Here, work: Uow, caller: Staff, locale: Lang, page_id: UUID, asked: schemas.PageDeclined
) -> schemas.CallOut:
    """I cannot, and say why. When nobody else is being called, the next step is called at once."""
    now = await present(work)
    await answering.decline(work, process.waker, caller, now, page_id, asked.version, asked.reason)
    return call_out(await board.page_shown(work, page_id), now, locale)


@pages.post("/pages/{page_id}/handover", responses=problems(401, 403, 404, 409))
async def hand_page_over(
    process: Here, work: Uow, caller: Staff, locale: Lang, page_id: UUID, asked: schemas.PageHandedOver
) -> schemas.CallOut:
    """Somebody else who looks after the place is called in my stead, by a page of their own."""
    now = await present(work)
    await answering.hand_over(work, process.waker, caller, now, page_id, asked.version, asked.to)
    return call_out(await board.page_shown(work, page_id), now, locale)


@paging.get("/me/paging", responses=problems(401, 403))
async def read_my_paging(work: Uow, caller: Staff) -> schemas.Paging:
    """How I am called: what the company's policy demands, and what I have asked for beyond that."""
    return await _paging(work, await personal.rules_of_mine(work, caller))


@paging.put("/me/paging", responses=problems(401, 403))
async def set_my_paging(work: Uow, caller: Staff, asked: schemas.PagingAsked) -> schemas.Paging:
    """Choose anew, all at once, when and by what I am called again while I have not answered.

    It only adds: the policy's own call goes out at once by every channel it names, whatever stands here.
    """
    again = [Again(timedelta(minutes=one.after_minutes), tuple(one.by)) for one in asked.again]
    await personal.set_rules_of_mine(work, caller, await present(work), again)
    return await _paging(work, again)


async def _paging(work: Uow, again: list[Again]) -> schemas.Paging:
    return schemas.Paging(
        at_once=list(await channels_of(work, KIND)), again=[shown_again(one) for one in again]
    )


def shown_again(one: Again) -> schemas.PagingAgain:
    """A further call as it is shown."""
    return schemas.PagingAgain(after_minutes=one.after // timedelta(minutes=1), by=list(one.by))


def call_out(row: PageRow, now: datetime, locale: Locale) -> schemas.CallOut:
    """A page as it is shown to who is called."""
    return schemas.CallOut(
        id=row.id,
        version=row.version,
        state=row.state,
        number=row.number,
        clock=row.clock,
        clock_words=clock_words(row.clock, locale),
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        thread_id=row.thread_id,
        step=row.step + 1,
        steps=row.steps,
        round=row.round,
        role=row.role,
        promised_at=row.promised_at,
        seconds_left=int((row.promised_at - now).total_seconds()),
        due_at=row.due_at,
        rung_at=row.rung_at,
        closed_at=row.closed_at,
        via=row.via,
        reason=row.reason,
        goes_on_at=row.next_at,
    )
