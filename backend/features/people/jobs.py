"""Thin entries for the outbox."""

from typing import Any, cast
from uuid import UUID

from backend.core.locale import Locale
from backend.db.work import Work
from backend.features.people.sender import Sender
from backend.features.people.service.codes import SEND_CODE, code_to_send
from backend.features.people.service.households import TELL_INVITED, invited_account
from backend.platform.outbox import Job
from backend.platform.process import Process


def jobs(process: Process, sender: Sender) -> dict[str, Job]:
    """The jobs of people's feature."""

    async def send_code(work: Work, payload: dict[str, Any]) -> None:
        found = await code_to_send(work, process.sealer, payload, process.clock.now())
        if found is not None:
            await sender.send_code(
                work,
                account_id=found.account_id,
                phone=found.phone,
                code=found.code,
                locale=cast("Locale", payload["locale"]),
                reference=found.reference,
                expires_at=found.expires_at,
            )

    async def tell_invited(work: Work, payload: dict[str, Any]) -> None:
        invitation_id = UUID(payload["invitation_id"])
        found = await invited_account(work, invitation_id, process.clock.now())
        if found is not None:
            account_id, ownership_id = found
            await sender.tell_invited(
                work, account_id=account_id, invitation_id=invitation_id, ownership_id=ownership_id
            )

    return {SEND_CODE: send_code, TELL_INVITED: tell_invited}
