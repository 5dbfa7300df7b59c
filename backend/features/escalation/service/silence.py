"""Nothing of a bundle rings any more: its notice leaves the inbox, and what was not sent of it yet is not sent."""

from collections.abc import Iterable
from uuid import UUID

from backend.db.work import Work
from backend.features.escalation.repository import bundles as repository
from backend.features.escalation.service.ringing import BUNDLE
from backend.features.notices.service import withdraw


async def fall_silent(work: Work, bundle_ids: Iterable[UUID | None]) -> None:
    """Pages of these bundles were closed: take back the notices of those of which none is open."""
    concerned = sorted({one for one in bundle_ids if one is not None})
    if concerned:
        for bundle_id in await repository.silent(work, concerned):
            await withdraw(work, BUNDLE, bundle_id)
