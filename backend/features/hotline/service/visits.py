"""What a return visit means for its case."""

from uuid import UUID

from backend.db.work import Work
from backend.features.hotline.repository import flow
from backend.features.hotline.rules.closing import reopens


async def opens_again(work: Work, case_id: UUID, accepted: bool | None, *, low: bool) -> bool:
    """Whether what was said at its return visit opens a case again (GP-03, CS-08)."""
    asked = await flow.closing_asked(work, case_id)
    return reopens(accepted, low=low, asked_for=None if asked is None else asked.reason)
