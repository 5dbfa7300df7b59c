"""The worker: every job, timer and cron, one line each; the sweeps."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable
from typing import Any

from arq.cron import CronJob, cron
from arq.typing import WorkerCoroutine

from backend.chain import paged
from backend.clocks import register_clocks
from backend.core.clock import local_date
from backend.core.config import Settings
from backend.core.logging import log
from backend.db.work import Work
from backend.duty import nobody_on_duty
from backend.features.chat import jobs as chat
from backend.features.escalation import jobs as escalation
from backend.features.estate import housekeeping as estate_housekeeping
from backend.features.estate import jobs as estate
from backend.features.files import jobs as files
from backend.features.hotline import jobs as hotline
from backend.features.journey import jobs as journey
from backend.features.notices import housekeeping as notices_housekeeping
from backend.features.notices.service import Absent, Notifier, require_sound_templates
from backend.features.notices.service.sending import Deliveries, open_channels
from backend.features.people import housekeeping
from backend.features.people import jobs as people
from backend.features.people.service import Sender
from backend.features.progress import jobs as progress
from backend.features.repairs import jobs as repairs
from backend.features.visits import jobs as visits
from backend.features.warranty import jobs as warranty
from backend.platform import idempotency
from backend.platform.calendar import MAINLAND, coming_year_missing
from backend.platform.outbox import DRAIN as DRAIN_OUTBOX
from backend.platform.outbox import Job, Outbox
from backend.platform.outbox.executing import run_executor
from backend.platform.process import Process, following, open_process
from backend.platform.timers import DRAIN as DRAIN_TIMERS
from backend.platform.timers import Handler, Timers
from backend.platform.timers import housekeeping as timer_housekeeping
from backend.sights import addressees, sights


def jobs(process: Process, sender: Sender) -> dict[str, Job]:
    """Every job of the outbox, by name."""
    return {
        **people.jobs(process, sender),
        **estate.jobs(process),
        **files.jobs(process),
        **journey.jobs(process),
        **progress.jobs(),
        **visits.jobs(process),
        **warranty.jobs(process),
    }


def timers(process: Process) -> dict[str, Handler]:
    """What fires each kind of timer."""
    return {
        **chat.timers(process, nobody_on_duty(process)),
        **escalation.timers(process, paged()),
        **files.timers(process),
        **hotline.timers(process),
        **journey.timers(process),
        **progress.timers(process),
        **repairs.timers(process),
        **visits.timers(process),
        **warranty.timers(process),
    }


def crons(process: Process) -> list[CronJob]:
    """Housekeeping. Whatever must happen at a time is never here: arq forgets when Valkey does."""
    return [
        _housekeeping(process, "forget_idempotency_keys", idempotency.forget_old, minute=7),
        _housekeeping(process, "forget_fired_timers", timer_housekeeping.forget_fired, minute=57),
        _housekeeping(process, "forget_uploads", estate_housekeeping.forget_uploads(process), minute=47),
        _housekeeping(process, "forget_codes", housekeeping.forget_codes, minute=17),
        _housekeeping(process, "forget_sign_in_attempts", housekeeping.forget_attempts, minute=27),
        _housekeeping(process, "expire_invitations", housekeeping.expire_invitations(process), minute=37),
        _housekeeping(process, "forget_email_codes", notices_housekeeping.forget_codes, minute=22),
        _housekeeping(process, "retire_stale_devices", notices_housekeeping.retire_stale, minute=12),
        cron(_warn_of_the_calendar(process), name="warn_of_the_calendar", hour=1, minute=57, second=0),
    ]


def _housekeeping(
    process: Process, name: str, verb: Callable[[Work], Awaitable[None]], *, minute: int
) -> CronJob:
    async def run(ctx: dict[Any, Any], *_args: Any, **_kwargs: Any) -> None:
        async with process.works.begin() as work:
            await verb(work)

    return cron(run, name=name, minute=minute, second=0)


def _warn_of_the_calendar(process: Process) -> WorkerCoroutine:
    """Every day, two months before the first year that no notice has been read of begins, and until one has."""

    async def run(ctx: dict[Any, Any], *_args: Any, **_kwargs: Any) -> None:
        if coming_year_missing(local_date(process.clock.now())):
            log.warning("calendar_not_published", published_until=MAINLAND.last_year)

    return run


async def run_worker(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; what is under way then is finished, or left for the next worker."""
    require_sound_templates()
    async with open_process(settings) as process, contextlib.AsyncExitStack() as stack:
        register_clocks(process)
        channels = open_channels(process)
        stack.push_async_callback(channels.aclose)
        deliveries = Deliveries(process, channels)
        await stack.enter_async_context(following(process))
        outbox = Outbox(process.works, jobs(process, Notifier(process)))
        due = Timers(process.works, timers(process))
        drains = {DRAIN_OUTBOX: outbox.drain, DRAIN_TIMERS: due.drain}
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        tasks = [
            asyncio.create_task(outbox.sweep()),
            asyncio.create_task(due.sweep()),
            asyncio.create_task(deliveries.run()),
            asyncio.create_task(Absent(process, sights(process), addressees()).run()),
            asyncio.create_task(run_executor(drains, settings.valkey_url, crons(process))),
        ]
        log.info("worker_ready")
        await stopped.wait()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=settings.drain_seconds)
        log.info("worker_stopped")
