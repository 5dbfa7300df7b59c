"""Writing a post, changing it before it is published, throwing it away."""

import hashlib
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import Conflict, Fault, Invalid
from backend.core.ids import new_id
from backend.db.work import Work
from backend.features.estate.service import project_scope
from backend.features.files.service import use
from backend.features.progress.models import Post
from backend.features.progress.repository import names, posts
from backend.features.progress.rules import BuildingStands, Content, Kind, faults_of, must_be_confirmed
from backend.features.progress.service.finding import post_for
from backend.features.progress.service.telling import SUBJECT
from backend.features.standard.service import standard_for
from backend.platform.process import Process


@dataclass(frozen=True, slots=True)
class NewPost:
    """A post to be begun. `id`: made by the client, so that a request it sends twice makes one post."""

    id: UUID | None
    kind: Kind
    corrects: UUID | None
    content: Content


async def write(
    process: Process, work: Work, caller: Caller, now: datetime, project_id: UUID, wanted: NewPost
) -> Post:
    """Begin a post as a draft; sent again under the same id, it is the one that there is, as it stands.

    A correction is for those whom the post it corrects was for.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project in scope; a photo that is not the caller's own.
        Invalid: `post_faults`, with a fault a field: see `rules.faults_of`; `building_unknown`, `step_unknown`,
        `resident_unknown`,
        `corrects_missing`, `corrects_unknown`.
        Conflict: `post_id_taken`; what `files.service.use` raises.
    """
    await project_scope(work, caller, now, project_id, "write_posts")
    digest = hashlib.sha256(repr((project_id, wanted)).encode()).digest()
    post_id = wanted.id or new_id()
    present = await posts.find(work, post_id)
    if present is not None:
        return _the_same(present, caller, digest)
    corrected = await _corrected(work, project_id, wanted)
    content = await _checked(work, now, project_id, wanted.kind, wanted.content, corrected)
    added = await posts.add(
        work,
        {
            "id": post_id,
            "project_id": project_id,
            "kind": wanted.kind,
            "corrects_id": wanted.corrects,
            "must_confirm": must_be_confirmed(wanted.kind, corrected is not None and corrected.must_confirm),
            "state": "draft",
            "digest": digest,
            "written_by": caller.account_id,
            "edited_by": caller.account_id,
            "edited_at": now,
            "created_at": now,
            "version": 1,
        }
        | _columns(content),
    )
    post = await posts.find(work, post_id)
    assert post is not None, "it was written, or there before"
    if not added:
        return _the_same(post, caller, digest)
    await _set_parts(process, work, caller, post, content)
    return post


async def edit(
    process: Process, work: Work, caller: Caller, now: datetime, post: Post, content: Content
) -> None:
    """Put other content into a post found by `post_to_edit`. What was reviewed is a draft again. Raises as `write`."""
    corrected = None if post.corrects_id is None else await posts.find(work, post.corrects_id)
    content = await _checked(work, now, post.project_id, post.kind, content, corrected)
    for name, value in _columns(content).items():
        setattr(post, name, value)
    post.state, post.reviewed_by, post.reviewed_at = "draft", None, None
    post.edited_by, post.edited_at = caller.account_id, now
    # Its parts are of its version too.
    await work.flush()
    await _set_parts(process, work, caller, post, content)


async def post_to_edit(work: Work, caller: Caller, now: datetime, post_id: UUID) -> Post:
    """A post that may be changed still, locked.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: there is none.
        Conflict: `post_scheduled`, `post_published`.
    """
    post = await post_for(work, caller, now, post_id, "write_posts", lock=True)
    if post.state == "scheduled":
        raise Conflict("post_scheduled")
    if post.published_at is not None:
        raise Conflict("post_published")
    return post


async def discard(process: Process, work: Work, caller: Caller, post: Post) -> None:
    """Throw a post away that `post_to_edit` found: nobody outside has seen it."""
    await use(process, work, caller.account_id, SUBJECT, post.id, [], kind="photo", field="photos")
    await work.delete(post)
    await work.flush()


def _the_same(present: Post, caller: Caller, digest: bytes) -> Post:
    if present.written_by != caller.account_id or present.digest != digest:
        raise Conflict("post_id_taken", field="id")
    return present


async def _corrected(work: Work, project_id: UUID, wanted: NewPost) -> Post | None:
    if wanted.kind != "correction":
        if wanted.corrects is not None:
            raise Invalid("only_of_corrections", field="corrects")
        return None
    if wanted.corrects is None:
        raise Invalid("corrects_missing", field="corrects")
    post = await posts.find(work, wanted.corrects)
    # A series of corrections hangs on the first post, where readers look for them.
    if (
        post is None
        or post.project_id != project_id
        or post.state != "published"
        or post.kind == "correction"
    ):
        raise Invalid("corrects_unknown", field="corrects")
    return post


async def _checked(
    work: Work, now: datetime, project_id: UUID, kind: Kind, content: Content, corrected: Post | None
) -> Content:
    if corrected is not None:
        said = {one.building_id: one.percent for one in content.buildings}
        named = [row.building_id for row in await posts.buildings_of(work, [corrected.id])]
        content = replace(
            content,
            everywhere=corrected.everywhere,
            steps=tuple(corrected.steps),
            buildings=tuple(
                BuildingStands(one, said.get(one)) for one in (named if not corrected.everywhere else said)
            ),
        )
    faults = list(faults_of(kind, content, today=local_date(now)))
    if content.names:
        live_here = await names.who_live_in(work, project_id, content.names)
        for number, account_id in enumerate(content.names):
            if account_id not in live_here:
                faults.append(Fault(f"names.{number}", "resident_unknown", {}))
    if content.buildings:
        ids = [one.building_id for one in content.buildings]
        known = await posts.buildings_within(work, project_id, ids)
        for number, one in enumerate(ids):
            if one not in known:
                faults.append(Fault(f"buildings.{number}.building", "building_unknown", {}))
    steps = (await standard_for(work, project_id, local_date(now))).document.steps
    codes = {step.code for step in steps if not step.of_project and not step.runs_under_all}
    for number, code in enumerate(content.steps):
        if corrected is None and code not in codes:
            faults.append(Fault(f"steps.{number}", "step_unknown", {"known": ", ".join(sorted(codes))}))
    if faults:
        raise Invalid("post_faults", faults=tuple(faults))
    return content


def _columns(content: Content) -> dict[str, object]:
    told = asdict(content)
    columns = ("title", "text", "stage", "milestone", "month", "everywhere")
    return {name: told[name] for name in columns} | {"steps": list(dict.fromkeys(content.steps))}


async def _set_parts(process: Process, work: Work, caller: Caller, post: Post, content: Content) -> None:
    photos = [one.file_id for one in content.photos]
    await use(process, work, caller.account_id, SUBJECT, post.id, photos, kind="photo", field="photos")
    await posts.set_parts(work, post.id, content)
