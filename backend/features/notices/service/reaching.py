"""By which channels a kind would reach whom, as its policy and their addresses stand now."""

from collections.abc import Collection
from uuid import UUID

from backend.db.work import Work
from backend.features.notices.kinds import ChannelName
from backend.features.notices.policies import policies_now
from backend.features.notices.repository.reaching import reached


async def channels_of(work: Work, kind: str) -> tuple[ChannelName, ...]:
    """The channels by which a kind goes out, as its policy of today has it."""
    return (await policies_now(work))[kind].channels


async def reached_by(
    work: Work, kind: str, account_ids: Collection[UUID]
) -> dict[UUID, tuple[ChannelName, ...]]:
    """For each account those channels of a kind for which it has an address. None: it stands in the inbox alone."""
    wanted = await channels_of(work, kind)
    found = await reached(work, account_ids) if account_ids else []
    return {row.id: tuple(one for one in wanted if getattr(row, one)) for row in found}
