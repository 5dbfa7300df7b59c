"""Finding a post for an employee who is to do something with it."""

from datetime import datetime
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import NotFound
from backend.db.work import Work
from backend.features.people.service import Capability, scope_of
from backend.features.progress.models import Post
from backend.features.progress.repository import posts


async def post_for(
    work: Work,
    caller: Caller,
    now: datetime,
    post_id: UUID,
    capability: Capability = "see_estate",
    *,
    lock: bool = False,
) -> Post:
    """A post in the caller's scope, in any state.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: there is none.
    """
    post = await posts.within(work, post_id, await scope_of(work, caller, capability, now), lock=lock)
    if post is None:
        raise NotFound()
    return post
