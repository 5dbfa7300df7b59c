"""What operators do about deliveries. Who may is for `operations` to say."""

from typing import Any
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import Conflict, NotFound
from backend.db.work import Work
from backend.features.notices.repository import operating
from backend.features.notices.repository.operating import channels
from backend.features.notices.repository.operating import page as deliveries_page

__all__ = ["channels", "deliveries_page", "drop_delivery", "resend_delivery"]


async def resend_delivery(work: Work, caller: Caller, delivery_id: UUID, reason: str) -> Any:
    """Send one again of which nobody knows whether it was taken.

    Raises:
        NotFound: there is none.
        Conflict: `delivery_not_ambiguous`.
    """
    await _require_ambiguous(work, delivery_id)
    return await operating.resend(work, delivery_id, caller.account_id, reason)


async def drop_delivery(work: Work, caller: Caller, delivery_id: UUID, reason: str) -> Any:
    """Let such a one be.

    Raises:
        NotFound, Conflict: as above.
    """
    await _require_ambiguous(work, delivery_id)
    return await operating.drop(work, delivery_id, caller.account_id, reason)


async def _require_ambiguous(work: Work, delivery_id: UUID) -> None:
    state = await operating.locked_state(work, delivery_id)
    if state is None:
        raise NotFound()
    if state != "ambiguous":
        raise Conflict("delivery_not_ambiguous")
