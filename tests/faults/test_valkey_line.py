"""The line to Valkey on the loop that serves in production."""

import asyncio

import uvloop
from redis.asyncio import Redis

from backend.platform.bus import ValkeyAway, ValkeyLine
from tests.flows.waiting import until


def test_a_line_that_has_just_been_cut_takes_nothing_and_breaks_nothing(valkey_url: str) -> None:
    """Between the cut and the moment in which it is noticed, uvloop refuses to write at all."""

    async def cut_again_and_again() -> None:
        line = ValkeyLine(valkey_url)
        line.start()
        asked: list[asyncio.Future[object]] = []

        async def is_up() -> bool | None:
            return line.connected or None

        async with Redis.from_url(valkey_url) as valkey:
            for _ in range(5):
                await until(is_up)
                number = await line.ask("CLIENT", "ID")
                killing = asyncio.create_task(valkey.client_kill_filter(_id=number))
                while line.connected:
                    line.tell("PUBLISH", "nobody", "x")
                    line.tell_topics("SUBSCRIBE", "nobody")
                    asked.append(line.ask("PING"))
                    await asyncio.sleep(0)
                await killing
        answers = await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), 5)
        assert {type(answer) for answer in answers} == {bytes, ValkeyAway}
        await line.aclose()

    uvloop.run(cut_again_and_again())
