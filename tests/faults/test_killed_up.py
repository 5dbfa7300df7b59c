"""The real `tongxing up` under kill -9, of its API and of itself, while requests run."""

import asyncio
import os
import signal
import time
from functools import partial

import httpx
import pytest

from backend.core.config import Settings
from backend.platform.embedded import servers_at_hand
from backend.platform.process import open_process
from tests.fixtures.people import header_for, owner_account
from tests.fixtures.whole import Up, Ups
from tests.flows.waiting import until


async def an_owner(up: Up) -> dict[str, str]:
    """The header of an owner's session, put straight into the running system's database."""
    with servers_at_hand(up.data) as at_hand:
        settings = Settings(
            _env_file=None, database_url=at_hand.database_url, valkey_url=at_hand.valkey_url
        )
    async with open_process(settings) as process:
        async with process.works.begin() as work:
            account = await owner_account(work, "+8613800000000")
        return await header_for(process, settings, account.id)


async def is_replaced(up: Up, command: str, before: int) -> bool | None:
    return up.child(command) not in (None, before) or None


async def serves(up: Up) -> bool | None:
    async with httpx.AsyncClient(base_url=up.url) as client:
        try:
            return (await client.get("/readyz")).status_code == 200 or None
        except httpx.TransportError:
            return None


@pytest.mark.usefixtures("used_data")
async def test_a_killed_api_comes_back_and_a_killed_up_leaves_nothing(start_up: Ups) -> None:
    up = start_up("--no-demo")
    pid = up.child("api")
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    up.until_said("api was killed by SIGKILL; it starts again in")
    await until(partial(is_replaced, up, "api", pid))
    await until(lambda: serves(up), seconds=30)

    acknowledged = 0
    headers = await an_owner(up)
    async with httpx.AsyncClient(base_url=up.url, timeout=10) as client:

        async def write() -> None:
            nonlocal acknowledged
            while True:
                try:
                    answer = await client.patch(
                        "/v1/me", json={"name": f"甲{acknowledged + 1}"}, headers=headers
                    )
                except httpx.TransportError:
                    return
                assert answer.status_code == 200, answer.text
                acknowledged += 1

        async def enough() -> bool | None:
            return acknowledged >= 20 or None

        writer = asyncio.create_task(write())
        await until(enough)
        assert await asyncio.to_thread(up.end, signal.SIGKILL) == {}
        await writer

    again = start_up("--no-demo")
    async with httpx.AsyncClient(base_url=again.url, timeout=10) as client:
        # Even the session is still good; the last write may have been made without its answer having left.
        held = (await client.get("/v1/me", headers=headers)).json()["name"]
    assert held in (f"甲{acknowledged}", f"甲{acknowledged + 1}")

    since = time.monotonic()
    assert await asyncio.to_thread(again.end, signal.SIGTERM) == {}
    assert time.monotonic() - since < 10
    assert again.process.returncode == 0
    assert "Traceback" not in again.said
