"""The two sides of a ticket as a call needs them, read on a connection that is not held while a service is asked."""

from datetime import date
from typing import Any, Final
from uuid import UUID

from backend.core.caller import Caller
from backend.db.direct import Direct
from backend.features.repairs.repository.seeing import owner_sees, staff_see

_SIDES: Final = """SELECT t.thread_id, t.state, t.engineer_id, t.contact_phone, p.hotline, me.phone AS own_phone,
    e.phone AS engineer_phone
FROM ticket t JOIN project p ON p.node_id = t.project_id JOIN account me ON me.id = $2
LEFT JOIN account e ON e.id = t.engineer_id AND e.disabled_at IS NULL
WHERE t.id = $1 AND """
_OWNER: Final = _SIDES + owner_sees("$2", "$3")
_STAFF: Final = _SIDES + staff_see("$2", "$3", "$4")


async def sides(
    direct: Direct,
    caller: Caller,
    ticket_id: UUID,
    household: tuple[str, ...],
    see: tuple[str, ...],
    today: date,
) -> Any | None:
    """Who would call whom, and the project's hotline; None: the caller sees no such ticket."""
    if caller.kind == "owner":
        return await direct.row(_OWNER, ticket_id, caller.account_id, list(household))
    return await direct.row(_STAFF, ticket_id, caller.account_id, list(see), today)
