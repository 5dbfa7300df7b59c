"""What is sent, and what became of it."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one address: a device token, a phone in E.164 or an e-mail address.

    `reference` is ours: a gateway that sees it twice sends once. `ttl` is in seconds.
    """

    address: str
    title: str
    body: str
    reference: str
    data: dict[str, str] = field(default_factory=dict)
    collapse_key: str | None = None
    ttl: int = 3600
    urgency: Literal["normal", "high"] = "normal"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has taken it, under its own id."""

    id: str


@dataclass(frozen=True, slots=True)
class DeadAddress:
    """Nobody is reached there any more: do not use the address again."""

    reason: str


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """Not taken; try again in this many seconds."""

    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Not taken and never will be."""

    reason: str


Outcome = Accepted | DeadAddress | RetryAfter | Refused
