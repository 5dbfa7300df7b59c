"""Every kind of notice: whom it is for and which words it is given. How it reaches people is the standard's to say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal, get_args

from backend.features.standard.service import (
    NoticeChannel,
    NoticeCollapse,
    NoticeKind,
    NoticeLane,
    NoticePolicy,
    Policies,
)

ChannelName = NoticeChannel
Lane = NoticeLane
To = Literal["owners", "staff", "everybody"]

CHANNELS: Final[tuple[ChannelName, ...]] = get_args(NoticeChannel)
LANES: Final[tuple[Lane, ...]] = get_args(NoticeLane)

LINK: Final = "link"
"""The placeholder of a kind that is answered with one tap."""

SEALED_FOR: Final = "delivery"
"""The purpose under which a delivery's words are sealed."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What is known of a kind, whatever a standard says. `words`: the placeholders that the one who tells fills in.

    `letter`: those of them that are for an e-mail only: nothing personal shows on a lock screen, and an SMS is short.
    `taps`: where the link leads by which an SMS or e-mail of this kind is answered with one tap (see `tapping`); the
    sender fills it in, as the placeholder `link`. A push leads into the app instead.
    """

    code: str
    words: frozenset[str]
    to: To = "owners"
    letter: frozenset[str] = frozenset()
    taps: str | None = None

    def said_by(self, channel: ChannelName) -> frozenset[str]:
        """The placeholders in what this channel says."""
        words = self.words if channel == "email" else self.words - self.letter
        return words | {LINK} if self.taps is not None and channel != "push" else words


@dataclass(frozen=True, slots=True)
class Policy:
    """How a kind is told today: `NoticePolicy` says what each means.

    `quiet`: quiet hours defer it; `optional`: may be switched off.
    """

    kind: Kind
    channels: tuple[ChannelName, ...]
    lane: Lane
    in_order: bool
    sms_after: timedelta | None
    collapse: NoticeCollapse
    ttl: timedelta
    quiet: bool
    optional: bool
    legal: bool

    @property
    def follows(self) -> bool:
        """Whether an SMS goes out only when the push has reached nobody, or nothing was read."""
        return "sms" in self.channels and (self.in_order or self.sms_after is not None)

    @property
    def hangs(self) -> bool:
        """Whether an SMS goes out only when no device can take the push any more."""
        return self.follows and self.sms_after is None


def _kind(
    code: NoticeKind, words: str = "", to: To = "owners", *, letter: str = "", taps: str | None = None
) -> tuple[NoticeKind, Kind]:
    own = frozenset(letter.split())
    return code, Kind(code, frozenset(words.split()) | own, to, own, taps)


KINDS: Final[dict[NoticeKind, Kind]] = dict(
    [
        _kind("invitation"),
        _kind("promise_due", "promise due"),
        _kind("promise_late", "promise"),
        _kind("promise_moved", "count"),
        _kind("task_opened", "count", "staff"),
        _kind("task_late", "count", "staff"),
        _kind("thread_lines", "count", "everybody"),
        _kind("conversation_assigned", to="staff"),
        _kind("hotline_unserved", to="staff"),
        _kind("reveal", "field"),
        _kind("progress_post", "project stage"),
        _kind("progress_notice_to_confirm", "project title"),
        _kind("letter_home", "project title"),
        _kind("newsletter", "title"),
        _kind("open_day", "project title day"),
        _kind("open_day_booked", "project day"),
        _kind("post_correction", "project stage"),
        _kind("post_held_back", "project", "staff"),
        _kind("post_consent_withdrawn", "project", "staff"),
        _kind("ticket_opened"),
        _kind("ticket_named", to="staff"),
        _kind("ticket_moved", "what", "everybody"),
        _kind("ticket_engineer_changed"),
        _kind("ticket_to_sign"),
        _kind("ticket_clock", "what", "staff"),
        _kind("case_opened", "number"),
        _kind("case_received", "number", "staff"),
        _kind("case_assigned", "number", "staff"),
        _kind("case_informed", "number", "staff"),
        _kind("case_moved", "number what", "everybody"),
        _kind("case_clock", "number what", "staff"),
        _kind("times_offered", to="everybody"),
        _kind("times_declined", to="everybody"),
        _kind("visit_soon", "day", "everybody"),
        _kind("visit_unattended", "day", "everybody"),
        _kind("quote_offered"),
        _kind("quote_answered", to="staff"),
        _kind("ticket_emergency", to="staff"),
        _kind("emergency_taken"),
        _kind("emergency_safe"),
        _kind("emergency_denied"),
        _kind("warranty_ending", "project day", letter="home parts checks"),
        _kind("warranty_ended", "project day", letter="home parts"),
        _kind("defect_batch_overdue", "project day", "staff"),
        _kind("page", "cases left", "staff", letter="all", taps="/v1/taps/"),
        _kind("return_visit_news", "what", "everybody"),
        _kind("return_visit_soon", "day", "everybody"),
        _kind("return_visit_clock", "what", "staff"),
        _kind("return_visit_report", "title day", "staff"),
    ]
)
"""By code. Their sentences stand in `backend/locales/notice.*.toml`, held complete by `templates.faults`."""

CODES: Final[dict[str, tuple[ChannelName, Kind]]] = {
    "code": ("sms", Kind("code", frozenset({"code"}))),
    "email_code": ("email", Kind("email_code", frozenset({"code"}))),
}
"""One-time codes, each by its one channel: urgent, whatever the hour, in no inbox. No standard says otherwise."""


def policies_of(told: Policies) -> Mapping[str, Policy]:
    """Every kind's policy, by code."""
    return {code: _policy(kind, told.by_kind[code]) for code, kind in KINDS.items()}


def _policy(kind: Kind, said: NoticePolicy) -> Policy:
    return Policy(
        kind,
        said.channels,
        said.urgency,
        said.in_order,
        None if said.sms_after is None else said.sms_after.as_time(),
        said.collapse,
        said.ttl.as_time(),
        # What must reach by law reaches at once.
        said.quiet_hours and not said.legal,
        said.may_switch_off,
        said.legal,
    )


def kinds_for(account_kind: str) -> list[Kind]:
    """What somebody of this kind of account can be told in their inbox."""
    mine = {"owner": "owners", "staff": "staff"}[account_kind]
    return [kind for kind in KINDS.values() if kind.to in {mine, "everybody"}]
