"""Threads: reading on from where one was, saying something, taking it back, and how far one has read."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Query, Request, Response

from backend.features.records import schemas, service
from backend.platform.http.caller import SignedIn
from backend.platform.http.etags import tagged
from backend.platform.http.paging import Limit
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Uow, router
from backend.platform.threads import NewEntry, Sight

records = router(tag="records")


def _sights(request: Request) -> Mapping[str, Sight]:
    sights: Mapping[str, Sight] = request.app.state.sights
    return sights


async def _seen(request: Request, process: Here, caller: SignedIn, thread_id: UUID) -> service.Seen:
    return await service.seen(process.direct, _sights(request), caller, thread_id)


Seen = Annotated[service.Seen, Depends(_seen)]
"""The thread in the path, when the caller may see it."""


@records.get(
    "/threads/{thread_id}/entries",
    response_model=schemas.Entries,
    responses=problems(401, 404) | {304: {"description": "As the `ETag` you sent says: nothing has changed"}},
)
async def list_entries(
    request: Request,
    process: Here,
    caller: SignedIn,
    thread_id: UUID,
    after: Annotated[schemas.Seq | None, Query(description="On from this seq, the oldest first.")] = None,
    before: Annotated[schemas.Seq | None, Query(description="Back from this seq, the newest first.")] = None,
    limit: Limit = 50,
) -> Response:
    """A page of a thread's lines. Without `after` and `before`: its end, the newest first."""
    page = await service.entries(
        process.direct, _sights(request), caller, thread_id, after=after, before=before, limit=limit
    )
    return tagged(request, page)


@records.get("/threads/{thread_id}", responses=problems(401, 404))
async def read_thread(process: Here, caller: SignedIn, thread: Seen) -> schemas.Thread:
    """A thread: where it ends, how far I have read, and how much I have not."""
    standing = await service.standing(process.direct, caller, thread)
    return schemas.Thread(
        id=thread.id,
        subject=thread.subject.kind,
        subject_id=thread.subject.id,
        head=standing.head,
        read=standing.read,
        unread=standing.unread,
    )


@records.post("/threads/{thread_id}/entries", status_code=201, responses=problems(401, 403, 404, 409))
async def say_entry(
    process: Here, work: Uow, caller: SignedIn, thread: Seen, asked: schemas.Say
) -> schemas.Put:
    """Say something on a thread. It is on record when this is answered. A photo, file or voice names a file of one's
    own that is ready (`POST /v1/files`).
    """
    entry = NewEntry(
        thread_id=thread.id,
        kind=asked.kind,
        body=asked.body.model_dump(mode="json", exclude_none=True),
        author_id=caller.account_id,
        audience=asked.audience,
        cid=asked.cid,
    )
    await service.check_file(process, caller, entry.kind, entry.body)
    put = await service.say(work, caller, thread, entry)
    return schemas.Put(seq=put.seq, at=put.at, cid=asked.cid)


@records.post(
    "/threads/{thread_id}/entries/{seq}/withdrawal", status_code=201, responses=problems(401, 403, 404, 409)
)
async def withdraw_entry(
    work: Uow, caller: SignedIn, thread: Seen, seq: Annotated[schemas.Seq, Path()]
) -> schemas.Put:
    """Take back what I said within the last two minutes. Nobody is shown it any more; the record keeps it."""
    put = await service.take_back(work, caller, thread, seq)
    return schemas.Put(seq=put.seq, at=put.at)


@records.put("/threads/{thread_id}/read", responses=problems(401, 404))
async def mark_thread_read(work: Uow, caller: SignedIn, thread: Seen, asked: schemas.Read) -> schemas.Mark:
    """Say how far I have read. The mark never goes back, and never beyond the last line."""
    return schemas.Mark(read=await service.read_to(work, caller, thread, asked.seq))
