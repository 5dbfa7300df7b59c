"""Canned replies: reading those of a project, writing, changing and withdrawing them."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from backend.core.paging import decode_cursor
from backend.core.wire import Page
from backend.features.replies import schemas, service
from backend.platform.http.caller import Staff
from backend.platform.http.etags import IfMatch, check_version, version_tag
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Uow, router

replies = router(tag="replies")


@replies.get("/canned-replies", responses=problems(401, 403, 404))
async def list_canned_replies(
    process: Here,
    work: Uow,
    caller: Staff,
    project: Annotated[
        UUID | None, Query(description="What stands for this project; without it, for the whole company.")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[schemas.Reply]:
    """Canned replies, by code. A project's own reply stands before the company's of the same code."""
    after = decode_cursor(cursor, tuple[str])
    found = await service.page(
        work, caller, process.clock.now(), project, after[0] if after else None, limit + 1
    )
    return page_of(found, limit, show=_reply, key=lambda reply: (reply.code,))


@replies.post("/canned-replies", status_code=201, responses=problems(401, 403, 409))
async def write_canned_reply(
    asked: schemas.ReplyWritten, process: Here, work: Uow, caller: Staff, response: Response
) -> schemas.Reply:
    """Write a reply for a project that I manage, or for the whole company."""
    wanted = service.Reply(asked.project, asked.code, asked.title, asked.texts)
    reply = await service.write(work, caller, process.clock.now(), wanted)
    response.headers["etag"] = version_tag(reply.version)
    return _reply(reply)


@replies.patch("/canned-replies/{reply_id}", responses=problems(401, 403, 404, 412))
async def edit_canned_reply(
    reply_id: UUID,
    asked: schemas.ReplyEdited,
    process: Here,
    work: Uow,
    caller: Staff,
    response: Response,
    if_match: IfMatch = None,
) -> schemas.Reply:
    """Change a reply's title or texts. What was sent before stays as it was."""
    now = process.clock.now()
    reply = await service.find(work, caller, now, reply_id)
    check_version(if_match, reply.version, _reply(reply).model_dump(mode="json"))
    await service.edit(work, caller, now, reply, asked.title, asked.texts)
    response.headers["etag"] = version_tag(reply.version)
    return _reply(reply)


@replies.delete("/canned-replies/{reply_id}", status_code=204, responses=problems(401, 403, 404))
async def withdraw_canned_reply(reply_id: UUID, process: Here, work: Uow, caller: Staff) -> None:
    """Take a reply out of use. The company's of the same code stands again."""
    now = process.clock.now()
    await service.withdraw(work, caller, now, await service.find(work, caller, now, reply_id))


def _reply(reply: service.CannedReply) -> schemas.Reply:
    return schemas.Reply(
        id=reply.id,
        node=reply.node_id,
        code=reply.code,
        title=reply.title,
        texts=reply.texts,
        placeholders=service.placeholders_in(reply.texts.values()),
        written_by=reply.written_by,
        written_at=reply.written_at,
        version=reply.version,
    )
