"""The number of an employee who is to be called about pages (HC-11): shown to who calls, and written down (S3-23)."""

from datetime import datetime
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import NotFound
from backend.core.ids import new_id
from backend.core.locale import DEFAULT, say
from backend.core.sealing import Sealer
from backend.db.work import Work
from backend.features.escalation.service import call_shown
from backend.features.people.service import positions_of, roles_that_may, value_of
from backend.features.privacy.models import Reveal
from backend.features.privacy.service.revealing import Revealed


async def reveal_number(work: Work, sealer: Sealer, caller: Caller, now: datetime, call_id: UUID) -> Revealed:
    """The phone number of who is to be called. The line about it commits with the answer; nobody is disturbed by it.

    Raises:
        NotAllowed: `not_in_your_role`.
        NotFound: no such call of the caller's; `nothing_to_reveal`: no number is on record.
    """
    call = await call_shown(work, caller, now, call_id)
    value = await value_of(work, sealer, call.account_id, "phone")
    if value is None:
        raise NotFound("nothing_to_reveal")
    may = set(roles_that_may("answer_hotline"))
    held = await positions_of(work, caller.account_id, now)
    line = Reveal(
        id=new_id(),
        subject_id=call.account_id,
        actor_id=caller.account_id,
        actor_role=next(position.role for position, _ in held if position.role in may),
        field="phone",
        reason=say(DEFAULT, "paging.reveal_reason"),
        at=now,
    )
    work.add(line)
    await work.flush()
    return Revealed(line.id, value, now)
