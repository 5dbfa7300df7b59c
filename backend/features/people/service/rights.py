"""Rights that end: every node asks anew what the account may see and do."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from backend.db.signals import Signals
from backend.db.work import Work

RIGHTS_CHANGED: Final = "rights_changed"

# PostgreSQL carries 8,000 bytes a signal.
_AT_ONCE: Final = 200


async def signal_rights(work: Work, signals: Signals, account_ids: Collection[UUID]) -> None:
    """In the transaction that changes what accounts may see or do: whoever watches for them asks again once it commits.

    Belongs wherever a membership, an ownership or a position ends.
    """
    ids = sorted(map(str, set(account_ids)))
    for start in range(0, len(ids), _AT_ONCE):
        await signals.send(work, RIGHTS_CHANGED, ",".join(ids[start : start + _AT_ONCE]))
