"""One lane and channel: what is due is leased, handed over and written down, batch after batch.

The lease commits before anything leaves, and the record after: so whoever dies in between leaves a delivery that is
known to be in doubt, and nothing is ever sent by two at once.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, cast
from uuid import UUID

from backend.core.locale import Locale, say
from backend.core.logging import log
from backend.features.notices.kinds import LINK, SEALED_FOR, ChannelName, Lane, Policy
from backend.features.notices.policies import policies_now
from backend.features.notices.repository import lanes
from backend.features.notices.rules import Settled, settle
from backend.features.notices.sending.channels import Channels
from backend.features.notices.tapping import tap_for
from backend.features.notices.templates import as_page, in_words, render
from backend.features.notices.unsubscribing import PATH, token_for
from backend.platform.process import Process
from push.message import Message, Outcome, Refused

# As many as a provider is through with long before the lease ends, however slowly it answers.
FULL: Final[dict[ChannelName, int]] = {"push": 500, "sms": 20, "email": 20}
_LEASE: Final[dict[ChannelName, timedelta]] = {
    "push": timedelta(minutes=3),
    "sms": timedelta(seconds=30),
    "email": timedelta(minutes=15),
}


async def drain_batch(process: Process, channels: Channels, lane: Lane, channel: ChannelName) -> int:
    """Take the next batch and see it through. Returns how many were due; fewer than `FULL`: there was no more."""
    async with process.works.begin() as work:
        policies = await policies_now(work)
        claimed = await lanes.claim(work, policies, lane, channel, FULL[channel], _LEASE[channel])
        over = _notices(policies, (row for row in claimed if row.verdict not in {"leased", "deferred"}))
        if over:
            await lanes.follow_up(work, policies, over)
    taken = [row for row in claimed if row.verdict == "leased"]
    if taken:
        await _hand_over(process, channels, policies, lane, channel, taken)
    return len(claimed)


async def _hand_over(
    process: Process,
    channels: Channels,
    policies: lanes.Policies,
    lane: Lane,
    channel: ChannelName,
    taken: Sequence[Any],
) -> None:
    began = time.monotonic()
    messages: list[Message] = []
    outcomes: dict[UUID, Outcome] = {}
    for row in taken:
        try:
            messages.append(_message(process, policies, lane, row))
        except Exception as error:
            # One that cannot be put into words must not hold up the others.
            log.error("delivery_unworded", delivery=str(row.id), kind=row.kind, error=type(error).__name__)
            outcomes[row.id] = Refused(f"unworded: {type(error).__name__}")
    told = await _send(channels, channel, messages)
    outcomes |= {UUID(message.reference): outcome for message, outcome in zip(messages, told, strict=True)}
    said = {UUID(message.reference): f"{message.title}\n{message.body}".strip() for message in messages}
    settled = [(row, settle(outcomes[row.id], channels.texts.settles)) for row in taken]
    async with process.works.begin() as work:
        await lanes.record(
            work,
            [(row, one, said.get(row.id) if _is_legal(policies, row) else None) for row, one in settled],
        )
        await lanes.retire(
            work, [(row.token, one.retire) for row, one in settled if one.retire and row.token]
        )
        if over := _notices(
            policies, (row for row, one in settled if one.state in {"accepted", "dead", "refused"})
        ):
            await lanes.follow_up(work, policies, over)
        stopped = next((one.reason for _, one in settled if one.stops), None)
        if stopped is not None:
            await lanes.note_stopped(work, channel, stopped)
        elif any(one.state == "accepted" for _, one in settled):
            await lanes.note_running(work, channel)
    took = time.monotonic() - began
    channels.tally.count(lane, channel, [(one, row.late + took) for row, one in settled])
    _tell_operators(channel, settled)


async def _send(channels: Channels, channel: ChannelName, messages: Sequence[Message]) -> Sequence[Outcome]:
    way = channels.guarded[channel]
    if channel != "sms":
        return await way.send(messages)
    # Gateways take one after the other: a code must not wait for nineteen others.
    return [outcome for [outcome] in await asyncio.gather(*(way.send([one]) for one in messages))]


def _tell_operators(channel: ChannelName, settled: Sequence[tuple[Any, Settled]]) -> None:
    counts: dict[str, int] = {}
    for _, one in settled:
        counts[one.state] = counts.get(one.state, 0) + 1
    log.info("deliveries_handed_over", channel=channel, **counts)
    if warned := {one.reason for _, one in settled if one.warns}:
        log.error("channel_needs_an_operator", channel=channel, reasons=sorted(map(str, warned))[:5])


def _message(process: Process, policies: lanes.Policies, lane: Lane, row: Any) -> Message:
    policy = policies.get(row.kind)
    collapse = policy.collapse if policy is not None else "none"
    locale = cast("Locale", row.locale)
    data = row.data
    if row.sealed is not None:
        data = {"code": process.sealer.open(row.sealed, purpose=SEALED_FOR)}
    tapped = _tapped(process, policy, row)
    data = data | tapped
    title, body = render(row.kind, row.channel, locale, data)
    html = as_page(locale, title, body) if row.channel == "email" else None
    way_out = _way_out(process, row) if policy is not None and policy.optional else None
    if way_out is not None:
        # Not every mail program shows what stands in the header.
        html = as_page(locale, title, body, way_out)
        body = f"{body}\n\n{say(locale, 'notice.unsubscribe_link')}\n{way_out}"
    return Message(
        address=row.token if row.channel == "push" else row.address,
        title=title,
        body=body,
        reference=str(row.id),
        data=_leads_to(row),
        collapse_key=_collapse(row, collapse),
        ttl=max(int(row.ttl), 1),
        urgency="high" if lane == "urgent" or collapse == "thread" else "normal",
        attempt=row.attempts - 1,
        template=row.kind,
        params=in_words(data, locale) | tapped if row.channel == "sms" else {},
        html=html,
        unsubscribe=way_out,
    )


def _tapped(process: Process, policy: Policy | None, row: Any) -> dict[str, str]:
    """Where one tap answers it; `tap` is its end alone, for a gateway whose approved wording has the rest of it.

    Without an address of our own, as on the development server, the path alone.
    """
    if policy is None or policy.kind.taps is None or row.channel == "push":
        return {}
    tap = tap_for(process.sealer, row.kind, row.subject_id)
    return {LINK: process.settings.public_url.rstrip("/") + policy.kind.taps + tap, "tap": tap}


def _way_out(process: Process, row: Any) -> str | None:
    """Where a mail program can have the kind switched off; none where we are not told our own address."""
    url = process.settings.public_url.rstrip("/")
    if row.channel != "email" or not url:
        return None
    return url + PATH + token_for(process.sealer, row.account_id, row.kind)


def _leads_to(row: Any) -> dict[str, str]:
    """Ids alone: what they are about the app asks for itself."""
    if row.notice_id is None:
        return {}
    told = {"delivery": row.id, "notice": row.notice_id, "kind": row.kind}
    told |= {"subject_kind": row.subject_kind, "subject": row.subject_id, "thread": row.thread_id}
    return {name: str(value) for name, value in told.items() if value is not None}


def _collapse(row: Any, collapse: str) -> str | None:
    if collapse == "thread" and row.thread_id is not None:
        return f"thread:{row.thread_id}"
    return f"{row.kind}:{row.subject_id}" if collapse != "none" else None


def _is_legal(policies: lanes.Policies, row: Any) -> bool:
    return row.kind in policies and policies[row.kind].legal


def _notices(policies: lanes.Policies, rows: Any) -> list[UUID]:
    """Those of which something may follow."""
    return sorted(
        {
            row.notice_id
            for row in rows
            if row.notice_id is not None and (one := policies.get(row.kind)) is not None and one.follows
        }
    )
