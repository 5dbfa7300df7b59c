"""One tap on the link in an SMS or e-mail: whoever holds the phone that was called answers without signing in.

The link stands for a bundle, and works once: what is tapped is acknowledged as far as it still rings. Looking at it
changes nothing, for mail programs look at every link.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backend.core.errors import Conflict, NotFound
from backend.core.sealing import Sealer
from backend.db.work import Work
from backend.features.escalation.repository import answering as repository
from backend.features.escalation.repository.listing import PageRow, pages_of_bundle
from backend.features.escalation.service.answering import Held, take
from backend.features.escalation.service.ringing import KIND
from backend.features.notices.service import read_tap
from backend.platform.outbox import Waker


async def tapped(work: Work, sealer: Sealer, token: str) -> Sequence[PageRow]:
    """What a link would acknowledge.

    Raises:
        NotFound: we never made it.
        Conflict: `page_link_used`; `page_link_stale`: nothing of it rings any more.
    """
    bundle_id = _bundle(sealer, token)
    bundle = await repository.bundle(work, bundle_id)
    if bundle is None:
        raise NotFound()
    if bundle.tapped_at is not None:
        raise Conflict("page_link_used")
    found = [one for one in await pages_of_bundle(work, bundle_id) if one.state == "ringing"]
    if not found:
        raise Conflict("page_link_stale")
    return found


async def tap(work: Work, waker: Waker, now: datetime, sealer: Sealer, token: str) -> None:
    """Acknowledge what rang in the bundle of a link, as far as it rings still.

    Raises as `tapped`.
    """
    bundle_id = _bundle(sealer, token)
    found = await repository.pages_of_bundle(work, bundle_id)
    held = await Held.of(work, waker, now, [one.escalation_id for one in found])
    bundle = await repository.lock_bundle(work, bundle_id)
    if bundle is None:
        raise NotFound()
    if bundle.tapped_at is not None:
        raise Conflict("page_link_used")
    ringing = [one for one in held.pages if one.bundle_id == bundle_id]
    if not ringing:
        raise Conflict("page_link_stale")
    bundle.tapped_at = now
    await take(held, ringing, bundle.account_id, "link")


def _bundle(sealer: Sealer, token: str) -> UUID:
    bundle_id = read_tap(sealer, KIND, token)
    if bundle_id is None:
        raise NotFound()
    return bundle_id
