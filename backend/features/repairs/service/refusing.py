"""How a move is refused: by name, with what would be legal and how the ticket stands now."""

from collections.abc import Sequence
from typing import Any

from backend.core.errors import Conflict
from backend.features.repairs.models import Ticket


class Refused(Conflict):
    """A move that cannot be made now. `legal`: the moves the caller may make; `present`: how the ticket stands."""

    def __init__(self, code: str, ticket: Ticket, legal: Sequence[str], **params: Any) -> None:
        self.legal = list(legal)
        present = {"state": ticket.state, "version": ticket.version, "legal": self.legal, **params}
        super().__init__(code, present=present, state=ticket.state, legal=", ".join(legal) or "-")
