"""Messages handed over side by side: in their order, and fewer at a time while that keeps others waiting."""

import asyncio
import time

from push.message import Accepted, Message, Outcome
from push.several import several


async def test_a_busy_loop_is_left_to_others() -> None:
    under_way, seen = 0, []

    async def send(message: Message) -> Outcome:
        nonlocal under_way
        under_way += 1
        seen.append(under_way)
        await asyncio.sleep(0)
        # What the processor does for one message.
        time.sleep(0.003)  # noqa: ASYNC251
        under_way -= 1
        return Accepted(message.reference)

    messages = [Message(address="a", title="", body="b", reference=str(number)) for number in range(120)]
    outcomes = await several(messages, send, 100)
    assert outcomes == [Accepted(message.reference) for message in messages]
    assert max(seen) <= 100
    assert max(seen[-20:]) <= 8, "whoever else is on this loop waits for all of them"
