"""The lists that people choose from, as the method has them. Pure.

Codes are those of the shipped standard (`standard/library`), with `_` for `-`; a test compares them.
"""

from typing import Final, Literal, get_args

Kind = Literal["complaint", "repair", "enquiry", "service_order", "suggestion"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
"""What somebody wants. Other kinds go the same way as a complaint (GP-15); a repair goes on as a ticket."""

Severity = Literal["general", "urgent", "suspected_invalid"]
SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)
"""How a case is handled (HC-23 to HC-25). What tells general from urgent the method leaves open (GP-04)."""

Channel = Literal[
    "hotline",
    "walk_in",
    "call_to_employee",
    "email",
    "online_form",
    "complaint_forum",
    "external_post",
    "return_visit",
    "survey",
    "face_to_face",
    "owners_meeting",
    "ambassador_visit",
    "service_desk",
]
CHANNELS: Final[tuple[Channel, ...]] = get_args(Channel)
"""How it came in (HC-48)."""

Category = Literal["customer", "sales", "works", "property"]
CATEGORIES: Final[tuple[Category, ...]] = get_args(Category)
"""What it is about, which says whose it is (HC-05)."""

RESPONSIBLE: Final[dict[Category, str]] = {
    "customer": "customer_manager",
    "sales": "sales_site_manager",
    "works": "project_engineer",
    "property": "property_manager",
}
"""The responsible position of a category (HC-06 to HC-09), where a standard says nothing else."""

Service = Literal["bill_payment", "furnishing", "computer_helper", "waste_disposal"]
SERVICES: Final[tuple[Service, ...]] = get_args(Service)
"""The four convenience services (CV-03 to CV-06)."""

Validity = Literal["valid", "invalid"]
VALIDITIES: Final[tuple[Validity, ...]] = get_args(Validity)
Cause = Literal["neglect", "mistake", "excess", "loss_of_control"]
CAUSES: Final[tuple[Cause, ...]] = get_args(Cause)
Harm = Literal["self_respect", "interest"]
HARMS: Final[tuple[Harm, ...]] = get_args(Harm)
"""What makes a complaint valid: four causes by two harms (HC-16)."""

ClosingReason = Literal["accepted", "no_contact", "invalid", "lawful", "beyond_authority"]
CLOSING_REASONS: Final[tuple[ClosingReason, ...]] = get_args(ClosingReason)
"""Why a case may be closed (HC-37 to HC-41, CT-28)."""

WITHOUT_VISIT: Final[tuple[ClosingReason, ...]] = ("no_contact", "invalid")
"""Reasons that need no return visit (CT-29)."""

REASONS_APPROVED: Final[tuple[ClosingReason, ...]] = ("invalid", "lawful", "beyond_authority")
"""Reasons nobody accepts: another person approves them, and a date of review is set (CT-28)."""

PauseReason = Literal["waiting_for_owner", "access_refused"]
PAUSE_REASONS: Final[tuple[PauseReason, ...]] = get_args(PauseReason)
"""Why a case's clocks may stand still; the owner sees it, and their next act ends it."""

ClaimKind = Literal["compensation", "house_change"]
CLAIM_KINDS: Final[tuple[ClaimKind, ...]] = get_args(ClaimKind)
"""What somebody asks for beside an answer (HC-44, HC-45, CT-43)."""

ClaimState = Literal["asked", "approved", "refused", "withdrawn"]
CLAIM_STATES: Final[tuple[ClaimState, ...]] = get_args(ClaimState)

Answered = Literal["open", "accepted", "declined", "withdrawn"]
ANSWERS: Final[tuple[Answered, ...]] = get_args(Answered)
"""How a proposal stands."""

Talk = Literal["contact", "interim", "answer", "explanation"]
TALKS: Final[tuple[Talk, ...]] = get_args(Talk)
"""What was said to whom: a contact (HC-12), an interim answer (HC-36), the answer, why it is invalid (HC-25)."""

Linked = Literal["case", "ticket", "thread", "visit"]
LINKED: Final[tuple[Linked, ...]] = get_args(Linked)
LinkReason = Literal["came_from", "became", "duplicate", "related"]
LINK_REASONS: Final[tuple[LinkReason, ...]] = get_args(LinkReason)

BarReason = Literal["complained_about", "conflict_of_interest"]
BAR_REASONS: Final[tuple[BarReason, ...]] = get_args(BarReason)
"""Why somebody may have nothing to do with a case, nor see it."""
