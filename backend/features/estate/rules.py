"""The domain of the estate, pure: an ownership's dates and stage, how homes sort, what an import would do."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal

from backend.core.errors import Fault

# --- An ownership's dates --------------------------------------------------------------------------------------

DATES: Final[tuple[str, ...]] = (
    "subscribed_on", "signed_on", "delivery_due_on", "delivered_on", "keys_on", "moved_in_on",
)  # fmt: skip
"""An ownership's dates in the order of the six steps."""

HANDED_OVER: Final[tuple[str, ...]] = ("delivered_on", "keys_on", "moved_in_on")
"""Of these, what a home went through once: a resale does not undo it (CT-41)."""

PROJECT_DATES: Final[tuple[str, ...]] = (
    "sales_open_on",
    "first_delivery_on",
    "mass_move_in_on",
    "mass_move_in_ends_on",
)
"""The dates that a project sets itself."""

_NOT_BEFORE: Final[dict[str, tuple[str, ...]]] = {
    "signed_on": ("subscribed_on",),
    "delivery_due_on": ("signed_on",),
    "delivered_on": ("signed_on", "subscribed_on"),
    "keys_on": ("delivered_on", "signed_on", "subscribed_on"),
    "moved_in_on": ("keys_on", "delivered_on", "signed_on", "subscribed_on"),
}
_MAY_LIE_AHEAD: Final = "delivery_due_on"
_EARLIEST: Final = date(1990, 1, 1)
_LATEST: Final = date(2100, 12, 31)


def _word(name: str) -> str:
    return {"delivery_due_on": "due"}.get(name, name.removesuffix("_on"))


def date_faults(dates: Mapping[str, date | None], *, today: date) -> tuple[Fault, ...]:
    """What is wrong with these dates, one fault a field: out of order, still to come, or in no believable year.

    Codes: `signed_before_subscribed` and its like (the workbook's), `date_in_future`, `date_out_of_range`.
    """
    faults = []
    for name in DATES:
        day = dates.get(name)
        if day is None:
            continue
        value = day.isoformat()
        earlier = next(
            (other for other in _NOT_BEFORE.get(name, ()) if (known := dates.get(other)) and day < known),
            None,
        )
        if not _EARLIEST <= day <= _LATEST:
            faults.append(Fault(name, "date_out_of_range", {"value": value}))
        elif earlier is not None:
            code = f"{_word(name)}_before_{_word(earlier)}"
            faults.append(Fault(name, code, {"value": value, "earlier": str(dates[earlier])}))
        elif day > today and name != _MAY_LIE_AHEAD:
            faults.append(Fault(name, "date_in_future", {"value": value}))
    return tuple(faults)


Stage = Literal["reserved", "waiting", "delivered", "keys_received", "living", "ended"]

STAGES: Final[tuple[tuple[str, Stage], ...]] = (
    ("ended_on", "ended"),
    ("moved_in_on", "living"),
    ("keys_on", "keys_received"),
    ("delivered_on", "delivered"),
    ("signed_on", "waiting"),
)
"""The date that makes each stage, the furthest first. Never stored: it follows the dates."""

FIRST_STAGE: Final[Stage] = "reserved"


def stage(dates: Mapping[str, date | None], *, today: date) -> Stage:
    """Where an ownership stands on `today`: the furthest stage whose date has come; before any of them `reserved`."""
    return next((name for field, name in STAGES if (day := dates.get(field)) and day <= today), FIRST_STAGE)


# --- Homes -----------------------------------------------------------------------------------------------------

_DIGITS: Final = re.compile(r"\d+")


def natural(key: str) -> str:
    """`key` so that plain comparison puts 2 before 10."""
    return _DIGITS.sub(lambda digits: digits[0].zfill(6), key)


def name_key(name: str) -> str:
    """By what names of regions and projects compare: one width, no spaces, no case."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def sort_key(building_key: str, unit_key: str, room_key: str) -> str:
    """By what homes are listed: building, unit, room, each in natural order. A space sorts before all they hold."""
    return f"{natural(building_key)} {natural(unit_key)} {natural(room_key)}"


# --- Imports ---------------------------------------------------------------------------------------------------

HOME_FACTS: Final[tuple[str, ...]] = ("layout", "area", "fitout")
OWNERSHIP_FACTS: Final[tuple[str, ...]] = (
    "contract_no",
    *DATES,
    "address",
    "consultant",
    "specialist",
    "remark",
)

Effect = Literal["new", "changed", "same"]


@dataclass(frozen=True, slots=True)
class OwnerFacts:
    """An owner as a row names them or as the household holds them; the phone in E.164."""

    name: str | None
    phone: str | None


@dataclass(frozen=True, slots=True)
class HomeFacts:
    """What one row says of a home (or the database holds of it): its facts, its ownership's, its owners."""

    home: Mapping[str, Any]
    ownership: Mapping[str, Any]
    owners: tuple[OwnerFacts, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What the database holds that touches one row.

    `present`: the home with its current ownership; None when there is no such home. `owned`: whether it has a
    current ownership. `contract_at`: who holds the row's contract number: this home's current ownership, its past,
    another home, or nobody. `names`: the account names under phones.
    """

    present: HomeFacts | None = None
    owned: bool = False
    contract_at: Literal["here", "past", "elsewhere"] | None = None
    names: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a row would do to the database; or, with `code`, why it may not. `before` and `after` hold what differs."""

    effect: Effect | None = None
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    code: str | None = None
    params: Mapping[str, str] = field(default_factory=dict)


def weigh(row: HomeFacts, standing: Standing, *, today: date) -> Verdict:
    """What importing `row` would do.

    A row never takes anything away: an empty cell says nothing about what is on record. Neither does it hand a home to
    somebody else: that is a resale, so a row whose contract or owners are not those on record is refused.

    Refusals: `contract_elsewhere`, `contract_ended`, `sold_on_record`, `owners_differ`, `phone_other_name`,
    `order_on_record`.
    """
    contract_no = row.ownership["contract_no"]
    if standing.contract_at == "elsewhere":
        return Verdict(code="contract_elsewhere", params={"contract_no": contract_no})
    if standing.contract_at == "past":
        return Verdict(code="contract_ended", params={"contract_no": contract_no})
    present = standing.present
    if present is not None and standing.owned:
        held = present.ownership["contract_no"]
        if held and contract_no and held != contract_no:
            return Verdict(code="sold_on_record", params={"contract_no": held})
        if present.owners and not any(_is_among(owner, present.owners) for owner in row.owners):
            return Verdict(code="owners_differ")
    for owner in row.owners:
        if owner.phone and standing.names.get(owner.phone) not in (None, owner.name):
            return Verdict(code="phone_other_name")
    said = {**_known(row.home), **_known(row.ownership)}
    if present is None or not standing.owned:
        return Verdict("new", {}, said)
    on_record = {**present.home, **present.ownership}
    changed = {name: value for name, value in said.items() if on_record[name] != value}
    if faults := date_faults({name: changed.get(name, on_record[name]) for name in DATES}, today=today):
        return Verdict(code="order_on_record", params={"date": faults[0].params["value"]})
    joined = not all(_is_among(owner, present.owners) for owner in row.owners)
    return Verdict(
        "changed" if changed or joined else "same", {name: on_record[name] for name in changed}, changed
    )


def _is_among(owner: OwnerFacts, owners: tuple[OwnerFacts, ...]) -> bool:
    """A phone is a person's account; who has none is known by name within the home."""
    if owner.phone:
        return any(owner.phone == other.phone for other in owners)
    return any(owner.name == other.name for other in owners)


def _known(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}
