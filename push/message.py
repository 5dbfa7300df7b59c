"""What is sent, and what became of it."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one address: a device token, a phone in E.164 or an e-mail address.

    `reference` is ours and the same at every attempt: what is sent twice under it shows once wherever the channel can
    see to that. `attempt` counts the attempts before this one; pauses grow with it. `ttl` is in seconds.

    A device shows one message a `collapse_key`: a later one takes the place of the one before. SMS gateways that send
    approved wordings only take `template` (our name of it) and `params`; the others take `body`. `html` and
    `unsubscribe` (an https address that a POST unsubscribes at) are for e-mail.
    """

    address: str
    title: str
    body: str
    reference: str
    data: dict[str, str] = field(default_factory=dict)
    collapse_key: str | None = None
    ttl: int = 3600
    urgency: Literal["normal", "high"] = "normal"
    attempt: int = 0
    template: str | None = None
    params: dict[str, str] = field(default_factory=dict)
    html: str | None = None
    unsubscribe: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has taken it, under its own id."""

    id: str


@dataclass(frozen=True, slots=True)
class DeadAddress:
    """Nobody is reached there any more: do not use the address again.

    `warn`: the address may be alive, but not for us. When there are many, our own configuration is wrong.
    """

    reason: str
    warn: bool = False


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """Not taken; try again in this many seconds.

    `everybody`: the provider is away or sends everybody away, so that this says nothing about the message: it does
    not count towards giving the message up.
    """

    seconds: float
    reason: str
    everybody: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Not taken and never will be."""

    reason: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """Not taken: our account, credentials or balance are not in order, and only an operator can mend that.

    The message is as good as before: keep it and alarm. `everybody` is false where only some messages are concerned
    (one platform's certificate, one template); the channel goes on for the others.
    """

    reason: str
    everybody: bool = True


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Nobody knows whether it was taken.

    `repeat_after`: in so many seconds the same message may be sent again, because whoever gets it twice sees it once.
    None: never send it again before its fate has been looked up.
    """

    reason: str
    repeat_after: float | None = None


Outcome = Accepted | DeadAddress | RetryAfter | Refused | Stopped | Ambiguous


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Nobody got it and nobody will: to send it again is to send it once."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The gateway cannot say. Ask later, or let a person decide."""

    reason: str


Fate = Accepted | NotTaken | Unknown
