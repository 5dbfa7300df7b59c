"""The fixtures hold what they promise."""

import asyncio
from datetime import timedelta

import httpx
from httpx import AsyncClient

from backend.platform.process import Process
from tests.fixtures.application import TextsTo
from tests.fixtures.live import LiveApps
from tests.fixtures.process import Begin, Forward
from sqlalchemy import text


async def test_app(client: AsyncClient, texts_to: TextsTo) -> None:
    r = await client.get("/healthz"); print(r.status_code)
    r = await client.post("/v1/auth/codes", json={"phone": "13800000000"}); print(r.status_code, r.text)
    print(await texts_to("+8613800000000"))

async def test_proc(client: AsyncClient, process, work, forward):
    async with work() as w: a = await w.scalar(text("select app_now()"))
    await forward(timedelta(hours=1))
    async with work() as w: b = await w.scalar(text("select app_now()"))
    assert b-a > timedelta(minutes=59)
    assert process.clock.now() - b < timedelta(seconds=5)

async def test_live(live_app: LiveApps):
    app = await live_app(worker=True)
    async with AsyncClient(base_url=app.url) as c: print((await c.get("/readyz")).text)
