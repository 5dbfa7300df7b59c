"""Conversations: opening one, finding one's own, what stands beside one, keeping a copy, rating it."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from fastapi.responses import StreamingResponse

from backend.core.errors import Invalid
from backend.core.locale import Locale
from backend.core.paging import decode_cursor
from backend.core.wire import Page
from backend.features.chat import schemas, service, telling
from backend.features.chat.routes.asked import OnNobody
from backend.platform.http.caller import Owner, SignedIn, Staff
from backend.platform.http.etags import version_tag
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Lang, Uow, router

conversations = router(tag="conversations")


@conversations.post(
    "/conversations",
    status_code=201,
    responses=problems(401, 403, 409) | {200: {"description": "You have opened it before"}},
)
async def open_conversation(
    process: Here,
    work: Uow,
    caller: SignedIn,
    lang: Lang,
    nobody_on_duty: OnNobody,
    asked: schemas.NewConversation,
    response: Response,
) -> schemas.Conversation:
    """Bring something to a project's hotline, or note what a caller brings.

    It waits in the queue of its project until an agent on duty has it; the answer says where in line, by when it is
    first answered if the standard sets that, and whom we told where nobody is on duty.
    """
    now = process.clock.now()
    wanted = service.Asked(**asked.model_dump())
    id_, is_new = await service.open_conversation(work, caller, now, nobody_on_duty, wanted)
    found = await service.find_conversation(work, caller, now, id_)
    response.status_code = 201 if is_new else 200
    response.headers["etag"] = version_tag(found.row.version)
    return telling.conversation(found, caller, lang)


@conversations.get("/conversations", responses=problems(401, 403))
async def list_conversations(
    process: Here,
    work: Uow,
    caller: SignedIn,
    lang: Lang,
    state: Annotated[
        schemas.State | None, Query(description="For employees: only those in this state.")
    ] = None,
    project: Annotated[UUID | None, Query(description="For employees: only those of this project.")] = None,
    agent: Annotated[UUID | None, Query(description="For employees: only those this one holds.")] = None,
    mine: Annotated[bool, Query(description="For employees: only those I take part in.")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[schemas.Conversation]:
    """Conversations, the newest first: an owner's own and the household's, an employee's by position."""
    filters = {"state": state, "project_id": project, "agent_id": agent, "mine": mine or None}
    given = {name: value for name, value in filters.items() if value is not None}
    if caller.kind == "owner" and given:
        names = {"project_id": "project", "agent_id": "agent"}
        field = next(iter(given))
        raise Invalid("filter_for_staff", field=names.get(field, field))
    after = decode_cursor(cursor, tuple[datetime, UUID])
    now = process.clock.now()
    found = await service.conversations_page(work, caller, now, given, after, limit + 1)
    return page_of(
        found,
        limit,
        show=lambda one: telling.conversation(one, caller, lang),
        key=lambda one: (one.row.opened_at, one.row.id),
    )


@conversations.get("/conversations/{conversation_id}", responses=problems(401, 404))
async def read_conversation(
    process: Here, work: Uow, caller: SignedIn, lang: Lang, conversation_id: UUID, response: Response
) -> schemas.Conversation:
    """One of them. Its lines are those of its thread."""
    found = await service.find_conversation(work, caller, process.clock.now(), conversation_id)
    response.headers["etag"] = version_tag(found.row.version)
    return telling.conversation(found, caller, lang)


@conversations.get("/conversations/{conversation_id}/context", responses=problems(401, 403, 404))
async def read_conversation_context(
    process: Here, work: Uow, caller: Staff, lang: Lang, conversation_id: UUID
) -> schemas.Context:
    """Whom I talk with, in one request: masked contact, homes, the journey's step and next promises, open tasks, other
    conversations.
    """
    now = process.clock.now()
    told = await service.context_of(process, work, caller, now, conversation_id, lang)
    return telling.context(told, caller, lang)


@conversations.get("/conversations/{conversation_id}/replies", responses=problems(401, 403, 404))
async def list_conversation_replies(
    process: Here,
    work: Uow,
    caller: Staff,
    conversation_id: UUID,
    locale: Annotated[
        Locale | None, Query(description="In which language; left out, that of whose it is.")
    ] = None,
) -> schemas.Replies:
    """Canned replies, filled in for this conversation: agreed wording to send or to change."""
    now = process.clock.now()
    found = await service.replies_for(work, caller, now, conversation_id, locale)
    return schemas.Replies(items=[schemas.Reply.model_validate(one) for one in found])


@conversations.get(
    "/conversations/{conversation_id}/export",
    response_class=Response,
    responses=problems(401, 404) | {200: {"content": {"text/plain": {}, "application/x-ndjson": {}}}},
)
async def export_conversation(
    process: Here,
    caller: SignedIn,
    lang: Lang,
    conversation_id: UUID,
    form: Annotated[
        service.Form, Query(description="`text` to read; `json`: a line of JSON for each line.")
    ] = "text",
) -> StreamingResponse:
    """A copy of a conversation. Owners are given no staff line; what was taken back is left out; names are masked."""
    async with process.works.begin() as work:
        found = await service.find_conversation(work, caller, process.clock.now(), conversation_id)
    lines: AsyncIterator[bytes] = service.export(process.direct, caller, found.row.thread_id, form, lang)
    kind, ending = (
        ("text/plain; charset=utf-8", "txt") if form == "text" else ("application/x-ndjson", "ndjson")
    )
    name = f'attachment; filename="conversation-{conversation_id}.{ending}"'
    headers = {
        "content-disposition": name,
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
    }
    return StreamingResponse(lines, media_type=kind, headers=headers)


@conversations.post(
    "/conversations/{conversation_id}/rating", status_code=201, responses=problems(401, 403, 404, 409)
)
async def rate_conversation(
    process: Here,
    work: Uow,
    caller: Owner,
    nobody_on_duty: OnNobody,
    conversation_id: UUID,
    asked: schemas.Rate,
) -> schemas.Rating:
    """Say once, when it is closed, what I thought of it."""
    now = process.clock.now()
    await service.rate(work, caller, now, nobody_on_duty, conversation_id, asked.stars, asked.text)
    return schemas.Rating(stars=asked.stars, text=asked.text)


@conversations.get("/queue", responses=problems(401, 403, 404))
async def list_queue(
    process: Here,
    work: Uow,
    caller: Staff,
    project: Annotated[UUID | None, Query(description="Only those of this project.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[schemas.Queued]:
    """Who waits, the longest first, and who is writing there. Live over the socket as the topic `queue:<project>`."""
    after = decode_cursor(cursor, tuple[datetime, UUID])
    now = process.clock.now()
    rows = await service.queue_page(work, caller, now, project, after, limit + 1)
    typing = await service.writers(process, work, [row.thread_id for row in rows[:limit]])
    return page_of(
        rows,
        limit,
        show=lambda row: telling.queued(row, now, typing.get(row.thread_id, ())),
        key=lambda row: (row.waiting_since, row.id),
    )
