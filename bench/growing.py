"""How answers cost as data grows: the same questions to a small estate and to a large one, in turns."""

import asyncio
import time
from collections.abc import Mapping
from statistics import median

import asyncpg
from sqlalchemy.engine import make_url

from backend.db.url import asyncpg_arguments
from bench.harness import Figure, at_most
from bench.load import answer

_WARM = 20
_LIMIT = 1.5

Questions = Mapping[str, tuple[bytes, str]]
"""By what is asked: the request, and the status it is answered with."""


def growing(loop: asyncio.Runner, asked: Mapping[int, tuple[int, Questions]], repeats: int) -> list[Figure]:
    """By number of homes, the smaller first: the server's port, and what it is asked. The figures are median times.

    Raises:
        RuntimeError: an answer has another status, or an empty list.
    """
    times: dict[tuple[str, int], list[float]] = {}
    for number in range(_WARM + repeats):
        for size, (port, questions) in asked.items():
            for what, (question, status) in questions.items():
                started = time.perf_counter()
                headers, body = answer(loop, port, question)
                taken = time.perf_counter() - started
                if headers["status"] != status or b'"items":[]' in body:
                    raise RuntimeError(f"{what}: {headers['status']} {body[:300]!r}")
                if number >= _WARM:
                    times.setdefault((what, size), []).append(taken * 1000)
    middle = {key: median(taken) for key, taken in times.items()}
    few, many = asked
    figures = [
        Figure(f"{what}, {size:,} homes", round(value, 2), "ms") for (what, size), value in middle.items()
    ]
    return figures + [
        at_most(
            f"{what}, {many:,} homes",
            middle[what, many] / middle[what, few],
            _LIMIT,
            unit="x",
            peer=f"{few:,} homes",
        )
        for what in asked[few][1]
    ]


async def new_database(database_url: str, name: str) -> str:
    """Create one beside the running server's own; its URL."""
    connection = await asyncpg.connect(**asyncpg_arguments(database_url) | {"database": "postgres"})
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    return make_url(database_url).set(database=name).render_as_string(hide_password=False)
