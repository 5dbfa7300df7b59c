"""What is decided about sending, pure."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from push.message import Accepted, Ambiguous, DeadAddress, Outcome, Refused, RetryAfter, Stopped

STALE_AFTER: Final = timedelta(days=60)
"""A device on which the app was not started for so long is not pushed to (design: token hygiene)."""

ANNOUNCED_AT_ONCE: Final = 200
"""Whose sockets are poked one by one by one telling; beyond, each node asks how all inboxes stand that it has open."""

STOPPED_PAUSE: Final = 60.0
"""Seconds between two attempts at a channel that only an operator can set right."""

LOOKED_UP_FOR: Final = timedelta(minutes=10)
"""For so long the gateway is asked what became of an SMS, before a person is."""

LOOK_AGAIN: Final = 60.0

Became = Literal["waiting", "leased", "accepted", "dead", "refused"]


@dataclass(frozen=True, slots=True)
class Settled:
    """What a delivery becomes by what the provider said.

    `pause`: seconds until it is looked at again. `keeps`: the time it waits is not its own fault, and its time to live
    grows by it. `retire`: why its device is not used again.
    """

    state: Became
    pause: float = 0.0
    keeps: bool = False
    provider_id: str | None = None
    reason: str | None = None
    retire: str | None = None
    stops: bool = False
    warns: bool = False


def settle(outcome: Outcome, settles: float) -> Settled:
    """What becomes of a delivery. `settles`: after so many seconds a gateway can be asked what became of a message."""
    match outcome:
        case Accepted(id=id_):
            return Settled("accepted", provider_id=id_)
        case DeadAddress(reason=reason, warn=warn):
            why = "sender_mismatch" if warn else "invalid" if "INVALID" in reason else "unregistered"
            return Settled("dead", reason=reason, retire=why, warns=warn)
        case RetryAfter(seconds=seconds, reason=reason, everybody=everybody):
            return Settled("waiting", pause=seconds, keeps=everybody, reason=reason)
        case Refused(reason=reason):
            return Settled("refused", reason=reason)
        case Stopped(reason=reason, everybody=everybody):
            return Settled(
                "waiting", pause=STOPPED_PAUSE, keeps=True, reason=reason, stops=everybody, warns=True
            )
        case Ambiguous(reason=reason, repeat_after=None):
            # It stays in hand until the gateway can be asked.
            return Settled("leased", pause=settles, reason=reason)
        case Ambiguous(reason=reason, repeat_after=seconds):
            return Settled("waiting", pause=seconds or 0.0, reason=reason)
