"""The fixtures hold what they promise."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text

from backend.platform.process import Process
from tests.fixtures.live import LiveApps
from tests.fixtures.process import Begin, Forward


@pytest.mark.parametrize("_time", [1, 2])
async def test_every_test_begins_with_an_empty_database(_time: int, process: Process, work: Begin) -> None:
    async with work() as session:
        assert await session.scalar(text("SELECT count(*) FROM account")) == 0
        await session.execute(
            text("INSERT INTO account (id, kind, phone) VALUES (uuidv7(), 'owner', '+8613800000000')")
        )
    assert await process.valkey.dbsize() == 0
    await process.valkey.set("seen", "1")


async def test_forward_moves_the_database_and_the_process(
    process: Process, work: Begin, forward: Forward
) -> None:
    async with work() as session:
        before = await session.scalar(text("SELECT app_now()"))
    await forward(timedelta(hours=1))
    async with work() as session:
        after = await session.scalar(text("SELECT app_now()"))
    assert after - before >= timedelta(hours=1)
    assert abs(process.clock.now() - after) < timedelta(seconds=10)


async def test_a_live_app_answers_until_it_is_killed(live_app: LiveApps) -> None:
    live = await live_app(worker=True)
    assert live.worker is not None
    assert live.worker.poll() is None
    async with httpx.AsyncClient(base_url=live.url) as client:
        assert (await client.get("/healthz")).status_code == httpx.codes.OK
        live.api.kill()
        live.api.wait()
        with pytest.raises(httpx.ConnectError):
            await client.get("/healthz")
