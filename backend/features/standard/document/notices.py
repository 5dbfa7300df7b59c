"""How each kind of notice reaches people: by which channels, how urgent, and after how long a silence by SMS."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from backend.features.standard.document.parts import Label, NotSet, Part, RuleId

NoticeKind = Literal[
    "invitation",
    "promise_due",
    "promise_late",
    "promise_moved",
    "task_opened",
    "task_late",
    "thread_lines",
    "conversation_assigned",
    "hotline_unserved",
    "reveal",
    "progress_post",
    "progress_notice_to_confirm",
    "letter_home",
    "newsletter",
    "open_day",
    "open_day_booked",
    "post_correction",
    "post_held_back",
    "post_consent_withdrawn",
    "ticket_opened",
    "ticket_named",
    "ticket_moved",
    "ticket_engineer_changed",
    "ticket_to_sign",
    "ticket_clock",
    "case_opened",
    "case_received",
    "case_assigned",
    "case_informed",
    "case_moved",
    "case_clock",
    "times_offered",
    "times_declined",
    "visit_soon",
    "visit_unattended",
    "quote_offered",
    "quote_answered",
    "ticket_emergency",
    "emergency_taken",
    "emergency_safe",
    "emergency_denied",
    "warranty_ending",
    "warranty_ended",
    "defect_batch_overdue",
    "page",
    "return_visit_news",
    "return_visit_soon",
    "return_visit_clock",
    "return_visit_report",
]
"""What people can be told. Codes for signing in are no notices: no standard says how they travel."""

NoticeChannel = Literal["push", "sms", "email"]
NoticeLane = Literal["urgent", "normal", "bulk"]
NoticeCollapse = Literal["none", "subject", "thread"]


class Span(Part):
    """A while that has nothing to do with working time."""

    kind: Literal["elapsed_minutes", "elapsed_hours", "calendar_days"]
    value: Annotated[int, Field(ge=1, le=50_000)]

    def as_time(self) -> timedelta:
        """The same as a length of time; a day has 24 hours."""
        unit = {"elapsed_minutes": "minutes", "elapsed_hours": "hours", "calendar_days": "days"}[self.kind]
        return timedelta(**{unit: self.value})


class NoticePolicy(Part):
    """How one kind of notice is told. A kind that a standard leaves out is told as the shipped standard has it.

    `in_order`: an SMS goes out only when no device took the push; else all channels at once. `sms_after`: an SMS
    follows when nothing was read within this, though a push was taken. `ttl`: what was not sent by then is given up.
    `collapse`: a later one of the same subject or thread takes the place of the one before on a lock screen.
    `may_switch_off`: its row in the inbox is written all the same. `legal`: it must reach, and the proof is kept.
    """

    code: NoticeKind
    name: Label
    channels: tuple[NoticeChannel, ...] = Field(min_length=1)
    in_order: bool = False
    sms_after: Span | None = None
    not_set: NotSet | None = None
    urgency: NoticeLane = "normal"
    collapse: NoticeCollapse = "none"
    ttl: Span
    quiet_hours: bool = True
    may_switch_off: bool = True
    legal: bool = False
    rules: tuple[RuleId, ...] = ()
