"""Threads on a real database: numbers without a gap, lines once, and nothing that changes or goes away."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.core.ids import new_id
from backend.platform.threads import Appended, NewEntry, NoSuchThread, append, append_many, open_threads
from tests.fixtures.process import Begin


async def opened(work: Begin, count: int = 1) -> list[UUID]:
    """Fresh threads, in the order of their ids."""
    async with work() as unit:
        return sorted((await open_threads(unit, "probe", [new_id() for _ in range(count)])).values())


async def said(work: Begin, entries: Sequence[NewEntry]) -> list[Appended]:
    async with work() as unit:
        return await append_many(unit, entries)


async def numbers(work: Begin, thread: UUID) -> list[int]:
    async with work() as unit:
        return list(
            await unit.scalars(
                text("SELECT seq FROM entry WHERE thread_id = :id ORDER BY seq"), {"id": thread}
            )
        )


def line(thread: UUID, **more: Any) -> NewEntry:
    return replace(NewEntry(thread, "text", {"text": "好"}, None), **more)


async def test_a_subject_has_one_thread_however_often_it_is_opened(work: Begin) -> None:
    subjects = [new_id() for _ in range(2_000)]

    async def open_some(chosen: list[UUID]) -> dict[UUID, UUID]:
        async with work() as unit:
            return await open_threads(unit, "probe", chosen)

    chosen = [subjects[:1_500], subjects[:499:-1], [*subjects, *subjects]]
    found = await asyncio.gather(*(open_some(some) for some in chosen))
    assert [one.keys() for one in found] == [set(some) for some in chosen]
    threads = {pair for one in found for pair in one.items()}
    assert len(threads) == len(subjects) == len({thread for _, thread in threads})
    assert await open_some(subjects) == dict(threads)
    async with work() as unit:
        assert await open_threads(unit, "probe", []) == {}
        other = await open_threads(unit, "other", subjects[:1])
        assert other[subjects[0]] != dict(threads)[subjects[0]]


async def test_numbers_have_no_gap_whoever_writes_at_once(work: Begin) -> None:
    threads = await opened(work, 3)

    # A third of them fail after they have written: their numbers go to the next.
    class Undone(Exception):
        pass

    async def write(number: int) -> Appended | None:
        try:
            async with work() as unit:
                written = await append(unit, line(threads[number % 3], body={"number": number}))
                if number % 4 == 3:
                    raise Undone
                return written
        except Undone:
            return None

    written = await asyncio.gather(*(write(number) for number in range(52)))
    for place, thread in enumerate(threads):
        given = sorted(one.seq for one in written[place::3] if one)
        assert given == list(range(1, len(given) + 1)) == await numbers(work, thread)
    async with work() as unit:
        heads = await unit.execute(text("SELECT head, open_head FROM thread"))
        assert sum(row.head for row in heads) == 39


async def test_batches_over_the_same_threads_do_not_wait_in_a_circle(work: Begin) -> None:
    threads = await opened(work, 40)
    orders = [threads, threads[::-1], random.Random(7).sample(threads, 40)] * 4
    batches = await asyncio.gather(*(said(work, [line(one) for one in order]) for order in orders))
    assert all(one.first for batch in batches for one in batch)
    for thread in threads:
        assert await numbers(work, thread) == list(range(1, len(orders) + 1))


async def test_one_batch_keeps_its_order_within_each_thread(work: Begin) -> None:
    one, other = await opened(work, 2)
    entries = [line((one, other)[number % 2], body={"number": number}) for number in range(200)]
    assert [written.seq for written in await said(work, entries)] == [n // 2 + 1 for n in range(200)]
    assert await said(work, []) == []
    async with work() as unit:
        rows = await unit.execute(
            text("SELECT body FROM entry WHERE thread_id = :id ORDER BY seq"), {"id": one}
        )
        assert [row.body["number"] for row in rows] == list(range(0, 200, 2))


async def test_a_cid_is_written_once(work: Begin) -> None:
    [thread], me, somebody = await opened(work), new_id(), new_id()
    # The first round opens the connections; in those after it all twenty are there at once.
    for seq, cid in enumerate("xyz", 1):
        again = [line(thread, cid=cid, author_id=me, body={"try": number}) for number in range(20)]
        written = [one for [one] in await asyncio.gather(*(said(work, [one]) for one in again))]
        assert sorted(one.first for one in written) == [False] * 19 + [True]
        assert {(one.seq, one.at) for one in written} == {(seq, written[0].at)}
    # Twice in one batch, once of them an old acquaintance; others may use the same name for their own.
    batch = [
        line(thread, cid="b", author_id=me),
        line(thread, cid="x", author_id=me),
        line(thread, cid="b", author_id=me),
        line(thread, cid="x", author_id=somebody),
        line(thread, cid="x"),
        line(thread, cid="x"),
        line(thread),
        line(thread),
    ]
    assert [(one.seq, one.first) for one in await said(work, batch)] == [
        (4, True), (1, False), (4, False), (5, True), (6, True), (6, False), (7, True), (8, True),
    ]  # fmt: skip
    assert await numbers(work, thread) == [1, 2, 3, 4, 5, 6, 7, 8]


async def test_a_line_keeps_when_it_happened_and_when_it_was_written(work: Begin) -> None:
    """CT-45: a late line shows both."""
    [thread] = await opened(work)
    happened = datetime(2026, 5, 1, 8, tzinfo=UTC)
    late, now = await said(work, [line(thread, at=happened), line(thread)])
    assert late.at == happened
    async with work() as unit:
        rows = (await unit.execute(text("SELECT at, written_at FROM entry ORDER BY seq"))).all()
    assert [row.at for row in rows] == [happened, now.at]
    assert {row.written_at for row in rows} == {now.at}


@pytest.mark.parametrize(
    "change",
    [
        'UPDATE entry SET body = \'{"text": "别的"}\'',
        "UPDATE entry SET audience = 'staff'",
        "UPDATE entry SET body = '{}'",
        "UPDATE entry SET erased_at = app_now()",
        "UPDATE entry SET body = '{}', erased_at = app_now(), seq = 7",
        "UPDATE entry SET body = '{}', erased_at = '2026-01-01'",
        "DELETE FROM entry",
        "TRUNCATE entry CASCADE",
        "DELETE FROM thread",
    ],
)
async def test_the_database_refuses_to_change_a_line(work: Begin, change: str) -> None:
    [thread] = await opened(work)
    await said(work, [line(thread)])
    with pytest.raises(DBAPIError) as refused:
        async with work() as unit:
            await unit.execute(text(change))
    assert getattr(refused.value.orig, "sqlstate", "") in {
        asyncpg.RestrictViolationError.sqlstate,
        asyncpg.ForeignKeyViolationError.sqlstate,
    }
    assert await numbers(work, thread) == [1]


async def test_nothing_is_written_on_a_thread_that_is_none(work: Begin) -> None:
    [thread] = await opened(work)
    with pytest.raises(NoSuchThread):
        await said(work, [line(thread), line(new_id())])
    assert await numbers(work, thread) == []
