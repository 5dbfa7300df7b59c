"""What may be taken in, by whom, and what each kind of case brings. Pure (HC-26, HC-48, AG-02, AG-04, CT-45)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from backend.features.hotline.rules.words import Channel, Kind

Taker = Literal["owner", "desk", "employee"]
"""Who takes it in: the owner themselves; whoever takes calls there; any other employee, by the short form (HC-26)."""

OF_THE_DESK: Final = ("severity", "category", "step", "responsible_id", "informed", "about_id", "provider")
"""What only the desk says of a case: how grave, whose, about whom."""

OF_EMPLOYEES: Final = ("channel", "reporter_id", "contact", "anonymous", "received_at", "late_reason")
"""What an owner who writes for themselves has no say in."""

AT_ONCE: Final[Channel] = "hotline"
"""A call is recorded and dispatched when it ends, so its category is asked for (CT-05)."""

LATE_WITHIN: Final = timedelta(days=366)
"""How far back a late entry may lie: further is a slip of the keys. Ours; no rule says."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A field that must not be there, or must."""

    field: str
    code: str


def foreign(taker: Taker, given: frozenset[str]) -> Wrong | None:
    """The first field that is not this taker's to give."""
    if taker != "desk":
        for field in OF_THE_DESK:
            if field in given:
                return Wrong(field, "only_for_the_desk")
    if taker == "owner":
        for field in OF_EMPLOYEES:
            if field in given:
                return Wrong(field, "only_for_callers")
    return None


def lacking(taker: Taker, kind: Kind, channel: Channel, given: frozenset[str]) -> Wrong | None:
    """The first field that this case lacks, or has too much of."""
    if (kind == "repair") != ("repair" in given):
        return Wrong("repair", "repair_missing" if kind == "repair" else "only_for_repairs")
    if (kind == "service_order") != ("service" in given):
        return Wrong("service", "service_missing" if kind == "service_order" else "only_for_services")
    for field in ("provider", "promised_at"):
        if field in given and kind != "service_order":
            return Wrong(field, "only_for_services")
    if taker == "desk" and channel == AT_ONCE and kind != "repair" and "category" not in given:
        return Wrong("category", "category_missing")
    if taker == "desk" and "responsible_id" in given and "category" not in given:
        return Wrong("category", "category_missing")
    if kind == "repair" and "about_id" in given:
        return Wrong("about_id", "repair_about_somebody")
    # Where it comes from would say whose it is.
    if "anonymous" in given and given & {"contact", "reporter_id", "from_thread"}:
        return Wrong("anonymous", "anonymous_with_contact")
    return None


def received(now: datetime, received_at: datetime | None, late_reason: str | None) -> Wrong | datetime:
    """When a case was received. Written down later, it is a late entry and says why (CT-45)."""
    if received_at is None or received_at == now:
        return Wrong("late_reason", "only_for_late_entries") if late_reason else now
    if received_at > now:
        return Wrong("received_at", "time_in_future")
    if received_at < now - LATE_WITHIN:
        return Wrong("received_at", "received_too_long_ago")
    return received_at if late_reason else Wrong("late_reason", "late_reason_missing")
