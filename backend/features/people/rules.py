"""The domain of people, pure: roles and what they may, households and what they see, codes, lockout, masks."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

import phonenumbers

# --- Positions -------------------------------------------------------------------------------------------------

Capability = Literal[
    "see_estate",
    "edit_estate",
    "import_estate",
    "see_people",
    "reveal",
    "oversee",
    "answer_hotline",
    "manage_positions",
    "manage_staff",
    "manage_calendar",
    "edit_standard",
    "approve_standard",
    "operate",
    "write_posts",
    "review_posts",
    "publish_posts",
    "keep_warranty",
    "serve_repairs",
    "handle_cases",
    "make_visits",
]

_SEES: Final[frozenset[Capability]] = frozenset({"see_estate", "see_people"})
_SERVES: Final[frozenset[Capability]] = _SEES | {"reveal"}
_KEEPS: Final[frozenset[Capability]] = _SERVES | {"edit_estate"}
_MANAGES: Final[frozenset[Capability]] = frozenset({"oversee"})
_ANSWERS: Final[frozenset[Capability]] = frozenset({"answer_hotline"})
# Takes repairs in for owners, books for them, visits afterwards; the engineer's own tickets are another matter.
_REPAIRS: Final[frozenset[Capability]] = frozenset({"serve_repairs"})
# Takes cases in, dispatches and handles them; whose a case is by its category has it beside.
_HANDLES: Final[frozenset[Capability]] = frozenset({"handle_cases"})
# The customer-relations centre asks how it went: sales, delivery, living, repairs, complaints (RV-01, RV-08, HC-38).
_VISITS: Final[frozenset[Capability]] = frozenset({"make_visits"})
_WRITES: Final[frozenset[Capability]] = frozenset({"edit_standard", "approve_standard"})
# Whoever answers for the posts of a project (S3-26: the customer manager) writes them too; nobody reviews their own.
_TELLS: Final[frozenset[Capability]] = frozenset({"write_posts"})
# The contracts with those who built, the law's terms, defects sent back to be put right (WR-16 to WR-18).
_WARRANTS: Final[frozenset[Capability]] = frozenset({"keep_warranty"})
_PUBLISHES: Final[frozenset[Capability]] = _TELLS | {"review_posts", "publish_posts"}


@dataclass(frozen=True, slots=True)
class Role:
    """A role of the method: its name in the source's words, the rule it comes from, and what its holder may."""

    name: str
    rule: str
    may: frozenset[Capability]


ROLES: Final[dict[str, Role]] = {
    "hotline_agent": Role("热线坐席", "HC-01", _SERVES | _ANSWERS | _REPAIRS | _HANDLES | _VISITS),
    "complaint_specialist": Role("投诉处理专员", "RO-06", _SERVES | _ANSWERS | _REPAIRS | _HANDLES | _VISITS),
    "customer_manager": Role(
        "事业部客户经理",
        "RO-01",
        _KEEPS | _MANAGES | _ANSWERS | _PUBLISHES | _WARRANTS | _REPAIRS | _HANDLES | _VISITS,
    ),
    "customer_ambassador": Role("客户大使", "RO-02", _SERVES | _REPAIRS | _HANDLES | _VISITS),
    "customer_relations_specialist": Role(
        "项目客户关系专员", "RO-21", _KEEPS | _TELLS | _REPAIRS | _HANDLES | _VISITS
    ),
    "customer_service_specialist": Role(
        "客服专员", "RO-31", _SERVES | _ANSWERS | _TELLS | _REPAIRS | _HANDLES | _VISITS
    ),
    "sales_site_manager": Role("营销案场经理", "RO-07", _KEEPS | _MANAGES),
    "project_engineer": Role("项目工程师", "RO-08", _SEES | _TELLS | _REPAIRS),
    "repair_engineer": Role("房修工程师", "RO-09", frozenset({"see_estate"})),
    "property_manager": Role("物业经理", "RO-10", _SERVES | _MANAGES | _WARRANTS | _REPAIRS | _VISITS),
    "head_of_customer_relations": Role(
        "客户关系中心负责人",
        "RO-05",
        _KEEPS | _MANAGES | _ANSWERS | _PUBLISHES | _WARRANTS | _REPAIRS | _HANDLES | _VISITS,
    ),
    "leader_in_charge": Role("公司业务分管领导", "RO-29", _SEES | _MANAGES),
    "quality_department": Role("品质部", "RO-45", _SEES | _WRITES),
    "administrator": Role(
        "系统管理员",
        "product",
        _KEEPS
        | _MANAGES
        | _ANSWERS
        | _WRITES
        | _PUBLISHES
        | _REPAIRS
        | _HANDLES
        | _VISITS
        | _WARRANTS
        | {"import_estate", "manage_positions", "manage_staff", "manage_calendar", "operate"},
    ),
}
"""Every role a position can hold.

`administrator` is the product's own: the method does not name who runs the system.
"""


def roles_that_may(capability: Capability) -> list[str]:
    """The roles whose holders have `capability` at their node and below."""
    return [code for code, role in ROLES.items() if capability in role.may]


TRADES: Final[tuple[str, ...]] = (
    "plumbing",
    "electrical",
    "waterproofing",
    "carpentry",
    "masonry",
    "painting",
    "doors_windows",
    "appliances",
    "general",
)
"""Trades of a repair engineer."""

# --- Households ------------------------------------------------------------------------------------------------

HOUSEHOLD_ROLES: Final[tuple[str, ...]] = ("owner", "family", "tenant")

Sight = Literal["home", "dates", "contract", "household", "invite", "conversations", "repairs", "cases"]

HOUSEHOLD_SIGHT: Final[dict[str, frozenset[Sight]]] = {
    "owner": frozenset(
        {"home", "dates", "contract", "household", "invite", "conversations", "repairs", "cases"}
    ),
    "family": frozenset({"home", "dates", "household", "conversations", "repairs", "cases"}),
    "tenant": frozenset({"home"}),
}
"""What each role of a household may see and do.

A tenant rents the home: its contract and dates are not theirs to see. `conversations`: what the others of the household
who have it too talk about with the hotline; what a tenant says is theirs alone. `repairs`: the home's tickets;
a tenant sees those they reported. `cases`: the same of what was brought to the hotline.
"""

INVITATION_LIFE: Final = timedelta(days=14)

# --- One-time codes --------------------------------------------------------------------------------------------

CODE_LIFE: Final = timedelta(minutes=5)
CODE_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Allowance:
    """At most `count` within `window`."""

    count: int
    window: timedelta


CODES_PER_PHONE: Final = (
    Allowance(1, timedelta(seconds=30)),
    Allowance(5, timedelta(hours=1)),
    Allowance(10, timedelta(days=1)),
)
CODES_PER_ADDRESS: Final = (Allowance(30, timedelta(minutes=10)), Allowance(200, timedelta(days=1)))
TRIES_PER_ADDRESS: Final = Allowance(100, timedelta(minutes=10))

# --- Staff lockout ---------------------------------------------------------------------------------------------

LOCKOUT_WINDOW: Final = timedelta(minutes=15)
_FAILURES_FROM_ONE_ADDRESS: Final = 5
_FAILURES_FROM_ANYWHERE: Final = 50


@dataclass(frozen=True, slots=True)
class Failures:
    """Failed sign-ins to one employee number since the last success and within the window.

    `known_address`: this address has signed in to the account within thirty days.
    """

    here: int
    last_here: datetime | None
    anywhere: int
    last_anywhere: datetime | None
    known_address: bool


def locked_until(failures: Failures) -> datetime | None:
    """Until when this address may not try this employee number; None when it may.

    Five failures from one address lock that address out, for a minute and twice as long with each further one, at
    most the window. Fifty from anywhere lock every address the account has never signed in from: so whoever
    hammers an account shuts out themselves and other strangers, never its owner at their own desk, and nobody for good.
    """
    if failures.here >= _FAILURES_FROM_ONE_ADDRESS and failures.last_here is not None:
        # Beyond four doublings the window is the longer bound; a burst of thousands must not reach timedelta's.
        pause = timedelta(minutes=2 ** min(failures.here - _FAILURES_FROM_ONE_ADDRESS, 4))
        return failures.last_here + min(pause, LOCKOUT_WINDOW)
    if (
        failures.anywhere >= _FAILURES_FROM_ANYWHERE
        and failures.last_anywhere is not None
        and not failures.known_address
    ):
        return failures.last_anywhere + timedelta(minutes=1)
    return None


# --- Phones and masks ------------------------------------------------------------------------------------------


# The library would read letters as a keypad's digits, cut extensions off, and find a number in the middle of
# a sentence.
_PHONE_SIGNS: Final = frozenset("+＋-－‐‑–—. ．()（）\u00a0\u3000")


class PhoneInvalid(ValueError):
    """Not a phone number that could receive a code."""


def read_phone(spelled: str) -> str:
    """The number in E.164, from any spelling; without a country code it is a mainland one.

    Raises:
        PhoneInvalid: see there.
    """
    if not all(sign.isdecimal() or sign in _PHONE_SIGNS for sign in spelled):
        raise PhoneInvalid(spelled)
    try:
        number = phonenumbers.parse(spelled, "CN")
    except phonenumbers.NumberParseException:
        raise PhoneInvalid(spelled) from None
    if not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) not in (
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    ):
        raise PhoneInvalid(spelled)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def mask_phone(phone: str) -> str:
    """What staff see of a phone (S3-23): `+86 138****5678`; of a foreign one its country and last two digits."""
    if phone.startswith("+86") and len(phone) == 14:
        return f"+86 {phone[3:6]}****{phone[-4:]}"
    return f"{phone[:3]}{'*' * (len(phone) - 5)}{phone[-2:]}"


def mask_name(name: str) -> str:
    """What staff see of a name (S3-23): the first character and stars, `孙**`; of a spaced name the first
    letter of each part.
    """
    parts = name.split(" ")
    if len(parts) > 1:
        return " ".join(f"{part[:1]}*" for part in parts)
    return name[:1] + "*" * max(1, min(len(name) - 1, 2))


def household_sees(role: str, sight: Sight) -> bool:
    """Whether this role of a household has this sight."""
    return sight in HOUSEHOLD_SIGHT[role]
