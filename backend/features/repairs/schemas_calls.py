"""The wire of calls."""

from pydantic import Field

from backend.core.wire import Answer, Moment


class Number(Answer):
    """What to dial, and until when it connects; an extension stands after a comma."""

    number: str = Field(examples=["+8617000000000"])
    expires_at: Moment
