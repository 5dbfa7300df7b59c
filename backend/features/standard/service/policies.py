"""How each kind of notice reaches people today: as the company's standard says, else as the shipped one does."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import get_args
from uuid import UUID

from backend.db.work import Work
from backend.features.standard import repository
from backend.features.standard.document import NoticeKind, NoticePolicy
from backend.features.standard.service.lookup import DEFAULT, stored
from backend.features.standard.shipped import shipped


@dataclass(frozen=True, slots=True)
class Policies:
    """Every kind's; `version_id` is the version they are of, None where no standard holds. Never changed."""

    version_id: UUID | None
    by_kind: Mapping[NoticeKind, NoticePolicy]


# A version that holds never changes; which one holds is asked each time, so that a new one counts from its first day.
_known: dict[UUID, Policies] = {}


async def notice_policies(work: Work) -> Policies:
    """The policies that hold today for the whole company: people are told alike, whichever of its homes are theirs."""
    version_id = await repository.company_version_id(work, DEFAULT)
    if version_id is None:
        return Policies(None, shipped_policies())
    if version_id not in _known:
        said = {one.code: one for one in (await stored(work, version_id)).document.notices}
        # A version from before a kind was known says nothing of it.
        missing = {} if len(said) == len(get_args(NoticeKind)) else shipped_policies()
        _known[version_id] = Policies(version_id, {**missing, **said})
    return _known[version_id]


@cache
def shipped_policies() -> Mapping[NoticeKind, NoticePolicy]:
    """Those of the shipped standard: every kind has one there."""
    standard = shipped(DEFAULT)
    assert standard is not None, "it comes with the product"
    return {one.code: one for one in standard.notices}
