"""Every kind of notice: how it reaches people unless they choose otherwise, and which words it is given. Pure.

What the source leaves open (after how long a silence an SMS follows) is not set here and so does not happen.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

ChannelName = Literal["push", "sms", "email"]
Lane = Literal["urgent", "normal", "bulk"]
To = Literal["owners", "staff", "everybody"]
Collapse = Literal["none", "subject", "thread"]

CHANNELS: Final[tuple[ChannelName, ...]] = ("push", "sms", "email")
LANES: Final[tuple[Lane, ...]] = ("urgent", "normal", "bulk")


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of notice is told.

    `in_order`: a channel is tried when nothing took the one before; else all at once. `sms_after`: an SMS follows also
    when a push was taken and nothing was read within this. `ttl`: what was not sent by then is given up. `quiet`:
    quiet hours defer it. `optional`: may be switched off; its row in the inbox is written all the same. `legal`: it
    must reach, and the proof of sending is kept. `inbox` is false for what only goes out. `words`: the placeholders
    that the one who tells fills in.
    """

    code: str
    channels: tuple[ChannelName, ...]
    words: frozenset[str] = frozenset()
    lane: Lane = "normal"
    in_order: bool = False
    sms_after: timedelta | None = None
    collapse: Collapse = "none"
    ttl: timedelta = timedelta(days=3)
    quiet: bool = True
    optional: bool = True
    legal: bool = False
    inbox: bool = True
    to: To = "owners"


def _kind(code: str, *channels: ChannelName, words: str = "", **more: object) -> tuple[str, Kind]:
    return code, Kind(code, channels, frozenset(words.split()), **more)  # type: ignore[arg-type]  # by name


_LEGAL_TTL: Final = timedelta(days=7)

KINDS: Final[dict[str, Kind]] = dict(
    [
        # Signing in: the code stands nowhere but in the SMS, and is worth nothing after five minutes.
        _kind(
            "code",
            "sms",
            words="code",
            lane="urgent",
            ttl=timedelta(minutes=5),
            quiet=False,
            optional=False,
            inbox=False,
        ),
        # Who is invited may have no app yet.
        _kind("invitation", "push", "sms", in_order=True, optional=False, ttl=timedelta(days=14)),
        _kind("promise_due", "push", words="promise due", collapse="subject"),
        _kind("promise_late", "push", words="promise", collapse="subject"),
        _kind("promise_moved", "push", words="count", collapse="subject"),
        _kind("task_opened", "push", words="count", collapse="subject", optional=False, to="staff"),
        _kind(
            "thread_lines", "push", words="count", collapse="thread", ttl=timedelta(days=1), to="everybody"
        ),
        # A person waits at the other end: the agent's quiet hours are their roster.
        _kind(
            "conversation_assigned",
            "push",
            lane="urgent",
            collapse="subject",
            ttl=timedelta(minutes=10),
            quiet=False,
            optional=False,
            to="staff",
        ),
        # A page (CT-39): nobody is on duty, and whoever is told has to see to it, whatever the hour.
        _kind(
            "hotline_unserved",
            "push",
            "sms",
            lane="urgent",
            in_order=True,
            collapse="subject",
            ttl=timedelta(hours=1),
            quiet=False,
            optional=False,
            to="staff",
        ),
        _kind("reveal", "push", words="field"),
        # Construction progress (S3-19 to S3-32).
        _kind("progress_post", "push", words="project stage", lane="bulk", collapse="subject"),
        _kind(
            "progress_notice_to_confirm",
            "push",
            "sms",
            "email",
            words="project title",
            lane="bulk",
            optional=False,
            legal=True,
            ttl=_LEGAL_TTL,
        ),
        _kind("letter_home", "push", words="project title", lane="bulk"),
        _kind("newsletter", "push", words="title", lane="bulk"),
        _kind("open_day", "push", words="project title day", lane="bulk"),
        _kind("open_day_booked", "push", words="project day", collapse="subject"),
        _kind("post_correction", "push", words="project stage", lane="bulk", collapse="subject"),
        # Repairs. The one engineer is a person somebody waits for; a clock in danger is a page.
        _kind("ticket_opened", "push", collapse="subject", optional=False),
        _kind(
            "ticket_named", "push", lane="urgent", collapse="subject", quiet=False, optional=False, to="staff"
        ),
        _kind("ticket_moved", "push", words="what", collapse="subject", to="everybody"),
        _kind("ticket_engineer_changed", "push", "sms", in_order=True, optional=False),
        _kind("ticket_to_sign", "push", collapse="subject"),
        _kind(
            "ticket_clock",
            "push",
            words="what",
            lane="urgent",
            collapse="subject",
            ttl=timedelta(hours=12),
            quiet=False,
            optional=False,
            to="staff",
        ),
    ]
)
"""By code. Their sentences stand in `backend/locales/notice.*.toml`, held complete by `templates.faults`."""


def follows(kind: Kind) -> bool:
    """Whether an SMS goes out only when the push has reached nobody, or nothing was read."""
    return "sms" in kind.channels and (kind.in_order or kind.sms_after is not None)


def parts(channel: ChannelName) -> tuple[str, ...]:
    """The templates a channel needs: what follows the kind's code in their keys."""
    return {"push": ("push_title", "push_body"), "sms": ("sms",), "email": ("email_subject", "email_body")}[
        channel
    ]


def told_by(kind: Kind) -> tuple[ChannelName, ...]:
    """The channels a kind has words for. The inbox shows the words of the push."""
    return kind.channels if "push" in kind.channels or not kind.inbox else ("push", *kind.channels)


def kinds_for(account_kind: str) -> list[Kind]:
    """What somebody of this kind of account can be told in their inbox."""
    mine = {"owner": "owners", "staff": "staff"}[account_kind]
    return [kind for kind in KINDS.values() if kind.inbox and kind.to in {mine, "everybody"}]
