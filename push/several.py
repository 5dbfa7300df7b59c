"""Messages handed over one by one, some at a time: as many as the loop bears without making others wait."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from push.message import Message, Outcome

# A turn of the loop that takes longer than this keeps others waiting: whoever has twenty things to await, as a one-time
# code on its way has, waits twenty turns. A provider that is far away needs many at a time, and its turns are short.
_TURN_SECONDS = 0.005
_BEGIN = 32
_FEWEST = 4


async def several(
    messages: Sequence[Message], send_one: Callable[[Message], Awaitable[Outcome]], at_once: int
) -> list[Outcome]:
    """One outcome each, in their order. Never more than `at_once` are on their way, fewer while the loop is busy."""
    outcomes: dict[int, Outcome] = {}
    waiting = iter(enumerate(messages))
    loop = asyncio.get_running_loop()
    under_way = min(at_once, len(messages), _BEGIN)

    async def hand_over() -> None:
        nonlocal under_way
        for index, message in waiting:
            outcomes[index] = await send_one(message)
            began = loop.time()
            await asyncio.sleep(0)
            if loop.time() - began > _TURN_SECONDS:
                if under_way > _FEWEST:
                    under_way -= 1
                    return
            elif under_way < at_once:
                under_way += 1
                group.create_task(hand_over())

    async with asyncio.TaskGroup() as group:
        for _ in range(under_way):
            group.create_task(hand_over())
    return [outcomes[index] for index in range(len(messages))]
