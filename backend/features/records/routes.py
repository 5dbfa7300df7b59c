"""Threads: reading on from where one was, saying something, taking it back, and how far one has read."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Query, Request, Response

from backend.core.locale import say
from backend.core.wire import Page
from backend.features.records import schemas, service
from backend.platform.http.caller import SignedIn
from backend.platform.http.etags import holding, shape_of, under_tag
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Lang, Uow, router
from backend.platform.realtime.messages import Marked
from backend.platform.realtime.opening import Realtime
from backend.platform.threads import NewEntry, Sight

records = router(tag="records")

_ENTRIES, _THREADS = shape_of(schemas.Entries), shape_of(schemas.Threads)
_UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "As the `ETag` you sent says: nothing has changed"}
}


def _sights(request: Request) -> Mapping[str, Sight]:
    sights: Mapping[str, Sight] = request.app.state.sights
    return sights


async def _seen(request: Request, process: Here, caller: SignedIn, thread_id: UUID) -> service.Seen:
    return await service.seen(process.direct, _sights(request), caller, thread_id)


Seen = Annotated[service.Seen, Depends(_seen)]
"""The thread in the path, when the caller may see it."""


def _realtime(request: Request) -> Realtime:
    realtime: Realtime = request.app.state.realtime
    return realtime


Live = Annotated[Realtime, Depends(_realtime)]
"""Those who watch threads over their sockets."""


@records.get(
    "/threads/{thread_id}/entries",
    response_model=schemas.Entries,
    responses=problems(401, 404) | _UNCHANGED,
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
    tag, page = await service.entries(
        process.direct,
        _sights(request),
        caller,
        process.clock.now(),
        thread_id,
        after=after,
        before=before,
        limit=limit,
        shape=_ENTRIES,
        holds=holding(request),
    )
    return under_tag(tag, page)


@records.get("/threads", response_model=schemas.Threads, responses=problems(401) | _UNCHANGED)
async def list_threads(
    request: Request,
    process: Here,
    caller: SignedIn,
    subject: Annotated[
        schemas.SubjectKind | None, Query(description="Only those about this kind of thing.")
    ] = None,
    unread: Annotated[bool, Query(description="Only those with lines I have not read.")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The threads that concern me, the one that was written on last first; each with its last line.

    An owner: of their homes, and what they have brought up. An employee: those they have written on or read.
    """
    tag, page = await service.threads(
        process.direct,
        _sights(request),
        caller,
        process.clock.now(),
        subject_kind=subject,
        unread=unread,
        cursor=cursor,
        limit=limit,
        shape=_THREADS,
        holds=holding(request),
    )
    return under_tag(tag, page)


@records.get("/threads/search", responses=problems(401))
async def search_threads(
    request: Request,
    process: Here,
    caller: SignedIn,
    q: Annotated[schemas.Words, Query(description="Two characters or more, as they stand in the line.")],
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[schemas.Hit]:
    """The lines on my threads in which these words stand, the newest first. Capitals make no difference."""
    found = await service.search(
        process.direct, _sights(request), caller, process.clock.now(), q, cursor=cursor, limit=limit
    )
    return page_of(
        found,
        limit,
        show=lambda hit: schemas.Hit(
            thread=hit.thread_id,
            subject=hit.subject_kind,
            subject_id=hit.subject_id,
            seq=hit.seq,
            author=hit.author_id,
            at=hit.at,
            snippet=schemas.snippet(hit.words, q),
        ),
        key=lambda hit: (hit.at, hit.thread_id, hit.seq),
    )


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
    process: Here, live: Live, work: Uow, caller: SignedIn, thread: Seen, asked: schemas.Say
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
    await service.check_file(process, caller.account_id, entry.kind, entry.body)
    put = await service.say(work, caller, thread, entry)
    live.after(work, lambda: live.stir(thread.id))
    return schemas.Put(seq=put.seq, at=put.at, cid=asked.cid)


@records.post(
    "/threads/{thread_id}/entries/{seq}/withdrawal", status_code=201, responses=problems(401, 403, 404, 409)
)
async def withdraw_entry(
    live: Live, work: Uow, caller: SignedIn, thread: Seen, seq: Annotated[schemas.Seq, Path()]
) -> schemas.Put:
    """Take back what I said within the last two minutes. Nobody is shown it any more; the record keeps it."""
    put = await service.take_back(work, caller, thread, seq)
    live.after(work, lambda: live.stir(thread.id))
    return schemas.Put(seq=put.seq, at=put.at)


@records.get("/threads/{thread_id}/people", responses=problems(401, 404))
async def list_people(
    process: Here, work: Uow, locale: Lang, caller: SignedIn, thread: Seen
) -> schemas.People:
    """Who has written on a thread or belongs to it, for a face beside each line; the writers first.

    Employees by name and role. Owners by name within their own household, masked for everybody else.
    """
    found = await service.people(process.direct, work, caller, process.clock.now(), thread)
    return schemas.People(
        items=[
            schemas.Person(
                id=face.account_id,
                kind=face.kind,
                name=face.name,
                role=face.role,
                role_name=None if face.role is None else say(locale, f"role.{face.role}"),
            )
            for face in found
        ]
    )


@records.post("/threads/{thread_id}/read", responses=problems(401, 404))
async def mark_thread_read(
    live: Live, work: Uow, caller: SignedIn, thread: Seen, asked: schemas.Read
) -> schemas.Mark:
    """Say how far I have read. The mark never goes back, and never beyond the last line."""
    read, moved = await service.read_to(work, caller, thread, asked.seq)
    if moved:
        mark = Marked(caller.account_id, thread.sees == "staff", read)
        live.after(work, lambda: live.marks.tell(thread.id, mark))
    return schemas.Mark(read=read)
