"""What somebody has died with in hand. Pushes and e-mails go out again; an SMS is asked after, and never sent twice."""

from datetime import timedelta
from typing import Any, Final

from backend.core.clock import local_date
from backend.core.logging import log
from backend.features.notices.repository import lanes
from backend.features.notices.rules import LOOK_AGAIN, LOOKED_UP_FOR, Settled
from backend.features.notices.sending.channels import Channels
from backend.platform.process import Process
from push.message import Accepted, NotTaken, Unknown

_MANY: Final = 50


async def settle_doubts(process: Process, channels: Channels) -> None:
    """Everything whose lease is over."""
    async with process.works.begin() as work:
        if count := await lanes.take_back(work):
            log.warning("deliveries_taken_back", count=count)
        lost = await lanes.lost_texts(work, _MANY, timedelta(seconds=LOOK_AGAIN))
    for row in lost:
        await _ask_after(process, channels, row)


async def _ask_after(process: Process, channels: Channels, row: Any) -> None:
    if row.since < timedelta(seconds=channels.texts.settles):
        # Its absence would mean nothing yet; the lease was renewed.
        return
    fate = await channels.texts.fate(str(row.id), row.address, local_date(row.tried_at))
    async with process.works.begin() as work:
        match fate:
            case Accepted(id=id_):
                await lanes.record(work, [(row, Settled("accepted", provider_id=id_), None)])
            case NotTaken():
                await lanes.record(work, [(row, Settled("waiting", reason="not taken: sent again"), None)])
            case Unknown(reason=reason) if row.since >= LOOKED_UP_FOR or row.over:
                state = await lanes.give_to_people(work, row.id, row.attempts, reason)
                log.error("delivery_ambiguous", delivery=str(row.id), kind=row.kind, became=state)
            case Unknown():
                pass
