"""A worker whose timers each write a row: `python -m bench.timer_worker`, as `bench.timers` starts it."""

import asyncio
from collections.abc import Sequence

from sqlalchemy import text

from backend.core.config import Settings
from backend.core.logging import configure_logging
from backend.db.work import Work
from backend.platform.outbox.executing import run_executor
from backend.platform.process import following, open_process
from backend.platform.timers import DRAIN, DueTimer, Timers

_EFFECT = text("INSERT INTO effect (key) SELECT unnest(CAST(:keys AS text[]))")


async def _write(work: Work, timers: Sequence[DueTimer]) -> None:
    await work.execute(_EFFECT, {"keys": [timer.key for timer in timers]})


async def _main() -> None:
    settings = Settings(_env_file=None)
    configure_logging(settings.log_level, service="worker")
    async with open_process(settings) as process, following(process):
        timers = Timers(process.works, {"bench": _write})
        await asyncio.gather(timers.sweep(), run_executor({DRAIN: timers.drain}, settings.valkey_url, []))


if __name__ == "__main__":
    asyncio.run(_main())
