"""What a database needs before this code serves on it: the head of the migrations, and the shipped standards."""

import asyncio
import gc
import os

from backend.core.clock import SystemClock
from backend.db.engine import make_engine
from backend.db.migrations import migrate
from backend.db.work import Works
from backend.features.standard.shipped import install


def prepare(database_url: str) -> None:
    """Bring a database to where this code can serve on it. It may be done again, and by several at once."""
    migrate(database_url)
    asyncio.run(_install(database_url))


async def _install(database_url: str) -> None:
    engine = make_engine(database_url, connections=1)
    try:
        async with Works(engine).begin() as work:
            await install(work, SystemClock().now())
    finally:
        await engine.dispose()


if __name__ == "__main__":
    prepare(os.environ["TONGXING_DATABASE_URL"])
    # Nobody needs to look for garbage in what ends now: it took longer than an upgrade with nothing to do.
    gc.freeze()
