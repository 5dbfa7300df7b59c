"""Thin entries for the outbox."""

from typing import Any, cast

from backend.core.locale import Locale, say
from backend.db.work import Work
from backend.features.people.sender import Sender
from backend.features.people.service.codes import SEND_CODE, code_to_send
from backend.platform.outbox import Job
from backend.platform.process import Process


def jobs(process: Process, sender: Sender) -> dict[str, Job]:
    """The jobs of people's feature."""

    async def send_code(work: Work, payload: dict[str, Any]) -> None:
        found = await code_to_send(work, process.sealer, payload, process.clock.now())
        if found is not None:
            locale = cast("Locale", payload["locale"])
            body = say(locale, "notice.code_sms", code=found.code)
            await sender.send(found.phone, "", body, reference=found.reference)

    return {SEND_CODE: send_code}
