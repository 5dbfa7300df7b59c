"""What operators send and see."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from backend.core.wire import Answer, Asked, Line, Moment


class Because(Asked):
    """Why. It is kept, with who did it and when."""

    reason: Annotated[Line, Field(min_length=2, examples=["号码库已修正，重新发送"])]


class Timer(Answer):
    """Something that happens, or has happened, at a time."""

    id: UUID
    kind: str = Field(examples=["clock.due"])
    key: str = Field(examples=["0197f0a2-6f1e-7c64-9a47-0f3f1f5b2d10"])
    state: Literal["pending", "fired", "cancelled", "parked"]
    due_at: Moment
    next_try_at: Moment
    attempts: int = Field(description="Failures since it was set, moved or retried")
    version: int = Field(description="How often it was set, moved, called off or retried")
    fired_at: Moment | None
    lateness_seconds: float | None = Field(description="From when it was due, or set if that was later")
    last_error: str | None = Field(examples=["IntegrityError"])


class Released(Answer):
    """Firing was held because the database's clock had jumped, and is no more."""

    id: int
    ahead_seconds: float = Field(description="How far the clock had jumped; negative when it went back")
    began_at: Moment
    released_at: Moment


class Delivery(Answer):
    """Something on its way to somebody: by what, in which state, and why it is there."""

    id: UUID
    notice_id: UUID | None
    account_id: UUID
    kind: str = Field(examples=["invitation"])
    channel: Literal["push", "sms", "email"]
    lane: Literal["urgent", "normal", "bulk"]
    state: str = Field(examples=["ambiguous"])
    attempts: int
    tried_at: Moment | None
    not_before: Moment
    expires_at: Moment
    provider_id: str | None
    reason: str | None = Field(examples=["ReadTimeout"])
    created_at: Moment


class Channel(Answer):
    """A way out, and how it stands."""

    channel: Literal["push", "sms", "email"]
    stopped_since: Moment | None = Field(
        description="It takes nothing until somebody has set our account right"
    )
    reason: str | None
    waiting: int
    ambiguous: int


class Channels(Answer):
    """Every way out."""

    items: list[Channel]


class Fault(Answer):
    """One thing that is not as it must be."""

    subject: str
    why: str


class Audit(Answer):
    """What the audit found when it last looked."""

    at: Moment
    checks: list[str] = Field(examples=[["no timer is late"]])
    found: int = Field(description="How many faults in all; the first 200 are named")
    faults: list[Fault]
