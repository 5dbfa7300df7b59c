"""What must hold of chat, looked at from outside the workers."""

from collections.abc import Sequence
from typing import Final

from backend.db.work import Work
from backend.features.chat.service import SWEEP, is_swept, wrong_loads
from backend.platform.audit import Check, Fault


async def _swept(work: Work) -> Sequence[Fault]:
    if await is_swept(work, SWEEP):
        return []
    return [Fault("the hotline", "conversations are open and nothing looks after those that wait")]


async def _loads(work: Work) -> Sequence[Fault]:
    return [
        Fault(f"agent {row.account_id}", f"is said to hold {row.load} conversations and holds {row.held}")
        for row in await wrong_loads(work)
    ]


CHECKS: Final = (
    Check("while a conversation is open the desk is looked over", _swept),
    Check("every agent's load is what they hold", _loads),
)
