"""How a move is refused: by name, with what would be legal and how the case stands now."""

from collections.abc import Sequence
from typing import Any

from backend.core.errors import Conflict
from backend.features.hotline.models import Case


class Refused(Conflict):
    """A move that cannot be made now. `legal`: the moves the caller may make; `present`: how the case stands."""

    def __init__(self, code: str, case: Case, legal: Sequence[str], **params: Any) -> None:
        self.legal = list(legal)
        present = {"state": case.state, "version": case.version, "legal": self.legal, **params}
        super().__init__(code, present=present, state=case.state, legal=", ".join(legal) or "-")
