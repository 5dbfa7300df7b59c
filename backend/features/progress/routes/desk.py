"""The desk: writing, reviewing, scheduling posts, and seeing who has read them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from backend.core.caller import Caller
from backend.core.locale import Locale
from backend.core.paging import decode_cursor
from backend.core.wire import Page
from backend.db.work import Work
from backend.features.progress import schemas, service
from backend.features.progress.routes.showing import shown
from backend.features.progress.rules import BuildingStands, Content, Photo, Slot, State
from backend.platform.http.caller import Staff
from backend.platform.http.etags import IfMatch, check_version, version_tag
from backend.platform.http.paging import Cursor, Limit, page_of
from backend.platform.http.problems import problems
from backend.platform.http.route import Here, Lang, Uow, router
from backend.platform.process import Process

desk = router(tag="posts")


@desk.get("/projects/{project_id}/posts", responses=problems(401, 403, 404))
async def list_posts(
    process: Here,
    work: Uow,
    caller: Staff,
    lang: Lang,
    project_id: UUID,
    state: Annotated[State | None, Query(description="Only those in this state.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[schemas.Post]:
    """The posts of a project in any state, the last begun first."""
    now = process.clock.now()
    after = decode_cursor(cursor, tuple[datetime, UUID])
    found = await service.of_project(work, caller, now, project_id, state, after, limit + 1)
    views = {view.post.id: view for view in await service.views(work, caller, found, now, lang)}
    return page_of(
        found,
        limit,
        show=lambda post: shown(process, caller, views[post.id]),
        key=lambda post: (post.created_at.isoformat(), post.id),
    )


@desk.post("/projects/{project_id}/posts", status_code=201, responses=problems(401, 403, 404, 409))
async def begin_post(
    process: Here,
    work: Uow,
    caller: Staff,
    lang: Lang,
    project_id: UUID,
    asked: schemas.PostBegun,
    response: Response,
) -> schemas.Post:
    """Begin a post: a draft until another person has reviewed it. Sent twice under one id, it is one post."""
    now = process.clock.now()
    wanted = service.NewPost(asked.id, asked.kind, asked.corrects, _content(asked))
    post = await service.write(process, work, caller, now, project_id, wanted)
    return await _answer(process, work, caller, lang, post, response)


@desk.put("/posts/{post_id}", responses=problems(401, 403, 404, 409, 412))
async def edit_post(
    process: Here,
    work: Uow,
    caller: Staff,
    lang: Lang,
    post_id: UUID,
    asked: schemas.PostSaid,
    response: Response,
    if_match: IfMatch = None,
) -> schemas.Post:
    """Put other content into a post that is not scheduled yet. What was reviewed has to be reviewed again."""
    now = process.clock.now()
    post = await service.post_to_edit(work, caller, now, post_id)
    await _unchanged(process, work, caller, lang, post, if_match)
    await service.edit(process, work, caller, now, post, _content(asked))
    return await _answer(process, work, caller, lang, post, response)


@desk.delete("/posts/{post_id}", status_code=204, responses=problems(401, 403, 404, 409))
async def discard_post(process: Here, work: Uow, caller: Staff, post_id: UUID) -> None:
    """Throw a post away that is neither scheduled nor published."""
    post = await service.post_to_edit(work, caller, process.clock.now(), post_id)
    await service.discard(process, work, caller, post)


@desk.post("/posts/{post_id}/review", responses=problems(401, 403, 404, 409, 412))
async def review_post(
    process: Here,
    work: Uow,
    caller: Staff,
    lang: Lang,
    post_id: UUID,
    asked: schemas.Reviewed,
    response: Response,
    if_match: IfMatch = None,
) -> schemas.Post:
    """Approve a draft, or send it back with an opinion. Nobody reviews what they wrote or changed last."""
    now = process.clock.now()
    post = await service.post_for(work, caller, now, post_id, "review_posts", lock=True)
    await _unchanged(process, work, caller, lang, post, if_match)
    await service.review(work, caller, now, post, approved=asked.approved, opinion=asked.opinion)
    return await _answer(process, work, caller, lang, post, response)


@desk.get("/posts/{post_id}/audience", responses=problems(401, 403, 404))
async def count_audience(process: Here, work: Uow, caller: Staff, post_id: UUID) -> schemas.Audience:
    """How many homes and people a post would be told to, were it published now: current owners and their families."""
    post = await service.post_for(work, caller, process.clock.now(), post_id)
    homes, people = await service.audience_now(work, post)
    return schemas.Audience(homes=homes, people=people)


@desk.post("/posts/{post_id}/schedule", responses=problems(401, 403, 404, 409, 412))
async def schedule_post(
    process: Here,
    work: Uow,
    caller: Staff,
    lang: Lang,
    post_id: UUID,
    asked: schemas.Scheduled,
    response: Response,
    if_match: IfMatch = None,
) -> schemas.Post:
    """Have a reviewed post published at a moment, or now; one that is scheduled is moved."""
    now = process.clock.now()
    post = await service.post_for(work, caller, now, post_id, "publish_posts", lock=True)
    await _unchanged(process, work, caller, lang, post, if_match)
    await service.set_time(process, work, caller, now, post, asked.at)
    return await _answer(process, work, caller, lang, post, response)


@desk.delete("/posts/{post_id}/schedule", responses=problems(401, 403, 404, 409))
async def unschedule_post(
    process: Here, work: Uow, caller: Staff, lang: Lang, post_id: UUID, response: Response
) -> schemas.Post:
    """Have a scheduled post not published after all. It stays reviewed."""
    post = await service.post_for(work, caller, process.clock.now(), post_id, "publish_posts", lock=True)
    await service.unset_time(work, post)
    return await _answer(process, work, caller, lang, post, response)


@desk.post("/posts/{post_id}/withdrawal", responses=problems(401, 403, 404, 409))
async def take_back_post(
    process: Here,
    work: Uow,
    caller: Staff,
    lang: Lang,
    post_id: UUID,
    asked: schemas.TakenBack,
    response: Response,
) -> schemas.Post:
    """Take a published post back, within fifteen minutes. After that it stands, and a correction may follow."""
    now = process.clock.now()
    post = await service.post_for(work, caller, now, post_id, "publish_posts", lock=True)
    await service.take_back(process, work, caller, now, post, asked.reason)
    return await _answer(process, work, caller, lang, post, response)


@desk.get("/posts/{post_id}/receipts", responses=problems(401, 403, 404))
async def list_receipts(
    process: Here,
    work: Uow,
    caller: Staff,
    post_id: UUID,
    state: Annotated[service.Standing | None, Query(description="Only those of whom this is true.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[schemas.Reader]:
    """Whom a post was told to, and who has read and confirmed it or not. Names are cut and phones masked."""
    after = decode_cursor(cursor, tuple[UUID])
    post = await service.post_for(work, caller, process.clock.now(), post_id)
    found = await service.readers(work, post, state, after[0] if after else None, limit + 1)
    return page_of(found, limit, show=_reader, key=lambda one: (one.row.account_id,))


async def _unchanged(
    process: Process, work: Work, caller: Caller, lang: Locale, post: service.Post, if_match: str | None
) -> None:
    [view] = await service.views(work, caller, [post], process.clock.now(), lang)
    check_version(if_match, post.version, shown(process, caller, view).model_dump(mode="json"))


async def _answer(
    process: Process, work: Work, caller: Caller, lang: Locale, post: service.Post, response: Response
) -> schemas.Post:
    [view] = await service.views(work, caller, [post], process.clock.now(), lang)
    response.headers["etag"] = version_tag(post.version)
    return shown(process, caller, view)


def _content(asked: schemas.PostSaid) -> Content:
    return Content(
        title=asked.title,
        text=asked.text,
        stage=asked.stage,
        milestone=asked.milestone,
        month=asked.month,
        everywhere=asked.everywhere,
        buildings=tuple(BuildingStands(one.building, one.percent) for one in asked.buildings),
        steps=tuple(asked.steps),
        photos=tuple(Photo(one.file, one.viewpoint, one.caption) for one in asked.photos),
        slots=tuple(Slot(one.place, one.starts_at, one.ends_at, one.capacity) for one in asked.slots),
        names=tuple(asked.names),
    )


def _reader(one: service.Reader) -> schemas.Reader:
    row = one.row
    return schemas.Reader(
        account=row.account_id,
        name=one.name,
        phone=one.phone,
        ownership=row.ownership_id,
        building=row.building,
        unit=row.unit,
        room=row.room,
        told_at=row.told_at,
        read_at=row.read_at,
        confirmed_at=row.confirmed_at,
    )
