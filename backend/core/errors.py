"""What can be wrong with a request, in the domain's terms. `backend/app.py` maps each class to HTTP in one table.

Every refusal carries a stable `code`; the sentence for it stands in `backend/locales/problem.*.toml`.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one field. `field` is a dotted path as the client wrote it."""

    field: str
    code: str
    params: dict[str, Any]


class Refusal(Exception):
    """The base of everything we say no to. Nothing was written."""

    def __init__(
        self,
        code: str,
        *,
        field: str | None = None,
        faults: tuple[Fault, ...] = (),
        present: dict[str, Any] | None = None,
        **params: Any,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.faults = faults
        self.present = present
        self.params = params


class NotFound(Refusal):
    """There is no such thing for this caller; other people's rows are not there either."""

    def __init__(self, code: str = "not_found", **kwargs: Any) -> None:
        super().__init__(code, **kwargs)


class NotSignedIn(Refusal):
    """No session, or one that has ended."""

    def __init__(self, code: str = "not_signed_in", **kwargs: Any) -> None:
        super().__init__(code, **kwargs)


class NotAllowed(Refusal):
    """The caller sees the thing, but the act is not theirs."""

    def __init__(self, code: str = "not_allowed", **kwargs: Any) -> None:
        super().__init__(code, **kwargs)


class Invalid(Refusal):
    """The request cannot be meant as it stands: a value is wrong."""


class Conflict(Refusal):
    """The request is well formed, but the present state does not permit it."""


class Stale(Refusal):
    """The row has changed since the caller read it (`If-Match`). `present` holds its state now."""


class TooMany(Refusal):
    """A limit was reached. `retry_after` is in whole seconds."""

    def __init__(self, code: str, *, retry_after: int, **kwargs: Any) -> None:
        super().__init__(code, retry_after=retry_after, **kwargs)
        self.retry_after = retry_after


class Unreadable(Refusal):
    """A header that a protocol asks for is missing, or not in its form."""


class WrongType(Refusal):
    """The body is of a type that this address does not take."""


class Damaged(Refusal):
    """What arrived is not what was sent, by the checksum that came with it; the same may be sent again."""


class Unavailable(Refusal):
    """Something we stand on does not answer at the moment; the same request may be sent again."""
