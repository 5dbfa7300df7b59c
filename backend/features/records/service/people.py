"""Whose faces stand beside a thread's lines."""

from datetime import datetime

from backend.core.caller import Caller
from backend.db.direct import Direct
from backend.db.work import Work
from backend.features.people.service import Face, faces
from backend.features.records.service.seeing import Seen
from backend.platform.threads import people_of


async def people(direct: Direct, work: Work, caller: Caller, now: datetime, thread: Seen) -> list[Face]:
    """Who has written on the thread or belongs to it, each as this caller may see them; the writers first.

    An owner is told of those who wrote what they can read, and of their own household: not which employees look on, nor
    which neighbours read what is promised to them all.
    """
    wrote = await people_of(direct, thread.id, thread.sees)
    found = await faces(work, caller, list(wrote), now)
    return [face for face in found if caller.kind == "staff" or face.near or wrote[face.account_id]]
