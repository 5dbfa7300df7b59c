"""Reading posts: one, the feed of a home, the list of a project, the series of a viewpoint."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.core.clock import local_date
from backend.core.errors import NotAllowed, NotFound
from backend.core.locale import Locale
from backend.db.work import Work
from backend.features.estate.service import lives_below, project_scope
from backend.features.journey.service import words
from backend.features.people.service import household_sees, scope_of
from backend.features.progress.models import Post
from backend.features.progress.repository import audience, bookings, posts, receipts
from backend.features.progress.repository import feed as rows
from backend.features.progress.rules import State
from backend.features.progress.service.finding import post_for
from backend.features.progress.service.naming import Named, named_by
from backend.features.standard.service import standard_for
from backend.platform.process import Process
from backend.platform.tree import node_within


@dataclass(frozen=True, slots=True)
class PostView:
    """A post with its parts. `mine`: what the asking owner has read and confirmed; `booking`: what their home booked.

    `counts` (told, read, confirmed) and `names` are for employees.
    """

    post: Post
    milestone: str | None
    buildings: Sequence[Any]
    photos: Sequence[Any]
    slots: Sequence[Any]
    corrected_by: Sequence[UUID]
    mine: Any | None = None
    booking: Any | None = None
    counts: Any | None = None
    names: Sequence[Named] = ()


async def views(
    work: Work, caller: Caller, found: Sequence[Post], now: datetime, locale: Locale
) -> list[PostView]:
    """These posts as the caller sees them; a statement a kind of part, however many there are."""
    if not found:
        return []
    ids = [post.id for post in found]
    owner = caller.kind == "owner"
    buildings = _by_post(await posts.buildings_of(work, ids))
    photos = _by_post(await posts.photos_of(work, ids))
    slots = _by_post(await posts.slots_of(work, ids))
    corrections: dict[UUID, list[UUID]] = defaultdict(list)
    for row in await posts.corrections_of(work, ids):
        corrections[row.corrects_id].append(row.id)
    mine = await receipts.of_account(work, caller.account_id, ids) if owner else {}
    booked = await bookings.of_account(work, caller.account_id, ids) if owner else {}
    counted = {} if owner else await receipts.counts(work, ids)
    named = {} if owner else await named_by(work, caller, now, ids)
    return [
        PostView(
            post,
            await _milestone(work, post, now, locale),
            buildings[post.id],
            photos[post.id],
            slots[post.id],
            corrections[post.id],
            mine.get(post.id),
            booked.get(post.id),
            counted.get(post.id),
            named.get(post.id, ()),
        )
        for post in found
    ]


async def find(
    process: Process, work: Work, caller: Caller, now: datetime, post_id: UUID, locale: Locale
) -> PostView:
    """A post: for owners a published one about a home of theirs, for employees any in their scope.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: there is none for this caller.
    """
    if caller.kind == "staff":
        post = await post_for(work, caller, now, post_id)
    else:
        await home_by_which(process, caller, post_id)
        found = await posts.find(work, post_id)
        assert found is not None, "its readers were just found"
        post = found
    [view] = await views(work, caller, [post], now, locale)
    return view


async def home_by_which(process: Process, caller: Caller, post_id: UUID) -> Sequence[UUID]:
    """The ownerships by which an owner sees a published post.

    Raises:
        NotFound: there are none.
    """
    homes = await audience.owner_sees(process.direct, caller.account_id, post_id)
    if not homes:
        raise NotFound()
    return homes


async def feed(
    process: Process, caller: Caller, ownership_id: UUID, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[rows.Row]:
    """What was published about an owner's home, the newest first, one more than `limit`.

    To whoever buys it later, the series from its beginning. What each post says is for `posts_said` to tell.

    Raises:
        NotAllowed: a tenant's role does not see it.
        NotFound: it is no home of the caller's.
    """
    found = await rows.page(process.direct, ownership_id, caller.account_id, after, limit)
    if found is None:
        raise NotFound()
    role, page = found
    if not household_sees(role, "dates"):
        raise NotAllowed()
    return page


async def feed_for_staff(
    work: Work,
    caller: Caller,
    now: datetime,
    ownership_id: UUID,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Post]:
    """The same, for an employee.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: the home is not in their scope.
    """
    node_id = await posts.building_of(work, ownership_id)
    scope = await scope_of(work, caller, "see_estate", now)
    if node_id is None or await node_within(work, node_id, scope) is None:
        raise NotFound()
    return await posts.in_order(work, await rows.ids(work, ownership_id, after, limit))


async def posts_said(
    process: Process, caller: Caller, now: datetime, ids: Sequence[UUID], locale: Locale
) -> list[PostView]:
    """These posts, which were found for an owner, with all they say."""
    async with process.works.begin() as work:
        return await views(work, caller, await posts.in_order(work, ids), now, locale)


async def of_project(
    work: Work,
    caller: Caller,
    now: datetime,
    project_id: UUID,
    state: State | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Post]:
    """The posts of a project in the caller's scope, the last begun first.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project there.
    """
    await project_scope(work, caller, now, project_id, "see_estate")
    return await posts.page(work, project_id, state, after, limit)


async def series(
    work: Work, caller: Caller, now: datetime, project_id: UUID, after: str | None, limit: int
) -> list[tuple[str, list[Any]]]:
    """Viewpoints by name, each with its photos month by month; an owner's: of posts about homes of theirs.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such project for this caller.
    """
    if caller.kind == "staff":
        await project_scope(work, caller, now, project_id, "see_estate")
        account_id = None
    else:
        if not await lives_below(work, [project_id], caller.account_id):
            raise NotFound()
        account_id = caller.account_id
    names = await posts.series_seen(work, project_id, account_id, after, limit)
    found = await posts.viewpoints(work, project_id, account_id, names)
    return [(name, list(rows)) for name, rows in groupby(found, key=lambda row: row.viewpoint)]


async def _milestone(work: Work, post: Post, now: datetime, locale: Locale) -> str | None:
    """S3-30: by the standard's name for it; the list is open, so anything else is in its own words."""
    if post.milestone is None:
        return None
    document = (await standard_for(work, post.project_id, local_date(now))).document
    for sorting in document.classes:
        if sorting.code == "progress-milestones":
            for choice in sorting.choices:
                if choice.code == post.milestone:
                    return words(choice.name, locale)
    return post.milestone


def _by_post(rows: Sequence[Any]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.post_id].append(row)
    return found
