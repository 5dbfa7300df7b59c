"""The fixtures hold what they promise."""

import asyncio
import gc
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack
from datetime import timedelta

import asyncpg
import pytest
from sqlalchemy import text

from backend.db.url import asyncpg_arguments
from backend.platform.process import Process
from tests.fakes.fcm import fcm_endpoint
from tests.fixtures.children import ROOT
from tests.fixtures.process import Begin, Forward
from tests.fixtures.used_again import UsedAgain, is_new, made_ready, put_back, recall, remember


@pytest.fixture
async def used(new_database_url: str) -> AsyncIterator[UsedAgain]:
    """A database of this test's own, as a pytest worker would have it at hand."""
    used = await made_ready(new_database_url)
    yield used
    await used.keeper.close()


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


async def test_what_the_migrations_wrote_is_put_back(used: UsedAgain) -> None:
    held = await used.keeper.fetch("SELECT * FROM standard_version ORDER BY code")
    assert held
    await used.keeper.execute("DELETE FROM standard_version")
    assert await put_back(used)
    await used.keeper.execute("UPDATE standard_version SET reason = 'else'")
    assert await put_back(used)
    assert await used.keeper.fetch("SELECT * FROM standard_version ORDER BY code") == held


async def test_what_is_remembered_is_put_there_again(used: UsedAgain) -> None:
    asked = "SELECT kind, name FROM node ORDER BY id", "SELECT phone, name FROM account ORDER BY id"
    assert await is_new(used)
    await _does(
        used, "INSERT INTO account (id, kind, phone, name) VALUES (uuidv7(), 'owner', '+8613800000001', '王')"
    )
    await _does(used, "UPDATE node SET name = 'another company'")
    before = [await used.keeper.fetch(one) for one in asked]
    assert not await is_new(used)
    await remember(used, "a beginning")
    assert await put_back(used)
    assert await is_new(used)
    assert [await used.keeper.fetch(one) for one in asked] != before
    for _ in range(2):
        await recall(used, "a beginning")
        assert [await used.keeper.fetch(one) for one in asked] == before
        assert await put_back(used)


def test_the_suite_of_the_base_names_what_there_is() -> None:
    """`tests/base.txt`: pytest says so too, but only to whoever runs it."""
    for line in (ROOT / "tests" / "base.txt").read_text().splitlines():
        path, _, test = line.partition("::")
        assert (
            f"def {test.partition('[')[0]}(" in (ROOT / path).read_text() if test else (ROOT / path).exists()
        )


async def _does(used: UsedAgain, statement: str) -> None:
    somebody = await asyncpg.connect(**asyncpg_arguments(used.url))
    await somebody.execute(statement)
    await somebody.close()


async def test_another_schema_or_a_grown_table_is_not_put_back(used: UsedAgain) -> None:
    await _does(used, "CREATE TEMPORARY TABLE own (row_no int); DROP TABLE own")
    assert await put_back(used)
    for statement in (
        "CREATE INDEX more ON account (name)",
        "ALTER TABLE timer DISABLE TRIGGER USER",
        "CREATE FUNCTION more() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "DROP FUNCTION more",
        "ALTER TABLE recovery_code ADD COLUMN more int",
    ):
        await _does(used, statement)
        assert not await put_back(used), statement
        await used.keeper.execute("DELETE FROM held.altered")
    large = "(SELECT string_agg(md5(n || ' ' || m), '') FROM generate_series(1, 50) m)"
    row = f"uuidv7(), 't', n::text, now(), now(), jsonb_build_object('large', {large})"
    many = f"SELECT {row} FROM generate_series(1, 4000) n"
    await _does(used, f"INSERT INTO timer (id, kind, key, due_at, next_try_at, payload) {many}")
    assert not await put_back(used)


async def test_an_endpoint_that_dies_drops_whoever_it_has_just_taken() -> None:
    """Left open, they would be held against whichever test is running when they are found."""
    async with fcm_endpoint() as endpoint:
        place = "127.0.0.1", int(endpoint.url.rsplit(":", 1)[1])
        with ExitStack() as comers:
            for _ in range(30):
                comer = comers.enter_context(socket.socket())
                comer.setblocking(False)
                comer.connect_ex(place)
            # They are taken in the first turn of the loop; before they are served it dies.
            for _ in range(2):
                await asyncio.sleep(0)
            await endpoint.die()
            gc.collect()
