"""The fixtures hold what they promise."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from backend.platform.process import Process
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
