"""What the addresses of notices take and give."""

from datetime import time
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, PlainSerializer, StringConstraints

from backend.core.wire import Answer, Asked, Line, Moment, Page, one_line


class Notice(Answer):
    """A row of the inbox, in the reader's language."""

    id: UUID
    kind: str = Field(examples=["promise_due"])
    title: str = Field(examples=["客服专员首次联系"])
    body: str
    subject_kind: str = Field(examples=["journey"], description="What it leads to")
    subject_id: UUID
    thread_id: UUID | None
    created_at: Moment
    read_at: Moment | None


class Notices(Page[Notice]):
    """A page of the inbox; `unread` counts all of it."""

    unread: int = Field(ge=0)


class ReadUpTo(Asked):
    """Everything up to this notice."""

    up_to: UUID


def _whole_minutes(moment: time) -> time:
    return moment.replace(second=0, microsecond=0, tzinfo=None)


HourOfDay = Annotated[
    time,
    AfterValidator(_whole_minutes),
    PlainSerializer(lambda moment: f"{moment:%H:%M}", return_type=str, when_used="json"),
]


class QuietHours(Asked):
    """Nothing rings between these, over midnight too; what would have rung does when they end."""

    begins: HourOfDay = Field(examples=["22:00"])
    ends: HourOfDay = Field(examples=["08:00"])
    zone: Annotated[Line, Field(max_length=60)] = Field(default="Asia/Shanghai", examples=["Asia/Shanghai"])


Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        max_length=254,
        pattern=r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[^@\s]{1,255}$",
    ),
    AfterValidator(one_line),
]


class Choices(Asked):
    """All that one chooses: what is left out is as if never chosen."""

    quiet_hours: QuietHours | None = None
    off: list[Annotated[Line, Field(max_length=60)]] = Field(
        default=[], max_length=50, examples=[["newsletter"]], description="Kinds that are not to ring"
    )


class EmailAsked(Asked):
    """An address that shall be mine."""

    email: Email = Field(examples=["sunjianhua@example.com"])


class EmailChecked(Answer):
    """An address and whether it has been confirmed."""

    email: str
    confirmed: bool


class EmailCode(Asked):
    """The six digits from the e-mail."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")] = Field(examples=["012345"])


class KindChoice(Answer):
    """One kind of notice, and whether it rings."""

    kind: str
    on: bool
    optional: bool
    why: str | None = Field(description="Why it cannot be switched off")
    channels: list[Literal["push", "sms", "email"]]


class Chosen(Answer):
    """What one has chosen, kind by kind."""

    quiet_hours: QuietHours | None
    email: str | None = Field(description="Where e-mail goes: an address that was confirmed")
    kinds: list[KindChoice]


class DeviceKept(Asked):
    """The app tells this at every start."""

    platform: Literal["android", "ios", "web"]
    token: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,4096}$")] = Field(
        description="FCM's registration token"
    )
    app_version: Annotated[Line, Field(max_length=40)] = Field(examples=["1.4.2"])
    locale: Literal["zh-CN", "zh-TW", "en"] = "zh-CN"


class Delivery(Answer):
    """One attempt to make somebody look."""

    id: UUID
    channel: Literal["push", "sms", "email"]
    to: str = Field(examples=["+86 138****5678"], description="Masked; of a push, the platform")
    state: str = Field(examples=["accepted"])
    follows: bool = Field(description="It goes out only when the push reached nobody")
    created_at: Moment
    not_before: Moment
    expires_at: Moment
    attempts: int
    tried_at: Moment | None
    accepted_at: Moment | None
    opened_at: Moment | None
    provider_id: str | None
    reason: str | None
    said: str | None = Field(description="Of legal notices by SMS or e-mail: the words that were handed over")


class Deliveries(Answer):
    """All of a notice, in the order they were made."""

    items: list[Delivery]
