"""The policies that hold now, read once a version of the standard."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from backend.db.work import Work
from backend.features.notices.kinds import Policy, policies_of
from backend.features.standard.service import notice_policies

_known: Final[dict[UUID | None, Mapping[str, Policy]]] = {}


async def policies_now(work: Work) -> Mapping[str, Policy]:
    """Every kind's policy by code, of the version of the standard that holds today: one short statement."""
    told = await notice_policies(work)
    if told.version_id not in _known:
        _known[told.version_id] = policies_of(told)
    return _known[told.version_id]
