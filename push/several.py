"""Messages handed over one by one, some at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from push.message import Message, Outcome


async def several(
    messages: Sequence[Message], send_one: Callable[[Message], Awaitable[Outcome]], at_once: int
) -> list[Outcome]:
    """One outcome each, in their order. Never more than `at_once` are on their way."""
    outcomes: dict[int, Outcome] = {}
    waiting = iter(enumerate(messages))

    async def hand_over() -> None:
        for index, message in waiting:
            outcomes[index] = await send_one(message)

    async with asyncio.TaskGroup() as group:
        for _ in range(min(at_once, len(messages))):
            group.create_task(hand_over())
    return [outcomes[index] for index in range(len(messages))]
