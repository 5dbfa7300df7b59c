"""Those who ask the same at the same time are asked together, and each gets their own answer."""

import asyncio

import asyncpg
import pytest

from backend.core.config import Settings
from backend.core.errors import Unavailable
from backend.db.direct import Direct
from backend.platform.process import Process

# One number each and one for all; 1 / (n - 13) fails for the thirteenth.
_SQL = """
SELECT place, n * $2::int AS product, cardinality($1::int[]) AS together, 1 / (n - 13) AS fraction
FROM unnest($1::int[]) WITH ORDINALITY AS asked (n, place) CROSS JOIN generate_series(1, n % 3) ORDER BY n DESC
"""


async def test_each_gets_their_own_rows(process: Process) -> None:
    numbers = list(range(20, 120))
    found = await asyncio.gather(*(process.direct.gathered(_SQL, (n,), (n % 2 + 1,)) for n in numbers))
    for n, rows in zip(numbers, found, strict=True):
        assert [row["product"] for row in rows] == [n * (n % 2 + 1)] * (n % 3)
    together = {row["together"] for rows in found for row in rows}
    assert max(together) > 4
    alone = await process.direct.gathered(_SQL, (22,), (1,))
    assert [row["together"] for row in alone] == [1]


async def test_who_goes_away_leaves_the_others_their_answers(process: Process) -> None:
    asked = [asyncio.create_task(process.direct.gathered(_SQL, (n,), (1,))) for n in range(20, 60)]
    await asyncio.sleep(0)
    asked[3].cancel()
    await asyncio.wait(asked)
    assert asked[3].cancelled()
    assert [len(one.result()) for one in asked[4:]] == [n % 3 for n in range(24, 60)]


async def test_what_fails_fails_for_those_who_asked_together_and_for_nobody_after(process: Process) -> None:
    failing, other = await asyncio.gather(
        *(process.direct.gathered(_SQL, (n,), (1,)) for n in (13, 14)), return_exceptions=True
    )
    assert isinstance(failing, asyncpg.DivisionByZeroError)
    assert isinstance(other, asyncpg.DivisionByZeroError)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await process.direct.gathered(_SQL, (13,), (1,))
    assert len(await process.direct.gathered(_SQL, (14,), (1,))) == 2


async def test_closed_it_keeps_nobody_waiting(process: Process, settings: Settings) -> None:
    """Whoever reads late at the end of a process is refused, and closing twice is closing once."""
    direct = Direct(settings.database_url, connections=1)
    reads = [asyncio.create_task(direct.fetch("SELECT pg_sleep(0.05)")) for _ in range(3)]
    await asyncio.sleep(0.01)
    async with asyncio.timeout(5):
        await direct.aclose()
        await direct.aclose()
        with pytest.raises(Unavailable):
            await direct.fetch("SELECT 1")
        ended = await asyncio.gather(*reads, return_exceptions=True)
    assert all(isinstance(one, Unavailable | list) for one in ended)
