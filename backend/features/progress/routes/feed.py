"""What owners read: the feed of a home, one post, the series of viewpoints; that they have read and confirmed it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import Request, Response

from backend.core.paging import decode_cursor
from backend.core.wire import Page
from backend.features.files.service import Links
from backend.features.progress import schemas, service
from backend.features.progress.routes.page import told
from backend.features.progress.routes.showing import shown, sizes
from backend.platform.http.caller import Owner, SignedIn
from backend.platform.http.etags import holding, tagged, under_tag, version_tag
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Lang, Uow, router

feed = router(tag="posts")

_UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "As the `ETag` you sent says: nothing has changed"}
}


@feed.get(
    "/ownerships/{ownership_id}/posts",
    response_model=Page[schemas.Post],
    responses=problems(401, 403, 404) | _UNCHANGED,
)
async def list_posts_of_home(
    request: Request,
    process: Here,
    caller: SignedIn,
    lang: Lang,
    ownership_id: UUID,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> Response:
    """What was published about a home, the newest first, from the beginning, whoever owned it then.

    Links to photos last some minutes; asked again within them, the answer is the same and needs no body.
    """
    now = process.clock.now()
    after = decode_cursor(cursor, tuple[datetime, UUID])
    if caller.kind == "owner":
        found = await service.feed(process, caller, ownership_id, after, limit)
        return under_tag(*await told(process, caller, now, lang, found, limit, holding(request)))
    async with process.works.begin() as work:
        posts = await service.feed_for_staff(work, caller, now, ownership_id, after, limit + 1)
        views = {view.post.id: view for view in await service.views(work, caller, posts[:limit], now, lang)}
    page = page_of(
        posts,
        limit,
        show=lambda post: shown(process, caller, views[post.id]),
        key=lambda post: (post.published_at and post.published_at.isoformat(), post.id),
    )
    return tagged(request, page.model_dump_json().encode())


@feed.get("/posts/{post_id}", responses=problems(401, 403, 404))
async def read_post(
    process: Here, work: Uow, caller: SignedIn, lang: Lang, post_id: UUID, response: Response
) -> schemas.Post:
    """A published post about a home of mine; for employees any post in their scope."""
    view = await service.find(process, work, caller, process.clock.now(), post_id, lang)
    if caller.kind == "staff":
        response.headers["etag"] = version_tag(view.post.version)
    return shown(process, caller, view)


@feed.post("/posts/{post_id}/read", status_code=204, responses=problems(401, 403, 404))
async def mark_post_read(process: Here, work: Uow, caller: Owner, post_id: UUID) -> None:
    """I have opened this post. The first time counts."""
    await service.mark_read(process, work, caller, process.clock.now(), post_id)


@feed.post("/posts/{post_id}/confirmation", status_code=204, responses=problems(401, 403, 404, 409))
async def confirm_post(process: Here, work: Uow, caller: Owner, post_id: UUID) -> None:
    """I have read this change of planning or design and know of it. Said twice, the first time counts."""
    await service.confirm(process, work, caller, process.clock.now(), post_id)


@feed.get("/projects/{project_id}/viewpoints", responses=problems(401, 403, 404))
async def list_viewpoints(
    process: Here, work: Uow, caller: SignedIn, project_id: UUID, cursor: Cursor = None, limit: Limit = 20
) -> Page[schemas.Viewpoint]:
    """The viewpoints of a project, by name, each with its published photos month by month, the oldest first."""
    after = decode_cursor(cursor, tuple[str])
    found = await service.series(
        work, caller, process.clock.now(), project_id, after[0] if after else None, limit + 1
    )
    to = Links(process, caller).to
    return page_of(
        found,
        limit,
        show=lambda one: schemas.Viewpoint(
            name=one[0],
            photos=[
                schemas.SeriesPhoto(
                    file=row.file_id,
                    post=row.post_id,
                    published_at=row.published_at,
                    caption=row.caption,
                    sizes=sizes(to, row.file_id, row.sizes),
                )
                for row in one[1]
            ],
        ),
        key=lambda one: (one[0],),
    )
