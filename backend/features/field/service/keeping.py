"""What was not done, kept as a late record on the ticket's thread: what, when, why not, its photos (RC-20, CT-45)."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from backend.core.caller import Caller
from backend.core.errors import Conflict, NotFound
from backend.db.work import Work
from backend.features.field.rules import REUSED, Operation
from backend.features.files.service import may_be_said
from backend.features.repairs.service import MOVES
from backend.platform.process import Process
from backend.platform.threads import Audience, NewEntry, append_many

RECORD: Final = "late_record"
PHOTO: Final = "late_photo"
"""The kinds of the lines. A photo has one of its own, since who sees a line sees the file that it names."""


class Later(Exception):
    """It cannot be decided yet. Nothing was written, and the phone sends it again."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


async def keep(
    process: Process,
    work: Work,
    caller: Caller,
    device: str,
    operation: Operation,
    ticket: Any | None,
    code: str,
    *,
    at: datetime,
    received: datetime,
) -> int | None:
    """Write it on the ticket's thread; returns the record's seq, None where the caller has no line to write.

    Both times stand there: the line's own, which is what was believed, with the phone's beside it, and when it came.

    Raises:
        Later: a photo of it has not arrived yet.
    """
    if ticket is None:
        return None
    photos = [photo for photo in operation.photos if await _is_there(process, caller, photo)]
    audience = _audience(operation, ticket, code)
    name = f"sync:{device}:{operation.id}:{operation.digest.hex()[:16]}"
    body = {
        "op": operation.op,
        "code": code,
        "data": dict(operation.data),
        "photos": [str(photo) for photo in operation.photos],
        "claimed_at": None if operation.at is None else operation.at.astimezone(UTC).isoformat(),
        "received_at": received.astimezone(UTC).isoformat(),
        "device": device,
        "operation": str(operation.id),
        "base_version": operation.base_version,
        "version": ticket.version,
        "state": ticket.state,
    }
    if operation.faults and not operation.too_large:
        # As it came: what cannot be read as an operation stands there as text.
        body["content"] = operation.text
    lines = [NewEntry(ticket.thread_id, RECORD, body, caller.account_id, audience, cid=name, at=at)]
    lines += [
        NewEntry(
            ticket.thread_id,
            PHOTO,
            {"file": str(photo), "operation": str(operation.id)},
            caller.account_id,
            audience,
            cid=f"{name}:{photo}",
            at=at,
        )
        for photo in photos
    ]
    written = await append_many(work, lines)
    return written[0].seq


async def _is_there(process: Process, caller: Caller, photo: Any) -> bool:
    """Whether a photo can stand on a line; one that was refused or is gone cannot, and the record still names it."""
    unused = timedelta(hours=process.settings.files_unused_hours)
    try:
        await may_be_said(process.direct, caller.account_id, "photo", photo, unused=unused)
    except NotFound:
        return False
    except Conflict as refused:
        if refused.code == "file_not_ready":
            raise Later(refused.code) from None
        return False
    return True


def _audience(operation: Operation, ticket: Any, code: str) -> Audience:
    """The owner reads what they would have read had it been done; what nobody can make sense of, staff alone.

    So do those who no longer have the ticket: it may be the owner who wanted it so (CT-17).
    """
    known = operation.op in MOVES and "engineer" in MOVES[operation.op].parts
    return "all" if known and ticket.theirs and not operation.faults and code != REUSED else "staff"
