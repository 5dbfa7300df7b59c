"""Calls by telephone that confirm pages (HC-11): whom to call, and what came of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from backend.core.locale import Locale
from backend.core.paging import decode_cursor
from backend.core.wire import Page
from backend.db.present import present
from backend.features.escalation import schemas
from backend.features.escalation.service import calls as service
from backend.features.escalation.words import clock_words
from backend.platform.http.caller import Staff
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Lang, Uow, router

calls = router(tag="pages")


@calls.get("/calls", responses=problems(401, 403))
async def list_calls(
    process: Here, work: Uow, caller: Staff, locale: Lang, cursor: Cursor = None, limit: Limit = 50
) -> Page[schemas.CallTask]:
    """Whom to call about which pages, the longest unanswered first. Whoever answers by one tap is called no more."""
    after = decode_cursor(cursor, tuple[datetime, UUID])
    found = await service.calls_page(work, caller, process.clock.now(), after, limit + 1)
    return page_of(found, limit, show=lambda one: _task(one, locale), key=lambda one: (one.rung_at, one.id))


@calls.post("/calls/{call_id}/record", responses=problems(401, 403, 404))
async def record_call(
    process: Here, work: Uow, caller: Staff, locale: Lang, call_id: UUID, asked: schemas.CallSpoken
) -> schemas.CallTask:
    """Write down a call that I made. Who was reached has acknowledged their pages; else they ring on."""
    spoken = service.Spoken(asked.reached, asked.at, asked.said)
    done = await service.record_call(work, process.waker, caller, await present(work), call_id, spoken)
    return _task(done, locale)


def _task(row: Any, locale: Locale) -> schemas.CallTask:
    pages = [schemas.CallPage(**one, clock_words=clock_words(one["clock"], locale)) for one in row.pages]
    return schemas.CallTask(
        id=row.id,
        account_id=row.account_id,
        name=row.name,
        rung_at=row.rung_at,
        pages=pages,
        calls=[schemas.CallMade(**one) for one in row.calls],
    )
