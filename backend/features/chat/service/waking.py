"""A conversation that was put off, or closed, goes on: its time has come, or its owner said something."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from backend.core.caller import Caller
from backend.core.errors import Conflict
from backend.db.work import Work
from backend.features.chat.models import Conversation
from backend.features.chat.repository import conversations
from backend.features.chat.service.desk import Desk
from backend.features.chat.service.duty import NobodyOnDuty
from backend.features.chat.service.promising import promises_of
from backend.platform.threads import Appended, NewEntry, append

WAKE: Final = "chat_wake"
"""The kind of timer at which a snoozed conversation wakes."""


def wake_key(one: Conversation) -> str:
    """Each snooze has a timer of its own, and none is called off: whoever fires it looks whether it still holds.

    So nobody who has the conversation waits for somebody who has the timer.
    """
    return f"{one.id}:{one.version}"


async def wake(work: Work, now: datetime, ids: Sequence[UUID], nobody_on_duty: NobodyOnDuty) -> None:
    """The time of these has come: back to whoever put them off, or to the queue when they have no room or are away."""
    found = [
        one
        for one in await conversations.lock_many(work, ids)
        if one.snoozed_until is not None and one.snoozed_until <= now
    ]
    if not found:
        return
    desk = await Desk.open(work, now, nobody_on_duty, found)
    for one in found:
        _goes_on(desk, one, now)
    await desk.settle()


async def speak(
    work: Work,
    caller: Caller,
    now: datetime,
    conversation_id: UUID,
    entry: NewEntry,
    nobody_on_duty: NobodyOnDuty,
) -> Appended:
    """Say something on a conversation that lines do not simply go on. An owner's line wakes it, or opens it again.

    Raises:
        Conflict: `conversation_over`: it was closed too long ago; a new one can continue it.
    """
    one = await conversations.lock(work, conversation_id)
    assert one is not None
    again = None
    if entry.cid is not None and entry.author_id is not None:
        again = await conversations.said_before(work, entry.thread_id, entry.author_id, entry.cid)
    if caller.kind != "owner" or again is not None or one.state not in {"snoozed", "closed"}:
        return await append(work, entry)
    promises = await promises_of(work, one.project_id, now)
    if one.closed_at is not None and not promises.may_reopen(one.closed_at, now):
        raise Conflict("conversation_over")
    desk = await Desk.open(work, now, nobody_on_duty, [one])
    desk.entries.append(entry)
    if one.state == "closed":
        one.closed_at = one.close_reason = None
        somebody = bool(desk.duty[one.project_id, one.role])
        one.promised_at = promises.first_answer(now, somebody_on_duty=somebody)
        desk.note(one, "reopened", {})
    _goes_on(desk, one, now)
    return (await desk.settle())[0]


def _goes_on(desk: Desk, one: Conversation, now: datetime) -> None:
    """Through the queue, in which whoever had it comes first: so it is theirs again at once when they are there."""
    had = one.agent_id
    if one.state == "snoozed":
        desk.note(one, "woken", {}, None, "staff")
    else:
        desk.note(one, "queued", {})
    one.state, one.agent_id, one.snoozed_until, one.waiting_since = "waiting", None, None, now
    desk.prefer(one, had)
