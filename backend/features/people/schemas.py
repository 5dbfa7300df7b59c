"""What travels over the wire."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, SecretStr, StringConstraints

from backend.core.locale import Locale
from backend.core.wire import Answer, Asked, Line, Moment, one_line, printable


def _printable_secret(secret: SecretStr) -> SecretStr:
    printable(secret.get_secret_value())
    return secret


Phone = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=3, max_length=40),
    AfterValidator(one_line),
    Field(
        description="A mobile number in any spelling; without a country code a mainland one.",
        examples=["138 0000 0001"],
    ),
]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$"), Field(examples=["402913"])]
Device = Annotated[Line, Field(description="What the device calls itself.", examples=["iPhone 17"])]
Password = Annotated[
    SecretStr,
    Field(min_length=1, max_length=200, examples=["correct-horse-8"]),
    AfterValidator(_printable_secret),
]
EmployeeNo = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$"), Field(examples=["T0001"])
]


class CodeAsked(Asked):
    """Ask for a one-time code."""

    phone: Phone


class SignIn(Asked):
    """Sign in by one-time code."""

    phone: Phone
    code: Code
    device: Device = "app"


class StaffSignIn(Asked):
    """Sign in as an employee."""

    employee_no: EmployeeNo
    password: Password
    totp: Annotated[Line, Field(description="The authenticator's six digits, or a recovery code.")] | None = (
        None
    )
    device: Device = "console"


class Account(Answer):
    """An account, as its own holder sees it."""

    id: UUID
    kind: Literal["owner", "staff"]
    name: str | None = Field(examples=["孙建华"])
    phone: str | None = Field(examples=["+8613800000001"])
    employee_no: str | None
    locale: Locale


class SessionOpened(Answer):
    """A session. The token is shown this once; send it as `Authorization: Bearer …`."""

    token: str = Field(examples=["pN9_5Fh4u2dLZ3mR0yqYtJwqX1bVn7c8KeG6sAoIhUk"])
    account: Account
    expires_at: Moment


class Session(Answer):
    """A device that is signed in."""

    id: UUID
    device: str
    address: str
    created_at: Moment
    last_seen_at: Moment
    expires_at: Moment
    current: bool = Field(description="The one that asks.")


class Sessions(Answer):
    """Every device that is signed in, newest first."""

    items: list[Session]


class PositionHeld(Answer):
    """A position the caller holds today."""

    role: str = Field(examples=["repair_engineer"])
    role_name: str = Field(examples=["房修工程师"])
    node: UUID
    node_name: str = Field(examples=["朗润园"])
    trades: list[str]


class Me(Account):
    """The caller's account, with their positions when they are staff."""

    positions: list[PositionHeld] = Field(default=[])
    totp: bool | None = Field(default=None, description="Staff: whether an authenticator is on.")


class MeEdited(Asked):
    """What may be changed of one's own account."""

    name: Line | None = None
    locale: Locale | None = None


class PasswordChange(Asked):
    """A new password for oneself."""

    present: Password
    wanted: Password


class PasswordGiven(Asked):
    """One's password, to confirm an act."""

    password: Password


class TotpEnrolment(Answer):
    """What the authenticator app needs, shown this once."""

    secret: str
    address: str = Field(examples=["otpauth://totp/Tongxing:T0001?secret=…&issuer=Tongxing"])


class TotpCode(Asked):
    """The authenticator's six digits."""

    code: Code


class RecoveryCodes(Answer):
    """Each stands in once for a lost authenticator. Shown this once."""

    codes: list[str]


class HouseholdMember(Answer):
    """A person of the home."""

    id: UUID
    role: Literal["owner", "family", "tenant"]
    name: str | None
    phone: str | None
    since: Moment


class Household(Answer):
    """Everybody of the home, owners first."""

    items: list[HouseholdMember]


class InvitationAsked(Asked):
    """Ask somebody into the household."""

    phone: Phone
    role: Literal["family", "tenant"]


class Invitation(Answer):
    """An invitation the household has made."""

    id: UUID
    phone: str
    role: Literal["family", "tenant"]
    expires_at: Moment


class Invitations(Answer):
    """Invitations nobody has answered yet, newest first."""

    items: list[Invitation]


class Joined(Answer):
    """The household that an accepted invitation led into."""

    ownership: UUID


class StaffAdded(Asked):
    """A new employee."""

    employee_no: EmployeeNo
    name: Line
    password: Password
    phone: Phone | None = None


class StaffMember(Answer):
    """An employee."""

    id: UUID
    employee_no: str
    name: str | None
    phone: str | None
    disabled: bool


class StaffEdited(Asked):
    """What an administrator may change of an employee."""

    name: Line | None = None
    disabled: bool | None = None
    password: Password | None = None
    phone: Phone | None = Field(
        default=None, description="Where they are called and sent SMS; null takes it away, left out it stays."
    )


class PositionGiven(Asked):
    """A position to be given."""

    account: UUID
    role: Annotated[str, StringConstraints(max_length=40)] = Field(examples=["repair_engineer"])
    node: UUID
    trades: list[Annotated[str, StringConstraints(max_length=40)]] = Field(default=[], max_length=20)
    since: date | None = Field(default=None, description="Today when left out.")
    until: date | None = Field(default=None, description="The first day it is no longer held.")


class PositionEnded(Asked):
    """Until when a position is held."""

    until: date | None = Field(description="The first day it is no longer held; null: it goes on.")


class Position(Answer):
    """A role held at a node of the estate tree."""

    id: UUID
    account: UUID
    account_name: str | None
    role: str
    role_name: str
    node: UUID
    node_kind: Literal["company", "region", "project", "building"]
    node_name: str
    trades: list[str]
    since: date
    until: date | None
    version: int


class Role(Answer):
    """A role a position can hold."""

    code: str
    name: str
    rule: str = Field(description="Where the method names it.")
    may: list[str]


class Roles(Answer):
    """Every role, and every trade of a repair engineer."""

    roles: list[Role]
    trades: list[str]


class Node(Answer):
    """A node of the estate tree."""

    id: UUID
    kind: Literal["company", "region", "project", "building"]
    name: str
    parent: UUID | None
