"""The real `tongxing up` under kill -9, of its children and of itself, while requests run."""

import asyncio
import os
import signal
import time
from functools import partial

import httpx

from tests.fixtures.whole import Up, Ups
from tests.flows.waiting import until

PASSWORD = "tongxing-demo"
_STAFF = {"employee_no": "T0001", "password": PASSWORD}


async def administrator(client: httpx.AsyncClient) -> dict[str, str]:
    opened = await client.post("/v1/auth/staff-sessions", json=_STAFF)
    assert opened.status_code == 201, opened.text
    return {"authorization": f"Bearer {opened.json()['token']}"}


async def project(client: httpx.AsyncClient, headers: dict[str, str]) -> str:
    found = await client.get("/v1/projects", headers=headers)
    return f"/v1/projects/{found.json()['items'][0]['id']}"


async def is_replaced(up: Up, command: str, before: int) -> bool | None:
    return up.child(command) not in (None, before) or None


async def serves(up: Up) -> bool | None:
    async with httpx.AsyncClient(base_url=up.url) as client:
        try:
            return (await client.get("/readyz")).status_code == 200 or None
        except httpx.TransportError:
            return None


async def test_killed_children_come_back_and_a_killed_up_leaves_nothing(start_up: Ups) -> None:
    up = start_up()
    for command in ("worker", "api"):
        pid = up.child(command)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        up.until_said(rf"{command} was killed by SIGKILL; it starts again in")
        await until(partial(is_replaced, up, command, pid))
    await until(lambda: serves(up), seconds=30)

    acknowledged = 0
    async with httpx.AsyncClient(base_url=up.url, timeout=10) as client:
        headers = await administrator(client)
        address = await project(client, headers)

        async def write() -> None:
            nonlocal acknowledged
            anyhow = headers | {"if-match": "*"}
            while True:
                wanted = {"service_hours": f"第{acknowledged + 1}版"}
                try:
                    answer = await client.patch(address, json=wanted, headers=anyhow)
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

    again = start_up()
    async with httpx.AsyncClient(base_url=again.url, timeout=10) as client:
        # Even the session is still good; the last write may have been made without its answer having left.
        held = (await client.get(address, headers=headers)).json()["service_hours"]
    assert held in (f"第{acknowledged}版", f"第{acknowledged + 1}版")

    since = time.monotonic()
    assert await asyncio.to_thread(again.end, signal.SIGTERM) == {}
    assert time.monotonic() - since < 10
    assert again.process.returncode == 0
    assert "Traceback" not in again.said
