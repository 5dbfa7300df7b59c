"""Which threads a caller may see, as their subjects decide."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import NotFound
from backend.db.direct import Direct
from backend.platform.threads import Audience, Sight, Standing, Subject, seen_by, standing_of, subject_of


@dataclass(frozen=True, slots=True)
class Seen:
    """A thread in a caller's sight: what it is about, and which lines they are shown."""

    id: UUID
    subject: Subject
    sees: Audience
    sight: Sight


async def seen(direct: Direct, sights: Mapping[str, Sight], caller: Caller, thread_id: UUID) -> Seen:
    """The thread, when the caller may see it.

    Raises:
        NotFound: there is none, or none for this caller.
    """
    subject = await subject_of(direct, thread_id)
    if subject is None:
        raise NotFound()
    return await allowed(sights, caller, thread_id, subject)


async def allowed(sights: Mapping[str, Sight], caller: Caller, thread_id: UUID, subject: Subject) -> Seen:
    """The thread, when its subject lets the caller see it. Raises what `seen` raises."""
    sight = sights.get(subject.kind)
    sees = None if sight is None else await sight.sight(caller, subject.id)
    if sight is None or sees is None:
        raise NotFound()
    return Seen(thread_id, subject, seen_by(caller, sees), sight)


async def standing(direct: Direct, caller: Caller, thread: Seen) -> Standing:
    """The thread's head, the caller's read mark, and how many lines they have not read."""
    return await standing_of(direct, thread.id, thread.sees, caller.account_id)
