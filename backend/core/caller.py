"""Who is asking, however it was found out."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in account, by one of its sessions."""

    account_id: UUID
    session_id: UUID
    kind: Literal["owner", "staff"]
