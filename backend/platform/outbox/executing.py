"""arq as the executor: a worker that lives through Valkey's absences.

arq's worker ends when its connection fails, so it runs in a loop that starts it again; the sweep beside it needs
no Valkey at all.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from arq import func
from arq.cron import CronJob
from arq.worker import Function, Worker

from backend.core.logging import log
from backend.platform.outbox.waking import arq_settings

_POLL_SECONDS = 0.05
_RESTART_SECONDS = 1.0


Drain = Callable[[], Awaitable[int]]


async def run_executor(drains: Mapping[str, Drain], valkey_url: str, crons: Sequence[CronJob]) -> None:
    """Answer wake-ups, each by the drain of its name, and run the crons until cancelled."""
    ours = asyncio.current_task()
    assert ours is not None
    while True:
        worker = Worker(
            functions=[_answering(name, drain) for name, drain in drains.items()],
            cron_jobs=list(crons),
            redis_settings=arq_settings(valkey_url),
            poll_delay=_POLL_SECONDS,
            handle_signals=False,
            keep_result=0,
        )
        try:
            await worker.async_run()
        except asyncio.CancelledError:
            await worker.close()
            raise
        except Exception as error:
            log.warning("valkey_away", error=str(error)[:200], again_in=_RESTART_SECONDS)
        try:
            await worker.close()
        except asyncio.CancelledError:
            # arq cancels what it has under way and waits for it, so this need not be meant for us.
            if ours.cancelling():
                raise
        except Exception as error:
            log.warning("valkey_away_on_close", error=str(error)[:200])
        await asyncio.sleep(_RESTART_SECONDS)


def _answering(name: str, drain: Drain) -> Function:
    async def answer(ctx: dict[Any, Any], *_args: Any, **_kwargs: Any) -> int:
        return await drain()

    return func(answer, name=name, max_tries=1, keep_result=0)
