"""The inbox: a page of it, one row, read, all read; what was sent of it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from backend.core.locale import Locale
from backend.core.paging import decode_cursor
from backend.core.wire import Line
from backend.features.notices import schemas
from backend.features.notices.service import inbox
from backend.features.notices.templates import render
from backend.features.people.service import mask_phone
from backend.platform.http.caller import SignedIn, Staff
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Lang, Uow, router

notices = router(tag="notices")


@notices.get("/notices", responses=problems(401))
async def list_notices(
    process: Here,
    work: Uow,
    caller: SignedIn,
    locale: Lang,
    kind: Line | None = None,
    unread: Annotated[bool, Query(description="Only what is not read yet.")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> schemas.Notices:
    """My inbox, the newest first, and how much of it I have not read. It needs no channel to work."""
    before = decode_cursor(cursor, tuple[UUID])
    found = await inbox.page(
        work,
        caller.account_id,
        kind=kind,
        unread=unread,
        before=before[0] if before else None,
        limit=limit + 1,
    )
    count, _ = await inbox.unread(process.direct, caller.account_id)
    page = page_of(found, limit, show=lambda row: _notice(row, locale), key=lambda row: (row.id,))
    return schemas.Notices(items=page.items, next=page.next, unread=count)


@notices.post("/notices/read", status_code=204, responses=problems(401, 404))
async def read_notices(asked: schemas.ReadUpTo, work: Uow, caller: SignedIn) -> None:
    """I have read everything up to this notice."""
    await inbox.mark_read(work, caller, asked.up_to, and_before=True)


@notices.get("/notices/{notice_id}", responses=problems(401, 404))
async def get_notice(notice_id: UUID, work: Uow, caller: SignedIn, locale: Lang) -> schemas.Notice:
    """One notice of mine, as a push leads to it."""
    return _notice(await inbox.one(work, caller, notice_id), locale)


@notices.post("/notices/{notice_id}/read", status_code=204, responses=problems(401, 404))
async def read_notice(notice_id: UUID, work: Uow, caller: SignedIn) -> None:
    """I have read this notice."""
    await inbox.mark_read(work, caller, notice_id, and_before=False)


@notices.get("/notices/{notice_id}/deliveries", responses=problems(401, 403, 404))
async def list_deliveries(notice_id: UUID, process: Here, work: Uow, caller: Staff) -> schemas.Deliveries:
    """What was sent of a notice: when, by what, taken or not, opened or not. Addresses are masked."""
    found = await inbox.deliveries_of(work, caller, process.clock.now(), notice_id)
    return schemas.Deliveries(items=[_delivery(row) for row in found])


@notices.post("/deliveries/{delivery_id}/opened", status_code=204, responses=problems(401, 404))
async def open_delivery(delivery_id: UUID, work: Uow, caller: SignedIn) -> None:
    """I have tapped on it: so it arrived, and so I have read the notice it was of."""
    await inbox.opened(work, caller, delivery_id)


def _notice(row: Any, locale: Locale) -> schemas.Notice:
    title, body = render(row.kind, "push", locale, row.data)
    return schemas.Notice(
        id=row.id,
        kind=row.kind,
        title=title,
        body=body,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        thread_id=row.thread_id,
        created_at=row.created_at,
        read_at=row.read_at,
    )


def _delivery(row: Any) -> schemas.Delivery:
    return schemas.Delivery(to=_masked(row), **{name: getattr(row, name) for name in _SHOWN})


_SHOWN = tuple(name for name in schemas.Delivery.model_fields if name != "to")


def _masked(row: Any) -> str:
    if row.channel == "push":
        return str(row.platform)
    if row.channel == "sms":
        return mask_phone(row.address)
    name, _, domain = row.address.partition("@")
    return f"{name[:1]}***@{domain}"
