"""What privacy's addresses take and give."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StrictBool

from backend.core.wire import Answer, Asked, Line, Moment
from backend.features.privacy.rules import Use


class AskReveal(Asked):
    """Which value of whom, and why. The person concerned can read all of it."""

    subject: UUID = Field(description="The account id of a resident")
    field: Literal["phone", "name", "identity"]
    reason: Annotated[Line, Field(min_length=2, examples=["回访：确认上门时间"])]


class Revealed(Answer):
    """The value in clear. It is kept nowhere but where it was."""

    id: UUID
    value: str = Field(examples=["+8613542604684"])
    at: Moment


class Look(Answer):
    """Somebody looked at one of my values."""

    id: UUID
    field: Literal["phone", "name", "identity"]
    reason: str = Field(examples=["回访：确认上门时间"])
    at: Moment
    role: str = Field(examples=["hotline_agent"], description="The employee's role at that moment")
    name: str | None = Field(examples=["孙*"], description="The employee's name, cut as staff see mine")


class SayConsent(Asked):
    """Yes or no to one use. It can be said otherwise at any time."""

    given: StrictBool


class Consent(Answer):
    """One use, and whether it is consented to. What was never asked or answered is not."""

    use: Use
    says: str = Field(examples=["在家书、会员通讯或工程进展中提到我的姓名或使用我的照片"])
    given: bool
    since: Moment | None = Field(description="When that was said last; null: never.")


class Consents(Answer):
    """Every use there is, in a fixed order."""

    items: list[Consent]


class ResidentConsents(Consents):
    """What a resident consents to, for an employee; the name is cut."""

    account: UUID
    name: str | None = Field(examples=["孙**"])
