"""Who sends too much is refused, then closed; nobody else notices, and the memory stays where it was."""

import asyncio
import gc
import itertools
import time
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from backend.core.config import Settings
from tests.features.socket_rubbish import FLOODS, THREAD
from tests.fixtures.logs import Lines, assert_nothing_broke
from tests.fixtures.raw_socket import RawSocket
from tests.fixtures.socket_world import World


def resident_bytes() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Lower limits, so that a flood is a short one."""
    return settings.model_copy(update={"socket_frames_per_second": 30, "socket_frames_at_once": 60})


async def flood(world: World, token: str, sent: list[str | bytes]) -> int | None:
    """Send these as fast as it goes, again and again, until the server closes."""
    socket = await RawSocket.signed_in(world.url, token)
    try:
        for one in itertools.islice(itertools.cycle(sent), 10_000):
            await socket.send_raw(one)
            socket.heard.clear()
            # The server runs in this loop too.
            await asyncio.sleep(0)
    except ConnectionClosed:
        pass
    return await socket.ended()


async def test_a_flood_is_cut_off_and_nobody_else_notices(
    socket_world: World, two_sockets: list[RawSocket], logged: Lines
) -> None:
    owner, agent = two_sockets
    await owner.send(op="watch", thread=THREAD, after=0)
    flooding = socket_world.people[1].token

    slowest = 0.0

    async def talk() -> None:
        nonlocal slowest
        for number in itertools.count():
            began, cid = time.monotonic(), f"talk-{number}"
            await agent.send(op="say", thread=THREAD, cid=cid, kind="text", body={"text": "好"})
            await asyncio.gather(
                agent.until(lambda frame, cid=cid: (frame["op"], frame.get("cid")) == ("said", cid)),  # type: ignore[misc]
                owner.until(lambda frame, cid=cid: (frame["op"], frame.get("cid")) == ("entry", cid)),  # type: ignore[misc]
            )
            slowest = max(slowest, time.monotonic() - began)
            owner.heard.clear()
            agent.heard.clear()
            await asyncio.sleep(0.1)

    talking = asyncio.create_task(talk())
    before = 0
    for round_ in range(3):
        for name, sent in FLOODS.items():
            # What is sent to a flooding reader may be too much for it too.
            assert await flood(socket_world, flooding, sent) in (4008, 4009), name
        if round_ == 0:
            before = resident_bytes()
    grown = resident_bytes() - before
    assert not talking.done(), talking.result()
    talking.cancel()
    assert slowest < 2
    assert grown < 4 << 20
    assert_nothing_broke(logged)
